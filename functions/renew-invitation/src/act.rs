//! `POST /v1/invitations/{invitationId}/renew`: a new link and more time; the old link is dead from this moment.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"invitation": …, "draft": …}` | it was pending or expired; the draft carries the new link |
//! | 403 `forbidden`, `partner-suspended` | the caller's role does not allow it; the partner may not invite |
//! | 404 `not-found` | it is not there, or not this partner's |
//! | 409 `already-accepted`, `already-declined`, `already-revoked` | it was answered or revoked |
//! | 422 `validation-failed` | fields are wrong |

use shared::{
    Error,
    domain::{Act, Invitation, Next},
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
    let lifetime = call.body(|fields| Some(fields.optional("expiresInDays")))?;
    let (seen, partner) = deps.store.invitation_and_partner(caller.partner(), id, now).await?;

    let renew = |invitation: &Invitation| {
        invitation.renew(&partner, lifetime, deps.drafts.links.newest(), caller, now).map(Next::To)
    };
    let invitation = deps.store.change_invitation(seen, renew).await?;

    let draft = deps.drafts.invitation(&invitation, &partner, now)?;
    Answer::ok(&InvitationAnswer { invitation: view::invitation(&invitation, now), draft })
}
