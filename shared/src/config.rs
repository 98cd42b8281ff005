//! Configuration: read once, typed, and complaining about everything at once.
//!
//! The one module that reads the environment. Each variable has one method; a function calls the methods of
//! what it needs, and the template sets those variables for it and no others.

use std::{cell::RefCell, fmt, str::FromStr};

use aws_sdk_dynamodb::config::Credentials;

use crate::{
    domain::{LinkKeys, TenantId, invitation::Agreement, text::Email},
    mail::{Drafts, MailSettings, Mailer, Portals},
    store::{AwsSettings, Cursors, Roots, Store, StoreSettings},
    telemetry,
};

/// Everything that is wrong with the environment.
pub struct ConfigError(Vec<String>);

/// The same as its `Display`: what `main` returns is printed so.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment is not complete: {}", self.0.join("; "))
    }
}

impl std::error::Error for ConfigError {}

/// The environment.
pub struct Env<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
    problems: RefCell<Vec<String>>,
}

impl fmt::Debug for Env<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Env") // never its values
    }
}

/// Reads the process's environment with `read`, which answers `None` where anything is missing, and starts
/// the log.
///
/// ```no_run
/// # use shared::{config, store::Store, domain::LinkKeys};
/// struct Deps { store: Store, links: LinkKeys }
///
/// let deps = config::load(|env| {
///     let (store, links) = (env.store(), env.link_keys());
///     Some(Deps { store: store?, links: links? })
/// });
/// ```
#[expect(clippy::disallowed_methods, reason = "the one module that reads the environment")]
pub fn load<T>(read: impl FnOnce(&Env<'_>) -> Option<T>) -> Result<T, ConfigError> {
    let process = |name: &str| std::env::var(name).ok();
    let level = process("RUST_LOG").and_then(|level| level.parse().ok()).unwrap_or(tracing::Level::INFO);
    telemetry::init(level, telemetry::Process::new(process("STACK_NAME"), process("AWS_LAMBDA_LOG_GROUP_NAME")));
    from(&process, read).inspect_err(|error| tracing::error!(cause = %error, "cannot start"))
}

fn from<T>(
    source: &dyn Fn(&str) -> Option<String>,
    read: impl FnOnce(&Env<'_>) -> Option<T>,
) -> Result<T, ConfigError> {
    let env = Env { read: source, problems: RefCell::new(Vec::new()) };
    let value = read(&env);
    match (value, env.problems.into_inner()) {
        (Some(value), problems) if problems.is_empty() => Ok(value),
        (_, problems) => Err(ConfigError(problems)),
    }
}

impl Env<'_> {
    /// `TABLE_NAME`, `TLS_ROOTS`: the table, ready to use.
    pub fn store(&self) -> Option<Store> {
        let (table, aws) = (self.required("TABLE_NAME"), self.aws());
        let endpoint = self.given("AWS_ENDPOINT_URL_DYNAMODB");
        Some(Store::new(StoreSettings { table: table?, aws: aws?, endpoint }))
    }

    /// `LINK_KEYS`: the ring of keys that links are made and verified with, `id:base64[,…]`, newest first.
    pub fn link_keys(&self) -> Option<LinkKeys> {
        self.parsed("LINK_KEYS", LinkKeys::parse)
    }

    /// `CURSOR_KEY`: the secret of cursors, base64 of at least 32 bytes.
    pub fn cursors(&self) -> Option<Cursors> {
        self.parsed("CURSOR_KEY", Cursors::parse)
    }

    /// `LINK_KEYS`, `PORTALS`: what drafts are made with.
    pub fn drafts(&self) -> Option<Drafts> {
        let (links, portals) = (self.link_keys(), self.portals());
        Some(Drafts { links: links?, portals: portals? })
    }

    /// `PORTALS`: name and address of each cloud's acceptance portal.
    pub fn portals(&self) -> Option<Portals> {
        self.parsed("PORTALS", Portals::parse)
    }

    /// `MAIL_FROM`, `MAIL_REPLY_TO`, `MAIL_CONFIGURATION_SET`, `TLS_ROOTS`: the mailer; `None` inside where the
    /// first is empty and this deployment sends no mail.
    pub fn mailer(&self) -> Option<Option<Mailer>> {
        let (from, reply_to) = (self.address("MAIL_FROM"), self.address("MAIL_REPLY_TO"));
        let (configuration_set, aws) = (self.given("MAIL_CONFIGURATION_SET"), self.aws());
        let endpoint = self.given("AWS_ENDPOINT_URL_SESV2");
        let (Some(from), reply_to) = (from?, reply_to?) else { return Some(None) };
        Some(Some(Mailer::new(MailSettings { from, reply_to, configuration_set }, &aws?, endpoint)))
    }

    /// `AGREEMENT_VERSION`, `AGREEMENT_URL`: the current agreement.
    pub fn agreement(&self) -> Option<Agreement> {
        let (version, url) = (self.required("AGREEMENT_VERSION"), self.required("AGREEMENT_URL"));
        Some(Agreement { version: version?, url: url? })
    }

    /// `REQUIRE_COUNTRY`: whether a customer's country must come from its identity token.
    pub fn require_country(&self) -> Option<bool> {
        self.flag("REQUIRE_COUNTRY")
    }

    /// `BILLING_ADMIN_ANSWERS`: whether a customer's billing administrator may answer too.
    pub fn billing_admin_answers(&self) -> Option<bool> {
        self.flag("BILLING_ADMIN_ANSWERS")
    }

    /// `OPERATOR_TENANT`: the tenant whose operators run this deployment.
    pub fn operator_tenant(&self) -> Option<TenantId> {
        self.parsed("OPERATOR_TENANT", |text| {
            text.parse().map_err(|error: crate::domain::ids::NotAUuid| error.to_string())
        })
    }

    /// `TRUSTED_ISSUERS`: whose tokens count, as JSON; `parse` is the authorizer's.
    pub fn trusted_issuers<T>(&self, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        self.parsed("TRUSTED_ISSUERS", parse)
    }

    /// `SIGN_IN`: where people sign in to the portal, as JSON; `parse` is the portal's.
    pub fn sign_in<T>(&self, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        self.parsed("SIGN_IN", parse)
    }

    fn aws(&self) -> Option<AwsSettings> {
        let roots = self.parsed("TLS_ROOTS", |text| match text {
            "amazon" => Ok(Roots::Amazon),
            "native" => Ok(Roots::Native),
            _ => Err("must be amazon or native".to_owned()),
        });
        let (region, key) = (self.required("AWS_REGION"), self.required("AWS_ACCESS_KEY_ID"));
        let secret = self.required("AWS_SECRET_ACCESS_KEY");
        let credentials = Credentials::from_keys(key?, secret?, self.given("AWS_SESSION_TOKEN"));
        Some(AwsSettings { region: region?, credentials, roots: roots? })
    }

    /// An address, or none where it is empty.
    fn address(&self, name: &str) -> Option<Option<Email>> {
        match self.given(name) {
            None => Some(None),
            Some(text) => self.check(name, Email::from_str(&text).map_err(|error| error.to_string())).map(Some),
        }
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.parsed(name, |text| text.parse().map_err(|_| "must be true or false".to_owned()))
    }

    fn parsed<T>(&self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.required(name)?;
        self.check(name, parse(&text))
    }

    fn check<T>(&self, name: &str, outcome: Result<T, String>) -> Option<T> {
        outcome.map_err(|detail| self.problems.borrow_mut().push(format!("{name} {detail}"))).ok()
    }

    fn required(&self, name: &str) -> Option<String> {
        let value = self.given(name);
        if value.is_none() {
            self.problems.borrow_mut().push(format!("{name} is not set"));
        }
        value
    }

    fn given(&self, name: &str) -> Option<String> {
        Some(self.read(name)).filter(|value| !value.is_empty())
    }

    fn read(&self, name: &str) -> String {
        (self.read)(name).unwrap_or_default().trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_said_at_once_and_no_value_is_repeated() {
        let source = |name: &str| (name == "LINK_KEYS").then(|| "a:c2hvcnQ=".to_owned());
        let error = from(&source, |env| {
            let (keys, flag, agreement) = (env.link_keys(), env.require_country(), env.agreement());
            Some((keys?, flag?, agreement?))
        });
        let text = error.unwrap_err().to_string();
        for part in [
            "LINK_KEYS key a has 5 bytes",
            "REQUIRE_COUNTRY is not set",
            "AGREEMENT_VERSION is not set",
            "AGREEMENT_URL is not set",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("c2hvcnQ="));
    }
}
