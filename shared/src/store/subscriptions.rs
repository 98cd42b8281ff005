//! Subscriptions in the table.

use jiff::Timestamp;

use super::{IdempotencyKey, Listed, Store};
use crate::{
    Error,
    domain::{
        Caller, CustomerId, PartnerId, Relationship, Subscription, SubscriptionId, subscription::SubscriptionChange,
    },
};

/// A page of what a partner sold to a customer.
#[derive(Debug)]
pub struct Sold {
    /// The relationship it belongs to.
    pub relationship: Relationship,
    /// The page.
    pub subscriptions: Listed<Subscription>,
    /// The customer's relationships with partners that support some of it.
    pub supporting: Vec<Relationship>,
}

impl Store {
    /// Stores a purchase, and counts it as a commitment.
    pub async fn create_subscription(
        &self,
        subscription: Subscription,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<Subscription, Error> {
        self.create_part(subscription, key, now).await
    }

    /// Changes a purchase; what it counts as changes in the same transaction.
    pub async fn change_subscription(
        &self,
        (partner, customer): (PartnerId, CustomerId),
        id: SubscriptionId,
        change: SubscriptionChange,
        by: &Caller,
        now: Timestamp,
    ) -> Result<Subscription, Error> {
        self.change_part((partner, customer), id, now, |sold: &Subscription| sold.change(change, by, now)).await
    }

    /// What a partner sold to a customer, newest first, behind `after`: two reads at once, and one more where
    /// another partner supports some of it.
    pub async fn list_subscriptions(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Sold, Error> {
        let (relationship, subscriptions) = self.list_parts(partner, customer, after, limit, now).await?;
        let supporting = self.named_relationships(&subscriptions.items, now).await?;
        Ok(Sold { relationship, subscriptions, supporting })
    }
}
