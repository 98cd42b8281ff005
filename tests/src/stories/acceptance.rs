//! The customer answers.

use expect_test::expect;
use serde_json::json;

use crate::app::{App, tenant};

#[tokio::test]
async fn a_customer_accepts_once() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let (fabrikam, northwind) = (app.admin_of("fabrikam").await, app.admin_of("northwind").await);
    let invited = contoso.invites().await;
    let first = fabrikam.accepts(&invited).await;
    expect!["200 granted"].assert_eq(&first.summary());
    let other = northwind.accepts(&invited).await;
    expect!["409 already-accepted"].assert_eq(&other.summary());
    assert!(!other.text.contains(&tenant("fabrikam")), "it must not say who accepted: {}", other.text);
    let again = fabrikam.accepts(&invited).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
}

#[tokio::test]
async fn accepting_again_grants_nothing_anew() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites().await;
    fabrikam.accepts(&invited).await;
    fabrikam.delete(&format!("/v1/partners/{}/delegated-admin", tenant("contoso"))).await;
    expect!["200 removedByCustomer"].assert_eq(&fabrikam.accepts(&invited).await.summary());
}

#[tokio::test]
async fn an_acceptance_without_delegated_admin_never_lowers_it() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    fabrikam.accepts(&contoso.invites().await).await;
    let without = contoso.invites_with(json!({ "includeDelegatedAdmin": false })).await;
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&without).await.summary());
}

#[tokio::test]
async fn a_scanner_may_open_the_link_a_hundred_times() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites().await;
    let before = contoso.invitation(&invited).await;
    for _ in 0..100 {
        expect!["200 pending"].assert_eq(&app.nobody().previews(&invited).await.summary());
    }
    assert_eq!(contoso.invitation(&invited).await.body, before.body);
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&invited).await.summary());
}

#[tokio::test]
async fn a_used_link_explains_itself() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let accepted =
        contoso.invites_with(json!({ "customer": { "name": "Secret Name", "email": "x@secret.example" } })).await;
    fabrikam.accepts(&accepted).await;
    let declined = contoso.invites().await;
    fabrikam.declines(&declined, "a private reason").await;
    let revoked = contoso.invites().await;
    contoso.revokes(&revoked).await;
    for (invited, expected) in [(&accepted, "200 accepted"), (&declined, "200 declined"), (&revoked, "200 revoked")] {
        let preview = app.nobody().previews(invited).await;
        assert_eq!(preview.summary(), expected);
        assert_eq!(preview.body["partner"]["name"], "contoso");
        for secret in ["Secret Name", "x@secret.example", "a private reason", &tenant("fabrikam")] {
            assert!(!preview.text.contains(secret), "{secret} in {}", preview.text);
        }
    }
    let answer = app.admin_of("northwind").await.accepts(&revoked).await;
    expect!["409 already-revoked"].assert_eq(&answer.summary());
    assert!(answer.body["detail"].as_str().unwrap().contains("new invitation"), "{answer:?}");
}

#[tokio::test]
async fn a_customer_declines_and_the_partner_is_told_why() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites().await;
    expect!["200 declined"].assert_eq(&fabrikam.declines(&invited, "We have a reseller.").await.summary());
    expect!["200 declined"].assert_eq(&fabrikam.declines(&invited, "another reason").await.summary());
    let seen = contoso.invitation(&invited).await;
    expect!["200 declined"].assert_eq(&seen.summary());
    assert_eq!(seen.body["invitation"]["reason"], "We have a reseller.");
    assert_eq!(seen.body["invitation"]["customerId"], tenant("fabrikam"));
    assert!(seen.body["invitation"]["answeredAt"].is_string());
    assert!(seen.body.get("draft").is_none());
    expect!["409 already-declined"].assert_eq(&fabrikam.accepts(&invited).await.summary());
    let northwind = app.admin_of("northwind").await;
    expect!["409 already-declined"].assert_eq(&northwind.declines(&invited, "me too").await.summary());
    assert!(contoso.customers().await.is_empty());
}

#[tokio::test]
async fn an_ended_invitation_never_blocks_a_new_one() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let to = json!({ "customer": { "email": "admin@fabrikam.example", "tenantId": tenant("fabrikam") } });
    let expired = contoso.invites_with(to.clone()).await;
    app.pass(31).await;
    expect!["410 expired"].assert_eq(&fabrikam.accepts(&expired).await.summary());
    let declined = contoso.invites_with(to.clone()).await;
    fabrikam.declines(&declined, "not now").await;
    let revoked = contoso.invites_with(to.clone()).await;
    contoso.revokes(&revoked).await;
    let last = contoso.invites_with(to).await;
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&last).await.summary());
}

#[tokio::test]
async fn a_named_tenant_alone_can_answer() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let (fabrikam, northwind) = (app.admin_of("fabrikam").await, app.admin_of("northwind").await);
    let invited = contoso.invites_with(json!({ "customer": { "tenantId": tenant("fabrikam") } })).await;
    expect!["403 not-bound-to-you"].assert_eq(&northwind.accepts(&invited).await.summary());
    expect!["403 not-bound-to-you"].assert_eq(&northwind.declines(&invited, "no").await.summary());
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&invited).await.summary());
}

#[tokio::test]
async fn a_partner_cannot_answer_its_own_invitation() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let invited = contoso.invites().await;
    expect!["422 own-invitation"].assert_eq(&contoso.accepts(&invited).await.summary());
    expect!["422 own-invitation"].assert_eq(&contoso.declines(&invited, "no").await.summary());
    let itself = contoso.post("/v1/invitations", json!({ "customer": { "tenantId": tenant("contoso") } })).await;
    expect!["422 own-invitation"].assert_eq(&itself.summary());
}

#[tokio::test]
async fn territory_is_checked_when_inviting_and_when_accepting() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let abroad = contoso.post("/v1/invitations", json!({ "customer": { "country": "DE" } })).await;
    expect!["422 outside-territory"].assert_eq(&abroad.summary());
    assert_eq!((&abroad.body["partnerRegion"], &abroad.body["customerRegion"]), (&json!("japan"), &json!("europe")));
    let nowhere = contoso.post("/v1/invitations", json!({ "customer": { "country": "RU" } })).await;
    expect!["422 unsupported-country"].assert_eq(&nowhere.summary());
    let invited = contoso.invites().await;
    let german = app.someone(json!({ "tenantId": tenant("fabrikam"), "country": "DE" })).await;
    expect!["422 outside-territory"].assert_eq(&german.accepts(&invited).await.summary());
    // What the token states wins over what is typed.
    let lie = json!({ "token": invited.token, "agreementAccepted": true,
        "customer": { "name": "Fabrikam", "domain": "fabrikam.example", "country": "JP" } });
    expect!["422 outside-territory"].assert_eq(&german.post("/v1/invitations/accept", lie).await.summary());
    expect!["200 pending"].assert_eq(&contoso.invitation(&invited).await.summary());
}

#[tokio::test]
async fn a_token_without_a_country_lets_the_customer_state_it_unless_the_deployment_forbids() {
    let accept = async |app: &App, country: Option<&str>| {
        let contoso = app.partner("contoso").await;
        let fabrikam = app.someone(json!({ "tenantId": tenant("fabrikam") })).await;
        let invited = contoso.invites().await;
        let customer = json!({ "name": "Fabrikam", "domain": "fabrikam.example", "country": country });
        let body = json!({ "token": invited.token, "agreementAccepted": true, "customer": customer });
        fabrikam.post("/v1/invitations/accept", body).await
    };
    let app = App::start().await;
    let missing = accept(&app, None).await;
    expect!["422 validation-failed"].assert_eq(&missing.summary());
    assert_eq!(missing.pointers(), ["/customer/country"]);
    expect!["200 granted"].assert_eq(&accept(&app, Some("JP")).await.summary());
    let strict = App::start_with(&[("REQUIRE_COUNTRY", "true")]).await;
    let refused = accept(&strict, Some("JP")).await;
    expect!["422 validation-failed"].assert_eq(&refused.summary());
    assert_eq!(refused.pointers(), ["/customer/country"]);
}

#[tokio::test]
async fn the_first_acceptance_needs_to_know_the_customer_and_the_agreement() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites().await;
    let unknown =
        fabrikam.post("/v1/invitations/accept", json!({ "token": invited.token, "agreementAccepted": true })).await;
    expect!["422 validation-failed"].assert_eq(&unknown.summary());
    assert_eq!(unknown.pointers(), ["/customer/name", "/customer/domain"]);
    for agreed in [json!(false), json!(null), json!("true")] {
        let body = json!({ "token": invited.token, "agreementAccepted": agreed });
        let refused = fabrikam.post("/v1/invitations/accept", body).await;
        assert_eq!(
            (refused.summary().as_str(), refused.pointers()),
            ("422 validation-failed", vec!["/agreementAccepted".to_owned()])
        );
    }
    let current = app.nobody().previews(&invited).await.body["agreement"]["version"].clone();
    let customer = json!({ "name": "Fabrikam", "domain": "fabrikam.example" });
    let body = |version: &serde_json::Value| json!({ "token": invited.token, "agreementAccepted": true, "agreementVersion": version, "customer": customer });
    let stale = fabrikam.post("/v1/invitations/accept", body(&json!("1999-01"))).await;
    expect!["409 agreement-changed"].assert_eq(&stale.summary());
    assert_eq!(stale.body["version"], current);
    let accepted = fabrikam.post("/v1/invitations/accept", body(&current)).await;
    expect!["200 granted"].assert_eq(&accepted.summary());
    assert_eq!(accepted.body["relationship"]["agreementVersion"], current);
    // Known by now: the second partner's invitation needs no description.
    let northwind = app.partner("northwind").await;
    let second = northwind.invites().await;
    let body = json!({ "token": second.token, "agreementAccepted": true });
    expect!["200 granted"].assert_eq(&fabrikam.post("/v1/invitations/accept", body).await.summary());
}

#[tokio::test]
async fn partner_and_customer_must_be_in_the_same_cloud() {
    let app = App::start().await;
    app.register("contoso", json!({ "country": "CN", "cloud": "china" })).await;
    let contoso = app.admin_of("contoso").await;
    let without = contoso.post("/v1/invitations", json!({ "includeDelegatedAdmin": false })).await;
    expect!["422 delegated-admin-required"].assert_eq(&without.summary());
    let invited = contoso.invites().await;
    let preview = app.nobody().previews(&invited).await;
    expect![[r#"{"cloud":"china","name":"Office 365 admin center operated by 21Vianet"}"#]]
        .assert_eq(&preview.body["portal"].to_string());
    let public = app.someone(json!({ "tenantId": tenant("fabrikam"), "country": "CN" })).await;
    expect!["422 wrong-cloud"].assert_eq(&public.accepts(&invited).await.summary());
    let chinese = app.someone(json!({ "tenantId": tenant("fabrikam"), "country": "CN", "cloud": "china" })).await;
    expect!["200 granted"].assert_eq(&chinese.accepts(&invited).await.summary());
}

#[tokio::test]
async fn a_setting_lets_the_billing_administrator_answer_too() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let billing = app.agent_of("fabrikam", "BillingAdmin").await;
    let refused = billing.accepts(&contoso.invites().await).await;
    expect!["403 forbidden"].assert_eq(&refused.summary());
    assert_eq!(refused.body["requiredRoles"], json!(["GlobalAdmin"]));
    let app = App::start_with(&[("BILLING_ADMIN_ANSWERS", "true")]).await;
    let contoso = app.partner("contoso").await;
    let billing = app.agent_of("fabrikam", "BillingAdmin").await;
    expect!["200 granted"].assert_eq(&billing.accepts(&contoso.invites().await).await.summary());
}
