//! The fields that SES documents, kind by kind, and the values that a function goes by.

use super::*;

fn mail() -> Mail {
    let request = json!({
        "FromEmailAddress": "Contoso <invitations@local.example>",
        "ReplyToAddresses": ["support@contoso.example"],
        "Destination": { "ToAddresses": ["admin@fabrikam.example"] },
        "ConfigurationSetName": "mails",
        "Content": { "Simple": {
            "Subject": { "Data": "Hello" },
            "Headers": [{ "Name": "Auto-Submitted", "Value": "auto-generated" }],
        } },
        "EmailTags": [{ "Name": "partner", "Value": "p" }, { "Name": "attempt", "Value": "a" }],
    });
    Mail { id: "one-000000".to_owned(), sent_at: "2030-01-01T00:00:00.5Z".parse().unwrap(), request }
}

fn built(kind: Kind, bounce_type: BounceType, reason: Option<&str>) -> Value {
    let at = "2030-01-01T00:01:00.0129Z".parse().unwrap();
    event(&mail(), &Report { kind, bounce_type, reason: reason.map(str::to_owned), at })
}

fn usual(kind: Kind) -> Value {
    built(kind, BounceType::Permanent, None)
}

fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// A kind: `detail-type`, `eventType`, the field that says more, what is in it, and what is in there for each recipient.
type Documented = (Kind, [&'static str; 3], &'static [&'static str], &'static [&'static str]);

const DOCUMENTED: [Documented; 6] = [
    (Kind::Send, ["Email Sent", "Send", "send"], &[], &[]),
    (
        Kind::Delivery,
        ["Email Delivered", "Delivery", "delivery"],
        &["processingTimeMillis", "recipients", "remoteMtaIp", "reportingMTA", "smtpResponse", "timestamp"],
        &[],
    ),
    (
        Kind::DeliveryDelay,
        ["Email Delivery Delayed", "DeliveryDelay", "deliveryDelay"],
        &["delayType", "delayedRecipients", "expirationTime", "timestamp"],
        &["diagnosticCode", "emailAddress", "status"],
    ),
    (
        Kind::Bounce,
        ["Email Bounced", "Bounce", "bounce"],
        &["bounceSubType", "bounceType", "bouncedRecipients", "feedbackId", "remoteMtaIp", "reportingMTA", "timestamp"],
        &["action", "diagnosticCode", "emailAddress", "status"],
    ),
    (
        Kind::Complaint,
        ["Email Complaint Received", "Complaint", "complaint"],
        &[
            "arrivalDate",
            "complainedRecipients",
            "complaintFeedbackType",
            "complaintSubType",
            "feedbackId",
            "timestamp",
            "userAgent",
        ],
        &["emailAddress"],
    ),
    (Kind::Reject, ["Email Rejected", "Reject", "reject"], &["reason"], &[]),
];

#[test]
fn each_kind_has_the_documented_fields() {
    let envelope = ["account", "detail", "detail-type", "id", "region", "resources", "source", "time", "version"];
    for (kind, [detail_type, event_type, field], fields, of_each) in DOCUMENTED {
        let event = usual(kind);
        assert_eq!(names(&event), envelope, "{kind:?}");
        assert_eq!(event["detail-type"], detail_type);
        assert_eq!(event["detail"]["eventType"], event_type);
        let mut expected = ["eventType", "mail", field];
        expected.sort_unstable();
        assert_eq!(names(&event["detail"]), expected, "{kind:?}");
        assert_eq!(names(&event["detail"][field]), fields, "{kind:?}");
        let list = event["detail"][field].as_object().unwrap().values().find(|value| value[0].is_object());
        assert_eq!(list.map(|list| names(&list[0])).unwrap_or_default(), of_each, "{kind:?}");
    }
}

#[test]
fn the_envelope_and_the_mail_say_which_and_when() {
    let event = usual(Kind::Send);
    assert_eq!((&event["source"], &event["version"]), (&json!("aws.ses"), &json!("0")));
    assert_eq!(event["time"], "2030-01-01T00:01:00Z");
    assert_eq!(event["resources"], json!(["arn:aws:ses:us-east-1:123456789012:configuration-set/mails"]));
    let mail = &event["detail"]["mail"];
    let documented = [
        "commonHeaders",
        "destination",
        "headers",
        "headersTruncated",
        "messageId",
        "sendingAccountId",
        "source",
        "sourceArn",
        "tags",
        "timestamp",
    ];
    assert_eq!(names(mail), documented);
    assert_eq!(mail["timestamp"], "2030-01-01T00:00:00.500Z");
    assert_eq!(mail["sourceArn"], "arn:aws:ses:us-east-1:123456789012:identity/invitations@local.example");
    assert_eq!(mail["destination"], json!(["admin@fabrikam.example"]));
    assert_eq!(names(&mail["commonHeaders"]), ["from", "messageId", "replyTo", "subject", "to"]);
    assert!(mail["headers"].as_array().unwrap().contains(&header("Auto-Submitted", "auto-generated")));
}

#[test]
fn tags_are_lists_and_ses_adds_its_own() {
    let tags = usual(Kind::Delivery)["detail"]["mail"]["tags"].clone();
    let expected = json!({
        "attempt": ["a"],
        "partner": ["p"],
        "ses:caller-identity": ["local"],
        "ses:configuration-set": ["mails"],
        "ses:from-domain": ["local.example"],
        "ses:operation": ["SendEmail"],
        "ses:outgoing-ip": ["127.0.0.1"],
        "ses:source-ip": ["127.0.0.1"],
    });
    assert_eq!(tags, expected);
}

#[test]
fn a_bounce_says_whether_it_is_for_good() {
    let bounce = |kind, reason| built(Kind::Bounce, kind, reason)["detail"]["bounce"].clone();
    let permanent = bounce(BounceType::Permanent, None);
    assert_eq!((&permanent["bounceType"], &permanent["bounceSubType"]), (&json!("Permanent"), &json!("General")));
    assert_eq!(permanent["timestamp"], "2030-01-01T00:01:00.012Z");
    let transient = bounce(BounceType::Transient, Some("full"));
    assert_eq!(transient["bounceType"], "Transient");
    assert_eq!(transient["bouncedRecipients"][0]["diagnosticCode"], "full");
    let undetermined = bounce(BounceType::Undetermined, None);
    assert_eq!(undetermined["bounceSubType"], "Undetermined");
    assert_eq!(undetermined["bouncedRecipients"], json!([{ "emailAddress": "admin@fabrikam.example" }]));
}

#[test]
fn a_reason_goes_where_ses_puts_it() {
    let said = |kind, path: &str| built(kind, BounceType::Permanent, Some("because"))["detail"].pointer(path).cloned();
    for (kind, path) in [
        (Kind::Delivery, "/delivery/smtpResponse"),
        (Kind::DeliveryDelay, "/deliveryDelay/delayedRecipients/0/diagnosticCode"),
        (Kind::Bounce, "/bounce/bouncedRecipients/0/diagnosticCode"),
        (Kind::Complaint, "/complaint/complaintFeedbackType"),
        (Kind::Reject, "/reject/reason"),
    ] {
        assert_eq!(said(kind, path), Some(json!("because")), "{kind:?}");
    }
}
