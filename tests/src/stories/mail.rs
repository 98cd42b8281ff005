//! The system sends the mail.

use expect_test::expect;
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn send_true_mails_the_draft() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let body = json!({ "customer": { "email": "admin@fabrikam.example" }, "send": true });
    let made = contoso.post("/v1/invitations", body).await;
    let delivery = &made.body["invitation"]["delivery"];
    assert_eq!((&delivery["status"], &delivery["sentTo"]), (&json!("sent"), &json!("admin@fabrikam.example")));
    assert!(delivery["messageId"].is_string() && delivery["sentAt"].is_string(), "{delivery}");
    let mails = app.mails().await;
    assert_eq!(mails.len(), 1);
    for field in ["subject", "text", "html"] {
        assert_eq!(mails[0][field], made.body["draft"][field], "{field}");
    }
    assert!(mails[0]["to"].to_string().contains("admin@fabrikam.example"), "{}", mails[0]);
}

#[tokio::test]
async fn the_partner_edits_and_sends_and_the_link_must_stay() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let invited = contoso.invites().await;
    let nobody = contoso.sends(&invited, json!({})).await;
    assert_eq!((nobody.summary().as_str(), nobody.pointers()), ("422 validation-failed", vec!["/to".to_owned()]));
    let lost = contoso.sends(&invited, json!({ "to": "admin@fabrikam.example", "text": "No link." })).await;
    expect!["422 link-missing"].assert_eq(&lost.summary());
    assert_eq!(lost.body["link"], invited.link);
    let broken = json!({ "to": "admin@fabrikam.example\r\nBcc: x@y.example", "subject": "a\r\nb" });
    assert_eq!(contoso.sends(&invited, broken).await.pointers(), ["/to", "/subject"]);
    assert!(app.mails().await.is_empty());
    let text = format!("Dear <b>all</b>,\n\nhere it is: {}\n\nYours", invited.link);
    let edits = json!({ "to": "admin@fabrikam.example", "subject": "Let us work together", "text": text });
    let sent = contoso.sends(&invited, edits).await;
    expect!["200 pending"].assert_eq(&sent.summary());
    assert_eq!(sent.body["invitation"]["delivery"]["status"], "sent");
    let mail = &app.mails().await[0];
    assert_eq!((&mail["subject"], &mail["text"]), (&json!("Let us work together"), &json!(text)));
    let html = mail["html"].as_str().unwrap();
    assert!(html.contains(&format!("href=\"{}\"", invited.link)) && !html.contains("<b>"), "{html}");
}

#[tokio::test]
async fn a_mail_that_fails_loses_nothing_and_can_be_sent_again() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    app.next_mail("reject").await;
    let made = contoso
        .post("/v1/invitations", json!({ "customer": { "email": "admin@fabrikam.example" }, "send": true }))
        .await;
    assert_eq!((made.status, &made.body["invitation"]["delivery"]["status"]), (201, &json!("failed")));
    assert!(made.body["invitation"]["delivery"]["reason"].as_str().unwrap().contains("MessageRejected"), "{made:?}");
    let invited = made.invited();
    app.next_mail("reject").await;
    let failed = contoso.sends(&invited, json!({})).await;
    expect!["502 mail-failed"].assert_eq(&failed.summary());
    let seen = contoso.invitation(&invited).await;
    assert_eq!(seen.body["invitation"]["delivery"]["status"], "failed");
    assert_eq!(seen.invited().link, invited.link);
    expect!["200 pending"].assert_eq(&contoso.sends(&invited, json!({})).await.summary());
    assert_eq!(app.mails().await.len(), 1);
    expect!["200 granted"].assert_eq(&fabrikam.accepts(&invited).await.summary());
}

#[tokio::test]
async fn a_mail_without_a_clear_answer_stays_sending_and_is_not_sent_again_for_a_minute() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let invited = contoso.invites().await;
    app.next_mail("timeout").await;
    let unclear = contoso.sends(&invited, json!({ "to": "admin@fabrikam.example" })).await;
    expect!["200 pending"].assert_eq(&unclear.summary());
    assert_eq!(unclear.body["invitation"]["delivery"]["status"], "sending");
    let too_soon = contoso.sends(&invited, json!({ "to": "admin@fabrikam.example" })).await;
    expect!["409 conflict"].assert_eq(&too_soon.summary());
    app.pass(1).await;
    let again = contoso.sends(&invited, json!({ "to": "admin@fabrikam.example" })).await;
    assert_eq!(again.body["invitation"]["delivery"]["status"], "sent");
}

#[tokio::test]
async fn a_deployment_without_mail_says_so_and_stores_nothing() {
    let app = App::start_with(&[("MAIL_FROM", "")]).await;
    let contoso = app.partner("contoso").await;
    let made = contoso.post("/v1/invitations", json!({ "customer": { "email": "a@b.example" }, "send": true })).await;
    expect!["409 mail-not-configured"].assert_eq(&made.summary());
    assert!(contoso.all("/v1/invitations").await.is_empty());
    let invited = contoso.invites().await;
    let to = json!({ "to": "a@b.example" });
    expect!["409 mail-not-configured"].assert_eq(&contoso.sends(&invited, to).await.summary());
}

#[tokio::test]
async fn to_send_somebody_must_be_named() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let made = contoso.post("/v1/invitations", json!({ "send": true })).await;
    assert_eq!(
        (made.summary().as_str(), made.pointers()),
        ("422 validation-failed", vec!["/customer/email".to_owned()])
    );
}
