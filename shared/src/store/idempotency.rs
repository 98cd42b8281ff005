//! Requests that are sent twice and done once: what a client's key made is remembered for a day.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    keys,
    keys::Key,
    row::{Indexes, Item, Row, Seen, seen},
};
use crate::{
    Error,
    domain::{InvitationId, PartnerId, Refusal},
};

/// What a key remembers is kept this long.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A request's idempotency key, and what tells the request from another one.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The client's key.
    pub key: String,
    /// The request as it was understood, as text.
    pub request: String,
}

/// What an idempotent request made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Made {
    partner_id: PartnerId,
    key: String,
    request_sha256: String,
    id: String,
    purge_at: Timestamp,
}

impl Row for Made {
    fn key(&self) -> Key {
        Key { pk: keys::partner_pk(self.partner_id), sk: self.key.clone() }
    }

    fn indexes(&self) -> Indexes {
        Indexes { purge_at: Some(self.purge_at), ..Indexes::default() }
    }
}

impl Made {
    /// `scope` is part of the request: what a key made in a relationship that ended is not what it makes in the next.
    pub(super) fn new(
        key: &IdempotencyKey,
        (partner_id, scope): (PartnerId, Option<InvitationId>),
        id: impl ToString,
        now: Timestamp,
    ) -> Self {
        let scope = scope.map(|scope| scope.to_string()).unwrap_or_default();
        Self {
            partner_id,
            key: keys::idempotency(partner_id, &key.key).sk,
            request_sha256: keys::sha256_hex(format!("{scope}{}", key.request).as_bytes()),
            id: id.to_string(),
            purge_at: now.saturating_add(KEPT).unwrap_or(Timestamp::MAX),
        }
    }

    /// The id that the same request made before, as the table has it; refuses another request's key.
    pub(super) fn before<I: std::str::FromStr>(&self, found: Option<Item>) -> Result<I, Error> {
        let before: Seen<Self> = seen(found.ok_or(Error::Conflict)?)?;
        if before.request_sha256 != self.request_sha256 {
            return Err(Refusal::IdempotencyKeyReused.into());
        }
        before.id.parse().map_err(|_| Error::internal("a key remembers no id"))
    }
}
