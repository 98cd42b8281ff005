//! The API's Lambda authorizer (payload 2.0, simple response): the one place that knows tokens.
//!
//! | answer | when |
//! |---|---|
//! | `{"isAuthorized": true, "context": {tenant, user, name, email, roles, country, cloud}}` | the token is genuine, in force, and meant for this API |
//! | `{"isAuthorized": false}` | it is anything else; the log says why, the caller learns nothing |
//! | an error, which API Gateway answers with 500 and does not remember | the issuer's keys cannot be had |

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shared::{
    domain::TenantId,
    telemetry::{self, Told},
};

use crate::{
    issuer::Issuer,
    keys::{Keys, KeysError},
    token::{self, Identity, Refused},
};

/// Who calls, or why its token does not count.
type Judged = Result<Identity, Refused>;

#[derive(Debug)]
pub(crate) struct Deps {
    issuers: Vec<Issuer>,
    operator: TenantId,
    keys: Keys,
}

/// What API Gateway sends; the parts that matter. Holds the token, so it cannot be printed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    #[serde(default)]
    identity_source: Vec<String>,
    request_context: RequestContext,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    #[serde(default)]
    request_id: String,
    time_epoch: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    is_authorized: bool,
    context: Map<String, Value>,
}

impl Deps {
    pub(crate) fn new(issuers: Vec<Issuer>, operator: TenantId) -> Self {
        Self { issuers, operator, keys: Keys::default() }
    }
}

pub(crate) async fn handle(deps: &Deps, request: Request) -> Result<Response, KeysError> {
    let time = Timestamp::from_millisecond(request.request_context.time_epoch).ok();
    let judged = telemetry::invocation(time, judge(deps, &request, time), |judged| told(&request, judged)).await?;
    Ok(match judged {
        Ok(identity) => Response { is_authorized: true, context: context(identity) },
        Err(_) => Response { is_authorized: false, context: Map::new() },
    })
}

async fn judge(deps: &Deps, request: &Request, now: Option<Timestamp>) -> Result<Judged, KeysError> {
    let Some(now) = now else { return Ok(Err(Refused::Unreadable)) };
    let header = request.identity_source.first().map(String::as_str).unwrap_or_default();
    let unverified = match token::read(header, &deps.issuers) {
        Ok(unverified) => unverified,
        Err(why) => return Ok(Err(why)),
    };
    let Some(key) = deps.keys.find(&unverified, now).await? else { return Ok(Err(Refused::UnknownKey)) };
    Ok(token::verify(&unverified, &key, deps.operator, now))
}

/// Why, where it does not count, and never the token.
fn told(request: &Request, judged: &Result<Judged, KeysError>) -> Told {
    let told = Told { request_id: request.request_context.request_id.clone(), ..Told::default() };
    match judged {
        Ok(Ok(identity)) => Told { outcome: "authorized", tenant: Some(identity.tenant.to_string()), ..told },
        Ok(Err(why)) => Told { outcome: "refused", why: Some(why.to_string()), ..told },
        Err(error) => Told { outcome: "keys-unavailable", cause: Some(error.to_string()), ..told },
    }
}

fn context(identity: Identity) -> Map<String, Value> {
    let mut context = Map::new();
    context.insert("tenant".to_owned(), json!(identity.tenant));
    context.insert("user".to_owned(), json!(identity.user));
    context.insert("roles".to_owned(), json!(identity.roles));
    context.insert("cloud".to_owned(), json!(identity.cloud));
    let country = identity.country.map(|country| country.to_string());
    for (name, value) in [("name", identity.name), ("email", identity.email), ("country", country)] {
        if let Some(value) = value {
            context.insert(name.to_owned(), json!(value));
        }
    }
    context
}

#[cfg(test)]
mod tests;
