//! Whose tokens count: `TRUSTED_ISSUERS`.

use std::collections::BTreeMap;

use serde::Deserialize;
use shared::domain::{Cloud, Role};

/// An issuer whose tokens count, and how to read them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Issuer {
    /// The `iss` of its tokens; `{tid}` stands for the token's own tenant.
    issuer: String,
    /// The `aud` that means this API.
    pub(crate) audience: String,
    /// Where its keys are; found by OpenID Connect discovery if left out.
    pub(crate) jwks_uri: Option<String>,
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
        let [tenant, roles, country, name, email] = ["tid", "roles", "ctry", "name", "email"].map(str::to_owned);
        Self { tenant, roles, country, name, email }
    }
}

const TENANT: &str = "{tid}";

impl Issuer {
    /// Whether a token with this `iss` and this tenant is one of this issuer's.
    pub(crate) fn is(&self, iss: &str, tenant: &str) -> bool {
        self.issuer.replace(TENANT, tenant) == iss
    }

    /// What its keys are kept under.
    pub(crate) fn id(&self) -> &str {
        &self.issuer
    }

    /// Where it describes itself (OpenID Connect Discovery 1.0).
    pub(crate) fn discovery_uri(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'))
    }

    /// Our role for one of the provider's.
    pub(crate) fn role(&self, name: &str) -> Option<Role> {
        if self.role_map.is_empty() { name.parse().ok() } else { self.role_map.get(name).copied() }
    }
}

/// Parses and checks the list.
pub(crate) fn parse(text: &str) -> Result<Vec<Issuer>, String> {
    let issuers: Vec<Issuer> = serde_json::from_str(text).map_err(|error| format!("is wrong: {error}"))?;
    if issuers.is_empty() {
        return Err("names no issuer, so nobody could sign in".to_owned());
    }
    for issuer in &issuers {
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

/// Keys fetched in the clear could be anybody's; on this machine alone there is no wire.
pub(crate) fn is_safe(address: &str) -> bool {
    let loopback = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    address.starts_with("https://") || loopback.iter().any(|start| address.starts_with(start))
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
        assert_eq!(issuer.discovery_uri(), "https://a.example/.well-known/openid-configuration");
    }

    #[test]
    fn a_list_that_would_let_strangers_in_is_refused() {
        for (text, part) in [
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
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
