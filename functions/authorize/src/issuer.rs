//! Whose tokens count: `TRUSTED_ISSUERS`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use shared::{
    domain::{Cloud, Role},
    origin::safe_origin,
};

/// An issuer whose tokens count, and how to read them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Issuer {
    /// The `iss` of its tokens; `{tid}` stands for the token's own tenant.
    issuer: String,
    /// The `aud` that means this API.
    pub(crate) audience: String,
    /// Where its keys are; found by OpenID Connect discovery if left out.
    jwks_uri: Option<String>,
    /// The cloud that its tenants live in.
    pub(crate) cloud: Cloud,
    /// Which claims say what.
    #[serde(default)]
    pub(crate) claims: Claims,
    /// From the provider's roles (or groups, or `wids`) to ours; empty, they have our names already.
    #[serde(default)]
    role_map: BTreeMap<String, Role>,
}

/// Names of claims.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Claims {
    pub(crate) tenant: String,
    pub(crate) roles: String,
    pub(crate) country: String,
    pub(crate) name: String,
    pub(crate) email: String,
}

impl Default for Claims {
    fn default() -> Self {
        let [tenant, roles, country, name, email] = ["tid", "roles", "tenant_ctry", "name", "email"].map(str::to_owned);
        Self { tenant, roles, country, name, email }
    }
}

/// Where an issuer's keys are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// The key set itself.
    KeySet(String),
    /// The issuer's description of itself, which names the key set (OpenID Connect Discovery 1.0).
    Discovery { uri: String, issuer: String },
}

const TENANT: &str = "{tid}";

impl Issuer {
    /// Whether a token with this `iss` and this tenant is one of this issuer's.
    pub(crate) fn is(&self, iss: &str, tenant: &str) -> bool {
        self.issuer.replace(TENANT, tenant) == iss
    }

    /// Whether `aud`, one audience or several, names this API.
    pub(crate) fn is_meant_by(&self, aud: Option<&Value>) -> bool {
        let ours = |aud: &Value| aud.as_str() == Some(&self.audience);
        aud.is_some_and(|aud| ours(aud) || aud.as_array().is_some_and(|all| all.iter().any(ours)))
    }

    /// Where its keys are.
    pub(crate) fn source(&self) -> Source {
        match &self.jwks_uri {
            Some(uri) => Source::KeySet(uri.clone()),
            None => Source::Discovery {
                uri: format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/')),
                issuer: self.issuer.clone(),
            },
        }
    }

    /// Our role for one of the provider's.
    pub(crate) fn role(&self, name: &str) -> Option<Role> {
        if self.role_map.is_empty() { name.parse().ok() } else { self.role_map.get(name).copied() }
    }
}

/// Parses and checks the list, or several of them one behind the other: the template puts that of its own user pool
/// behind the one it is given.
pub(crate) fn parse(text: &str) -> Result<Vec<Issuer>, String> {
    let lists = serde_json::Deserializer::from_str(text).into_iter::<Vec<Issuer>>();
    let lists: Vec<_> = lists.collect::<Result<_, _>>().map_err(|error| format!("is wrong: {error}"))?;
    let issuers = lists.concat();
    if issuers.is_empty() {
        return Err("names no issuer, so nobody could sign in".to_owned());
    }
    for (at, issuer) in issuers.iter().enumerate() {
        // One issuer may be there once per audience: the token says which is meant.
        if issuers.iter().take(at).any(|other| other.issuer == issuer.issuer && other.audience == issuer.audience) {
            return Err(format!("names {} twice with the same audience", issuer.issuer));
        }
        if issuer.audience.is_empty() {
            return Err(format!("has no audience for {}: tokens for other applications would count", issuer.issuer));
        }
        // Anybody can put any tenant into an unsigned claim: keys must not be looked for where it says.
        if issuer.issuer.contains(TENANT) && issuer.jwks_uri.is_none() {
            return Err(format!("needs a jwksUri for {}, which stands for many tenants", issuer.issuer));
        }
        for address in [Some(&issuer.issuer), issuer.jwks_uri.as_ref()].into_iter().flatten() {
            if !is_safe(address) {
                return Err(format!("has an address that is not https: {address}"));
            }
        }
    }
    Ok(issuers)
}

/// Keys fetched in the clear could be anybody's.
pub(crate) fn is_safe(address: &str) -> bool {
    safe_origin(&address.replace(TENANT, "tid")).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_may_stand_for_many_tenants() {
        let issuers = parse(
            r#"[{"issuer":"https://login.example/{tid}/v2.0","audience":"a","jwksUri":"https://login.example/keys","cloud":"public"}]"#,
        );
        let issuer = &issuers.unwrap()[0];
        assert!(issuer.is("https://login.example/t1/v2.0", "t1"));
        assert!(!issuer.is("https://login.example/t2/v2.0", "t1"));
        assert!(!issuer.is("https://login.example/{tid}/v2.0", "t1"));
    }

    #[test]
    fn a_role_map_is_the_whole_truth_where_there_is_one() {
        let text =
            r#"[{"issuer":"https://a.example","audience":"a","cloud":"public","roleMap":{"62e90394":"GlobalAdmin"}}]"#;
        let issuer = &parse(text).unwrap()[0];
        assert_eq!(issuer.role("62e90394"), Some(Role::GlobalAdmin));
        assert_eq!(issuer.role("GlobalAdmin"), None);
    }

    #[test]
    fn keys_are_where_it_says_or_where_its_description_says() {
        let list = |more: &str| {
            parse(&format!(r#"[{{"issuer":"https://a.example/","audience":"a","cloud":"public"{more}}}]"#))
        };
        let uri = "https://a.example/.well-known/openid-configuration".to_owned();
        let issuer = "https://a.example/".to_owned();
        assert_eq!(list("").unwrap()[0].source(), Source::Discovery { uri, issuer });
        let there = list(r#","jwksUri":"https://keys.example""#).unwrap();
        assert_eq!(there[0].source(), Source::KeySet("https://keys.example".to_owned()));
    }

    #[test]
    fn a_tenants_place_makes_no_address_unsafe() {
        assert!(is_safe("https://login.example/{tid}/v2.0") && !is_safe("http://login.example/{tid}/v2.0"));
    }

    #[test]
    fn lists_may_stand_one_behind_the_other() {
        let (a, b) = (
            r#"[{"issuer":"https://a.example","audience":"a","cloud":"public"}]"#,
            r#"[{"issuer":"https://b.example","audience":"b","cloud":"china"}]"#,
        );
        for both in [format!("{a}{b}"), format!("{a} {b} ")] {
            let issuers = parse(&both).unwrap();
            assert_eq!(
                issuers.iter().map(|issuer| issuer.issuer.as_str()).collect::<Vec<_>>(),
                ["https://a.example", "https://b.example"]
            );
        }
        assert!(parse(&format!("{a}{a}")).unwrap_err().contains("twice"));
        assert!(parse(&format!("{a}, {b}")).unwrap_err().contains("is wrong"));
    }

    #[test]
    fn a_list_that_would_let_strangers_in_is_refused() {
        for (text, part) in [
            ("", "no issuer"),
            ("[]", "no issuer"),
            (r#"[{"issuer":"https://a.example","audience":"","cloud":"public"}]"#, "no audience"),
            (r#"[{"issuer":"https://a.example/{tid}","audience":"a","cloud":"public"}]"#, "needs a jwksUri"),
            (r#"[{"issuer":"http://a.example","audience":"a","cloud":"public"}]"#, "not https"),
            (
                r#"[{"issuer":"https://a.example","audience":"a","cloud":"public","jwksUri":"http://localhost.example/"}]"#,
                "not https",
            ),
            (r#"[{"issuer":"https://a.example","audience":"a","cloud":"public","roleMap":{"x":"Boss"}}]"#, "Boss"),
            (r#"[{"issuer":"https://a.example","audience":"a","cloud":"public","rolemap":{}}]"#, "rolemap"),
            (
                r#"[{"issuer":"https://a.example","audience":"a","cloud":"public"},{"issuer":"https://a.example","audience":"a","cloud":"china"}]"#,
                "twice",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
