//! A customer's record in the table: everything that a partner expands, in one wait.

use jiff::Timestamp;

use super::{Listed, Store, keys, parts::of, row::Seen};
use crate::{
    Error,
    domain::{
        CustomerId, CustomerProfile, Partner, PartnerId, Refusal, Relationship, ServiceRequest, Subscription, User,
    },
};

/// What a partner sees of a customer.
#[derive(Debug)]
pub struct Record {
    /// The relationship of the two.
    pub relationship: Relationship,
    /// The customer's tenant.
    pub profile: CustomerProfile,
    /// The partner itself.
    pub partner: Partner,
    /// The first page of what it sold, newest first.
    pub subscriptions: Listed<Subscription>,
    /// The first page of the tenant's users, while delegated admin is granted.
    pub users: Option<Listed<User>>,
    /// The first page of its service requests, newest first.
    pub service_requests: Listed<ServiceRequest>,
    /// The customer's relationships, with whom its subscriptions may name for support.
    pub relationships: Vec<Relationship>,
}

impl Store {
    /// A customer's record, with at most `limit` of each kind: five reads at once.
    pub async fn record(
        &self,
        partner_id: PartnerId,
        customer: CustomerId,
        limit: u8,
        now: Timestamp,
    ) -> Result<Record, Error> {
        let keys = [keys::relationship(partner_id, customer), keys::customer(customer), keys::partner(partner_id)];
        let wanted: Vec<_> = keys.iter().collect();
        let (mut core, subscriptions, users, service_requests, relationships) = tokio::try_join!(
            self.batch(&wanted, now),
            self.page_of_parts(partner_id, customer, None, limit, now),
            self.page_of_users(customer, None, limit, now),
            self.page_of_parts(partner_id, customer, None, limit, now),
            self.relationships_of(customer, now),
        )?;
        let relationship: Seen<Relationship> = core.take(&keys[0])?.ok_or(Refusal::NotFound)?;
        let profile: Option<Seen<CustomerProfile>> = core.take(&keys[1])?;
        let partner: Option<Seen<Partner>> = core.take(&keys[2])?;
        let (Some(profile), Some(partner)) = (profile, partner) else {
            return Err(Error::internal("a relationship without its partner or its customer"));
        };
        Ok(Record {
            subscriptions: of(&relationship, subscriptions),
            users: relationship.must_grant().is_ok().then_some(users),
            service_requests: of(&relationship, service_requests),
            relationships,
            relationship: relationship.value,
            profile: profile.value,
            partner: partner.value,
        })
    }
}
