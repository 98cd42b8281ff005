//! Mails in the table: claims, a partner's count of the day, addresses that take no more.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    Store,
    expect::Expect,
    keys,
    keys::Key,
    row::{Item, Row, Seen, seen},
    write::{Outcome, Write},
};
use crate::{
    Error,
    domain::{
        AttemptId, Invitation, Next, Partner, PartnerId, Refusal,
        delivery::{DeliveryStatus, MailEvent},
        text::Email,
    },
    telemetry::{self, Metric},
};

/// How often a claim or a report is judged anew after it was overtaken.
const ROUNDS: u32 = 8;
/// A day's count is kept this long.
const COUNT_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What claiming a mail takes beside the invitation's own write: the same transaction counts it, so that
/// nobody turns the operator's mail identity into a relay, and looks whether the address takes mail.
#[derive(Debug, Clone, Copy)]
pub struct MailClaim<'a> {
    /// To whom.
    pub to: &'a Email,
    /// Mails a day, at most.
    pub quota: u32,
    /// Whether to mail an address that bounced or complained all the same.
    pub force: bool,
}

impl<'a> MailClaim<'a> {
    /// A claim of this partner.
    #[must_use]
    pub const fn new(partner: &Partner, to: &'a Email, force: bool) -> Self {
        Self { to, quota: partner.daily_mail_quota, force }
    }

    pub(super) fn writes(&self, partner: PartnerId, mine: AttemptId, now: Timestamp) -> Result<Vec<Write>, Error> {
        if self.quota == 0 {
            return Err(self.used_up(now).into());
        }
        let purge_at = now.saturating_add(COUNT_KEPT).unwrap_or(Timestamp::MAX);
        let mut writes = vec![Write::count(keys::mails_of_day(partner, day(now)), mine, self.quota, purge_at)];
        if !self.force {
            writes.push(Write::check(keys::blocked(partner, self.to), Expect::Absent));
        }
        Ok(writes)
    }

    /// What the transaction found of those writes.
    pub(super) fn refused(&self, findings: &[Option<Option<Item>>], now: Timestamp) -> Result<(), Refusal> {
        match findings {
            [_, Some(_), ..] => Err(Refusal::AddressBlocked),
            [Some(_), ..] => Err(self.used_up(now)),
            _ => Ok(()),
        }
    }

    fn used_up(&self, now: Timestamp) -> Refusal {
        let tomorrow = day(now).tomorrow().and_then(|day| day.to_zoned(TimeZone::UTC));
        Refusal::MailQuota { resets_at: tomorrow.map_or(Timestamp::MAX, |day| day.timestamp()) }
    }
}

fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// An address that takes no more mail of a partner.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blocked {
    partner_id: PartnerId,
    address: Email,
    at: Timestamp,
    reason: Option<String>,
}

impl Row for Blocked {
    fn key(&self) -> Key {
        keys::blocked(self.partner_id, &self.address)
    }
}

impl Store {
    /// Changes an invitation so that a mail of it is claimed, and counts the mail, in one transaction.
    pub async fn claim_mail(
        &self,
        mut before: Seen<Invitation>,
        claim: &MailClaim<'_>,
        now: Timestamp,
        judge: impl Fn(&Invitation) -> Result<Next<Invitation>, Refusal> + Send,
    ) -> Result<Option<Seen<Invitation>>, Error> {
        for _ in 0..ROUNDS {
            let Next::To(next) = judge(&before)? else { return Ok(None) };
            let attempt = AttemptId::new();
            let mut writes = vec![Write::put(&next, attempt, Expect::Unchanged(before.attempt))?];
            writes.extend(claim.writes(next.partner_id, attempt, now)?);
            match self.transact(&writes, attempt).await? {
                Outcome::Done => return Ok(Some(Seen { value: next, attempt })),
                Outcome::Overtaken(findings) => match findings.split_first() {
                    Some((Some(Some(newer)), _)) => before = seen(newer.clone())?,
                    Some((Some(None), _)) => return Err(Refusal::NotFound.into()),
                    Some((None, rest)) => claim.refused(rest, now)?,
                    None => return Err(Error::Conflict),
                },
            }
        }
        Err(Error::Conflict)
    }

    /// Records what the mail service reported; an address that bounced for good or complained is blocked in
    /// the same transaction.
    pub async fn report_mail(
        &self,
        mut before: Seen<Invitation>,
        attempt_id: AttemptId,
        event: &MailEvent,
    ) -> Result<Seen<Invitation>, Error> {
        let mut blocked: Vec<Blocked> = event
            .blocked
            .iter()
            .map(|address| Blocked {
                partner_id: before.partner_id,
                address: address.clone(),
                at: event.at,
                reason: event.reason.clone(),
            })
            .collect();
        for _ in 0..ROUNDS {
            let mine = AttemptId::new();
            let next = before.report_mail(attempt_id, event);
            let mut writes = Vec::new();
            if let Next::To(next) = &next {
                writes.push(Write::put(next, mine, Expect::Unchanged(before.attempt))?);
            }
            for address in &blocked {
                writes.push(Write::put(address, mine, Expect::Absent)?);
            }
            if writes.is_empty() {
                return Ok(before);
            }
            let mut findings = match self.transact(&writes, mine).await? {
                Outcome::Done => {
                    return Ok(match next {
                        Next::To(value) => {
                            count_event(event);
                            Seen { value, attempt: mine }
                        }
                        Next::Same => before,
                    });
                }
                Outcome::Overtaken(findings) => findings.into_iter(),
            };
            if let Next::To(_) = next
                && let Some(found) = findings.next().flatten()
            {
                before = seen(found.ok_or(Refusal::NotFound)?)?;
            }
            // Blocked before: that stands.
            let mut was_blocked = findings.map(|found| found.is_some());
            blocked.retain(|_| !was_blocked.next().unwrap_or_default());
        }
        Err(Error::Conflict)
    }
}

fn count_event(event: &MailEvent) {
    match event.status {
        DeliveryStatus::Failed => telemetry::count(Metric::MailsFailed),
        DeliveryStatus::Bounced => telemetry::count(Metric::MailsBounced),
        DeliveryStatus::Complained => telemetry::count(Metric::MailsComplained),
        DeliveryStatus::NotSent
        | DeliveryStatus::Sending
        | DeliveryStatus::Sent
        | DeliveryStatus::Delayed
        | DeliveryStatus::Delivered => {}
    }
}
