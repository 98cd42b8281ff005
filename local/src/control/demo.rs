//! `POST /_local/demo`: the partners of the examples, registered through the API, as the sign-in page offers it.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::routing::post;
use serde_json::json;

use super::sign_in::redirect;
use super::{Answer, Control, ok, refused};
use crate::issuer::TokenRequest;
use crate::persona::PARTNERS;
use crate::{OPERATOR_TENANT, form, gateway};

/// The route.
pub(super) fn routes() -> Router<Control> {
    Router::new().route("/_local/demo", post(demo))
}

async fn demo(State(control): State<Control>, body: Bytes) -> Answer {
    let mut registered = Vec::new();
    for (tenant, name, email) in PARTNERS {
        let status = register(&control, tenant, name, email).await;
        let status = status.map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")))?;
        if !status.is_success() {
            return Err(refused(StatusCode::BAD_GATEWAY, format!("{name} was not registered: {status}")));
        }
        registered.push(json!({ "partnerId": tenant, "name": name }));
    }
    let back = form::pairs(std::str::from_utf8(&body).unwrap_or_default()).find(|(name, _)| name == "back");
    Ok(match back {
        Some((_, back)) if back.starts_with("/_local/authorize?") => redirect(&back),
        Some(_) | None => ok(&json!({ "registered": registered })),
    })
}

/// Registers a partner as the operator does.
async fn register(control: &Control, tenant: &str, name: &str, email: &str) -> anyhow::Result<StatusCode> {
    let operator: TokenRequest =
        serde_json::from_value(json!({ "tenantId": OPERATOR_TENANT, "roles": ["Operator"], "expiresInSeconds": 60 }))?;
    let token = control.issuer.token(&operator, control.clock.now())?;
    let partner = json!({
        "name": name, "country": "JP", "cloud": "public", "status": "active",
        "supportContact": { "name": format!("{name} help desk"), "email": email },
    });
    let request = Request::builder()
        .method(Method::PUT)
        .uri(format!("/v1/partners/{tenant}"))
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(partner.to_string()))?;
    Ok(gateway::handle(State(control.gateway.clone()), request).await.status())
}
