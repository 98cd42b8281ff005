//! A relationship: partner and customer, at most one active per pair.
//!
//! Active until the partner removes it. Within it, delegated admin is `notRequested`, `granted`,
//! `removedByCustomer` or `removedByPartner`; what was removed comes back only through a newly accepted
//! invitation, and an acceptance never lowers it.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    Caller, Cloud, Country, CustomerId, CustomerProfile, Invitation, InvitationId, Next, PartnerId, Refusal, Step,
    record,
    text::{Domain, Email, Name},
};

/// The grant that lets the partner manage the customer's users, licences and services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DelegatedAdmin {
    /// No invitation asked for it.
    NotRequested,
    /// The customer granted it.
    Granted,
    /// The customer took it away.
    RemovedByCustomer,
    /// The partner gave it back.
    RemovedByPartner,
}

/// Which side of the relationship acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The partner.
    Partner,
    /// The customer.
    Customer,
}

impl Side {
    const fn removed(self) -> DelegatedAdmin {
        match self {
            Self::Partner => DelegatedAdmin::RemovedByPartner,
            Self::Customer => DelegatedAdmin::RemovedByCustomer,
        }
    }
}

/// The partner's continuing responsibility: for support and for the partner agreement, after the customer
/// took delegated admin away, until the grant is renewed or a renegotiated agreement is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Responsibility {
    /// Since when.
    pub since: Timestamp,
    /// Until when; open while it lasts.
    pub until: Option<Timestamp>,
    /// Under which version of the agreement.
    pub agreement_version: String,
}

/// An agreement that customer and partner renegotiated, as the partner states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Renegotiated {
    /// When.
    pub renegotiated_at: Timestamp,
    /// Who signed it for the customer.
    pub signed_by: Signatory,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signatory {
    /// The first name.
    pub first_name: Name,
    /// The last name.
    pub last_name: Name,
    /// The address.
    pub email: Email,
}

/// The customer as this relationship knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelationshipCustomer {
    /// The company's name.
    pub name: Name,
    /// Its primary domain.
    pub domain: Domain,
    /// Its country.
    pub country: Country,
}

/// A relationship as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relationship {
    /// The invitation that established it: what the partner does for the customer hangs on this id, so
    /// that a new start is clean.
    pub id: InvitationId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The customer's name, domain and country.
    pub customer: RelationshipCustomer,
    /// The cloud both are in.
    pub cloud: Cloud,
    /// The grant as it is now.
    pub delegated_admin: DelegatedAdmin,
    /// How the grant came and went.
    pub delegated_admin_history: Vec<Step<DelegatedAdmin>>,
    /// The partner's continuing responsibility, where the customer ever took the grant away.
    pub responsibility: Option<Responsibility>,
    /// Agreements that were renegotiated since, as they were recorded.
    pub agreements: Vec<Step<Renegotiated>>,
    /// When it was established.
    pub established_at: Timestamp,
    /// By which user of the customer.
    pub established_by: String,
    /// The version of the agreement that the customer accepted last.
    pub agreement_version: String,
    /// Active subscriptions, reservations and software purchases: while there are any, it stays.
    pub commitments: u32,
}

/// What lists of customers show of a relationship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedCustomer {
    /// The customer.
    pub customer_id: CustomerId,
    /// Its name, domain and country.
    pub customer: RelationshipCustomer,
    /// The grant as it is now.
    pub delegated_admin: DelegatedAdmin,
    /// When the relationship was established.
    pub established_at: Timestamp,
}

/// A relationship that the partner removed, kept for the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndedRelationship {
    /// As it was when it ended.
    pub relationship: Relationship,
    /// When.
    pub ended_at: Timestamp,
    /// By which user of the partner.
    pub ended_by: String,
}

/// What ended with a relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// The customer is off the partner's list.
    CustomerList,
    /// The partner is off the customer's support contacts.
    SupportContacts,
    /// Delegated admin ended.
    DelegatedAdmin,
    /// The partner can buy nothing more for the customer.
    Purchases,
}

impl Relationship {
    /// A new relationship, through its first accepted invitation.
    pub(super) fn establish(
        invitation: &Invitation,
        profile: &CustomerProfile,
        by: &Caller,
        agreement_version: String,
        now: Timestamp,
    ) -> Self {
        let mut relationship = Self {
            id: invitation.id,
            partner_id: invitation.partner_id,
            customer_id: profile.customer_id,
            customer: RelationshipCustomer {
                name: profile.name.clone(),
                domain: profile.domain.clone(),
                country: profile.country,
            },
            cloud: profile.cloud,
            delegated_admin: DelegatedAdmin::NotRequested,
            delegated_admin_history: Vec::new(),
            responsibility: None,
            agreements: Vec::new(),
            established_at: now,
            established_by: by.user.clone(),
            agreement_version,
            commitments: 0,
        };
        if invitation.include_delegated_admin {
            relationship.set_delegated_admin(DelegatedAdmin::Granted, Some(invitation.id), by, now);
        }
        relationship
    }

    /// Another accepted invitation while the relationship exists: adds delegated admin if it was asked for,
    /// never lowers it, and touches nothing else of the partner's business.
    pub(super) fn confirm(
        &self,
        invitation: &Invitation,
        by: &Caller,
        agreement_version: String,
        now: Timestamp,
    ) -> Self {
        let mut next = Self { agreement_version, ..self.clone() };
        if invitation.include_delegated_admin && self.delegated_admin != DelegatedAdmin::Granted {
            next.set_delegated_admin(DelegatedAdmin::Granted, Some(invitation.id), by, now);
            if let Some(responsibility) = &mut next.responsibility {
                responsibility.until.get_or_insert(now);
            }
        }
        next
    }

    /// What lists show of it.
    #[must_use]
    pub fn listed(&self) -> ListedCustomer {
        ListedCustomer {
            customer_id: self.customer_id,
            customer: self.customer.clone(),
            delegated_admin: self.delegated_admin,
            established_at: self.established_at,
        }
    }

    /// One side takes delegated admin away; the relationship stays.
    pub fn remove_delegated_admin(&self, side: Side, by: &Caller, now: Timestamp) -> Result<Next<Self>, Refusal> {
        match self.delegated_admin {
            DelegatedAdmin::Granted => {
                let mut next = self.clone();
                next.set_delegated_admin(side.removed(), None, by, now);
                if side == Side::Customer {
                    let agreement_version = self.agreement_version.clone();
                    next.responsibility = Some(Responsibility { since: now, until: None, agreement_version });
                }
                Ok(Next::To(next))
            }
            removed if removed == side.removed() => Ok(Next::Same),
            DelegatedAdmin::NotRequested => refuse("Delegated admin was never granted in this relationship"),
            DelegatedAdmin::RemovedByCustomer => refuse("The customer removed delegated admin before"),
            DelegatedAdmin::RemovedByPartner => refuse("The partner gave delegated admin back before"),
        }
    }

    /// Refuses what needs delegated admin, where it is not granted.
    pub fn must_grant(&self) -> Result<(), Refusal> {
        if self.delegated_admin == DelegatedAdmin::Granted {
            return Ok(());
        }
        let since = self.delegated_admin_history.last().map_or(self.established_at, |step| step.at);
        Err(Refusal::DelegatedAdminNotGranted { delegated_admin: self.delegated_admin, since })
    }

    /// The partner records a renegotiated agreement, which ends its continuing responsibility.
    pub fn record_agreement(
        &self,
        agreement: &Renegotiated,
        by: &Caller,
        now: Timestamp,
    ) -> Result<Next<Self>, Refusal> {
        let Some(responsibility) = &self.responsibility else {
            let detail = "The customer never took delegated admin away: there is no responsibility to end.".to_owned();
            return Err(Refusal::InvalidTransition { detail });
        };
        if let Some(until) = responsibility.until {
            if self.agreements.last().is_some_and(|step| step.what == *agreement && step.at == until) {
                return Ok(Next::Same);
            }
            let detail = format!("The continuing responsibility ended at {until}; there is nothing left to record.");
            return Err(Refusal::InvalidTransition { detail });
        }
        let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
        if agreement.renegotiated_at > now {
            return Err(Refusal::RenegotiatedAt { detail: format!("must not lie in the future; it is {now} now") });
        }
        if day(agreement.renegotiated_at) < day(responsibility.since) {
            let since = responsibility.since;
            let detail = format!("must not lie before {since}, when the customer took delegated admin away");
            return Err(Refusal::RenegotiatedAt { detail });
        }
        let mut next = self.clone();
        next.responsibility = Some(Responsibility { until: Some(now), ..responsibility.clone() });
        let by = Some(by.user.clone());
        record(&mut next.agreements, Step { what: agreement.clone(), at: now, by, invitation_id: None });
        Ok(Next::To(next))
    }

    /// The partner removes the relationship, which has no commitments any more.
    #[must_use]
    pub fn end(&self, by: &Caller, now: Timestamp) -> EndedRelationship {
        EndedRelationship { relationship: self.clone(), ended_at: now, ended_by: by.user.clone() }
    }

    fn set_delegated_admin(&mut self, to: DelegatedAdmin, through: Option<InvitationId>, by: &Caller, at: Timestamp) {
        self.delegated_admin = to;
        let by = Some(by.user.clone());
        record(&mut self.delegated_admin_history, Step { what: to, at, by, invitation_id: through });
    }
}

impl EndedRelationship {
    /// What ended.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        let had_grant = self.relationship.delegated_admin == DelegatedAdmin::Granted;
        let grant = had_grant.then_some(Effect::DelegatedAdmin);
        [Effect::CustomerList, Effect::SupportContacts, Effect::Purchases].into_iter().chain(grant).collect()
    }
}

fn refuse<T>(detail: &str) -> Result<T, Refusal> {
    Err(Refusal::InvalidTransition { detail: format!("{detail}; there is nothing to remove.") })
}

#[cfg(test)]
mod tests;
