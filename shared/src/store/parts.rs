//! What belongs to one relationship: subscriptions and service requests.
//!
//! Every change of one is a transaction with its relationship: so nothing is bought while the relationship is
//! being removed, and nothing is done with a grant that is just being taken away.

use std::{fmt::Display, str::FromStr};

use jiff::Timestamp;

use super::{
    Listed, Store,
    attributes::{LISTING, LPK, LSK},
    expect::Expect,
    idempotency::{IdempotencyKey, Made},
    keys,
    keys::Key,
    read::{Range, fetch, page},
    row::{Indexes, Row, Seen, seen},
    write::{Counter, Findings, OVERTAKEN, Outcome, Write, pause},
};
use crate::{
    Error,
    domain::{
        AttemptId, CustomerId, InvitationId, Next, PartnerId, Refusal, Relationship, ServiceRequest, ServiceRequestId,
        Subscription, SubscriptionId, service_request::Channel, subscription::Status,
    },
};

/// How often a change is judged anew after it was overtaken.
const ROUNDS: u32 = 12;

/// Something of a relationship.
pub(super) trait Part: Row + Clone {
    /// The beginning of its sort key.
    const KIND: &'static str;
    /// Its id.
    type Id: Display + FromStr + Copy + Send + Sync;

    fn id(&self) -> Self::Id;
    fn relationship_id(&self) -> InvitationId;
    fn parties(&self) -> (PartnerId, CustomerId);

    /// What its relationship must be for it to be written.
    fn needs(&self) -> Expect {
        Expect::Active(self.relationship_id())
    }

    /// The same as a rule.
    fn must_suit(&self, _: &Relationship) -> Result<(), Refusal> {
        Ok(())
    }

    /// How many commitments it is.
    fn commitments(&self) -> i32 {
        0
    }

    /// What else must be so for it to come from `before`, and the refusal where it is not.
    fn conditions(&self, before: Option<&Self>) -> Vec<(Key, Expect, Refusal)>;
}

impl Part for Subscription {
    const KIND: &'static str = "SUBSCRIPTION";
    type Id = SubscriptionId;

    fn id(&self) -> SubscriptionId {
        self.id
    }

    fn relationship_id(&self) -> InvitationId {
        self.relationship_id
    }

    fn parties(&self) -> (PartnerId, CustomerId) {
        (self.partner_id, self.customer_id)
    }

    fn commitments(&self) -> i32 {
        self.is_commitment().into()
    }

    fn conditions(&self, before: Option<&Self>) -> Vec<(Key, Expect, Refusal)> {
        let mut conditions = Vec::new();
        if before.is_none_or(|before| self.buys_more_than(before)) {
            conditions.push((keys::partner(self.partner_id), Expect::ActivePartner, Refusal::PartnerSuspended));
        }
        if let Some(named) = self.named_support
            && before.is_none_or(|before| before.named_support != self.named_support)
        {
            let theirs = keys::relationship(named.partner_id, self.customer_id);
            conditions.push((theirs, Expect::AnyGrant, Refusal::CannotSupport));
        }
        conditions
    }
}

impl Part for ServiceRequest {
    const KIND: &'static str = "SERVICEREQUEST";
    type Id = ServiceRequestId;

    fn id(&self) -> ServiceRequestId {
        self.id
    }

    fn relationship_id(&self) -> InvitationId {
        self.relationship_id
    }

    fn parties(&self) -> (PartnerId, CustomerId) {
        (self.partner_id, self.customer_id)
    }

    fn needs(&self) -> Expect {
        match self.channel {
            Channel::SelfService => Expect::Granted(self.relationship_id),
            Channel::Assisted => Expect::Active(self.relationship_id),
        }
    }

    fn must_suit(&self, relationship: &Relationship) -> Result<(), Refusal> {
        self.channel.must_be_open(relationship)
    }

    fn conditions(&self, before: Option<&Self>) -> Vec<(Key, Expect, Refusal)> {
        let subscription = self.subscription_id.filter(|_| before.is_none()).map(|id| {
            let refusal = Refusal::NoSubscription { pointer: "/subscriptionId".to_owned() };
            (keys::part(self.relationship_id, Subscription::KIND, id), Expect::Present, refusal)
        });
        subscription.into_iter().collect()
    }
}

impl Row for Subscription {
    fn key(&self) -> Key {
        keys::part(self.relationship_id, Self::KIND, self.id)
    }

    fn indexes(&self) -> Indexes {
        let is_named = self.named_support.is_some() && self.status != Status::Cancelled;
        Indexes {
            listing: Some((keys::parts_of(self.partner_id, self.customer_id, Self::KIND), self.id.to_string())),
            by_customer: is_named.then(|| (keys::customer_pk(self.customer_id), keys::support(self.id))),
            ..Indexes::default()
        }
    }
}

impl Row for ServiceRequest {
    fn key(&self) -> Key {
        keys::part(self.relationship_id, Self::KIND, self.id)
    }

    fn indexes(&self) -> Indexes {
        let listing = (keys::parts_of(self.partner_id, self.customer_id, Self::KIND), self.id.to_string());
        Indexes { listing: Some(listing), ..Indexes::default() }
    }
}

impl Store {
    /// Stores something new of a relationship; what the same request made before, as it is now.
    pub(super) async fn create_part<T: Part>(
        &self,
        part: T,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<T, Error> {
        let attempt = AttemptId::new();
        let made = key.map(|key| Made::new(key, (part.parties().0, Some(part.relationship_id())), part.id(), now));
        let mut writes = writes(None, &part, attempt)?;
        if let Some(made) = &made {
            writes.push(Write::put(made, attempt, Expect::AbsentOrPurged(now))?);
        }
        let Outcome::Overtaken(mut findings) = self.transact(&writes, attempt).await? else { return Ok(part) };
        if let Some(made) = made
            && let Some(found) = findings.pop().flatten()
        {
            return Ok(self.part(&part, made.before(found)?, now).await?.value);
        }
        refused(None, &part, findings)?;
        Err(Error::Conflict)
    }

    /// Changes something of a relationship. It is found in the index, which may trail the table: a refusal is
    /// believed only of what was read consistently.
    pub(super) async fn change_part<T: Part>(
        &self,
        (partner, customer): (PartnerId, CustomerId),
        id: T::Id,
        now: Timestamp,
        judge: impl Fn(&T) -> Result<Next<T>, Refusal> + Send,
    ) -> Result<T, Error> {
        let (mut before, mut is_sure) = match self.listed_part::<T>(partner, customer, id, now).await? {
            Some(before) => (before, false),
            None => {
                let relationship = self.relationship(partner, customer, now).await?;
                let key = keys::part(relationship.id, T::KIND, id);
                (self.get(key, now).await?.ok_or(Refusal::NotFound)?, false)
            }
        };
        for round in 0..ROUNDS {
            let next = match judge(&before) {
                Ok(Next::To(next)) => next,
                verdict if is_sure => return verdict.map(|_| before.value).map_err(Error::from),
                Ok(Next::Same) | Err(_) => {
                    (before, is_sure) = (self.part(&before.value, id, now).await?, true);
                    continue;
                }
            };
            let attempt = AttemptId::new();
            let mut findings = match self.transact(&writes(Some(&before), &next, attempt)?, attempt).await? {
                Outcome::Done => return Ok(next),
                Outcome::Overtaken(findings) => findings,
            };
            match findings.first_mut().and_then(Option::take) {
                Some(newer) => before = seen(newer.ok_or(Refusal::NotFound)?)?,
                None => match refused(Some(&before), &next, findings) {
                    Err(Error::Refused(Refusal::NoRelationship)) => {
                        return Err(self.gone(partner, customer, now).await);
                    }
                    refused => refused?,
                },
            }
            pause(OVERTAKEN, round).await;
        }
        Err(Error::Conflict)
    }

    async fn listed_part<T: Part>(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        id: T::Id,
        now: Timestamp,
    ) -> Result<Option<Seen<T>>, Error> {
        let range = Range::Prefix(id.to_string());
        let query = self.query((LPK, keys::parts_of(partner, customer, T::KIND)), Some((LSK, range)), now);
        let (items, _) = fetch(query.index_name(LISTING), LSK, 1).await?;
        items.into_iter().next().map(seen).transpose()
    }

    /// Something of the same relationship, read consistently together with it.
    async fn part<T: Part>(&self, like: &T, id: T::Id, now: Timestamp) -> Result<Seen<T>, Error> {
        let key = keys::part(like.relationship_id(), T::KIND, id);
        let (relationship, part) = self.relationship_and::<T>(like.parties(), &key, now).await?;
        if relationship.id != like.relationship_id() {
            return Err(Refusal::NotFound.into());
        }
        let part = part.ok_or(Refusal::NotFound)?;
        part.must_suit(&relationship)?;
        Ok(part)
    }

    /// A page of what belongs to a relationship, newest first, behind `after`; and the relationship.
    pub(super) async fn list_parts<T: Part>(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<(Relationship, Listed<T>), Error> {
        let relationship = self.get::<Relationship>(keys::relationship(partner, customer), now);
        let parts = self.page_of_parts(partner, customer, after, limit, now);
        let (relationship, parts) = tokio::try_join!(relationship, parts)?;
        let relationship = relationship.ok_or(Refusal::NotFound)?.value;
        let parts = of(&relationship, parts);
        Ok((relationship, parts))
    }

    /// The same before the relationship is known: what ended ones of the two had is among it.
    pub(super) async fn page_of_parts<T: Part>(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<T>, Error> {
        let range = after.map(|after| (LSK, Range::Before(after.to_owned())));
        let query = self.query((LPK, keys::parts_of(partner, customer, T::KIND)), range, now).index_name(LISTING);
        page(query.scan_index_forward(false), LSK, limit).await
    }
}

/// What belongs to this relationship. Newest comes first, so behind what an ended one had there is nothing more.
pub(super) fn of<T: Part>(relationship: &Relationship, mut parts: Listed<T>) -> Listed<T> {
    let before = parts.items.len();
    parts.items.retain(|part| part.relationship_id() == relationship.id);
    if parts.items.len() < before {
        parts.next = None;
    }
    parts
}

/// The part first, then its relationship, then what else must be so.
fn writes<T: Part>(before: Option<&Seen<T>>, next: &T, attempt: AttemptId) -> Result<Vec<Write>, Error> {
    let (partner, customer) = next.parties();
    let owner = keys::relationship(partner, customer);
    let more = next.commitments() - before.map_or(0, |before| before.commitments());
    let mut writes = vec![
        Write::put(next, attempt, Expect::still(before))?,
        match more {
            0 => Write::check(owner, next.needs()),
            more => Write::add(owner, Counter::Commitments, more, attempt, next.needs()),
        },
    ];
    let conditions = next.conditions(before.map(|before| &before.value)).into_iter();
    writes.extend(conditions.map(|(key, expect, _)| Write::check(key, expect)));
    Ok(writes)
}

/// Why those writes were refused, by what they found beside the part itself. Nothing, if it is so no more.
fn refused<T: Part>(before: Option<&Seen<T>>, next: &T, findings: Findings) -> Result<(), Error> {
    let mut findings = findings.into_iter().skip(1);
    if let Some(owner) = findings.next().flatten() {
        let relationship: Seen<Relationship> = seen(owner.ok_or(Refusal::NoRelationship)?)?;
        if relationship.id != next.relationship_id() {
            return Err(Refusal::NotFound.into());
        }
        next.must_suit(&relationship)?;
    }
    for ((_, _, refusal), found) in next.conditions(before.map(|before| &before.value)).into_iter().zip(findings) {
        if found.is_some() {
            return Err(refusal.into());
        }
    }
    Ok(())
}
