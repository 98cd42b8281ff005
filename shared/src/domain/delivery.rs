//! What the system's own mail of an invitation did.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AttemptId, Refusal, text::Email};

/// While a mail is on its way for less than this, a second one is refused.
const IN_FLIGHT: SignedDuration = SignedDuration::from_secs(60);

/// The state of the mail. A partner that mails the draft itself leaves it at `notSent`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Delivery {
    /// The system was not asked to mail it.
    #[default]
    NotSent,
    /// Claimed: being handed to the mail service, or lost on the way there. It can be sent again after
    /// a minute.
    Sending {
        /// Which claim this is; the outcome is recorded for it alone.
        attempt_id: AttemptId,
        /// Since when.
        since: Timestamp,
        /// To whom.
        to: Email,
    },
    /// The mail service took it.
    Sent {
        /// The mail service's id of the message.
        message_id: String,
        /// When.
        sent_at: Timestamp,
        /// To whom.
        sent_to: Email,
    },
    /// The mail service refused it: nothing was sent.
    Failed {
        /// What the mail service said.
        reason: String,
        /// When.
        failed_at: Timestamp,
        /// To whom.
        to: Email,
    },
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

impl Delivery {
    /// Claims the sending, before anything is sent.
    pub fn claim(&self, attempt_id: AttemptId, to: &Email, now: Timestamp) -> Result<Self, Refusal> {
        match self {
            Self::Sending { since, .. } if now.duration_since(*since).abs() < IN_FLIGHT => {
                Err(Refusal::SendingNow { since: *since })
            }
            Self::NotSent | Self::Sending { .. } | Self::Sent { .. } | Self::Failed { .. } => {
                Ok(Self::Sending { attempt_id, since: now, to: to.clone() })
            }
        }
    }

    /// The state after the mail service answered the claim `attempt`; `None` where that claim is not the
    /// current one any more, or where the answer says nothing.
    #[must_use]
    pub fn settle(&self, attempt: AttemptId, outcome: &MailOutcome, now: Timestamp) -> Option<Self> {
        match self {
            Self::Sending { attempt_id, to, .. } if *attempt_id == attempt => match outcome {
                MailOutcome::Taken(message_id) => {
                    Some(Self::Sent { message_id: message_id.clone(), sent_at: now, sent_to: to.clone() })
                }
                MailOutcome::Refused(reason) => {
                    Some(Self::Failed { reason: reason.clone(), failed_at: now, to: to.clone() })
                }
                MailOutcome::Unknown(_) => None,
            },
            Self::NotSent | Self::Sending { .. } | Self::Sent { .. } | Self::Failed { .. } => None,
        }
    }
}
