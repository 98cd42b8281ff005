//! Partners in the table.

use std::{collections::HashMap, sync::Mutex};

use jiff::{SignedDuration, Timestamp};

use super::{
    Store,
    expect::Expect,
    keys,
    keys::Key,
    row::{Row, Seen, seen},
    write::Outcome,
};
use crate::{
    Error,
    domain::{AttemptId, Caller, Next, Partner, PartnerId, Refusal, partner::Registration},
};

/// How long a profile is remembered in an execution environment, for creating invitations.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_secs(60);
/// How many are remembered at once.
const REMEMBERED_MOST: usize = 1000;

impl Row for Partner {
    fn key(&self) -> Key {
        keys::partner(self.partner_id)
    }
}

/// Profiles seen lately, each with the time of the event that read it.
#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<HashMap<PartnerId, (Partner, Timestamp)>>);

impl Remembered {
    /// Ends after its time, and also when time goes backwards.
    fn get(&self, id: PartnerId, now: Timestamp) -> Option<Partner> {
        let map = self.0.lock().ok()?;
        let (partner, at) = map.get(&id)?;
        let age = now.duration_since(*at);
        (SignedDuration::ZERO <= age && age < REMEMBERED_FOR).then(|| partner.clone())
    }

    fn put(&self, partner: &Partner, now: Timestamp) {
        let Ok(mut map) = self.0.lock() else { return };
        if map.len() >= REMEMBERED_MOST {
            map.clear();
        }
        map.insert(partner.partner_id, (partner.clone(), now));
    }
}

impl Store {
    /// A partner as it is now.
    pub async fn partner(&self, id: PartnerId, now: Timestamp) -> Result<Option<Seen<Partner>>, Error> {
        self.get(keys::partner(id), now).await
    }

    /// A registered partner as it was at most a minute ago: what inviting needs, without a read each time.
    /// That a tenant is no partner is never remembered.
    pub async fn inviting_partner(&self, id: PartnerId, now: Timestamp) -> Result<Partner, Error> {
        if let Some(partner) = self.remembered.get(id, now) {
            return Ok(partner);
        }
        let partner = self.partner(id, now).await?.ok_or(Refusal::NotAPartner)?.value;
        self.remembered.put(&partner, now);
        Ok(partner)
    }

    /// Registers a partner or changes it; tells whether it is new. `matches` is judged against the version
    /// that is replaced (`None`: there is none).
    pub async fn register(
        &self,
        id: PartnerId,
        wanted: &Registration,
        matches: impl Fn(Option<String>) -> bool + Send,
        by: &Caller,
        now: Timestamp,
    ) -> Result<(Seen<Partner>, bool), Error> {
        let mut before = self.partner(id, now).await?;
        for _ in 0..4 {
            let next = match &before {
                None => Partner::register(id, wanted.clone(), by, now)?,
                Some(before) => match before.change(wanted.clone(), by, now)? {
                    // So it is already: done before, perhaps by this very request (RFC 9110 section 13.1.1).
                    Next::Same => return Ok((before.clone(), false)),
                    Next::To(next) => next,
                },
            };
            if !matches(before.as_ref().map(Seen::version)) {
                return Err(Error::ChangedSince);
            }
            let attempt = AttemptId::new();
            match self.put(&next, attempt, Expect::still(before.as_ref())).await? {
                Outcome::Done => return Ok((Seen { value: next, attempt }, before.is_none())),
                Outcome::Overtaken(found) => before = found.map(seen).transpose()?,
            }
        }
        Err(Error::Conflict)
    }
}
