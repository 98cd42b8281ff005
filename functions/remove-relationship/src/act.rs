//! `DELETE /v1/customers/{customerId}`: the partner removes the relationship.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"relationship": …, "endedAt": …, "endedBy": …, "effects": […]}` | it ended now, or before by this partner |
//! | 403 `forbidden` | the caller is no global administrator of the partner |
//! | 404 `not-found` | there never was one, or it is not this partner's |
//! | 409 `has-commitments` | `commitments` lists what has to be cancelled or suspended first |

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    Error,
    domain::{Act, relationship::Effect},
    http::{
        Answer, Call,
        view::{self, RelationshipView},
    },
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
}

/// The relationship as it was, and what ended with it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ended<'a> {
    relationship: RelationshipView<'a>,
    ended_at: Timestamp,
    ended_by: &'a str,
    effects: Vec<Effect>,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::RemoveRelationship)?, call.now()?);
    let customer = call.path("customerId")?;
    let ended = deps.store.remove_relationship(caller.partner(), customer, caller, now).await?;
    Answer::ok(&Ended {
        relationship: view::relationship(&ended.relationship),
        ended_at: ended.ended_at,
        ended_by: &ended.ended_by,
        effects: ended.effects(),
    })
}
