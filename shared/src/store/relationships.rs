//! Relationships and customers in the table.

use jiff::Timestamp;

use super::{
    Listed, Store,
    attributes::{BY_CUSTOMER, CPK, CSK, LISTING, LPK, LSK, PK, SK},
    fault::translate,
    invitations::page,
    keys,
    keys::Key,
    read::Range,
    row::{Indexes, Row, Seen, seen},
    write::{Expect, Outcome, Write},
};
use crate::{
    Error,
    domain::{
        AttemptId, Caller, CustomerId, CustomerProfile, Invitation, LinkClaims, Partner, PartnerId, Refusal,
        Relationship,
        invitation::{Acceptance, Accepted, Known},
        refusal::Commitment,
        relationship::{EndedRelationship, Side},
    },
};

/// How often an acceptance or a removal is judged anew after it was overtaken.
const ROUNDS: u32 = 8;

impl Row for Relationship {
    fn key(&self) -> Key {
        keys::relationship(self.partner_id, self.customer_id)
    }

    fn indexes(&self) -> Indexes {
        let name = keys::folded(self.customer.name.as_str());
        Indexes {
            listing: Some((keys::customers_of(self.partner_id), format!("{name}#{}", self.customer_id))),
            by_customer: Some((
                keys::customer_pk(self.customer_id),
                format!("{}#{}", keys::sortable(self.established_at), self.partner_id),
            )),
            ..Indexes::default()
        }
    }
}

impl Row for EndedRelationship {
    fn key(&self) -> Key {
        let Relationship { partner_id, customer_id, id, .. } = self.relationship;
        keys::ended(partner_id, customer_id, id)
    }
}

impl Row for CustomerProfile {
    fn key(&self) -> Key {
        keys::customer(self.customer_id)
    }
}

/// What an acceptance is judged by.
struct Found {
    invitation: Option<Seen<Invitation>>,
    partner: Option<Seen<Partner>>,
    relationship: Option<Seen<Relationship>>,
    profile: Option<Seen<CustomerProfile>>,
}

impl Store {
    /// The customer accepts: one consistent read, one transaction. Overtaken, it is judged anew.
    pub async fn accept(
        &self,
        link: &LinkClaims,
        answer: &Acceptance<'_>,
        now: Timestamp,
    ) -> Result<Relationship, Error> {
        let mut found = self.find_for_acceptance(link, answer.by.customer(), now).await?;
        for _ in 0..ROUNDS {
            let (Some(before), Some(partner)) = (&found.invitation, &found.partner) else {
                return Err(Refusal::UnknownLink.into());
            };
            before.must_be_opened_by(link)?;
            let known =
                Known { partner, relationship: found.relationship.as_deref(), profile: found.profile.as_deref() };
            let (invitation, relationship, profile) = match before.accept(&known, answer, now)? {
                Accepted::Before(relationship) => return Ok(*relationship),
                Accepted::Now { invitation, relationship, profile } => (invitation, relationship, profile),
            };
            let attempt = AttemptId::new();
            let mut writes = vec![
                Write::put(&*invitation, attempt, Expect::Unchanged(before.attempt))?,
                Write::put(&*relationship, attempt, Expect::still(found.relationship.as_ref()))?,
            ];
            if found.profile.as_deref() != Some(&*profile) {
                writes.push(Write::put(&*profile, attempt, Expect::still(found.profile.as_ref()))?);
            }
            let mut findings = match self.transact(&writes, attempt).await? {
                Outcome::Done => return Ok(*relationship),
                Outcome::Overtaken(findings) => findings.into_iter(),
            };
            if let Some(item) = findings.next().flatten() {
                found.invitation = item.map(seen).transpose()?;
            }
            if let Some(item) = findings.next().flatten() {
                found.relationship = item.map(seen).transpose()?;
            }
            if let Some(item) = findings.next().flatten() {
                found.profile = item.map(seen).transpose()?;
            }
        }
        Err(Error::Conflict)
    }

    async fn find_for_acceptance(
        &self,
        link: &LinkClaims,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<Found, Error> {
        let invitation = keys::invitation(link.partner_id, link.invitation_id);
        let partner = keys::partner(link.partner_id);
        let relationship = keys::relationship(link.partner_id, customer);
        let profile = keys::customer(customer);
        let mut batch = self.batch(&[&invitation, &partner, &relationship, &profile], now).await?;
        Ok(Found {
            invitation: batch.take(&invitation)?,
            partner: batch.take(&partner)?,
            relationship: batch.take(&relationship)?,
            profile: batch.take(&profile)?,
        })
    }

    /// A partner's relationship with a customer, the customer's tenant, and the partner, in one request.
    pub async fn record(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<(Relationship, CustomerProfile, Partner), Error> {
        let keys = [keys::relationship(partner, customer), keys::customer(customer), keys::partner(partner)];
        let mut batch = self.batch(&[&keys[0], &keys[1], &keys[2]], now).await?;
        let relationship: Seen<Relationship> = batch.take(&keys[0])?.ok_or(Refusal::NotFound)?;
        let profile: Option<Seen<CustomerProfile>> = batch.take(&keys[1])?;
        let partner: Option<Seen<Partner>> = batch.take(&keys[2])?;
        match (profile, partner) {
            (Some(profile), Some(partner)) => Ok((relationship.value, profile.value, partner.value)),
            _ => Err(Error::internal("a relationship without its partner or its customer")),
        }
    }

    /// One side takes delegated admin away.
    pub async fn remove_delegated_admin(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        side: Side,
        by: &Caller,
        now: Timestamp,
    ) -> Result<Relationship, Error> {
        let Some(before) = self.get::<Relationship>(keys::relationship(partner, customer), now).await? else {
            let ended = self.last_ended(partner, customer, now).await?;
            return Err(ended.map_or(Refusal::NotFound, |_| Refusal::NoRelationship).into());
        };
        let changed = self.change(before, |relationship| relationship.remove_delegated_admin(side, by, now)).await;
        match changed {
            Ok(relationship) => Ok(relationship.value),
            // It was there a moment ago: the partner removed it in between.
            Err(Error::Refused(Refusal::NotFound)) => Err(Refusal::NoRelationship.into()),
            Err(other) => Err(other),
        }
    }

    /// The partner removes the relationship; removed before, what ended then.
    pub async fn remove_relationship(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        by: &Caller,
        now: Timestamp,
    ) -> Result<EndedRelationship, Error> {
        let mut before: Option<Seen<Relationship>> = self.get(keys::relationship(partner, customer), now).await?;
        for _ in 0..ROUNDS {
            let Some(relationship) = before else {
                return Ok(self.last_ended(partner, customer, now).await?.ok_or(Refusal::NotFound)?);
            };
            let commitments = match relationship.commitments {
                0 => Vec::new(),
                _ => self.commitments(&relationship, now).await?,
            };
            let ended = relationship.remove(&commitments, by, now)?;
            let attempt = AttemptId::new();
            let writes = [
                Write::delete(relationship.key(), Expect::Unchanged(relationship.attempt)),
                Write::put(&ended, attempt, Expect::Absent)?,
            ];
            before = match self.transact(&writes, attempt).await? {
                Outcome::Done => return Ok(ended),
                Outcome::Overtaken(findings) => match findings.into_iter().next().flatten() {
                    Some(found) => found.map(seen).transpose()?,
                    None => None,
                },
            };
        }
        Err(Error::Conflict)
    }

    /// The newest of the relationships of the two that ended.
    async fn last_ended(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<Option<EndedRelationship>, Error> {
        let range = Range::Prefix(keys::ended_prefix(customer));
        let query = self.query((PK, keys::partner_pk(partner)), Some((SK, range)), now).consistent_read(true);
        let listed: Listed<EndedRelationship> = page(query.scan_index_forward(false), SK, 1).await?;
        Ok(listed.items.into_iter().next())
    }

    /// What the partner sold to the customer and is still in force.
    async fn commitments(&self, relationship: &Relationship, now: Timestamp) -> Result<Vec<Commitment>, Error> {
        let range = Range::Prefix("SUBSCRIPTION#".to_owned());
        let partition = (PK, keys::relationship_pk(relationship.id));
        let output =
            self.query(partition, Some((SK, range)), now).consistent_read(true).send().await.map_err(translate)?;
        let sold = output.items.unwrap_or_default().into_iter().filter_map(|mut item| item.remove("data"));
        let sold = sold.map(serde_dynamo::from_attribute_value::<_, Commitment>).collect::<Result<Vec<_>, _>>();
        let active = |commitment: &Commitment| commitment.status == "active";
        Ok(sold.map_err(Error::internal)?.into_iter().filter(active).collect())
    }

    /// A partner's customers whose names begin with `name`, by name, behind `after`.
    pub async fn list_customers(
        &self,
        partner: PartnerId,
        name: Option<&str>,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<Relationship>, Error> {
        let name = name.map(keys::folded);
        let range = match (name, after) {
            // The highest character there is ends the names that begin so.
            (Some(name), Some(after)) => Some(Range::Between(format!("{after} "), format!("{name}{}", char::MAX))),
            (Some(name), None) => Some(Range::Prefix(name)),
            (None, Some(after)) => Some(Range::After(after.to_owned())),
            (None, None) => None,
        };
        let partition = (LPK, keys::customers_of(partner));
        let query = self.query(partition, range.map(|range| (LSK, range)), now).index_name(LISTING);
        page(query, LSK, limit).await
    }

    /// A customer's partners, earliest first, each with its profile, behind `after`.
    pub async fn list_partners(
        &self,
        customer: CustomerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<(Relationship, Partner)>, Error> {
        let range = after.map(|after| (CSK, Range::After(after.to_owned())));
        let query = self.query((CPK, keys::customer_pk(customer)), range, now).index_name(BY_CUSTOMER);
        let listed: Listed<Relationship> = page(query, CSK, limit).await?;
        if listed.items.is_empty() {
            return Ok(Listed { items: Vec::new(), next: listed.next });
        }
        let keys: Vec<Key> = listed.items.iter().map(|item| keys::partner(item.partner_id)).collect();
        let mut profiles = self.batch(&keys.iter().collect::<Vec<_>>(), now).await?;
        let mut items = Vec::with_capacity(listed.items.len());
        for relationship in listed.items {
            let profile: Option<Seen<Partner>> = profiles.take(&keys::partner(relationship.partner_id))?;
            let profile = profile.ok_or_else(|| Error::internal("a relationship without its partner"))?;
            items.push((relationship, profile.value));
        }
        Ok(Listed { items, next: listed.next })
    }
}
