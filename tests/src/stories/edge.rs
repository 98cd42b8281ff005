//! Requests that are not what they should be.

use expect_test::expect;
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn what_is_no_request_is_said_so() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let large = json!({ "customer": { "name": "x".repeat(70_000) } }).to_string();
    let json = ("content-type", "application/json");
    for (header, body, part) in [
        (json, "{".to_owned(), "not JSON"),
        (json, "[]".to_owned(), "JSON object"),
        (json, "\"text\"".to_owned(), "JSON object"),
        (json, "{\"send\":false,\"send\":true}".to_owned(), "stands there twice"),
        (json, large, "more than 65536 bytes"),
        (("content-type", "text/plain"), "{}".to_owned(), "application/json"),
        (("content-type", "application/x-www-form-urlencoded"), "a=b".to_owned(), "application/json"),
        (("content-type", "application/octet-stream"), "{}".to_owned(), "application/json"),
    ] {
        let answer = contoso.send("POST", "/v1/invitations", &[header], Some(body)).await;
        assert_eq!(answer.summary(), "400 malformed", "{part}");
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{part}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let charset = [("content-type", "application/json; charset=utf-8")];
    assert_eq!(contoso.send("POST", "/v1/invitations", &charset, Some("{}".to_owned())).await.status, 201);
}

#[tokio::test]
async fn a_header_that_is_no_text_is_refused_and_not_ignored() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let made =
        contoso.send("POST", "/v1/invitations", &[("idempotency-key", "Schlüssel")], Some("{}".to_owned())).await;
    assert_eq!(made.summary(), "400 malformed");
    assert!(contoso.all("/v1/invitations").await.is_empty());

    let profile = format!("/v1/partners/{}", contoso.tenant);
    let change = json!({ "name": "Changed", "country": "JP", "cloud": "public" }).to_string();
    let changed = app.operator().await.send("PUT", &profile, &[("if-match", "\"é\"")], Some(change)).await;
    assert_eq!(changed.summary(), "400 malformed");
    assert_eq!(contoso.get(&profile).await.body["partner"]["name"], "contoso");
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let body = json!({ "customer": { "name": "a\u{0}b", "email": "nobody", "country": "JPN", "tenantId": "1", "role": "x" },
        "includeDelegatedAdmin": "yes", "locale": "x", "expiresInDays": 91, "send": 1, "snd": true });
    let refused = contoso.post("/v1/invitations", body).await;
    expect!["422 validation-failed"].assert_eq(&refused.summary());
    let mut pointers = refused.pointers();
    pointers.sort();
    assert_eq!(
        pointers,
        [
            "/customer/country",
            "/customer/email",
            "/customer/name",
            "/customer/role",
            "/customer/tenantId",
            "/expiresInDays",
            "/includeDelegatedAdmin",
            "/locale",
            "/send",
            "/snd"
        ]
    );
    assert!(contoso.all("/v1/invitations").await.is_empty());
}

#[tokio::test]
async fn a_problem_says_what_to_do_and_gives_nothing_away() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let answer = contoso.get("/v1/invitations/00000000-0000-7000-8000-000000000000").await;
    expect!["404 not-found"].assert_eq(&answer.summary());
    for member in ["type", "title", "status", "detail", "instance"] {
        assert!(!answer.body[member].is_null(), "{member} in {answer:?}");
    }
    assert_eq!(answer.body["status"], 404);
    for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
        assert_eq!(answer.header(name), value);
    }
}

#[tokio::test]
async fn a_forged_or_damaged_link_is_unknown_whatever_is_wrong_with_it() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites().await;
    let mut flipped = invited.token.clone().into_bytes();
    flipped[30] = if flipped[30] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();
    let mut answers = Vec::new();
    for token in ["", "x", "%00", &invited.token[..40], &flipped, &"A".repeat(5000)] {
        for path in ["/v1/invitations/preview", "/v1/invitations/accept", "/v1/invitations/decline"] {
            let mut body = json!({ "token": token });
            if path.ends_with("accept") {
                body["agreementAccepted"] = json!(true);
            }
            let mut answer = fabrikam.post(path, body).await;
            assert_eq!(answer.summary(), "404 unknown-link", "{path} {token}");
            answer.body["instance"] = json!("");
            answers.push(answer.body.to_string());
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "one answer for all: {answers:?}");
    let missing = fabrikam.post("/v1/invitations/preview", json!({})).await;
    assert_eq!((missing.summary().as_str(), missing.pointers()), ("422 validation-failed", vec!["/token".to_owned()]));
}

#[tokio::test]
async fn the_token_stands_in_no_log_line_and_no_address_in_clear() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let body = json!({ "customer": { "email": "very.private@fabrikam.example" }, "send": true });
    let invited = contoso.invites_with(body).await;
    app.nobody().previews(&invited).await;
    contoso.sends(&invited, json!({ "text": "no link" })).await;
    app.nobody().previews(&contoso.renews(&invited).await.invited()).await;
    fabrikam.accepts(&invited).await;
    let renewed = contoso.invitation(&invited).await.invited();
    fabrikam.accepts(&renewed).await;
    let log = app.log();
    assert!(log.contains("InvitationsCreated") && log.contains("mail sent"), "there is a log: {log}");
    for secret in [invited.token.as_str(), renewed.token.as_str(), "very.private"] {
        assert!(!log.contains(secret), "{secret} in the log");
    }
    let bearer = app.nobody().post("/_local/token", json!({ "tenantId": fabrikam.tenant })).await;
    assert!(!log.contains(&bearer.body["access_token"].as_str().unwrap()[..20]), "an access token in the log");
}
