//! Who serves a customer: its partners, and what is supported by another partner than sells it.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{
    Listed, Store,
    attributes::{BY_CUSTOMER, CPK, CSK},
    fault::translate,
    keys,
    keys::Key,
    read::{Range, all, position},
    row::{Row, Seen, seen},
};
use crate::{
    Error,
    domain::{CustomerId, Partner, PartnerId, Relationship, Subscription},
};

/// A customer's relationships, earliest first, and the subscriptions of any of them that name another partner
/// for support.
#[derive(Debug, Default)]
pub(super) struct Serving {
    pub(super) relationships: Vec<Relationship>,
    named: Vec<Subscription>,
}

/// One of a customer's partners.
#[derive(Debug)]
pub struct ServingPartner {
    /// The relationship.
    pub relationship: Relationship,
    /// The partner.
    pub partner: Partner,
    /// What this partner supports and another one sells.
    pub supports: Vec<Subscription>,
}

impl Store {
    /// Who serves a customer, from the index: a customer's partners are few.
    pub(super) async fn serving(&self, customer: CustomerId, now: Timestamp) -> Result<Serving, Error> {
        let query = self.query((CPK, keys::customer_pk(customer)), None, now).index_name(BY_CUSTOMER);
        let mut items = query.into_paginator().items().send();
        let mut serving = Serving::default();
        while let Some(item) = items.next().await {
            let item = item.map_err(translate)?;
            if position(&item, CSK).is_some_and(|sort| sort.starts_with(keys::SUPPORT_PREFIX)) {
                serving.named.push(seen(item)?.value);
            } else {
                serving.relationships.push(seen(item)?.value);
            }
        }
        Ok(serving)
    }

    /// A customer's relationships, earliest first, and nothing of what they support: that sorts behind them.
    pub(super) async fn relationships_of(
        &self,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<Vec<Relationship>, Error> {
        let range = Range::Before(keys::SUPPORT_PREFIX.to_owned());
        all(self.query((CPK, keys::customer_pk(customer)), Some((CSK, range)), now).index_name(BY_CUSTOMER)).await
    }

    /// A customer's partners, earliest first, each with its profile and what it supports, behind `after`.
    pub async fn list_partners(
        &self,
        customer: CustomerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<ServingPartner>, Error> {
        let serving = self.serving(customer, now).await?;
        let place = |relationship: &Relationship| relationship.indexes().by_customer.map(|(_, sort)| sort);
        let is_behind =
            |relationship: &&Relationship| after.is_none_or(|after| place(relationship).as_deref() > Some(after));
        let mut page: Vec<&Relationship> = serving.relationships.iter().filter(is_behind).collect();
        let more = page.len() > usize::from(limit);
        page.truncate(limit.into());
        let next = page.last().filter(|_| more).and_then(|last| place(last));
        let mut profiles = self.profiles(page.iter().map(|relationship| relationship.partner_id), now).await?;
        let mut items = Vec::with_capacity(page.len());
        for relationship in page {
            let partner = profiles.remove(&relationship.partner_id);
            let partner = partner.ok_or_else(|| Error::internal("a relationship without its partner"))?;
            let supports = serving.supported_by(partner.partner_id);
            items.push(ServingPartner { relationship: relationship.clone(), partner, supports });
        }
        Ok(Listed { items, next })
    }

    async fn profiles(
        &self,
        partners: impl Iterator<Item = PartnerId>,
        now: Timestamp,
    ) -> Result<HashMap<PartnerId, Partner>, Error> {
        let keys: Vec<Key> = partners.map(keys::partner).collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let mut found = self.batch(&keys.iter().collect::<Vec<_>>(), now).await?;
        let profiles = keys.iter().filter_map(|key| found.take(key).transpose());
        profiles.map(|profile| profile.map(|profile: Seen<Partner>| (profile.partner_id, profile.value))).collect()
    }

    /// Who supports a subscription now, read consistently where another partner was named.
    pub async fn support_contact(&self, subscription: &Subscription, now: Timestamp) -> Result<PartnerId, Error> {
        let relationships = self.named_relationships(std::slice::from_ref(subscription), now).await?;
        Ok(subscription.support_contact(&relationships))
    }

    /// The customer's relationships with the partners that these subscriptions name for support.
    pub(super) async fn named_relationships(
        &self,
        subscriptions: &[Subscription],
        now: Timestamp,
    ) -> Result<Vec<Relationship>, Error> {
        let named = subscriptions.iter().filter_map(|subscription| {
            let named = subscription.named_support?;
            Some(keys::relationship(named.partner_id, subscription.customer_id))
        });
        let keys: std::collections::HashSet<Key> = named.collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.batch(&keys.iter().collect::<Vec<_>>(), now).await?;
        let relationships = keys.iter().filter_map(|key| found.take(key).transpose());
        relationships.map(|relationship| relationship.map(|seen: Seen<Relationship>| seen.value)).collect()
    }
}

impl Serving {
    /// What a partner supports and another one sells, while both relationships last.
    fn supported_by(&self, partner: PartnerId) -> Vec<Subscription> {
        let is_active = |named: &&Subscription| {
            self.relationships.iter().any(|relationship| relationship.id == named.relationship_id)
        };
        let supports = |named: &&Subscription| {
            named.partner_id != partner && named.support_contact(&self.relationships) == partner
        };
        self.named.iter().filter(is_active).filter(supports).cloned().collect()
    }
}
