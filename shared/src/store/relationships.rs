//! Relationships and customers in the table.

use jiff::Timestamp;

use super::{
    Store,
    attributes::{PK, SK},
    customers::entries,
    expect::Expect,
    keys,
    keys::Key,
    parts::Part,
    read::{Range, all},
    row::{Indexes, Row, Seen, seen},
    write::{OVERTAKEN, Outcome, Write, pause},
};
use crate::{
    Error,
    domain::{
        AttemptId, Caller, CustomerId, CustomerProfile, Invitation, LinkClaims, Next, Partner, PartnerId, Refusal,
        Relationship, Subscription,
        invitation::{Acceptance, Accepted, Known},
        refusal::Commitment,
        relationship::{EndedRelationship, Renegotiated, Side},
        search::folded,
    },
    telemetry::{self, Metric},
};

/// How often an acceptance or a removal is judged anew after it was overtaken.
const ROUNDS: u32 = 8;
/// A write of the index of words failed where that of the relationship did not.
const UNFIT: &str = "an index of words does not fit its relationship";

impl Row for Relationship {
    fn key(&self) -> Key {
        keys::relationship(self.partner_id, self.customer_id)
    }

    fn indexes(&self) -> Indexes {
        let name = folded(self.customer.name.as_str());
        Indexes {
            listing: Some((keys::customers_of(self.partner_id), keys::listed(&name, self.customer_id))),
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
            let mut writes = vec![Write::put(&*invitation, attempt, Expect::Unchanged(before.attempt))?];
            let writes_profile = found.profile.as_deref() != Some(&*profile);
            if writes_profile {
                writes.push(Write::put(&*profile, attempt, Expect::still(found.profile.as_ref()))?);
            }
            writes.extend(writes_of(found.relationship.as_ref(), &relationship, attempt)?);
            let mut findings = match self.transact(&writes, attempt).await? {
                Outcome::Done => {
                    Invitation::count_change(before, &invitation);
                    return Ok(*relationship);
                }
                Outcome::Overtaken(findings) => findings.into_iter(),
            };
            if let Some(item) = findings.next().flatten() {
                found.invitation = item.map(seen).transpose()?;
            }
            if writes_profile && let Some(item) = findings.next().flatten() {
                found.profile = item.map(seen).transpose()?;
            }
            if let Some(item) = findings.next().flatten() {
                found.relationship = item.map(seen).transpose()?;
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

    /// A partner's relationship with a customer, as what is to be changed: says so where it ended.
    pub async fn relationship(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<Seen<Relationship>, Error> {
        match self.get(keys::relationship(partner, customer), now).await? {
            Some(relationship) => Ok(relationship),
            None => Err(self.gone(partner, customer, now).await),
        }
    }

    /// The same together with something beside it, in one request.
    pub(super) async fn relationship_and<T: Row>(
        &self,
        (partner, customer): (PartnerId, CustomerId),
        key: &Key,
        now: Timestamp,
    ) -> Result<(Relationship, Option<Seen<T>>), Error> {
        let owner = keys::relationship(partner, customer);
        let mut batch = self.batch(&[&owner, key], now).await?;
        match batch.take::<Relationship>(&owner)? {
            Some(relationship) => Ok((relationship.value, batch.take(key)?)),
            None => Err(self.gone(partner, customer, now).await),
        }
    }

    /// Why there is no relationship of the two: it ended, or there never was one.
    pub(super) async fn gone(&self, partner: PartnerId, customer: CustomerId, now: Timestamp) -> Error {
        match self.last_ended(partner, customer, now).await {
            Ok(Some(_)) => Refusal::NoRelationship.into(),
            Ok(None) => Refusal::NotFound.into(),
            Err(error) => error,
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
        let before = self.relationship(partner, customer, now).await?;
        self.change_relationship(before, |relationship| relationship.remove_delegated_admin(side, by, now)).await
    }

    /// The partner records a renegotiated agreement.
    pub async fn record_agreement(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        agreement: &Renegotiated,
        by: &Caller,
        now: Timestamp,
    ) -> Result<Relationship, Error> {
        let before = self.relationship(partner, customer, now).await?;
        self.change_relationship(before, |relationship| relationship.record_agreement(agreement, by, now)).await
    }

    async fn change_relationship(
        &self,
        mut before: Seen<Relationship>,
        judge: impl Fn(&Relationship) -> Result<Next<Relationship>, Refusal> + Send,
    ) -> Result<Relationship, Error> {
        for round in 0..ROUNDS {
            let Next::To(next) = judge(&before)? else { return Ok(before.value) };
            let attempt = AttemptId::new();
            match self.transact(&writes_of(Some(&before), &next, attempt)?, attempt).await? {
                Outcome::Done => return Ok(next),
                Outcome::Overtaken(findings) => match findings.into_iter().next().flatten() {
                    Some(Some(newer)) => before = seen(newer)?,
                    // It was there a moment ago: the partner removed it in between.
                    Some(None) => return Err(Refusal::NoRelationship.into()),
                    None => return Err(Error::internal(UNFIT)),
                },
            }
            pause(OVERTAKEN, round).await;
        }
        Err(Error::Conflict)
    }

    /// The partner removes the relationship; removed before, what ended then.
    pub async fn remove_relationship(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        by: &Caller,
        now: Timestamp,
    ) -> Result<EndedRelationship, Error> {
        let key = keys::relationship(partner, customer);
        let mut before: Option<Seen<Relationship>> = self.get(key.clone(), now).await?;
        for round in 0..ROUNDS {
            let Some(relationship) = before else {
                return Ok(self.last_ended(partner, customer, now).await?.ok_or(Refusal::NotFound)?);
            };
            if relationship.commitments > 0 {
                let commitments = self.commitments(&relationship, now).await?;
                if !commitments.is_empty() {
                    return Err(Refusal::HasCommitments { commitments }.into());
                }
                // The last of them ended since the relationship was read.
                before = self.get(key.clone(), now).await?;
                pause(OVERTAKEN, round).await;
                continue;
            }
            let ended = relationship.end(by, now);
            let attempt = AttemptId::new();
            let mut writes = vec![
                Write::delete(relationship.key(), Expect::Unchanged(relationship.attempt)),
                Write::put(&ended, attempt, Expect::Absent)?,
            ];
            writes.extend(entries(&relationship).map(|entry| Write::delete(entry.key(), Expect::Present)));
            before = match self.transact(&writes, attempt).await? {
                Outcome::Done => {
                    telemetry::count(Metric::RelationshipsRemoved);
                    return Ok(ended);
                }
                Outcome::Overtaken(findings) => match findings.into_iter().next().flatten() {
                    Some(found) => found.map(seen).transpose()?,
                    None => return Err(Error::internal(UNFIT)),
                },
            };
        }
        Err(Error::Conflict)
    }

    /// The relationship of the two that ended last. Their ids tell when they were asked for, not when they ended.
    async fn last_ended(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<Option<EndedRelationship>, Error> {
        let range = Range::Prefix(keys::ended_prefix(customer));
        let query = self.query((PK, keys::partner_pk(partner)), Some((SK, range)), now).consistent_read(true);
        let ended: Vec<EndedRelationship> = all(query).await?;
        Ok(ended.into_iter().max_by_key(|ended| ended.ended_at))
    }

    /// What the partner sold to the customer and is still in force, all of it.
    async fn commitments(&self, relationship: &Relationship, now: Timestamp) -> Result<Vec<Commitment>, Error> {
        let range = Range::Prefix(keys::part_prefix(Subscription::KIND));
        let query = self.query((PK, keys::relationship_pk(relationship.id)), Some((SK, range)), now);
        let sold: Vec<Subscription> = all(query.consistent_read(true)).await?;
        Ok(sold.iter().filter(|sold| sold.is_commitment()).map(Subscription::commitment).collect())
    }
}

/// The writes that turn what was read into what a rule decided: the relationship first, then its entries in
/// the index of words, where what they show changes.
fn writes_of(
    before: Option<&Seen<Relationship>>,
    after: &Relationship,
    attempt: AttemptId,
) -> Result<Vec<Write>, Error> {
    let mut writes = vec![Write::put(after, attempt, Expect::still(before))?];
    if before.is_none_or(|before| before.listed() != after.listed()) {
        let expect = if before.is_some() { Expect::Present } else { Expect::Absent };
        for entry in entries(after) {
            writes.push(Write::put(&entry, attempt, expect)?);
        }
    }
    Ok(writes)
}
