//! An invitation: one request from one partner, with one link, answered at most once.
//!
//! `pending` → `accepted` | `declined` | `revoked` | `expired`; [`Invitation::renew`] takes `pending` or
//! `expired` back to `pending` with a new link. Expiry is judged by `now` at every read and act, so the
//! scheduled clean-up changes nothing: it only makes visible what [`Invitation::state_at`] says already.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Act, AttemptId, Caller, CustomerId, CustomerProfile, Delivery, InvitationId, LinkClaims, Locale, NamedCustomer,
    Next, Partner, PartnerId, Refusal, Relationship, Step,
    customer::StatedCustomer,
    delivery::{MailEvent, MailOutcome},
    link::KeyId,
    record, territory,
    text::{Email, Reason},
};

/// Ended invitations are kept this long, then removed by the table's time to live.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A reminder goes out when this much time is left, or less.
pub const REMINDED_BEFORE: SignedDuration = SignedDuration::from_hours(3 * 24);

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

/// How the customer accepts.
#[derive(Debug, Clone, Copy)]
pub struct Acceptance<'a> {
    /// Who accepts.
    pub by: &'a Caller,
    /// What it says about itself.
    pub stated: &'a StatedCustomer,
    /// The current agreement.
    pub agreement: &'a Agreement,
    /// The version that the customer was shown, if its client says so.
    pub shown_version: Option<&'a str>,
    /// Whether the country must come from the identity token.
    pub require_token_country: bool,
}

/// What the table knew when the customer accepted.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The partner that invites.
    pub partner: &'a Partner,
    /// The active relationship of the two, if there is one.
    pub relationship: Option<&'a Relationship>,
    /// The customer's tenant, if it ever accepted before.
    pub profile: Option<&'a CustomerProfile>,
}

/// The agreement between customer and vendor, as configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// Its current version.
    pub version: String,
    /// Where to read it.
    pub url: String,
}

/// The outcome of an acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// This customer accepted before: the relationship as it is now, nothing granted anew.
    Before(Box<Relationship>),
    /// These three are written together, or none of them.
    Now {
        /// The invitation, accepted.
        invitation: Box<Invitation>,
        /// The relationship, new or confirmed.
        relationship: Box<Relationship>,
        /// The customer's tenant.
        profile: Box<CustomerProfile>,
    },
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

    /// The customer accepts: invitation, relationship and customer profile change together.
    pub fn accept(&self, known: &Known<'_>, answer: &Acceptance<'_>, now: Timestamp) -> Result<Accepted, Refusal> {
        let (by, customer_id) = (answer.by, answer.by.customer());
        if let State::Accepted { customer_id: accepted_by, relationship_id, .. } = &self.state
            && *accepted_by == customer_id
        {
            let relationship = known.relationship.filter(|relationship| relationship.id == *relationship_id);
            let relationship = relationship.ok_or(Refusal::AlreadyAccepted)?;
            return Ok(Accepted::Before(Box::new(relationship.clone())));
        }
        self.must_be_pending(now)?;
        self.must_be_answerable_by(by)?;
        known.partner.must_be_active()?;
        if by.cloud != known.partner.cloud {
            return Err(Refusal::WrongCloud);
        }
        let profile = CustomerProfile::at_acceptance(known.profile, answer.stated, by, answer.require_token_country)?;
        territory::check(known.partner.country, profile.country, now)?;
        if answer.shown_version.is_some_and(|shown| shown != answer.agreement.version) {
            let Agreement { version, url } = answer.agreement.clone();
            return Err(Refusal::AgreementChanged { version, url });
        }
        let version = answer.agreement.version.clone();
        let relationship = match known.relationship {
            Some(existing) => existing.confirm(self, by, version.clone(), now),
            None => Relationship::establish(self, &profile, by, version.clone(), now),
        };
        let mut invitation = self.clone();
        invitation.state = State::Accepted {
            answered_at: now,
            answered_by: by.user.clone(),
            customer_id,
            relationship_id: relationship.id,
            agreement_version: version,
        };
        invitation.note(InvitationEvent::Accepted, Some(by), now);
        Ok(Accepted::Now {
            invitation: Box::new(invitation),
            relationship: Box::new(relationship),
            profile: Box::new(profile),
        })
    }

    /// The customer declines.
    pub fn decline(&self, by: &Caller, reason: Option<&Reason>, now: Timestamp) -> Result<Next<Self>, Refusal> {
        match &self.state {
            State::Declined { customer_id, .. } if *customer_id == by.customer() => return Ok(Next::Same),
            State::Pending
            | State::Accepted { .. }
            | State::Declined { .. }
            | State::Revoked { .. }
            | State::Expired { .. } => {}
        }
        self.must_be_pending(now)?;
        self.must_be_answerable_by(by)?;
        let mut next = self.clone();
        next.state = State::Declined {
            answered_at: now,
            answered_by: by.user.clone(),
            customer_id: by.customer(),
            reason: reason.cloned(),
        };
        next.note(InvitationEvent::Declined, Some(by), now);
        Ok(Next::To(next))
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
    /// arrived, nobody answered, and no reminder was ever claimed for this link.
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
        let ends_soon = SignedDuration::ZERO < left && left <= REMINDED_BEFORE;
        self.state == State::Pending && ends_soon && self.delivery.is_on_its_way() && self.reminder.is_none()
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

    fn must_be_answerable_by(&self, by: &Caller) -> Result<(), Refusal> {
        if by.tenant == self.partner_id.into() {
            return Err(Refusal::OwnInvitation);
        }
        match self.customer.tenant_id {
            Some(named) if named != by.tenant => Err(Refusal::NotBoundToYou),
            Some(_) | None => Ok(()),
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
