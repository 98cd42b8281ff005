//! What SES publishes of a mail, as the EventBridge rule hands it to a function.
//!
//! Shapes: "Examples of event data that Amazon SES publishes" and "Monitoring SES events using EventBridge" in the Amazon SES
//! developer guide.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::clock;
use crate::environment::{ACCOUNT, REGION};
use crate::mailbox::Mail;

/// How long SES goes on trying after a delay.
const TRIES: SignedDuration = SignedDuration::from_hours(12);
/// Who reports, of the servers that SES sends with.
const REPORTING: &str = "a0-1.smtp-out.local.example";

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    /// SES took it.
    Send,
    /// The recipient's server took it.
    Delivery,
    /// It could not be handed over yet.
    DeliveryDelay,
    /// It will never be handed over.
    Bounce,
    /// The recipient called it spam.
    Complaint,
    /// SES found that it should not be sent.
    Reject,
}

/// Whether an address is bad for good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum BounceType {
    /// No mail will ever get there.
    #[default]
    Permanent,
    /// Another mail may get there.
    Transient,
    /// The server did not say.
    Undetermined,
}

/// What is reported of a mail, and when.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) kind: Kind,
    /// Of a bounce.
    pub(crate) bounce_type: BounceType,
    /// What the other side said, instead of the usual.
    pub(crate) reason: Option<String>,
    pub(crate) at: Timestamp,
}

impl Kind {
    /// `detail-type`, `eventType`, and the field that says more.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Send => ("Email Sent", "Send", "send"),
            Self::Delivery => ("Email Delivered", "Delivery", "delivery"),
            Self::DeliveryDelay => ("Email Delivery Delayed", "DeliveryDelay", "deliveryDelay"),
            Self::Bounce => ("Email Bounced", "Bounce", "bounce"),
            Self::Complaint => ("Email Complaint Received", "Complaint", "complaint"),
            Self::Reject => ("Email Rejected", "Reject", "reject"),
        }
    }
}

/// The event.
pub(crate) fn event(mail: &Mail, report: &Report) -> Value {
    let (detail_type, event_type, field) = report.kind.names();
    let resource = match mail.request["ConfigurationSetName"].as_str() {
        Some(name) => arn(&format!("configuration-set/{name}")),
        None => identity(mail),
    };
    let mut detail = json!({ "eventType": event_type, "mail": described(mail, report.kind) });
    detail[field] = more(mail, report);
    json!({
        "version": "0",
        "id": Uuid::new_v4(),
        "detail-type": detail_type,
        "source": "aws.ses",
        "account": ACCOUNT,
        "time": clock::to_the_second(report.at),
        "region": REGION,
        "resources": [resource],
        "detail": detail,
    })
}

/// The object named after the event's type.
fn more(mail: &Mail, report: &Report) -> Value {
    let at = millis(report.at);
    let said = |usual: &str| report.reason.clone().unwrap_or_else(|| usual.to_owned());
    match report.kind {
        Kind::Send => json!({}),
        Kind::Delivery => json!({
            "timestamp": at,
            "processingTimeMillis": report.at.duration_since(mail.sent_at).as_millis().max(0),
            "recipients": recipients(mail),
            "smtpResponse": said("250 2.6.0 Message received"),
            "remoteMtaIp": "127.0.0.1",
            "reportingMTA": REPORTING,
        }),
        Kind::DeliveryDelay => json!({
            "timestamp": at,
            "delayType": "TransientCommunicationFailure",
            "expirationTime": millis(mail.sent_at.checked_add(TRIES).unwrap_or(mail.sent_at)),
            "delayedRecipients": each(mail, &json!({
                "status": "4.4.1",
                "diagnosticCode": said("smtp; 421 4.4.1 Unable to connect to remote host"),
            })),
        }),
        Kind::Bounce => json!({
            "feedbackId": feedback_id(),
            "bounceType": format!("{:?}", report.bounce_type),
            "bounceSubType": match report.bounce_type {
                BounceType::Permanent | BounceType::Transient => "General",
                BounceType::Undetermined => "Undetermined",
            },
            "bouncedRecipients": each(mail, &match report.bounce_type {
                BounceType::Permanent => failed("5.1.1", &said("smtp; 550 5.1.1 user unknown")),
                BounceType::Transient => failed("4.2.2", &said("smtp; 452 4.2.2 mailbox full")),
                // SES found nothing in the answer to go by, so there is nothing to hand on.
                BounceType::Undetermined => report.reason.as_ref().map_or(json!({}), |said| json!({ "diagnosticCode": said })),
            }),
            "timestamp": at,
            "remoteMtaIp": "127.0.0.1",
            "reportingMTA": format!("dsn; {REPORTING}"),
        }),
        Kind::Complaint => json!({
            "feedbackId": feedback_id(),
            "complaintSubType": null,
            "complainedRecipients": each(mail, &json!({})),
            "timestamp": at,
            "userAgent": "local",
            "complaintFeedbackType": said("abuse"),
            "arrivalDate": at,
        }),
        Kind::Reject => json!({ "reason": said("Bad content") }),
    }
}

fn failed(status: &str, said: &str) -> Value {
    json!({ "action": "failed", "status": status, "diagnosticCode": said })
}

/// What is said of all recipients, once for each.
fn each(mail: &Mail, said: &Value) -> Vec<Value> {
    let each = |address: &str| {
        let mut said = said.clone();
        said["emailAddress"] = address.into();
        said
    };
    recipients(mail).into_iter().map(each).collect()
}

/// `detail.mail`.
fn described(mail: &Mail, kind: Kind) -> Value {
    let request = &mail.request;
    let from = request["FromEmailAddress"].as_str().unwrap_or_default();
    let to = addresses(&request["Destination"]["ToAddresses"]);
    let reply_to = addresses(&request["ReplyToAddresses"]);
    let subject = &request["Content"]["Simple"]["Subject"]["Data"];

    let mut headers = vec![header("From", from), header("To", &to.join(", "))];
    if !reply_to.is_empty() {
        headers.push(header("Reply-To", &reply_to.join(", ")));
    }
    headers.push(header("Subject", subject.as_str().unwrap_or_default()));
    headers.push(header("MIME-Version", "1.0"));
    let own = request["Content"]["Simple"]["Headers"].as_array().into_iter().flatten();
    headers.extend(own.map(|pair| json!({ "name": pair["Name"], "value": pair["Value"] })));

    let mut common = json!({ "from": [from], "to": to, "messageId": mail.id, "subject": subject });
    if !reply_to.is_empty() {
        common["replyTo"] = json!(reply_to);
    }
    json!({
        "timestamp": millis(mail.sent_at),
        "source": from,
        "sourceArn": identity(mail),
        "sendingAccountId": ACCOUNT,
        "messageId": mail.id,
        "destination": recipients(mail),
        "headersTruncated": false,
        "headers": headers,
        "commonHeaders": common,
        "tags": tags(mail, kind),
    })
}

/// The mail's own tags, and those that SES adds.
fn tags(mail: &Mail, kind: Kind) -> Value {
    let mut tags = Map::new();
    let mut add = |name: &str, value: &str| tags.insert(name.to_owned(), json!([value]));
    add("ses:operation", "SendEmail");
    add("ses:source-ip", "127.0.0.1");
    add("ses:from-domain", address(mail).rsplit('@').next().unwrap_or_default());
    add("ses:caller-identity", "local");
    if kind == Kind::Delivery {
        add("ses:outgoing-ip", "127.0.0.1");
    }
    if let Some(name) = mail.request["ConfigurationSetName"].as_str() {
        add("ses:configuration-set", name);
    }
    for tag in mail.request["EmailTags"].as_array().into_iter().flatten() {
        if let (Some(name), Some(value)) = (tag["Name"].as_str(), tag["Value"].as_str()) {
            add(name, value);
        }
    }
    tags.into()
}

fn recipients(mail: &Mail) -> Vec<&str> {
    let destination = &mail.request["Destination"];
    ["ToAddresses", "CcAddresses", "BccAddresses"].iter().flat_map(|kind| addresses(&destination[kind])).collect()
}

fn addresses(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn header(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

/// The address alone, of `Name <address>` too.
fn address(mail: &Mail) -> &str {
    let from = mail.request["FromEmailAddress"].as_str().unwrap_or_default();
    from.rsplit_once('<').map_or(from, |(_, address)| address.trim_end_matches('>'))
}

fn identity(mail: &Mail) -> String {
    let given = mail.request["FromEmailAddressIdentityArn"].as_str();
    given.map_or_else(|| arn(&format!("identity/{}", address(mail))), str::to_owned)
}

fn arn(resource: &str) -> String {
    format!("arn:aws:ses:{REGION}:{ACCOUNT}:{resource}")
}

fn feedback_id() -> String {
    format!("{}-000000", Uuid::new_v4())
}

/// RFC 3339 to the millisecond, as SES writes times.
fn millis(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
#[path = "mail_event_tests.rs"]
mod tests;
