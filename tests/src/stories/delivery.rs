//! What the mail service reports, quotas, addresses that take no mail, reminders, languages.

use expect_test::expect;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    app::{Answer, App, Invited, Someone, tenant},
    seed,
};

const TO: &str = "admin@fabrikam.example";

async fn sent(partner: &Someone<'_>, days: u8) -> Invited {
    partner.invites_with(json!({ "customer": { "email": TO }, "send": true, "expiresInDays": days })).await
}

async fn delivery(partner: &Someone<'_>, invited: &Invited) -> Value {
    partner.invitation(invited).await.body["invitation"]["delivery"].clone()
}

/// The mail service reports something of the newest mail.
async fn report(app: &App, event: Value) -> Answer {
    let mut body = json!({ "messageId": app.mails().await[0]["messageId"] });
    body.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
    let answer = app.nobody().post("/_local/mail/event", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

#[tokio::test]
async fn what_became_of_a_mail_is_seen_and_never_moves_backwards() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let invited = sent(&contoso, 30).await;
    for (event, status, recorded) in [
        ("send", "sent", false),
        ("deliveryDelay", "delayed", true),
        ("delivery", "delivered", true),
        ("deliveryDelay", "delivered", false),
        ("delivery", "delivered", false),
        ("complaint", "complained", true),
        ("bounce", "complained", true), // the state stays; that the address bounced is news all the same
        ("bounce", "complained", false),
    ] {
        let answer = report(&app, json!({ "type": event })).await;
        let delivery = delivery(&contoso, &invited).await;
        assert_eq!(delivery["status"], status, "{event}");
        assert!(delivery["at"].is_string() && delivery["messageId"].is_string(), "{delivery}");
        if event != "bounce" {
            assert_eq!(answer.body["recorded"], recorded, "{event}: {answer:?}");
        }
    }
    let listed = contoso.all("/v1/invitations").await;
    assert_eq!(listed[0]["delivery"]["status"], "complained");
}

#[tokio::test]
async fn an_address_that_bounced_for_good_is_not_mailed_again_unless_forced() {
    let app = App::start().await;
    let (contoso, northwind) = (app.partner("contoso").await, app.partner("northwind").await);
    let invited = sent(&contoso, 30).await;
    report(&app, json!({ "type": "bounce", "bounceType": "Permanent", "reason": "550 unknown user" })).await;
    let bounced = delivery(&contoso, &invited).await;
    assert_eq!(bounced["status"], "bounced");
    assert!(bounced["reason"].as_str().unwrap().contains("550 unknown user"), "{bounced}");

    let again = json!({ "customer": { "email": TO.to_uppercase() }, "send": true });
    expect!["409 address-blocked"].assert_eq(&contoso.post("/v1/invitations", again).await.summary());
    expect!["409 address-blocked"].assert_eq(&contoso.sends(&invited, json!({})).await.summary());
    assert_eq!(contoso.all("/v1/invitations").await.len(), 1, "what was refused was not made");
    assert_eq!(app.mails().await.len(), 1);
    let forced = contoso.sends(&invited, json!({ "force": true })).await;
    expect!["200 pending"].assert_eq(&forced.summary());
    let elsewhere = contoso.sends(&contoso.invites().await, json!({ "to": "other@fabrikam.example" })).await;
    expect!["200 pending"].assert_eq(&elsewhere.summary());
    sent(&northwind, 30).await; // another partner's matter
    assert_eq!(app.mails().await.len(), 4);
}

#[tokio::test]
async fn a_transient_bounce_is_shown_and_blocks_nothing() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let invited = sent(&contoso, 30).await;
    report(&app, json!({ "type": "bounce", "bounceType": "Transient" })).await;
    assert_eq!(delivery(&contoso, &invited).await["status"], "bounced");
    expect!["200 pending"].assert_eq(&contoso.sends(&invited, json!({})).await.summary());
    assert_eq!(delivery(&contoso, &invited).await["status"], "sent");
}

#[tokio::test]
async fn an_event_settles_a_mail_whose_answer_was_lost() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    app.next_mail("lost").await;
    let invited = sent(&contoso, 30).await;
    let unsettled = delivery(&contoso, &invited).await;
    assert_eq!((&unsettled["status"], &unsettled["messageId"]), (&json!("sending"), &Value::Null));
    report(&app, json!({ "type": "delivery" })).await;
    let settled = delivery(&contoso, &invited).await;
    assert_eq!(settled["status"], "delivered");
    assert!(settled["messageId"].is_string());
}

#[tokio::test]
async fn an_event_of_an_older_mail_does_not_speak_for_the_newer() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let invited = sent(&contoso, 30).await;
    let older = app.mails().await[0]["messageId"].clone();
    app.pass(1).await;
    contoso.sends(&invited, json!({})).await;
    let event = json!({ "messageId": older, "type": "delivery" });
    assert_eq!(app.nobody().post("/_local/mail/event", event).await.body["recorded"], false);
    assert_eq!(delivery(&contoso, &invited).await["status"], "sent");
}

#[tokio::test]
async fn a_partner_has_a_number_of_mails_a_day() {
    let app = App::start().await;
    app.set_clock("2026-11-22T10:00:00Z").await;
    app.register("contoso", json!({ "dailyMailQuota": 3 })).await;
    let contoso = app.admin_of("contoso").await;
    let invited = join_all((0..8).map(|_| contoso.invites())).await;
    let to = json!({ "to": TO });
    let answers = join_all(invited.iter().map(|invited| contoso.sends(invited, to.clone()))).await;
    let sent = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((sent, app.mails().await.len()), (3, 3), "{answers:?}");
    let refused = answers.iter().find(|answer| answer.status != 200).unwrap();
    expect!["429 mail-quota"].assert_eq(&refused.summary());
    assert_eq!(refused.body["resetsAt"], "2026-11-23T00:00:00Z");
    let at_creation = contoso.post("/v1/invitations", json!({ "customer": { "email": TO }, "send": true })).await;
    expect!["429 mail-quota"].assert_eq(&at_creation.summary());
    assert_eq!(contoso.all("/v1/invitations").await.len(), 8);
    let northwind = app.partner("northwind").await;
    assert_eq!(northwind.sends(&northwind.invites().await, to.clone()).await.status, 200);
    app.set_clock("2026-11-23T00:00:00Z").await;
    let next_day = invited.iter().zip(&answers).find(|(_, answer)| answer.status != 200).unwrap().0;
    assert_eq!(contoso.sends(next_day, to).await.status, 200);
    app.register("contoso", json!({ "dailyMailQuota": 0 })).await;
    app.pass(1).await;
    let none = contoso.sends(&invited[0], json!({ "to": TO })).await;
    expect!["429 mail-quota"].assert_eq(&none.summary());
}

#[tokio::test]
async fn lost_answers_of_the_table_count_no_mail_twice() {
    let app = App::start().await;
    app.register("contoso", json!({ "dailyMailQuota": 12 })).await;
    let contoso = app.admin_of("contoso").await;
    let invited = join_all((0..12).map(|_| contoso.invites())).await;
    app.store_fault("lost", 0.2).await;
    for invited in &invited {
        let answer = contoso.sends(invited, json!({ "to": TO })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    app.store_heals().await;
    assert_eq!(app.mails().await.len(), 12);
    let one_more = contoso.sends(&contoso.invites().await, json!({ "to": TO })).await;
    expect!["429 mail-quota"].assert_eq(&one_more.summary());
}

async fn remind(app: &App) -> Value {
    let answer = app.nobody().post("/_local/schedule/remind-invitations", json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

#[tokio::test]
async fn a_sent_invitation_is_reminded_of_once_within_its_last_three_days() {
    let app = App::start().await;
    let (contoso, fabrikam) = (app.partner("contoso").await, app.admin_of("fabrikam").await);
    let due = sent(&contoso, 10).await;
    sent(&contoso, 30).await; // not yet
    contoso.invites_with(json!({ "expiresInDays": 10 })).await; // never sent
    let accepted = sent(&contoso, 10).await;
    fabrikam.accepts(&accepted).await;
    assert_eq!(remind(&app).await, json!({ "reminded": 0, "failed": 0, "skipped": 0, "left": 0 }));
    app.pass(8).await;
    let before = app.mails().await.len();
    assert_eq!(remind(&app).await, json!({ "reminded": 1, "failed": 0, "skipped": 1, "left": 0 }));
    let mails = app.mails().await;
    assert_eq!(mails.len(), before + 1);
    assert!(mails[0]["subject"].as_str().unwrap().starts_with("Reminder: "), "{}", mails[0]);
    assert!(mails[0]["text"].as_str().unwrap().contains(&due.link));
    assert_eq!(remind(&app).await["reminded"], 0);
    let seen = contoso.invitation(&due).await.body["invitation"].clone();
    assert_eq!(seen["reminder"]["status"], "sent", "{seen}");
    assert_eq!(seen["delivery"]["status"], "sent");
    report(&app, json!({ "type": "delivery" })).await;
    let seen = contoso.invitation(&due).await.body["invitation"].clone();
    assert_eq!((&seen["reminder"]["status"], &seen["delivery"]["status"]), (&json!("delivered"), &json!("sent")));
    expect!["200 granted"].assert_eq(&app.admin_of("northwind").await.accepts(&due).await.summary());
}

#[tokio::test]
async fn overlapping_runs_and_a_failing_mail_service_remind_nobody_twice() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    for _ in 0..12 {
        sent(&contoso, 2).await;
    }
    let before = app.mails().await.len();
    app.next_mail("lost").await;
    let reports = join_all((0..3).map(|_| remind(&app))).await;
    let count = |field: &str| reports.iter().map(|report| report[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!(count("reminded") + count("failed"), 12, "{reports:?}");
    remind(&app).await;
    assert_eq!(app.mails().await.len(), before + 12);
}

#[tokio::test]
async fn who_is_not_reminded() {
    let app = App::start().await;
    app.register("contoso", json!({ "reminders": false })).await;
    app.register("northwind", json!({ "dailyMailQuota": 1 })).await;
    let (contoso, northwind) = (app.admin_of("contoso").await, app.admin_of("northwind").await);
    let adatum = app.partner("adatum").await;
    sent(&contoso, 2).await; // its partner turned it off
    sent(&northwind, 2).await; // used up the quota of the day
    sent(&adatum, 2).await; // bounced
    report(&app, json!({ "type": "bounce" })).await;
    assert_eq!(remind(&app).await, json!({ "reminded": 0, "failed": 0, "skipped": 3, "left": 0 }));
    assert_eq!(app.mails().await.len(), 3);
}

#[tokio::test]
async fn the_draft_is_in_the_nearest_language_and_the_answer_says_which() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    for (locale, language, part) in [
        ("ja", "ja", "リセラー関係"),
        ("de-AT", "de", "Handelspartner"),
        ("zh-HK", "zh-Hant", "轉銷商"),
        ("zh", "zh-Hans", "经销商"),
        ("sv", "en", "reseller relationship"),
    ] {
        let made = contoso.post("/v1/invitations", json!({ "locale": locale })).await;
        assert_eq!(
            (&made.body["invitation"]["locale"], &made.body["draft"]["language"]),
            (&json!(locale), &json!(language))
        );
        for form in ["text", "html", "subject"] {
            let text = made.body["draft"][form].as_str().unwrap();
            assert!(text.to_lowercase().contains(&part.to_lowercase()), "{locale} {form}: {text}");
        }
    }
}

#[tokio::test]
async fn a_mail_says_whom_it_is_for_and_that_a_machine_sent_it() {
    let app = App::start().await;
    app.register("contoso", json!({ "supportContact": { "email": "help@contoso.example" } })).await;
    let contoso = app.admin_of("contoso").await;
    let invited = sent(&contoso, 30).await;
    let mail = &app.mails().await[0];
    assert_eq!(mail["replyTo"], "help@contoso.example");
    assert_eq!(mail["headers"]["Auto-Submitted"], "auto-generated");
    assert_eq!(
        (&mail["tags"]["partner"], &mail["tags"]["invitation"]),
        (&json!(tenant("contoso")), &json!(invited.id))
    );
    assert_eq!(mail["tags"]["attempt"], delivery(&contoso, &invited).await["attemptId"]);
    assert_eq!(mail["request"]["ConfigurationSetName"], "local");
    let app = App::start_with(&[("MAIL_REPLY_TO", "answers@operator.example")]).await;
    sent(&app.partner("contoso").await, 30).await;
    assert_eq!(app.mails().await[0]["replyTo"], "answers@operator.example");
}

#[tokio::test]
async fn subjects_that_break_a_header_are_refused_with_a_pointer() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    let invited = contoso.invites().await;
    for subject in
        ["a\r\nBcc: x@y.example".to_owned(), "a\u{0}".to_owned(), "x".repeat(251), "🦀".repeat(250), String::new()]
    {
        let answer = contoso.sends(&invited, json!({ "to": TO, "subject": subject })).await;
        assert_eq!(
            (answer.summary().as_str(), answer.pointers()),
            ("422 validation-failed", vec!["/subject".to_owned()])
        );
    }
    let wrapped = format!("See {}\r\n{} please", &invited.link[..40], &invited.link[40..]);
    assert_eq!(contoso.sends(&invited, json!({ "to": TO, "text": wrapped })).await.status, 200);
    assert!(app.mails().await[0]["text"].as_str().unwrap().contains(&invited.link));
}

#[tokio::test]
async fn an_address_is_kept_out_of_keys_and_logs() {
    let app = App::start().await;
    let contoso = app.partner("contoso").await;
    sent(&contoso, 30).await;
    report(&app, json!({ "type": "complaint" })).await;
    app.next_mail("reject").await;
    let refused = contoso.sends(&contoso.invites().await, json!({ "to": TO, "force": true })).await;
    expect!["502 mail-failed"].assert_eq(&refused.summary());
    assert!(refused.body["detail"].as_str().unwrap().contains(TO), "the partner may know: {}", refused.body);
    let blocked = seed::items(&app, "contoso", "BLOCKED#").await;
    assert_eq!(blocked.len(), 1);
    assert!(!blocked[0]["sk"].as_s().unwrap().contains('@'));
    assert!(!app.log().contains(TO), "an address in clear in the log");
}
