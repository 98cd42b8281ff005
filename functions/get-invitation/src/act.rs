//! `GET /v1/invitations/{invitationId}`: one invitation of the partner.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"invitation": …, "draft": …}` | it is there; with the draft while it can be answered |
//! | 403 `forbidden` | the caller's role may not see it |
//! | 404 `not-found` | it is not there, or not this partner's |

use shared::{
    Error,
    domain::Act,
    http::{
        Answer, Call,
        view::{self, InvitationAnswer},
    },
    mail::Drafts,
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) drafts: Drafts,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::Invite)?, call.now()?);
    let id = call.path("invitationId")?;
    let (invitation, partner) = deps.store.invitation_and_partner(caller.partner(), id, now).await?;
    let draft = deps.drafts.invitation(&invitation, &partner, now)?;
    Answer::ok(&InvitationAnswer { invitation: view::invitation(&invitation, now), draft })
}
