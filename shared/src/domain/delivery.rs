//! What the system's own mail of an invitation did: as the mail service answered when it took it, and as its
//! events told later, in any order.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AttemptId, Refusal, text::Email};

/// While a mail is on its way for less than this, a second one is refused.
const IN_FLIGHT: SignedDuration = SignedDuration::from_secs(60);

/// How far a mail has come. A state never moves backwards: events arrive late, twice, and in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryStatus {
    /// The system was not asked to mail it.
    #[default]
    NotSent,
    /// Claimed: being handed to the mail service, or lost on the way there. It can be sent again after a
    /// minute.
    Sending,
    /// The mail service took it.
    Sent,
    /// The receiving server does not take it yet; the mail service goes on trying.
    Delayed,
    /// The receiving server took it.
    Delivered,
    /// The mail service refused it.
    Failed,
    /// The receiving server refused it.
    Bounced,
    /// The recipient complained.
    Complained,
}

/// The state of a mail. A partner that mails the draft itself leaves it at `notSent`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// How far it has come.
    pub status: DeliveryStatus,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Why, where it did not arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// To whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_to: Option<Email>,
    /// When the mail service took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// The mail service's id of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Which claim this is: outcome and events are recorded for it alone. Mails carry it as a tag, since an
    /// event can come before the message's id is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt_id: Option<AttemptId>,
}

/// What the mail service answered to one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailOutcome {
    /// Taken, with the service's id of the message.
    Taken(String),
    /// Refused, with what it said: nothing was sent.
    Refused(String),
    /// No answer, or one that says nothing: it may have been sent. Never tried again by itself.
    Unknown(String),
}

/// What the mail service reported of a mail later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailEvent {
    /// How far it has come: `sent` or further.
    pub status: DeliveryStatus,
    /// When.
    pub at: Timestamp,
    /// Why, where it did not arrive.
    pub reason: Option<String>,
    /// The mail service's id of the message.
    pub message_id: String,
    /// Addresses that take no more mail of this partner: they bounced for good, or complained.
    pub blocked: Vec<Email>,
}

impl Delivery {
    /// Claims the sending, before anything is sent.
    pub fn claim(&self, attempt_id: AttemptId, to: &Email, now: Timestamp) -> Result<Self, Refusal> {
        match self.at {
            Some(since) if self.status == DeliveryStatus::Sending && now.duration_since(since).abs() < IN_FLIGHT => {
                Err(Refusal::SendingNow { since })
            }
            Some(_) | None => Ok(Self {
                status: DeliveryStatus::Sending,
                at: Some(now),
                sent_to: Some(to.clone()),
                attempt_id: Some(attempt_id),
                ..Self::default()
            }),
        }
    }

    /// The state after the mail service answered the claim `attempt`; `None` where nothing changes: another
    /// claim is the current one, or the answer says nothing.
    #[must_use]
    pub fn settle(&self, attempt: AttemptId, outcome: &MailOutcome, now: Timestamp) -> Option<Self> {
        if self.attempt_id != Some(attempt) || self.message_id.is_some() {
            return None;
        }
        let on_its_way = self.status == DeliveryStatus::Sending;
        match outcome {
            MailOutcome::Taken(message_id) => {
                let mut next = self.clone();
                next.message_id = Some(message_id.clone());
                next.sent_at.get_or_insert(now);
                if on_its_way {
                    (next.status, next.at) = (DeliveryStatus::Sent, Some(now));
                }
                Some(next)
            }
            MailOutcome::Refused(reason) if on_its_way => Some(Self {
                status: DeliveryStatus::Failed,
                at: Some(now),
                reason: Some(reason.clone()),
                ..self.clone()
            }),
            MailOutcome::Refused(_) | MailOutcome::Unknown(_) => None,
        }
    }

    /// The state after an event; `None` where it says nothing new.
    #[must_use]
    pub fn report(&self, attempt: AttemptId, event: &MailEvent) -> Option<Self> {
        if self.attempt_id != Some(attempt) || event.status <= self.status {
            return None;
        }
        let mut next = self.clone();
        (next.status, next.at, next.reason) = (event.status, Some(event.at), event.reason.clone());
        next.message_id.get_or_insert_with(|| event.message_id.clone());
        next.sent_at.get_or_insert(event.at);
        Some(next)
    }

    /// Whether the mail service took it and nothing went wrong since, as far as is known.
    #[must_use]
    pub const fn is_on_its_way(&self) -> bool {
        matches!(self.status, DeliveryStatus::Sent | DeliveryStatus::Delayed | DeliveryStatus::Delivered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn event(status: DeliveryStatus) -> MailEvent {
        MailEvent { status, at: NOW, reason: None, message_id: "m1".into(), blocked: Vec::new() }
    }

    #[test]
    fn whatever_the_order_of_events_the_end_is_the_same_and_nothing_moves_backwards() {
        use DeliveryStatus::{Bounced, Complained, Delayed, Delivered, Sent};
        let attempt = AttemptId::new();
        let sending = Delivery::default().claim(attempt, &"a@b.example".parse().unwrap(), NOW).unwrap();
        for (events, expected) in [
            (vec![Sent, Delayed, Delivered], Delivered),
            (vec![Sent, Delivered, Complained], Complained),
            (vec![Sent, Delayed, Bounced], Bounced),
        ] {
            for rotation in 0..events.len() {
                let mut order = events.clone();
                order.rotate_left(rotation);
                order.extend(order.clone()); // each twice
                let mut delivery = sending.clone();
                for status in order {
                    let before = delivery.status;
                    delivery = delivery.report(attempt, &event(status)).unwrap_or(delivery);
                    assert!(delivery.status >= before);
                }
                assert_eq!(delivery.status, expected);
                assert_eq!(delivery.message_id.as_deref(), Some("m1"));
            }
        }
    }

    #[test]
    fn an_event_before_the_answer_is_kept_and_one_of_another_attempt_is_not_ours() {
        let (attempt, to) = (AttemptId::new(), "a@b.example".parse().unwrap());
        let sending = Delivery::default().claim(attempt, &to, NOW).unwrap();
        let delivered = sending.report(attempt, &event(DeliveryStatus::Delivered)).unwrap();
        assert_eq!(delivered.settle(attempt, &MailOutcome::Taken("m1".into()), NOW), None);
        assert_eq!(delivered.status, DeliveryStatus::Delivered);
        assert_eq!(sending.report(AttemptId::new(), &event(DeliveryStatus::Bounced)), None);
        let again = delivered.claim(AttemptId::new(), &to, NOW).unwrap();
        assert_eq!(again.report(attempt, &event(DeliveryStatus::Complained)), None);
    }
}
