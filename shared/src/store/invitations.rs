//! Invitations in the table.

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use jiff::Timestamp;

use super::{
    Listed, MailClaim, Store,
    attributes::{LISTING, LPK, LSK, PENDING, PK, PPK, PSK, SK},
    expect::Expect,
    idempotency::{IdempotencyKey, Made},
    keys,
    keys::Key,
    read::{Range, fetch, page},
    row::{Indexes, Row, Seen, seen},
    write::{Outcome, Write},
};
use crate::{
    Error,
    domain::{AttemptId, Invitation, InvitationId, LinkClaims, Next, Partner, PartnerId, Refusal, invitation::State},
    telemetry::{self, Metric},
};

/// Pending invitations looked at for a page of expired ones, at most.
const LOOK_AHEAD: i32 = 100;

impl Row for Invitation {
    fn key(&self) -> Key {
        keys::invitation(self.partner_id, self.id)
    }

    fn indexes(&self) -> Indexes {
        let id = self.id.to_string();
        let pending = matches!(self.state, State::Pending).then(|| {
            let due = format!("{}#{}#{id}", keys::sortable(self.expires_at), self.partner_id);
            (keys::pending_shard(self.id), due)
        });
        let listing = (keys::invitations_of_status(self.partner_id, self.state.name()), id);
        Indexes { listing: Some(listing), pending, by_customer: None, purge_at: Some(self.purge_at()) }
    }

    fn count_change(before: &Self, after: &Self) {
        if before.state.name() == after.state.name() {
            return;
        }
        match after.state {
            State::Pending => {} // renewed
            State::Accepted { .. } => telemetry::count(Metric::InvitationsAccepted),
            State::Declined { .. } => telemetry::count(Metric::InvitationsDeclined),
            State::Revoked { .. } => telemetry::count(Metric::InvitationsRevoked),
            State::Expired { .. } => telemetry::count(Metric::InvitationsExpired),
        }
    }
}

/// How a creation ended.
#[derive(Debug)]
pub enum Created {
    /// It was made now.
    Now(Seen<Invitation>),
    /// The same request had made it before: the invitation as it is now.
    Before(Seen<Invitation>),
}

/// A stretch of time: behind one moment, up to and including another.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Later than this.
    pub behind: Timestamp,
    /// At this, or earlier.
    pub until: Timestamp,
}

/// A page of due invitations of one shard, and where the next begins.
#[derive(Debug)]
pub struct Due {
    /// Due, as the index knows them; it may trail the table by a second.
    pub due: Vec<Seen<Invitation>>,
    /// Where to go on; `None` when the shard is done.
    pub next: Option<String>,
}

impl Store {
    /// The shards that due invitations are spread over.
    pub const SHARDS: u8 = keys::SHARDS;

    /// Stores a new invitation; with a key, together with what the key made; with a mail claimed, together
    /// with its count.
    pub async fn create_invitation(
        &self,
        invitation: Invitation,
        key: Option<&IdempotencyKey>,
        mail: Option<&MailClaim<'_>>,
        now: Timestamp,
    ) -> Result<Created, Error> {
        let partner_id = invitation.partner_id;
        let attempt = AttemptId::new();
        let made = key.map(|key| Made::new(key, (partner_id, None), invitation.id, now));
        if made.is_none() && mail.is_none() {
            return match self.put(&invitation, attempt, Expect::Absent).await? {
                Outcome::Done => Ok(created(invitation, attempt)),
                Outcome::Overtaken(_) => Err(Error::internal("an id was given twice")),
            };
        }
        let mut writes = vec![Write::put(&invitation, attempt, Expect::Absent)?];
        if let Some(made) = &made {
            writes.push(Write::put(made, attempt, Expect::AbsentOrPurged(now))?);
        }
        if let Some(mail) = mail {
            writes.extend(mail.writes(partner_id, attempt, now)?);
        }
        let mut findings = match self.transact(&writes, attempt).await? {
            Outcome::Done => return Ok(created(invitation, attempt)),
            Outcome::Overtaken(findings) => findings.into_iter().skip(1),
        };
        if let Some(made) = made
            && let Some(before) = findings.next().flatten()
        {
            let key = keys::invitation(partner_id, made.before(before)?);
            return self.get(key, now).await?.map(Created::Before).ok_or(Error::Conflict);
        }
        if let Some(mail) = mail {
            mail.refused(&findings.collect::<Vec<_>>(), now)?;
        }
        Err(Error::Conflict)
    }

    /// An invitation of this partner.
    pub async fn invitation(
        &self,
        partner: PartnerId,
        id: InvitationId,
        now: Timestamp,
    ) -> Result<Seen<Invitation>, Error> {
        Ok(self.get(keys::invitation(partner, id), now).await?.ok_or(Refusal::NotFound)?)
    }

    /// An invitation of this partner and the partner, in one request.
    pub async fn invitation_and_partner(
        &self,
        partner: PartnerId,
        id: InvitationId,
        now: Timestamp,
    ) -> Result<(Seen<Invitation>, Partner), Error> {
        let (invitation_key, partner_key) = (keys::invitation(partner, id), keys::partner(partner));
        let mut batch = self.batch(&[&invitation_key, &partner_key], now).await?;
        let invitation = batch.take(&invitation_key)?.ok_or(Refusal::NotFound)?;
        let partner: Seen<Partner> = batch.take(&partner_key)?.ok_or(Refusal::NotAPartner)?;
        Ok((invitation, partner.value))
    }

    /// What a verified link opens, and who invites, in one request.
    pub async fn opened_by(&self, link: &LinkClaims, now: Timestamp) -> Result<(Seen<Invitation>, Partner), Error> {
        let opened = self.invitation_and_partner(link.partner_id, link.invitation_id, now).await;
        let (invitation, partner) = match opened {
            Err(Error::Refused(Refusal::NotFound | Refusal::NotAPartner)) => return Err(Refusal::UnknownLink.into()),
            opened => opened?,
        };
        invitation.must_be_opened_by(link)?;
        Ok((invitation, partner))
    }

    /// Changes an invitation as the rule decides.
    pub async fn change_invitation(
        &self,
        before: Seen<Invitation>,
        judge: impl Fn(&Invitation) -> Result<Next<Invitation>, Refusal> + Send,
    ) -> Result<Seen<Invitation>, Error> {
        self.change(before, judge).await
    }

    /// A partner's invitations, newest first, behind the id `after`.
    pub async fn list_invitations(
        &self,
        partner: PartnerId,
        status: Option<&str>,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<Invitation>, Error> {
        match status {
            None => self.all_invitations(partner, after, limit, now).await,
            Some("expired") => self.expired_invitations(partner, after, limit, now).await,
            Some("pending") => {
                let query = self.of_status(partner, "pending", after, now);
                page(only(query, &format!("{PSK} > :time"), now), LSK, limit).await
            }
            Some(status) => page(self.of_status(partner, status, after, now), LSK, limit).await,
        }
    }

    async fn all_invitations(
        &self,
        partner: PartnerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<Invitation>, Error> {
        let pk = keys::partner_pk(partner);
        let range = Range::Prefix(keys::INVITATION_PREFIX.to_owned());
        let mut query = self.query((PK, pk.clone()), Some((SK, range)), now).scan_index_forward(false);
        if let Some(after) = after {
            query = query
                .exclusive_start_key(PK, AttributeValue::S(pk))
                .exclusive_start_key(SK, AttributeValue::S(after.to_owned()));
        }
        page(query, SK, limit).await
    }

    /// Two lists in one: those that the clean-up expired, and those past their time that it has not reached.
    /// Both are sorted by id, so an invitation that moves between them is neither lost nor shown twice.
    async fn expired_invitations(
        &self,
        partner: PartnerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<Invitation>, Error> {
        let lapsed = only(self.of_status(partner, "pending", after, now), &format!("{PSK} <= :time"), now);
        let expired = self.of_status(partner, "expired", after, now);
        let (lapsed, expired) =
            tokio::try_join!(fetch(lapsed, LSK, LOOK_AHEAD), fetch(expired, LSK, i32::from(limit) + 1))?;
        // Behind the nearer of the two ends, one of the lists is not known yet.
        let known_to = lapsed.1.max(expired.1);
        let mut items: Vec<Invitation> = Vec::new();
        for item in lapsed.0.into_iter().chain(expired.0) {
            items.push(seen(item)?.value);
        }
        items.sort_by_key(|invitation: &Invitation| std::cmp::Reverse(invitation.id));
        items.dedup_by_key(|invitation| invitation.id);
        items.retain(|invitation| known_to.as_ref().is_none_or(|end| invitation.id.to_string() >= *end));
        let more = items.len() > usize::from(limit);
        items.truncate(limit.into());
        let last = items.last().map(|invitation| invitation.id.to_string());
        Ok(Listed { items, next: if more { last } else { known_to } })
    }

    fn of_status(&self, partner: PartnerId, status: &str, after: Option<&str>, now: Timestamp) -> QueryFluentBuilder {
        let partition = (LPK, keys::invitations_of_status(partner, status));
        let range = after.map(|after| (LSK, Range::Before(after.to_owned())));
        self.query(partition, range, now).index_name(LISTING).scan_index_forward(false)
    }

    /// Pending invitations of a shard that end in the window, earliest first, behind `after`. Reads what is
    /// in the window and nothing else.
    pub async fn due_invitations(
        &self,
        shard: u8,
        window: &Window,
        after: Option<&str>,
        most: i32,
        now: Timestamp,
    ) -> Result<Due, Error> {
        // Everything of a millisecond sorts before the same text with a character behind it.
        let end = format!("{}~", keys::sortable(window.until));
        let start = after.map_or_else(|| format!("{}~", keys::sortable(window.behind)), |after| format!("{after} "));
        let partition = (PPK, keys::pending_partition(shard));
        let query = self.query(partition, Some((PSK, Range::Between(start, end))), now).index_name(PENDING);
        let (items, next) = fetch(query, PSK, most).await?;
        let due = items.into_iter().map(seen).collect::<Result<_, _>>()?;
        Ok(Due { due, next })
    }

    /// Expires one due invitation; `false` where somebody else changed it first.
    pub async fn expire_invitation(&self, due: &Seen<Invitation>, now: Timestamp) -> Result<bool, Error> {
        let Next::To(next) = due.expire(now) else { return Ok(false) };
        let outcome = self.put(&next, AttemptId::new(), Expect::Unchanged(due.attempt)).await?;
        let is_expired = matches!(outcome, Outcome::Done);
        if is_expired {
            Invitation::count_change(due, &next);
        }
        Ok(is_expired)
    }
}

fn created(invitation: Invitation, attempt: AttemptId) -> Created {
    telemetry::count(Metric::InvitationsCreated);
    Created::Now(Seen { value: invitation, attempt })
}

/// Adds a condition on a time to what a query shows.
fn only(query: QueryFluentBuilder, clause: &str, now: Timestamp) -> QueryFluentBuilder {
    let filter = query.get_filter_expression().clone().unwrap_or_default();
    // `psk` begins with the time; `~` sorts behind everything that can follow it.
    query
        .filter_expression(format!("{filter} AND {clause}"))
        .expression_attribute_values(":time", AttributeValue::S(format!("{}~", keys::sortable(now))))
}
