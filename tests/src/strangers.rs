//! Strangers are refused on every route of the API, and learn nothing; the portal's pages are for everybody.

use serde_json::{Value, json};

use crate::{
    app::{App, Invited, Someone, tenant},
    tidy,
};

const SUBSCRIPTIONS: &str = "POST /v1/customers/{customerId}/subscriptions";
const USERS: &str = "POST /v1/customers/{customerId}/users";
const SERVICE_REQUESTS: &str = "POST /v1/customers/{customerId}/service-requests";

/// What a route is asked with; a new route does not pass until it has a line here.
fn body(key: &str, invited: &Invited) -> Value {
    match key {
        "PUT /v1/partners/{partnerId}" => json!({ "name": "Mine now", "country": "JP", "cloud": "public" }),
        "POST /v1/invitations/{invitationId}/send" => json!({ "to": "me@stranger.example" }),
        "POST /v1/invitations/accept" => json!({ "token": invited.token, "agreementAccepted": true,
            "customer": { "name": "Stranger", "domain": "stranger.example" } }),
        "POST /v1/invitations/decline" | "POST /v1/invitations/preview" => json!({ "token": invited.token }),
        SUBSCRIPTIONS => json!({ "kind": "subscription", "name": "Microsoft 365 E3", "sku": "CFQ7TTC0LFLX:0001",
            "quantity": 5, "serviceType": "microsoft365" }),
        USERS => json!({ "userPrincipalName": "mai@fabrikam.example", "displayName": "Mai" }),
        SERVICE_REQUESTS => {
            json!({ "title": "No mail", "description": "Since this morning.", "channel": "selfService" })
        }
        "PATCH /v1/customers/{customerId}/subscriptions/{subscriptionId}" => json!({ "status": "cancelled" }),
        "PATCH /v1/customers/{customerId}/users/{userId}" => json!({ "displayName": "Mine now", "blocked": true }),
        "PATCH /v1/customers/{customerId}/service-requests/{requestId}" => {
            json!({ "status": "closed", "note": "Mine now" })
        }
        "PUT /v1/customers/{customerId}/agreement" => json!({ "renegotiatedAt": "2026-01-01T00:00:00Z",
            "signedBy": { "firstName": "Sam", "lastName": "Stranger", "email": "me@stranger.example" } }),
        _ => json!({}),
    }
}

/// The answer that each route must give to three strangers: a role of the right kind in another organisation
/// that is a partner too; the same tenant without any role; another customer.
fn expected(key: &str) -> [&'static str; 3] {
    match key {
        "PUT /v1/partners/{partnerId}" => ["403 forbidden"; 3],
        "GET /v1/partners/{partnerId}" => ["404 not-found", "403 forbidden", "404 not-found"],
        "POST /v1/invitations" => ["201 pending", "403 forbidden", "403 not-a-partner"], // its own
        "GET /v1/invitations" | "GET /v1/customers" | "GET /v1/partners" => ["200", "403 forbidden", "200"], // its own
        "GET /v1/invitations/{invitationId}"
        | "POST /v1/invitations/{invitationId}/send"
        | "POST /v1/invitations/{invitationId}/renew"
        | "POST /v1/invitations/{invitationId}/revoke"
        | "GET /v1/customers/{customerId}"
        | "DELETE /v1/customers/{customerId}"
        | "GET /v1/customers/{customerId}/subscriptions"
        | SUBSCRIPTIONS
        | "PATCH /v1/customers/{customerId}/subscriptions/{subscriptionId}"
        | "GET /v1/customers/{customerId}/users"
        | USERS
        | "PATCH /v1/customers/{customerId}/users/{userId}"
        | "GET /v1/customers/{customerId}/service-requests"
        | SERVICE_REQUESTS
        | "PATCH /v1/customers/{customerId}/service-requests/{requestId}"
        | "PUT /v1/customers/{customerId}/agreement"
        | "DELETE /v1/customers/{customerId}/delegated-admin"
        | "DELETE /v1/partners/{partnerId}/delegated-admin" => ["404 not-found", "403 forbidden", "404 not-found"],
        // The link was accepted by Fabrikam.
        "POST /v1/invitations/accept" | "POST /v1/invitations/decline" => {
            ["409 already-accepted", "403 forbidden", "409 already-accepted"]
        }
        "POST /v1/invitations/preview" => ["200 accepted"; 3], // whoever holds the link
        _ => panic!("{key} has no line here: say what strangers get"),
    }
}

#[tokio::test]
async fn strangers_are_refused_on_every_route_of_the_api() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites().await;
    fabrikam.accepts(&invited).await;
    // What the strangers are after is there, and what they ask with is what the partner itself may ask with.
    let mut ids = vec![
        ("{partnerId}", tenant("contoso")),
        ("{customerId}", tenant("fabrikam")),
        ("{invitationId}", invited.id.clone()),
    ];
    for (route, of, id) in [
        (SUBSCRIPTIONS, "subscription", "{subscriptionId}"),
        (USERS, "user", "{userId}"),
        (SERVICE_REQUESTS, "serviceRequest", "{requestId}"),
    ] {
        let path = filled(route.trim_start_matches("POST "), &ids);
        let made = contoso.post(&path, body(route, &invited)).await;
        assert_eq!(made.status, 201, "{made:?}");
        ids.push((id, made.body[of]["id"].as_str().unwrap().to_owned()));
    }
    let northwind = app.partner("northwind").await;
    let (no_role, customer) = (app.agent_of("contoso", "Guest").await, app.admin_of("stranger").await);
    let before = snapshot(&app).await;

    let routes = tidy::routes();
    assert!(routes.len() >= 27, "{routes:?}");
    for route in &routes {
        let path = filled(&route.path, &ids);
        assert!(!path.contains('{'), "{path}: say what stands there");
        let body = body(&route.key(), &invited).to_string();
        let ask = async |who: &Someone<'_>| {
            let body = (route.method != "GET" && route.method != "DELETE").then(|| body.clone());
            who.send(&route.method, &path, &[], body).await
        };
        let anonymous = ask(&app.nobody()).await;
        let public = route.key() == "POST /v1/invitations/preview";
        assert_eq!(anonymous.summary(), if public { "200 accepted" } else { "401 Unauthorized" }, "{}", route.key());
        let forged =
            app.nobody().send(&route.method, &path, &[("authorization", "Bearer x.y.z")], Some(body.clone())).await;
        assert_eq!(forged.summary(), if public { "200 accepted" } else { "403 Forbidden" }, "{}", route.key());
        for (who, expected) in [&northwind, &no_role, &customer].into_iter().zip(expected(&route.key())) {
            let answer = ask(who).await;
            assert_eq!(answer.summary(), expected, "{} by {}", route.key(), who.tenant);
            if answer.status == 200 && !public {
                for (_, theirs) in &ids {
                    assert!(!answer.text.contains(theirs.as_str()), "{}: {}", route.key(), answer.text);
                }
            }
        }
    }
    assert_eq!(snapshot(&app).await, before, "a stranger changed something");
    for route in routes.iter().filter(|route| route.method == "PATCH") {
        let body = body(&route.key(), &invited).to_string();
        let own = contoso.send("PATCH", &filled(&route.path, &ids), &[], Some(body)).await;
        assert_eq!(own.status, 200, "only strangers are refused: {own:?}");
    }
}

/// A path with the ids in their places.
fn filled(path: &str, ids: &[(&str, String)]) -> String {
    ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(name, id))
}

/// Everything of Contoso and Fabrikam, as they see it themselves.
async fn snapshot(app: &App) -> Vec<String> {
    let (contoso, fabrikam) = (app.admin_of("contoso").await, app.admin_of("fabrikam").await);
    let record = format!("/v1/customers/{}", tenant("fabrikam"));
    let profile = format!("/v1/partners/{}", tenant("contoso"));
    let [subscriptions, users, requests] =
        ["subscriptions", "users", "service-requests"].map(|list| format!("{record}/{list}"));
    let mut seen = Vec::new();
    for (who, path) in [
        (&contoso, "/v1/invitations"),
        (&contoso, "/v1/customers"),
        (&contoso, record.as_str()),
        (&contoso, subscriptions.as_str()),
        (&contoso, users.as_str()),
        (&contoso, requests.as_str()),
        (&contoso, profile.as_str()),
        (&fabrikam, "/v1/partners"),
    ] {
        let answer = who.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        seen.push(answer.text);
    }
    seen
}

#[tokio::test]
async fn the_portal_is_the_same_for_everybody() {
    let app = App::start().await;
    let (operator, nobody) = (app.operator().await, app.nobody());
    for route in tidy::portal_routes() {
        let ids = [("{page}", "customers"), ("{version}", "0123456789abcdef"), ("{proxy+}", "main.js")];
        let path = filled(&route.path, &ids.map(|(name, id)| (name, id.to_owned())));
        let seen = nobody.send(&route.method, &path, &[], None).await;
        assert_eq!((route.method.as_str(), seen.status), ("GET", 200), "{path}");
        assert_eq!(operator.get(&path).await.text, seen.text, "{path}");
        let forged = nobody.send("GET", &path, &[("authorization", "Bearer x.y.z")], None).await;
        assert_eq!((forged.status, forged.text), (200, seen.text), "{path}");
    }
}

#[tokio::test]
async fn no_header_and_no_body_names_the_caller() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let invited = contoso.invites().await;
    let stranger = app.partner("northwind").await;
    let contoso_id = tenant("contoso");
    let headers =
        [("x-tenant", contoso_id.as_str()), ("x-amzn-tenant", &contoso_id), ("x-forwarded-user", &contoso_id)];
    let seen = stranger.send("GET", &format!("/v1/invitations/{}", invited.id), &headers, None).await;
    assert_eq!(seen.summary(), "404 not-found");
    let made = stranger.post("/v1/invitations", json!({ "partnerId": contoso_id })).await;
    assert_eq!((made.summary().as_str(), made.pointers()), ("422 validation-failed", vec!["/partnerId".to_owned()]));
}

#[tokio::test]
async fn a_partner_id_in_a_key_cannot_reach_into_another_partition() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    let invited = contoso.invites().await;
    for path in [
        format!("/v1/invitations/{}%23", invited.id),
        format!("/v1/invitations/..%2F{}", invited.id),
        "/v1/invitations/PROFILE".to_owned(),
        "/v1/customers/%20".to_owned(),
        format!("/v1/customers/{}%23x", tenant("fabrikam")),
    ] {
        assert_eq!(northwind.get(&path).await.summary(), "404 not-found", "{path}");
    }
}
