//! An invitation: one request from one partner, with one link, answered at most once.
//!
//! `pending` → `accepted` | `declined` | `revoked` | `expired`; [`Invitation::renew`] takes `pending` or
//! `expired` back to `pending` with a new link. Expiry is judged by `now` at every read and act, so the
//! scheduled clean-up changes nothing: it only makes visible what [`Invitation::state_at`] says already.

mod answer;
mod mail;

pub use answer::{Acceptance, Accepted, Agreement, Known};
pub use mail::REMINDED_BEFORE;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Act, Caller, CustomerId, Delivery, InvitationId, LinkClaims, Locale, NamedCustomer, Next, Partner, PartnerId,
    Refusal, Step, link::KeyId, record, territory, text::Reason,
};

/// Ended invitations are kept this long, then removed by the table's time to live.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long an invitation lives: 1 to 90 days, 30 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Days(u8);

impl Default for Days {
    fn default() -> Self {
        Self(30)
    }
}

impl TryFrom<u64> for Days {
    type Error = String;

    fn try_from(days: u64) -> Result<Self, String> {
        match u8::try_from(days) {
            Ok(days @ 1..=90) => Ok(Self(days)),
            Ok(_) | Err(_) => Err("must be 1 to 90 days".to_owned()),
        }
    }
}

impl From<Days> for u64 {
    fn from(days: Days) -> Self {
        days.0.into()
    }
}

impl Days {
    fn after(self, now: Timestamp) -> Timestamp {
        later(now, SignedDuration::from_hours(i64::from(self.0) * 24))
    }
}

/// `now` plus `duration`, at most the end of the calendar.
fn later(now: Timestamp, duration: SignedDuration) -> Timestamp {
    now.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

/// The state that is stored. Use [`Invitation::state_at`] to judge it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum State {
    /// Waiting for an answer.
    Pending,
    /// A customer accepted.
    Accepted {
        /// When.
        answered_at: Timestamp,
        /// By which user of the customer.
        answered_by: String,
        /// Which customer.
        customer_id: CustomerId,
        /// The relationship it made or confirmed: the invitation that established it.
        relationship_id: InvitationId,
        /// The version of the agreement that the customer accepted.
        agreement_version: String,
    },
    /// A customer declined.
    Declined {
        /// When.
        answered_at: Timestamp,
        /// By which user of the customer.
        answered_by: String,
        /// Which customer.
        customer_id: CustomerId,
        /// Why, if it said so.
        reason: Option<Reason>,
    },
    /// The partner took it back.
    Revoked {
        /// When.
        revoked_at: Timestamp,
        /// By which user of the partner.
        revoked_by: String,
    },
    /// Nobody answered in time.
    Expired {
        /// Since when.
        expired_at: Timestamp,
    },
}

impl State {
    /// Its name, in answers and as lists filter by it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted { .. } => "accepted",
            Self::Declined { .. } => "declined",
            Self::Revoked { .. } => "revoked",
            Self::Expired { .. } => "expired",
        }
    }
}

/// What can happen to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InvitationEvent {
    /// The partner made it.
    Created,
    /// The partner asked the system to mail it.
    MailRequested,
    /// The system reminded the customer of it.
    Reminded,
    /// The partner renewed it: the old link is dead from here.
    Renewed,
    /// The customer accepted.
    Accepted,
    /// The customer declined.
    Declined,
    /// The partner revoked it.
    Revoked,
    /// The clean-up found it past its time.
    Expired,
}

/// An invitation as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who invites.
    pub partner_id: PartnerId,
    /// Whom it is meant for.
    pub customer: NamedCustomer,
    /// Whether it asks for delegated admin.
    pub include_delegated_admin: bool,
    /// The customer's language.
    pub locale: Locale,
    /// How long it was to live at first; a renewal lives as long.
    pub lifetime: Days,
    /// When it was made.
    pub created_at: Timestamp,
    /// By which user of the partner.
    pub created_by: String,
    /// When its time is over.
    pub expires_at: Timestamp,
    /// How often it was renewed: a link of another generation is dead.
    pub generation: u32,
    /// The key its link was made with, until it is renewed.
    pub key_id: KeyId,
    /// What the system's own mail did.
    pub delivery: Delivery,
    /// What its reminder did, once there was one; a renewal may be reminded of again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder: Option<Delivery>,
    /// Where it stands.
    pub state: State,
    /// Who did what and when.
    pub history: Vec<Step<InvitationEvent>>,
}

/// What a partner asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// Whom it is meant for.
    pub customer: NamedCustomer,
    /// Whether to ask for delegated admin.
    pub include_delegated_admin: bool,
    /// The customer's language.
    pub locale: Locale,
    /// How long it lives.
    pub lifetime: Days,
}

impl Invitation {
    /// Makes an invitation.
    pub fn create(
        partner: &Partner,
        wanted: Wanted,
        key_id: &KeyId,
        by: &Caller,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        partner.must_be_active()?;
        if !wanted.include_delegated_admin && !partner.cloud.may_leave_delegated_admin_out() {
            return Err(Refusal::DelegatedAdminRequired { cloud: partner.cloud });
        }
        if wanted.customer.tenant_id == Some(partner.partner_id.into()) {
            return Err(Refusal::OwnInvitation);
        }
        if let Some(country) = wanted.customer.country {
            territory::check(partner.country, country, now)?;
        }
        let mut invitation = Self {
            id: InvitationId::new(now),
            partner_id: partner.partner_id,
            customer: wanted.customer,
            include_delegated_admin: wanted.include_delegated_admin,
            locale: wanted.locale,
            lifetime: wanted.lifetime,
            created_at: now,
            created_by: by.user.clone(),
            expires_at: wanted.lifetime.after(now),
            generation: 0,
            key_id: key_id.clone(),
            delivery: Delivery::default(),
            reminder: None,
            state: State::Pending,
            history: Vec::new(),
        };
        invitation.note(InvitationEvent::Created, Some(by), now);
        Ok(invitation)
    }

    /// Where it stands at `now`: past its time it is expired, whatever is stored.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        if self.state == State::Pending && self.expires_at <= now {
            return State::Expired { expired_at: self.expires_at };
        }
        self.state.clone()
    }

    /// When the table may forget it: 90 days after it ended, or will end.
    #[must_use]
    pub fn purge_at(&self) -> Timestamp {
        let ended = match &self.state {
            State::Pending => self.expires_at,
            State::Accepted { answered_at, .. } | State::Declined { answered_at, .. } => *answered_at,
            State::Revoked { revoked_at, .. } => *revoked_at,
            State::Expired { expired_at } => *expired_at,
        };
        later(ended, KEPT)
    }

    /// What its link says.
    #[must_use]
    pub fn claims(&self) -> LinkClaims {
        LinkClaims {
            partner_id: self.partner_id,
            invitation_id: self.id,
            generation: self.generation,
            key_id: self.key_id.clone(),
        }
    }

    /// Refuses a link of an earlier generation: it is as unknown as a forged one.
    pub fn must_be_opened_by(&self, link: &LinkClaims) -> Result<(), Refusal> {
        if self.claims() == *link { Ok(()) } else { Err(Refusal::UnknownLink) }
    }

    /// Refuses what only a pending invitation allows, saying where it stands instead.
    pub fn must_be_pending(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.state_at(now) {
            State::Pending => Ok(()),
            State::Accepted { .. } => Err(Refusal::AlreadyAccepted),
            State::Declined { .. } => Err(Refusal::AlreadyDeclined),
            State::Revoked { .. } => Err(Refusal::AlreadyRevoked),
            State::Expired { expired_at } => Err(Refusal::Expired { expired_at }),
        }
    }

    /// The partner takes it back.
    pub fn revoke(&self, by: &Caller, now: Timestamp) -> Result<Next<Self>, Refusal> {
        if matches!(self.state, State::Revoked { .. }) {
            return Ok(Next::Same);
        }
        self.must_be_pending(now)?;
        let mut next = self.clone();
        next.state = State::Revoked { revoked_at: now, revoked_by: by.user.clone() };
        next.note(InvitationEvent::Revoked, Some(by), now);
        Ok(Next::To(next))
    }

    /// The partner renews it: a new link, and the old one is dead from this moment.
    pub fn renew(
        &self,
        partner: &Partner,
        lifetime: Option<Days>,
        key_id: &KeyId,
        by: &Caller,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        match self.must_be_pending(now) {
            Ok(()) | Err(Refusal::Expired { .. }) => {}
            Err(other) => return Err(other),
        }
        partner.must_be_active()?;
        let mut next = self.clone();
        next.state = State::Pending;
        next.expires_at = lifetime.unwrap_or(self.lifetime).after(now);
        next.generation += 1;
        next.key_id = key_id.clone();
        next.delivery = Delivery::default();
        next.reminder = None;
        next.note(InvitationEvent::Renewed, Some(by), now);
        Ok(next)
    }

    /// The clean-up makes the end of its time visible.
    pub fn expire(&self, now: Timestamp) -> Next<Self> {
        match (&self.state, self.state_at(now)) {
            (State::Pending, expired @ State::Expired { .. }) => {
                let mut next = Self { state: expired, ..self.clone() };
                next.note(InvitationEvent::Expired, None, now);
                Next::To(next)
            }
            _ => Next::Same,
        }
    }

    fn note(&mut self, what: InvitationEvent, by: Option<&Caller>, at: Timestamp) {
        let by = by.map(|caller| caller.user.clone());
        record(&mut self.history, Step { what, at, by, invitation_id: None });
    }
}

/// The role needed to ask for this: more where delegated admin is asked for.
#[must_use]
pub const fn act_of_inviting(include_delegated_admin: bool) -> Act {
    if include_delegated_admin { Act::InviteWithDelegatedAdmin } else { Act::Invite }
}

#[cfg(test)]
mod tests;
