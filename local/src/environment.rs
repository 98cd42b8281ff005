//! What functions find in their environment: what Lambda sets, and the template's variables with values for this machine.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::json;

use crate::OPERATOR_TENANT;
use crate::binaries::Binaries;
use crate::data::Secrets;
use crate::instance::Program;
use crate::issuer::Issuer;
use crate::template::{Function, Template};

/// The region that functions are told.
pub(crate) const REGION: &str = "us-east-1";
/// The account that functions are told.
pub(crate) const ACCOUNT: &str = "123456789012";
/// Whom invitations come from here.
const MAIL_FROM: &str = "invitations@local.example";
/// Through what they are sent here.
const MAIL_CONFIGURATION_SET: &str = "local";

/// By function, by variable.
type Environments = BTreeMap<String, BTreeMap<String, String>>;

/// What the values are made of.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) table: &'a str,
    /// The API's URL.
    pub(crate) base: &'a str,
    /// The store proxy's URL.
    pub(crate) store: &'a str,
    /// The mailbox's URL.
    pub(crate) mail: &'a str,
    pub(crate) secrets: &'a Secrets,
    pub(crate) issuer: &'a Issuer,
    /// Values that go before all others.
    pub(crate) given: &'a BTreeMap<String, String>,
}

impl Values<'_> {
    /// The environment of every function; an error names each variable without a value.
    pub(crate) fn environments(&self, template: &Template) -> Result<Environments> {
        let mut missing = Vec::new();
        let mut environments = Environments::new();
        for function in template.functions.values() {
            let mut environment = self.lambda(function);
            for (name, in_template) in &function.variables {
                let ours = self.given.get(name).cloned().or_else(|| self.own(name));
                match ours.map_or_else(|| in_template.clone(), Ok) {
                    Ok(value) => {
                        environment.insert(name.clone(), value);
                    }
                    Err(reason) => missing.push(format!("function {}, variable {name}: {reason}", function.name)),
                }
            }
            environments.insert(function.name.clone(), environment);
        }
        if missing.is_empty() {
            return Ok(environments);
        }
        bail!("template.yaml has variables whose value is not known here:\n  {}", missing.join("\n  "))
    }

    /// This machine's own values.
    fn own(&self, name: &str) -> Option<String> {
        Some(match name {
            "TABLE_NAME" => self.table.to_owned(),
            "LINK_KEYS" => self.secrets.link_keys(),
            "CURSOR_KEY" => self.secrets.cursor_key(),
            "TRUSTED_ISSUERS" => self.issuer.trusted().to_string(),
            "OPERATOR_TENANT" => OPERATOR_TENANT.to_owned(),
            "MAIL_FROM" => MAIL_FROM.to_owned(),
            "MAIL_CONFIGURATION_SET" => MAIL_CONFIGURATION_SET.to_owned(),
            "PORTALS" => self.portals(),
            "SIGN_IN" => self.sign_in(),
            // The store and the mailbox speak plain HTTP: no root is ever looked at, and the embedded ones load fastest.
            "TLS_ROOTS" => "amazon".to_owned(),
            _ => return None,
        })
    }

    fn portals(&self) -> String {
        let url = format!("{}/accept", self.base);
        let portal = |name: &str| json!({ "name": name, "url": url });
        json!({
            "public": portal("Microsoft 365 admin center"),
            "usGovernment": portal("Office admin portal"),
            "germany": portal("Office admin portal"),
            "china": portal("Office 365 admin center operated by 21Vianet"),
        })
        .to_string()
    }

    fn sign_in(&self) -> String {
        let issuer = self.issuer.base();
        json!([{
            "name": "Local sign-in", "cloud": "public", "issuer": issuer, "clientId": "portal", "scope": "openid profile email",
        }])
        .to_string()
    }

    /// What Lambda sets, with endpoints on this machine.
    fn lambda(&self, function: &Function) -> BTreeMap<String, String> {
        let memory = function.memory.to_string();
        let group = format!("/aws/lambda/{}", function.name);
        let set = [
            ("AWS_LAMBDA_FUNCTION_NAME", function.name.as_str()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &group),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_SESSION_TOKEN", "local"),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.store),
            ("AWS_ENDPOINT_URL_SESV2", self.mail),
            ("_HANDLER", "bootstrap"),
            ("TZ", ":UTC"),
            ("LANG", "en_US.UTF-8"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ];
        set.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// The functions as programs to start.
pub(crate) fn programs(template: &Template, mut environments: Environments, binaries: &Binaries) -> Vec<Program> {
    let program = |function: &Function| {
        let path = binaries.get(&function.name)?.clone();
        let environment = environments.remove(&function.name)?;
        Some(Program { name: function.name.clone(), path, timeout: function.timeout, environment })
    };
    template.functions.values().filter_map(program).collect()
}
