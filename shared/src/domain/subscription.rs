//! What a partner sold to a customer: subscriptions, reservations and software purchases.
//!
//! `active` ⇄ `suspended` → `cancelled`; only a subscription can be suspended, and what is cancelled stays
//! so. While it is active it is a commitment: it blocks the removal of the relationship.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Caller, CustomerId, InvitationId, Next, PartnerId, Refusal, Relationship, Step, SubscriptionId, record,
    refusal::Commitment,
    text::{Name, Sku},
};

/// What kind of purchase it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A service for a time, paid again and again.
    Subscription,
    /// Capacity reserved for a time.
    Reservation,
    /// A licence bought for good.
    SoftwarePurchase,
}

/// Which service it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ServiceType {
    /// Azure.
    Azure,
    /// Microsoft 365.
    Microsoft365,
    /// Anything else.
    Other,
}

/// Where a purchase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// In force: a commitment.
    Active,
    /// A subscription without service; it can be resumed.
    Suspended,
    /// Over for good.
    Cancelled,
}

/// How many: 1 to 1,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Quantity(u32);

impl Quantity {
    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u64> for Quantity {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        match u32::try_from(number) {
            Ok(number @ 1..=1_000_000) => Ok(Self(number)),
            Ok(_) | Err(_) => Err("must be from 1 to 1000000".to_owned()),
        }
    }
}

impl From<Quantity> for u64 {
    fn from(quantity: Quantity) -> Self {
        quantity.0.into()
    }
}

/// What happened to a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SubscriptionEvent {
    /// The partner bought it for the customer.
    Purchased,
    /// It was suspended.
    Suspended,
    /// It was resumed.
    Resumed,
    /// It was cancelled.
    Cancelled,
    /// There are more or fewer of it.
    QuantityChanged,
    /// Another partner supports it, or the selling one again.
    SupportContactChanged,
}

/// Another partner that supports it, since when: in force while the relationship lasts in which it was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedSupport {
    /// The partner.
    pub partner_id: PartnerId,
    /// When it was named.
    pub since: Timestamp,
}

/// A purchase as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// The relationship it was bought in.
    pub relationship_id: InvitationId,
    /// The partner that sells it.
    pub partner_id: PartnerId,
    /// The customer.
    pub customer_id: CustomerId,
    /// Its kind.
    pub kind: Kind,
    /// Its name, as people read it.
    pub name: Name,
    /// The product's number.
    pub sku: Sku,
    /// How many.
    pub quantity: Quantity,
    /// Licences of it that users have.
    pub assigned: u32,
    /// Which service it belongs to.
    pub service_type: ServiceType,
    /// Where it stands.
    pub status: Status,
    /// Who supports it, if not the partner that sells it.
    pub named_support: Option<NamedSupport>,
    /// When it was bought.
    pub created_at: Timestamp,
    /// What happened to it, and who did it.
    pub history: Vec<Step<SubscriptionEvent>>,
}

/// What a partner buys for a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Purchase {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: Name,
    /// The product's number.
    pub sku: Sku,
    /// How many.
    pub quantity: Quantity,
    /// Which service it belongs to.
    pub service_type: ServiceType,
}

/// How a purchase is to change; what is `None` stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SubscriptionChange {
    /// Another status.
    pub status: Option<Status>,
    /// Another quantity.
    pub quantity: Option<Quantity>,
    /// Who supports it from now on.
    pub support_contact: Option<PartnerId>,
}

impl Subscription {
    /// A new purchase, active.
    #[must_use]
    pub fn purchase(relationship: &Relationship, wanted: Purchase, by: &Caller, now: Timestamp) -> Self {
        let Purchase { kind, name, sku, quantity, service_type } = wanted;
        let mut subscription = Self {
            id: SubscriptionId::new(now),
            relationship_id: relationship.id,
            partner_id: relationship.partner_id,
            customer_id: relationship.customer_id,
            kind,
            name,
            sku,
            quantity,
            assigned: 0,
            service_type,
            status: Status::Active,
            named_support: None,
            created_at: now,
            history: Vec::new(),
        };
        subscription.note(SubscriptionEvent::Purchased, by, now);
        subscription
    }

    /// Changes status, quantity and support contact, all or none of them.
    pub fn change(&self, change: SubscriptionChange, by: &Caller, now: Timestamp) -> Result<Next<Self>, Refusal> {
        let mut next = self.clone();
        if let Some(status) = change.status {
            next.set_status(status, by, now)?;
        }
        if let Some(quantity) = change.quantity {
            next.set_quantity(quantity, by, now)?;
        }
        if let Some(partner) = change.support_contact {
            next.set_support(partner, by, now)?;
        }
        Ok(if next == *self { Next::Same } else { Next::To(next) })
    }

    fn set_status(&mut self, to: Status, by: &Caller, now: Timestamp) -> Result<(), Refusal> {
        let event = match (self.status, to) {
            (from, to) if from == to => return Ok(()),
            (Status::Cancelled, Status::Active | Status::Suspended) => {
                return refuse("It is cancelled and stays so; buy it anew.");
            }
            (Status::Active, Status::Suspended) if self.kind != Kind::Subscription => {
                return refuse("Only a subscription can be suspended: cancel a reservation or a software purchase.");
            }
            (_, Status::Suspended) => SubscriptionEvent::Suspended,
            (_, Status::Active) => SubscriptionEvent::Resumed,
            (_, Status::Cancelled) => SubscriptionEvent::Cancelled,
        };
        self.status = to;
        self.note(event, by, now);
        Ok(())
    }

    fn set_quantity(&mut self, to: Quantity, by: &Caller, now: Timestamp) -> Result<(), Refusal> {
        if self.quantity == to {
            return Ok(());
        }
        self.must_be_active("change its quantity")?;
        if to.get() < self.assigned {
            return Err(Refusal::LicensesAssigned { assigned: self.assigned });
        }
        self.quantity = to;
        self.note(SubscriptionEvent::QuantityChanged, by, now);
        Ok(())
    }

    fn set_support(&mut self, to: PartnerId, by: &Caller, now: Timestamp) -> Result<(), Refusal> {
        if self.status == Status::Cancelled {
            return refuse("It is cancelled: there is nothing to support.");
        }
        let named = (to != self.partner_id).then_some(NamedSupport { partner_id: to, since: now });
        let is_another = named.map(|named| named.partner_id) != self.named_support.map(|named| named.partner_id);
        self.named_support = named; // the same one again counts from now on: it may have started over
        if is_another {
            self.note(SubscriptionEvent::SupportContactChanged, by, now);
        }
        Ok(())
    }

    /// Whether a licence of it can be given to a user now.
    pub fn assign(&self) -> Result<(), Refusal> {
        if self.kind == Kind::Reservation {
            return refuse("A reservation is capacity: it has no licences to assign.");
        }
        self.must_be_active("assign its licences")?;
        if self.assigned >= self.quantity.get() {
            return Err(Refusal::NoFreeLicense { subscription: self.id });
        }
        Ok(())
    }

    fn must_be_active(&self, to: &str) -> Result<(), Refusal> {
        match self.status {
            Status::Active => Ok(()),
            Status::Suspended => refuse(format!("It is suspended: resume it to {to}.")),
            Status::Cancelled => refuse("It is cancelled and stays so; buy it anew."),
        }
    }

    /// Whether `self`, coming from `before`, is bought or bought again, or more of it: what a suspended partner may not do.
    #[must_use]
    pub fn buys_more_than(&self, before: &Self) -> bool {
        self.quantity > before.quantity || self.is_commitment() && !before.is_commitment()
    }

    /// Whether it blocks the removal of the relationship.
    #[must_use]
    pub fn is_commitment(&self) -> bool {
        self.status == Status::Active
    }

    /// What a refused removal says of it.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        Commitment { kind: self.kind, id: self.id, name: self.name.clone(), status: self.status }
    }

    /// The partner that supports it: the one that was named, while its relationship with the customer lasts,
    /// and else the one that sells it. `relationships` are the customer's.
    #[must_use]
    pub fn support_contact(&self, relationships: &[Relationship]) -> PartnerId {
        let is_in_force = |named: &NamedSupport| {
            let mut theirs = relationships.iter().filter(|relationship| relationship.partner_id == named.partner_id);
            theirs.any(|relationship| relationship.established_at <= named.since)
        };
        self.named_support.filter(is_in_force).map_or(self.partner_id, |named| named.partner_id)
    }

    fn note(&mut self, what: SubscriptionEvent, by: &Caller, at: Timestamp) {
        record(&mut self.history, Step { what, at, by: Some(by.user.clone()), invitation_id: None });
    }
}

fn refuse<T>(detail: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::InvalidTransition { detail: detail.into() })
}

#[cfg(test)]
mod tests;
