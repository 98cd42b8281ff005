//! The system's own mails of an invitation: claimed before they are sent, settled afterwards.

use jiff::{SignedDuration, Timestamp};

use super::{Invitation, InvitationEvent, State};
use crate::domain::{
    AttemptId, Caller, Delivery, Next, Partner, Refusal,
    delivery::{DeliveryStatus, MailEvent, MailOutcome},
    text::Email,
};

/// A reminder goes out when this much time is left, or less.
pub const REMINDED_BEFORE: SignedDuration = SignedDuration::from_hours(3 * 24);

impl Invitation {
    /// Claims the sending of its mail, before anything is sent.
    pub fn claim_mail(
        &self,
        partner: &Partner,
        attempt: AttemptId,
        to: &Email,
        by: &Caller,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        self.must_be_pending(now)?;
        partner.must_be_active()?;
        let mut next = self.clone();
        next.delivery = self.delivery.claim(attempt, to, now)?;
        next.note(InvitationEvent::MailRequested, Some(by), now);
        Ok(next)
    }

    /// Claims the one reminder of it, before anything is sent: only where the mail was sent and may have
    /// arrived, nobody answered, and no reminder of this link can have gone out: one that the mail service refused has not.
    #[must_use]
    pub fn claim_reminder(&self, attempt: AttemptId, now: Timestamp) -> Next<Self> {
        let Some(to) = self.delivery.sent_to.as_ref().filter(|_| self.is_to_be_reminded(now)) else {
            return Next::Same;
        };
        match Delivery::default().claim(attempt, to, now) {
            Ok(reminder) => {
                let mut next = Self { reminder: Some(reminder), ..self.clone() };
                next.note(InvitationEvent::Reminded, None, now);
                Next::To(next)
            }
            Err(_) => Next::Same,
        }
    }

    fn is_to_be_reminded(&self, now: Timestamp) -> bool {
        let left = self.expires_at.duration_since(now);
        let was_reminded = self.reminder.as_ref().is_some_and(|reminder| reminder.status != DeliveryStatus::Failed);
        let ends_soon = SignedDuration::ZERO < left && left <= REMINDED_BEFORE;
        self.state == State::Pending && ends_soon && self.delivery.is_on_its_way() && !was_reminded
    }

    /// Records what the mail service answered to that claim, wherever the invitation stands by now.
    #[must_use]
    pub fn settle_mail(&self, attempt: AttemptId, outcome: &MailOutcome, now: Timestamp) -> Next<Self> {
        self.change_mail(|delivery| delivery.settle(attempt, outcome, now))
    }

    /// Records what the mail service reported later.
    #[must_use]
    pub fn report_mail(&self, attempt: AttemptId, event: &MailEvent) -> Next<Self> {
        self.change_mail(|delivery| delivery.report(attempt, event))
    }

    fn change_mail(&self, change: impl Fn(&Delivery) -> Option<Delivery>) -> Next<Self> {
        if let Some(delivery) = change(&self.delivery) {
            return Next::To(Self { delivery, ..self.clone() });
        }
        match self.reminder.as_ref().and_then(change) {
            Some(reminder) => Next::To(Self { reminder: Some(reminder), ..self.clone() }),
            None => Next::Same,
        }
    }
}
