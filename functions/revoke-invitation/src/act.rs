//! `POST /v1/invitations/{invitationId}/revoke`: the partner takes an invitation back.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"invitation": …}` | it was pending, or revoked before |
//! | 403 `forbidden` | the caller's role does not allow it |
//! | 404 `not-found` | it is not there, or not this partner's |
//! | 409 `already-accepted`, `already-declined`, 410 `expired` | it ended otherwise |
//! | 422 `validation-failed` | a field: it takes none |

use shared::{
    Error,
    domain::Act,
    http::{
        Answer, Call,
        view::{self, InvitationAnswer},
    },
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::Invite)?, call.now()?);
    let id = call.path("invitationId")?;
    call.body(|_| Some(()))?;
    let seen = deps.store.invitation(caller.partner(), id, now).await?;
    let invitation = deps.store.change_invitation(seen, |invitation| invitation.revoke(caller, now)).await?;
    Answer::ok(&InvitationAnswer { invitation: view::invitation(&invitation, now), draft: None })
}
