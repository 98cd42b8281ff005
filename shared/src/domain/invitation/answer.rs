//! The customer answers: it accepts or declines, once.

use jiff::Timestamp;
use serde::Serialize;

use super::{Invitation, InvitationEvent, State};
use crate::domain::{
    Caller, CustomerProfile, Next, Partner, Refusal, Relationship, customer::StatedCustomer, territory, text::Reason,
};

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

    fn must_be_answerable_by(&self, by: &Caller) -> Result<(), Refusal> {
        if by.tenant == self.partner_id.into() {
            return Err(Refusal::OwnInvitation);
        }
        match self.customer.tenant_id {
            Some(named) if named != by.tenant => Err(Refusal::NotBoundToYou),
            Some(_) | None => Ok(()),
        }
    }
}
