//! Time passes.

use expect_test::expect;
use serde_json::json;

use crate::app::{App, tenant};

#[tokio::test]
async fn accepting_after_its_time_is_410_and_grants_nothing_before_any_clean_up() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites().await;
    let expires_at = contoso.invitation(&invited).await.body["invitation"]["expiresAt"].clone();
    app.pass(31).await;
    let late = fabrikam.accepts(&invited).await;
    expect!["410 expired"].assert_eq(&late.summary());
    assert_eq!(late.body["expiredAt"], expires_at);
    expect!["410 expired"].assert_eq(&fabrikam.declines(&invited, "late").await.summary());
    expect!["200 expired"].assert_eq(&app.nobody().previews(&invited).await.summary());
    let seen = contoso.invitation(&invited).await;
    expect!["200 expired"].assert_eq(&seen.summary());
    assert!(seen.body.get("draft").is_none());
    expect!["410 expired"].assert_eq(&contoso.revokes(&invited).await.summary());
    let to = json!({ "to": "a@fabrikam.example" });
    expect!["410 expired"].assert_eq(&contoso.sends(&invited, to).await.summary());
    assert!(contoso.customers().await.is_empty());
}

#[tokio::test]
async fn a_late_clean_up_changes_nothing_but_what_is_seen() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let invited = contoso.invites().await;
    let fresh = contoso.invites_with(json!({ "expiresInDays": 90 })).await;
    app.pass(31).await;
    let before = contoso.invitation(&invited).await.body["invitation"]["expiredAt"].clone();
    assert_eq!(app.clean_up().await, json!({ "expired": 1, "overtaken": 0, "left": 0 }));
    assert_eq!(app.clean_up().await, json!({ "expired": 0, "overtaken": 0, "left": 0 }));
    assert_eq!(contoso.invitation(&invited).await.body["invitation"]["expiredAt"], before);
    expect!["410 expired"].assert_eq(&fabrikam.accepts(&invited).await.summary());
    expect!["200 pending"].assert_eq(&contoso.invitation(&fresh).await.summary());
}

#[tokio::test]
async fn a_renewal_gives_a_new_link_and_kills_the_old_one() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let old = contoso.invites_with(json!({ "expiresInDays": 10 })).await;
    let renewed = contoso.post(&format!("/v1/invitations/{}/renew", old.id), json!({ "expiresInDays": 20 })).await;
    expect!["200 pending"].assert_eq(&renewed.summary());
    let new = renewed.invited();
    assert_eq!(new.id, old.id);
    assert_ne!(new.link, old.link);
    expect!["404 unknown-link"].assert_eq(&app.nobody().previews(&old).await.summary());
    expect!["404 unknown-link"].assert_eq(&fabrikam.accepts(&old).await.summary());
    expect!["404 unknown-link"].assert_eq(&fabrikam.declines(&old, "no").await.summary());
    app.pass(15).await;
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&new).await.summary());
    expect!["409 already-accepted"].assert_eq(&contoso.renews(&new).await.summary());
}

#[tokio::test]
async fn an_expired_invitation_can_be_renewed_before_and_after_the_clean_up() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let (first, second) = (contoso.invites().await, contoso.invites().await);
    app.pass(31).await;
    let first = contoso.renews(&first).await;
    expect!["200 pending"].assert_eq(&first.summary());
    assert_eq!(app.clean_up().await["expired"], 1);
    let second = contoso.renews(&second).await;
    expect!["200 pending"].assert_eq(&second.summary());
    app.pass(29).await; // as long as at first
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&second.invited()).await.summary());
    app.pass(2).await;
    expect!["410 expired"].assert_eq(&fabrikam.accepts(&first.invited()).await.summary());
}

#[tokio::test]
async fn an_ended_invitation_is_forgotten_after_90_days_and_the_relationship_stays() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let accepted = contoso.invites().await;
    fabrikam.accepts(&accepted).await;
    let declined = contoso.invites().await;
    fabrikam.declines(&declined, "no").await;
    app.pass(89).await;
    expect!["200 accepted"].assert_eq(&contoso.invitation(&accepted).await.summary());
    app.pass(2).await;
    for invited in [&accepted, &declined] {
        expect!["404 not-found"].assert_eq(&contoso.invitation(invited).await.summary());
        expect!["404 unknown-link"].assert_eq(&app.nobody().previews(invited).await.summary());
        expect!["404 unknown-link"].assert_eq(&fabrikam.accepts(invited).await.summary());
    }
    assert!(contoso.all("/v1/invitations").await.is_empty());
    assert_eq!(contoso.customers().await, ["Fabrikam"]);
    expect!["200 granted"].assert_eq(&contoso.get(&format!("/v1/customers/{}", tenant("fabrikam"))).await.summary());
}

#[tokio::test]
async fn a_rotation_of_the_link_keys_kills_no_link_and_changes_none() {
    const A: &str = "a:YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE";
    const B: &str = "b:YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI";
    let data = tempfile::tempdir().unwrap();
    let app = App::start_in(data.path(), &[("LINK_KEYS", A)]).await;
    let contoso = app.partner("contoso").await;
    let invited = contoso.invites().await;
    drop(contoso);
    app.stop().await;

    let app = App::start_in(data.path(), &[("LINK_KEYS", &format!("{B},{A}"))]).await;
    let (contoso, fabrikam) = (app.admin_of("contoso").await, app.admin_of("fabrikam").await);
    // The same key and the same id, on another port: only the portal's address differs.
    assert_eq!(contoso.invitation(&invited).await.invited().token, invited.token);
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&invited).await.summary());
    let newer = contoso.invites().await;
    drop((contoso, fabrikam));
    app.stop().await;

    let app = App::start_in(data.path(), &[("LINK_KEYS", A)]).await;
    expect!["404 unknown-link"].assert_eq(&app.nobody().previews(&newer).await.summary());
    let seen = app.admin_of("contoso").await.invitation(&newer).await;
    assert!(seen.status == 200 && seen.body.get("draft").is_none());
    app.stop().await;
}
