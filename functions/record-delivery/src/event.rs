//! The events of SES as EventBridge brings them
//! (<https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>).

use jiff::Timestamp;
use serde_json::Value;
use shared::domain::{
    AttemptId, InvitationId, PartnerId,
    delivery::{DeliveryStatus, MailEvent},
    text::Email,
};

/// What an event says of one of our mails.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reported {
    pub(crate) partner_id: PartnerId,
    pub(crate) invitation_id: InvitationId,
    pub(crate) attempt_id: AttemptId,
    pub(crate) event: MailEvent,
}

/// Reads an event; `None` for mails that are not ours and kinds that say nothing of their delivery.
pub(crate) fn parse(event: &Value) -> Option<Reported> {
    let detail = &event["detail"];
    let mail = &detail["mail"];
    let tag = |name: &str| mail["tags"][name][0].as_str();
    let (status, part) = match detail["eventType"].as_str()? {
        "Send" => (DeliveryStatus::Sent, "send"),
        "DeliveryDelay" => (DeliveryStatus::Delayed, "deliveryDelay"),
        "Delivery" => (DeliveryStatus::Delivered, "delivery"),
        "Reject" | "Rendering Failure" => (DeliveryStatus::Failed, "reject"),
        "Bounce" => (DeliveryStatus::Bounced, "bounce"),
        "Complaint" => (DeliveryStatus::Complained, "complaint"),
        _ => return None,
    };
    let part = &detail[part];
    let at = [&part["timestamp"], &event["time"], &mail["timestamp"]];
    let at: Timestamp = at.iter().find_map(|time| time.as_str()?.parse().ok())?;
    let event = MailEvent {
        status,
        at,
        reason: reason(status, part),
        message_id: mail["messageId"].as_str()?.to_owned(),
        blocked: blocked(status, part),
    };
    Some(Reported {
        partner_id: tag("partner")?.parse().ok()?,
        invitation_id: tag("invitation")?.parse().ok()?,
        attempt_id: tag("attempt")?.parse().ok()?,
        event,
    })
}

/// In the words of the mail service, for the partner alone: they may name the address.
fn reason(status: DeliveryStatus, part: &Value) -> Option<String> {
    let words: Vec<&str> = match status {
        DeliveryStatus::Bounced => {
            let said = part["bouncedRecipients"][0]["diagnosticCode"].as_str();
            [part["bounceType"].as_str(), part["bounceSubType"].as_str(), said].into_iter().flatten().collect()
        }
        DeliveryStatus::Complained => {
            [part["complaintFeedbackType"].as_str(), part["complaintSubType"].as_str()].into_iter().flatten().collect()
        }
        DeliveryStatus::Delayed => {
            let said = part["delayedRecipients"][0]["diagnosticCode"].as_str();
            [part["delayType"].as_str(), said].into_iter().flatten().collect()
        }
        DeliveryStatus::Failed => part["reason"].as_str().into_iter().collect(),
        DeliveryStatus::NotSent | DeliveryStatus::Sending | DeliveryStatus::Sent | DeliveryStatus::Delivered => {
            Vec::new()
        }
    };
    let text: String = words.join(", ").chars().take(500).collect();
    Some(text).filter(|text| !text.is_empty())
}

/// Addresses that bounced for good or complained.
fn blocked(status: DeliveryStatus, part: &Value) -> Vec<Email> {
    let recipients = if status == DeliveryStatus::Complained {
        &part["complainedRecipients"]
    } else if status == DeliveryStatus::Bounced && part["bounceType"] == "Permanent" {
        &part["bouncedRecipients"]
    } else {
        return Vec::new();
    };
    let recipients = recipients.as_array().into_iter().flatten();
    recipients.filter_map(|recipient| recipient["emailAddress"].as_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, part: &str, detail: Value) -> Value {
        let tags = json!({
            "ses:configuration-set": ["invitations"],
            "partner": ["11111111-1111-4111-8111-111111111111"],
            "invitation": ["22222222-2222-7222-8222-222222222222"],
            "attempt": ["33333333-3333-4333-8333-333333333333"]
        });
        json!({ "source": "aws.ses", "time": "2026-11-22T10:00:00Z",
            "detail": { "eventType": kind, part: detail, "mail": { "messageId": "m1", "tags": tags } } })
    }

    #[test]
    fn each_kind_becomes_a_state_with_its_reason() {
        let recipient =
            json!([{ "emailAddress": "admin@fabrikam.example", "diagnosticCode": "smtp; 550 5.1.1 unknown" }]);
        let bounce =
            |kind: &str| json!({ "bounceType": kind, "bounceSubType": "General", "bouncedRecipients": recipient });
        for (kind, part, detail, status, reason, blocked) in [
            ("Send", "send", json!({}), DeliveryStatus::Sent, None, 0),
            (
                "Delivery",
                "delivery",
                json!({ "timestamp": "2026-11-22T09:00:00.5Z" }),
                DeliveryStatus::Delivered,
                None,
                0,
            ),
            (
                "DeliveryDelay",
                "deliveryDelay",
                json!({ "delayType": "MailboxFull" }),
                DeliveryStatus::Delayed,
                Some("MailboxFull"),
                0,
            ),
            ("Reject", "reject", json!({ "reason": "Bad content" }), DeliveryStatus::Failed, Some("Bad content"), 0),
            (
                "Bounce",
                "bounce",
                bounce("Permanent"),
                DeliveryStatus::Bounced,
                Some("Permanent, General, smtp; 550 5.1.1 unknown"),
                1,
            ),
            (
                "Bounce",
                "bounce",
                bounce("Transient"),
                DeliveryStatus::Bounced,
                Some("Transient, General, smtp; 550 5.1.1 unknown"),
                0,
            ),
            (
                "Complaint",
                "complaint",
                json!({ "complaintFeedbackType": "abuse", "complainedRecipients": recipient }),
                DeliveryStatus::Complained,
                Some("abuse"),
                1,
            ),
        ] {
            let reported = parse(&event(kind, part, detail)).unwrap_or_else(|| panic!("{kind} is ours"));
            assert_eq!(reported.event.status, status, "{kind}");
            assert_eq!(reported.event.reason.as_deref(), reason, "{kind}");
            assert_eq!(reported.event.blocked.len(), blocked, "{kind}");
        }
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let mut untagged = event("Delivery", "delivery", json!({}));
        untagged["detail"]["mail"]["tags"] = json!({});
        for event in
            [untagged, event("Open", "open", json!({})), json!({}), json!({ "detail": { "eventType": "Send" } })]
        {
            assert_eq!(parse(&event), None, "{event}");
        }
    }
}
