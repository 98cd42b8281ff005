//! `POST /v1/invitations/decline`: the customer's administrator declines, with a reason if it likes; the partner
//! sees it.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"status": "declined", "answeredAt": …}` | declined now, or before by this customer |
//! | 403 `forbidden`, `not-bound-to-you` | who may not answer it |
//! | 404 `unknown-link` | forged, damaged, renewed since, or cleaned up |
//! | 409 `already-accepted`, `already-declined`, `already-revoked`, 410 `expired` | it ended otherwise |
//! | 422 `validation-failed`, `own-invitation` | the rules |

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    Error,
    domain::{Act, Invitation, LinkKeys, invitation::State, text::Reason},
    http::{Answer, Call},
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) links: LinkKeys,
    pub(crate) billing_admin_answers: bool,
}

/// What the customer sees of it: the rest is the partner's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declined {
    status: &'static str,
    answered_at: Option<Timestamp>,
    reason: Option<Reason>,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::answer(deps.billing_admin_answers))?, call.now()?);
    let (token, reason) = call.body(|fields| {
        let (token, reason) = (fields.required::<String>("token"), fields.optional::<Reason>("reason"));
        Some((token?, reason))
    })?;
    let link = deps.links.verify(&token)?;
    let seen = deps.store.opened_by(&link, now).await?.0;
    let decline = |invitation: &Invitation| {
        invitation.must_be_opened_by(&link)?;
        invitation.decline(caller, reason.as_ref(), now)
    };
    let invitation = deps.store.change_invitation(seen, decline).await?;
    let status = invitation.state_at(now).name();
    let (answered_at, reason) = match &invitation.state {
        State::Declined { answered_at, reason, .. } => (Some(*answered_at), reason.clone()),
        State::Pending | State::Accepted { .. } | State::Revoked { .. } | State::Expired { .. } => (None, None),
    };
    Answer::ok(&Declined { status, answered_at, reason })
}
