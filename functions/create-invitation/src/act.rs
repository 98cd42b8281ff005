//! `POST /v1/invitations`: a partner invites a customer.
//!
//! | answer | when |
//! |---|---|
//! | 201 `{"invitation": …, "draft": …}`, `Location` | it was made, or the same `Idempotency-Key` and request made it before |
//! | 403 `forbidden`, `not-a-partner`, `partner-suspended` | who may not invite, or not with delegated admin |
//! | 409 `mail-not-configured`, `address-blocked`, 429 `mail-quota` | `send`, and this deployment sends no mail, or not to that address, or no more today; nothing was made |
//! | 422 `validation-failed`, `delegated-admin-required`, `outside-territory`, `unsupported-country`, `own-invitation`, `idempotency-key-reused` | the request does not hold |
//!
//! With `"send": true` the mail is owed in the same write that makes the invitation, then sent, then its
//! outcome recorded; a mail that fails leaves 201 with `delivery.status` `failed`.

use serde::Serialize;
use shared::{
    Error,
    domain::{
        Act, AttemptId, Invitation, NamedCustomer,
        invitation::{Wanted, act_of_inviting},
        text::Email,
    },
    http::{
        Answer, Call, Fields,
        view::{self, InvitationAnswer},
    },
    mail::{Drafts, Mail, Mailer},
    store::{Created, MailClaim, Store},
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) drafts: Drafts,
    pub(crate) mailer: Option<Mailer>,
}

#[derive(Serialize)]
struct Ask {
    wanted: Wanted,
    send: bool,
}

/// A mail to send as soon as the invitation is stored.
struct Owed<'a> {
    mailer: &'a Mailer,
    attempt: AttemptId,
    to: Email,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::Invite)?, call.now()?);
    let ask = call.body(ask)?;
    caller.must(act_of_inviting(ask.wanted.include_delegated_admin))?;
    let (key, owed) = (call.idempotency_key(&ask)?, owed(deps, &ask)?);

    let partner = deps.store.inviting_partner(caller.partner(), now).await?;
    let mut invitation = Invitation::create(&partner, ask.wanted, deps.drafts.links.newest(), caller, now)?;
    if let Some(owed) = &owed {
        invitation = invitation.claim_mail(&partner, owed.attempt, &owed.to, caller, now)?;
    }

    let claim = owed.as_ref().map(|owed| MailClaim::new(&partner, &owed.to, false));
    let (mut invitation, is_new) =
        match deps.store.create_invitation(invitation, key.as_ref(), claim.as_ref(), now).await? {
            Created::Now(invitation) => (invitation, true),
            Created::Before(invitation) => (invitation, false),
        };
    let draft = deps.drafts.invitation(&invitation, &partner, now)?;
    if let (Some(owed), Some(draft), true) = (owed, &draft, is_new) {
        let mail = Mail { partner: &partner, invitation_id: invitation.id, attempt: owed.attempt, to: &owed.to, draft };
        (invitation, _) = owed.mailer.deliver(&deps.store, invitation, &mail, now).await?;
    }
    let location = format!("/v1/invitations/{}", invitation.id);
    Answer::created(&InvitationAnswer { invitation: view::invitation(&invitation, now), draft }, location)
}

fn ask(fields: &mut Fields<'_>) -> Option<Ask> {
    let customer = fields.object("customer", |customer| NamedCustomer {
        name: customer.optional("name"),
        email: customer.optional("email"),
        country: customer.optional("country"),
        tenant_id: customer.optional("tenantId"),
    });
    let wanted = Wanted {
        customer,
        include_delegated_admin: fields.optional("includeDelegatedAdmin").unwrap_or(true),
        locale: fields.optional("locale").unwrap_or_default(),
        lifetime: fields.optional("expiresInDays").unwrap_or_default(),
    };
    Some(Ask { wanted, send: fields.optional("send").unwrap_or(false) })
}

fn owed<'a>(deps: &'a Deps, ask: &Ask) -> Result<Option<Owed<'a>>, Error> {
    if !ask.send {
        return Ok(None);
    }
    let Some(to) = ask.wanted.customer.email.clone() else {
        return Err(Error::field("/customer/email", "is required to send the mail"));
    };
    let mailer = deps.mailer.as_ref().ok_or(Error::MailNotConfigured)?;
    Ok(Some(Owed { mailer, attempt: AttemptId::new(), to }))
}
