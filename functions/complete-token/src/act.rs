//! Says in an access token of the user pool that the template makes what `authorize` asks of a token.
//!
//! Started by Cognito before it signs somebody's tokens (the trigger *pre token generation*, event version `V2_0`),
//! which waits for five seconds. Roles need nothing: the groups stand in the token as `cognito:groups`.
//!
//! | claim | is |
//! |---|---|
//! | `aud` | the app client that asked. Cognito leaves it out of access tokens, and takes no other |
//! | `tenant`, `country` | the attributes `custom:tenant` and `custom:country`, which nobody can write of themselves |
//! | `name`, `email` | what to call and where to write to the person |
//!
//! Answers the event with its `response` filled. Whoever has no tenant gets a token without one, which `authorize`
//! refuses; an event that is not understood is an error, and nobody signs in. The ID token stays as it is, and so
//! is none that `authorize` takes.

use std::collections::BTreeMap;

use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::{
    domain::TenantId,
    telemetry::{self, Told},
};

/// Cognito's event, answered with all that it has.
pub(crate) type Event = Map<String, Value>;

/// The parts of it that matter. Holds who signs in, so it cannot be printed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignIn {
    caller_context: CallerContext,
    request: Request,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallerContext {
    client_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    user_attributes: BTreeMap<String, String>,
}

/// What is added to the token, and the tenant in it.
struct Completed {
    claims: Map<String, Value>,
    tenant: Option<TenantId>,
}

pub(crate) async fn handle(event: LambdaEvent<Event>) -> Result<Event, lambda_runtime::Error> {
    let (mut event, request_id) = (event.payload, event.context.request_id);
    let act = async { complete(&event) };
    let completed = telemetry::invocation(None, act, |outcome| told(request_id, outcome)).await?;
    let added = json!({ "accessTokenGeneration": { "claimsToAddOrOverride": completed.claims } });
    event.insert("response".to_owned(), json!({ "claimsAndScopeOverrideDetails": added }));
    Ok(event)
}

fn complete(event: &Event) -> Result<Completed, serde_json::Error> {
    let SignIn { caller_context, request } = serde_json::from_value(Value::Object(event.clone()))?;
    let given = |name: &str| request.user_attributes.get(name).filter(|value| !value.is_empty());
    let tenant: Option<TenantId> = given("custom:tenant").and_then(|tenant| tenant.parse().ok());
    let mut claims = Map::from_iter([("aud".to_owned(), json!(caller_context.client_id))]);
    if let Some(tenant) = tenant {
        claims.insert("tenant".to_owned(), json!(tenant));
    }
    for (claim, attribute) in [("country", "custom:country"), ("name", "name"), ("email", "email")] {
        if let Some(value) = given(attribute) {
            claims.insert(claim.to_owned(), json!(value));
        }
    }
    Ok(Completed { claims, tenant })
}

/// Which organisation, and never who.
fn told(request_id: String, outcome: &Result<Completed, serde_json::Error>) -> Told {
    let told = Told { request_id, ..Told::default() };
    match outcome {
        Ok(Completed { tenant: Some(tenant), .. }) => {
            Told { outcome: "completed", tenant: Some(tenant.to_string()), ..told }
        }
        Ok(Completed { tenant: None, .. }) => Told { outcome: "no-tenant", ..told },
        // Without the error's own words, which could quote a value.
        Err(_) => Told { outcome: "internal", cause: Some("no event of the trigger, version V2_0".to_owned()), ..told },
    }
}

#[cfg(test)]
mod tests;
