//! `POST /v1/invitations/{invitationId}/send`: the system mails the draft, as it is or as the partner edited it.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"invitation": …}` | the mail service took it (`delivery.status` `sent`), or gave no clear answer (`sending`) |
//! | 403 `forbidden`, `partner-suspended` | the caller's role does not allow it; the partner may not invite |
//! | 404 `not-found` | it is not there, or not this partner's |
//! | 409 `already-accepted`, `already-declined`, `already-revoked`, 410 `expired` | it cannot be answered any more |
//! | 409 `conflict` | a mail of it has been `sending` for less than a minute |
//! | 409 `mail-not-configured` | this deployment sends no mail |
//! | 409 `address-blocked` | mail to that address bounced for good or was complained about; `"force": true` sends all the same |
//! | 429 `mail-quota` | the partner's mails of the day are used up |
//! | 422 `link-missing`, `validation-failed` | the edited text lost the link; fields are wrong; nobody to send it to |
//! | 502 `mail-failed` | the mail service refused it; nothing was lost |

use shared::{
    Error,
    domain::{Act, AttemptId, Invitation, Next, Refusal, delivery::MailOutcome},
    http::{
        Answer, Call,
        view::{self, InvitationAnswer},
    },
    mail::{Drafts, Edits, Mail, Mailer},
    store::{MailClaim, Store},
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) drafts: Drafts,
    pub(crate) mailer: Option<Mailer>,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::Invite)?, call.now()?);
    let id = call.path("invitationId")?;
    let (edits, force) = call.body(|fields| {
        let (to, subject, text) = (fields.optional("to"), fields.optional("subject"), fields.optional("text"));
        Some((Edits { to, subject, text }, fields.optional("force").unwrap_or(false)))
    })?;

    let (seen, partner) = deps.store.invitation_and_partner(caller.partner(), id, now).await?;
    seen.must_be_pending(now)?;
    let mailer = deps.mailer.as_ref().ok_or(Error::MailNotConfigured)?;
    let draft = deps.drafts.invitation(&seen, &partner, now)?.ok_or(Refusal::UnknownLink)?.edited(edits, &seen)?;
    let to = draft.to.clone().ok_or_else(|| Error::field("/to", "is required: the invitation names no address"))?;

    let (attempt, link) = (AttemptId::new(), seen.claims());
    let claim = |invitation: &Invitation| {
        // Renewed since it was read: the link in this draft is dead, and mailing it would be a lie.
        invitation.must_be_opened_by(&link).map_err(|_| Refusal::RenewedMeanwhile)?;
        invitation.claim_mail(&partner, attempt, &to, caller, now).map(Next::To)
    };
    let counted = MailClaim::new(&partner, &to, force);
    let claimed = deps.store.claim_mail(seen, &counted, now, claim).await?.ok_or(Error::Conflict)?;

    let mail = Mail { partner: &partner, invitation_id: id, attempt, to: &to, draft: &draft };
    match mailer.deliver(&deps.store, claimed, &mail, now).await? {
        (_, MailOutcome::Refused(said)) => Err(Error::MailFailed(said)),
        (invitation, MailOutcome::Taken(_) | MailOutcome::Unknown(_)) => {
            Answer::ok(&InvitationAnswer { invitation: view::invitation(&invitation, now), draft: None })
        }
    }
}
