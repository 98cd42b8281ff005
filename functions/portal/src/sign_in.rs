//! Where people sign in: `SIGN_IN`.

use serde::{Deserialize, Serialize};
use shared::domain::Cloud;

/// An issuer at which the portal is registered as a public client (OAuth 2.0 authorization code with PKCE).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SignIn {
    /// What its button says.
    name: String,
    /// The cloud whose people sign in there.
    cloud: Cloud,
    issuer: String,
    client_id: String,
    scope: String,
    /// Where discovery does not say it, or says it wrongly.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_endpoint: Option<String>,
}

/// Parses and checks the list.
pub(crate) fn parse(text: &str) -> Result<Vec<SignIn>, String> {
    serde_json::from_str(text).map_err(|error| format!("is wrong: {error}"))
}

/// The origins that pages fetch from to sign in: of discovery, and of the endpoint where codes become tokens.
pub(crate) fn origins(all: &[SignIn]) -> Vec<String> {
    let mut origins = Vec::new();
    for address in all.iter().flat_map(|one| [Some(&one.issuer), one.token_endpoint.as_ref()]).flatten() {
        let origin = origin(address).unwrap_or_default();
        if !origin.is_empty() && !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}

fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some(format!("{scheme}://{authority}"))
}
