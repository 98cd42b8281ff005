//! Users of customers' tenants in the table, and their licences.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    IdempotencyKey, Listed, Store,
    attributes::{LISTING, LPK, LSK},
    expect::Expect,
    idempotency::Made,
    keys,
    keys::Key,
    parts::Part,
    read::{Range, page},
    row::{Indexes, Item, Row, Seen, seen},
    write::{Counter, OVERTAKEN, Outcome, Write, pause},
};
use crate::{
    Error,
    domain::{
        AttemptId, Caller, CustomerId, PartnerId, Refusal, Relationship, Subscription, SubscriptionId, User, UserId,
        text::UserPrincipalName,
        user::{ChangedUser, UserChange},
    },
};

/// How often a change is judged anew after it was overtaken.
const ROUNDS: u32 = 12;

impl Row for User {
    fn key(&self) -> Key {
        keys::user(self.customer_id, self.id)
    }

    fn indexes(&self) -> Indexes {
        let listing = (keys::users_of(self.customer_id), self.user_principal_name.folded());
        Indexes { listing: Some(listing), ..Indexes::default() }
    }
}

/// A user principal name that is taken.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TakenName {
    customer_id: CustomerId,
    user_principal_name: UserPrincipalName,
    user_id: UserId,
}

impl Row for TakenName {
    fn key(&self) -> Key {
        keys::user_principal_name(self.customer_id, &self.user_principal_name)
    }
}

impl Store {
    /// Stores a new user, if its name is free and delegated admin still granted.
    pub async fn create_user(
        &self,
        relationship: &Relationship,
        user: User,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<User, Error> {
        let attempt = AttemptId::new();
        let (customer_id, user_id, owner) = (user.customer_id, user.id, relationship.key());
        let name = TakenName { customer_id, user_principal_name: user.user_principal_name.clone(), user_id };
        let made = key.map(|key| Made::new(key, (relationship.partner_id, Some(relationship.id)), user_id, now));
        let mut writes = vec![
            Write::put(&user, attempt, Expect::Absent)?,
            Write::put(&name, attempt, Expect::Absent)?,
            Write::check(owner, Expect::Granted(relationship.id)),
        ];
        if let Some(made) = &made {
            writes.push(Write::put(made, attempt, Expect::AbsentOrPurged(now))?);
        }
        let Outcome::Overtaken(mut findings) = self.transact(&writes, attempt).await? else { return Ok(user) };
        if let Some(made) = made
            && let Some(found) = findings.pop().flatten()
        {
            let parties = (relationship.partner_id, customer_id);
            let (_, before) = self.relationship_and_user(parties, made.before(found)?, now).await?;
            return Ok(before.value);
        }
        if let [_, name, owner, ..] = findings.as_slice() {
            if let Some(owner) = owner {
                still_granted(owner.clone())?;
            } else if name.is_some() {
                return Err(Refusal::UserExists.into());
            }
        }
        Err(Error::Conflict)
    }

    /// Changes a user and its licences, counted where their subscriptions stand, all in one transaction.
    pub async fn change_user(
        &self,
        parties: (PartnerId, CustomerId),
        id: UserId,
        change: &UserChange,
        by: &Caller,
        now: Timestamp,
    ) -> Result<(Relationship, User), Error> {
        let (mut relationship, mut before) = self.relationship_and_user(parties, id, now).await?;
        for round in 0..ROUNDS {
            let Some(changed) = before.change(&relationship, change, by, now)? else {
                return Ok((relationship, before.value));
            };
            let attempt = AttemptId::new();
            let writes = writes(&before, &changed, &relationship, attempt)?;
            let findings = match self.transact(&writes, attempt).await? {
                Outcome::Done => return Ok((relationship, changed.user)),
                Outcome::Overtaken(findings) => findings,
            };
            let mut findings = findings.into_iter();
            if let Some(newer) = findings.next().flatten() {
                before = seen(newer.ok_or(Refusal::NotFound)?)?;
            }
            if let Some(newer) = findings.next().flatten() {
                relationship = still_granted(newer)?;
            }
            for (id, found) in changed.added.iter().zip(findings) {
                if let Some(subscription) = found {
                    assignable(subscription, || pointer(change, *id))?;
                }
            }
            pause(OVERTAKEN, round).await;
        }
        Err(Error::Conflict)
    }

    async fn relationship_and_user(
        &self,
        parties: (PartnerId, CustomerId),
        id: UserId,
        now: Timestamp,
    ) -> Result<(Relationship, Seen<User>), Error> {
        let (relationship, user) = self.relationship_and(parties, &keys::user(parties.1, id), now).await?;
        relationship.must_grant()?;
        Ok((relationship, user.ok_or(Refusal::NotFound)?))
    }

    /// A page of the users of a customer's tenant by user principal name, behind `after`, for a partner with
    /// the grant.
    pub async fn list_users(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<(Relationship, Listed<User>), Error> {
        let relationship = self.get::<Relationship>(keys::relationship(partner, customer), now);
        let (relationship, users) = tokio::try_join!(relationship, self.page_of_users(customer, after, limit, now))?;
        let relationship = relationship.ok_or(Refusal::NotFound)?.value;
        relationship.must_grant()?;
        Ok((relationship, users))
    }

    /// The same, whoever asks: for those who look at the grant themselves.
    pub(super) async fn page_of_users(
        &self,
        customer: CustomerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<User>, Error> {
        let range = after.map(|after| (LSK, Range::After(after.to_owned())));
        let query = self.query((LPK, keys::users_of(customer)), range, now).index_name(LISTING);
        page(query, LSK, limit).await
    }
}

/// The user, then the grant, then the licences that come, then those that go.
fn writes(
    before: &Seen<User>,
    changed: &ChangedUser,
    relationship: &Relationship,
    attempt: AttemptId,
) -> Result<Vec<Write>, Error> {
    let subscription = |id: &SubscriptionId| keys::part(relationship.id, Subscription::KIND, id);
    let count = |id, by, expect| Write::add(subscription(id), Counter::Assigned, by, attempt, expect);
    let mut writes = vec![
        Write::put(&changed.user, attempt, Expect::Unchanged(before.attempt))?,
        Write::check(relationship.key(), Expect::Granted(relationship.id)),
    ];
    writes.extend(changed.added.iter().map(|id| count(id, 1, Expect::FreeLicense)));
    writes.extend(changed.removed.iter().map(|id| count(id, -1, Expect::AssignedLicense)));
    Ok(writes)
}

/// The relationship that a write found, if the grant is there after all; else why not.
fn still_granted(found: Option<Item>) -> Result<Relationship, Error> {
    let relationship = seen::<Relationship>(found.ok_or(Refusal::NoRelationship)?)?.value;
    relationship.must_grant()?;
    Ok(relationship)
}

/// Refuses a subscription that a write found, if it has no licence to give.
fn assignable(found: Option<Item>, pointer: impl FnOnce() -> String) -> Result<(), Error> {
    let item = found.ok_or_else(|| Refusal::NoSubscription { pointer: pointer() })?;
    Ok(seen::<Subscription>(item)?.assign()?)
}

fn pointer(change: &UserChange, id: SubscriptionId) -> String {
    let place = change.add.iter().position(|wanted| *wanted == id).unwrap_or_default();
    format!("/licenses/add/{place}")
}
