//! The partner invites, looks, takes back.

use expect_test::expect;
use serde_json::json;

use crate::app::{App, tenant};

#[tokio::test]
async fn an_invitation_has_defaults_and_a_draft_with_one_link() {
    let app = App::start().await;
    app.set_clock("2026-11-22T10:00:00Z").await;
    let contoso = app.partner("contoso").await;
    let made = contoso.send("POST", "/v1/invitations", &[], None).await;
    assert_eq!(made.status, 201, "{made:?}");
    let invitation = &made.body["invitation"];
    assert_eq!(made.header("location"), format!("/v1/invitations/{}", invitation["id"].as_str().unwrap()));
    assert_eq!(invitation["status"], "pending");
    assert_eq!(invitation["includeDelegatedAdmin"], true);
    assert_eq!(invitation["locale"], "en");
    assert_eq!(invitation["delivery"], json!({ "status": "notSent" }));
    assert_eq!(invitation["customer"], json!({ "name": null, "email": null, "country": null, "tenantId": null }));
    assert!(invitation["createdAt"].as_str().unwrap().starts_with("2026-11-22T10:00:0"), "{invitation}");
    assert!(invitation["expiresAt"].as_str().unwrap().starts_with("2026-12-22T10:00:0"), "{invitation}");
    let (draft, link) = (&made.body["draft"], made.invited().link);
    for form in ["text", "html"] {
        assert!(draft[form].as_str().unwrap().contains(&link), "{form}: {draft}");
    }
    assert!(draft["mailto"].as_str().unwrap().len() < 2000);
    assert_eq!(contoso.invitation(&made.invited()).await.body, made.body);
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn what_is_asked_for_is_what_is_stored() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let body = json!({
        "customer": { "name": "Fabrikam", "email": "admin@fabrikam.example", "country": "JP", "tenantId": tenant("fabrikam") },
        "includeDelegatedAdmin": false, "locale": "ja", "expiresInDays": 7, "send": false
    });
    let made = contoso.post("/v1/invitations", body.clone()).await;
    let invitation = &made.body["invitation"];
    for field in ["customer", "includeDelegatedAdmin", "locale"] {
        assert_eq!(invitation[field], body[field], "{field}");
    }
    assert_eq!(made.body["draft"]["to"], "admin@fabrikam.example");
}

#[tokio::test]
async fn the_same_key_and_request_make_one_invitation() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let key = [("idempotency-key", "k-1")];
    let body = json!({ "customer": { "email": "admin@fabrikam.example" }, "send": true });
    let invite =
        async |body: &serde_json::Value| contoso.send("POST", "/v1/invitations", &key, Some(body.to_string())).await;
    let first = invite(&body).await;
    assert_eq!(first.body["invitation"]["delivery"]["status"], "sent", "{first:?}");
    let again = invite(&body).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(app.mails().await.len(), 1);
    let other = invite(&json!({ "customer": { "email": "other@fabrikam.example" }, "send": true })).await;
    expect!["422 idempotency-key-reused"].assert_eq(&other.summary());
    // As it is now.
    contoso.revokes(&first.invited()).await;
    expect!["201 revoked"].assert_eq(&invite(&body).await.summary());
    assert_eq!(contoso.all("/v1/invitations").await.len(), 1);
    // The key is the partner's own, and forgotten after a day.
    let northwind = app.partner("northwind").await;
    let theirs = northwind.send("POST", "/v1/invitations", &key, Some(body.to_string())).await;
    assert_ne!(theirs.invited().id, first.invited().id);
    app.pass(2).await;
    let next_day = invite(&body).await;
    expect!["201 pending"].assert_eq(&next_day.summary());
    assert_eq!(contoso.all("/v1/invitations").await.len(), 2);
}

#[tokio::test]
async fn revoking_is_final_for_pending_ones_and_refused_for_accepted_ones() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let pending = contoso.invites().await;
    let revoked = contoso.revokes(&pending).await;
    expect!["200 revoked"].assert_eq(&revoked.summary());
    assert!(revoked.body["invitation"]["revokedAt"].is_string() && revoked.body["invitation"]["revokedBy"].is_string());
    expect!["200 revoked"].assert_eq(&contoso.revokes(&pending).await.summary());
    expect!["409 already-revoked"].assert_eq(&fabrikam.accepts(&pending).await.summary());
    expect!["409 already-revoked"].assert_eq(&contoso.renews(&pending).await.summary());

    let accepted = contoso.invites().await;
    fabrikam.accepts(&accepted).await;
    let before = contoso.invitation(&accepted).await;
    expect!["409 already-accepted"].assert_eq(&contoso.revokes(&accepted).await.summary());
    assert_eq!(contoso.invitation(&accepted).await.body, before.body);
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&accepted).await.summary());
}

#[tokio::test]
async fn who_may_invite() {
    let app = App::start().await;
    app.partner("contoso").await;
    let ask = async |role: &str, body: serde_json::Value| {
        app.agent_of("contoso", role).await.post("/v1/invitations", body).await
    };
    for (role, with, without) in [
        ("AdminAgent", "201 pending", "201 pending"),
        ("GlobalAdmin", "201 pending", "201 pending"),
        ("SalesAgent", "403 forbidden", "201 pending"),
        ("HelpdeskAgent", "403 forbidden", "403 forbidden"),
        ("BillingAdmin", "403 forbidden", "403 forbidden"),
        ("Operator", "403 forbidden", "403 forbidden"),
    ] {
        let answer = ask(role, json!({})).await;
        assert_eq!(answer.summary(), with, "{role}");
        let answer = ask(role, json!({ "includeDelegatedAdmin": false })).await;
        assert_eq!(answer.summary(), without, "{role}");
    }
    let stranger = app.admin_of("fabrikam").await;
    expect!["403 not-a-partner"].assert_eq(&stranger.post("/v1/invitations", json!({})).await.summary());
}

#[tokio::test]
async fn a_suspended_partner_reads_and_does_not_invite() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let (pending, accepted) = (contoso.invites().await, contoso.invites().await);
    fabrikam.accepts(&accepted).await;
    app.register("contoso", json!({ "status": "suspended" })).await;
    app.pass(1).await; // longer than an execution environment remembers a profile
    expect!["403 partner-suspended"].assert_eq(&contoso.post("/v1/invitations", json!({})).await.summary());
    expect!["403 partner-suspended"].assert_eq(&contoso.renews(&pending).await.summary());
    let to = json!({ "to": "a@fabrikam.example" });
    expect!["403 partner-suspended"].assert_eq(&contoso.sends(&pending, to).await.summary());
    expect!["403 partner-suspended"].assert_eq(&app.admin_of("northwind").await.accepts(&pending).await.summary());
    expect!["200 pending"].assert_eq(&contoso.invitation(&pending).await.summary());
    assert_eq!(contoso.customers().await, ["Fabrikam"]);
    expect!["200 revoked"].assert_eq(&contoso.revokes(&pending).await.summary());
    app.register("contoso", json!({ "status": "active" })).await;
    app.pass(1).await;
    expect!["201 pending"].assert_eq(&contoso.post("/v1/invitations", json!({})).await.summary());
}
