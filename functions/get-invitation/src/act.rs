//! `GET /v1/invitations/{invitationId}`: one invitation of the partner.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"invitation": …, "draft": …}` | it is there; with the draft while it can be answered |
//! | 403 `forbidden` | the caller's role may not see it |
//! | 404 `not-found` | it is not there, or not this partner's |

use shared::{
    Error,
    domain::{Act, LinkKeys},
    http::{
        Answer, Call,
        view::{self, InvitationAnswer},
    },
    mail::{Draft, Portals},
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) links: LinkKeys,
    pub(crate) portals: Portals,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::Invite)?, call.now()?);
    let id = call.path("invitationId")?;
    let (invitation, partner) = deps.store.invitation_and_partner(caller.partner(), id, now).await?;
    // Once its key has left the ring the link is dead, and there is nothing to send.
    let token = deps.links.token(&invitation.claims()).filter(|_| invitation.must_be_pending(now).is_ok());
    let portal = deps.portals.of(partner.cloud);
    let draft = token.map(|token| Draft::render(&invitation, &partner, portal, &token)).transpose()?;
    Answer::ok(&InvitationAnswer { invitation: view::invitation(&invitation, now), draft })
}
