//! `POST /v1/invitations/preview`: whoever holds the link sees who asks for what, until when. Public; decides
//! nothing, however often it is called.
//!
//! | answer | when |
//! |---|---|
//! | 200 | the link is known, an ended invitation's too |
//! | 404 `unknown-link` | forged, damaged, renewed since, or cleaned up |
//! | 422 `validation-failed` | no token, or another field |

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    Error,
    domain::{Cloud, Country, LinkKeys, Locale, invitation::Agreement, partner::SupportContact, text::Name},
    http::{Answer, Call},
    mail::Portals,
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) links: LinkKeys,
    pub(crate) portals: Portals,
    pub(crate) agreement: Agreement,
}

/// Never the named customer, who answered, or why: whoever holds the link sees this.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Preview<'a> {
    status: &'static str,
    partner: PartnerShown<'a>,
    include_delegated_admin: bool,
    portal: PortalShown<'a>,
    locale: &'a Locale,
    expires_at: Timestamp,
    agreement: &'a Agreement,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PartnerShown<'a> {
    name: &'a Name,
    country: Country,
    support_contact: Option<&'a SupportContact>,
}

#[derive(Serialize)]
struct PortalShown<'a> {
    cloud: Cloud,
    name: &'a Name,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let now = call.now()?;
    let token: String = call.body(|fields| fields.required("token"))?;
    let link = deps.links.verify(&token)?;
    let (invitation, partner) = deps.store.opened_by(&link, now).await?;
    Answer::ok(&Preview {
        status: invitation.state_at(now).name(),
        partner: PartnerShown {
            name: &partner.name,
            country: partner.country,
            support_contact: partner.support_contact.as_ref(),
        },
        include_delegated_admin: invitation.include_delegated_admin,
        portal: PortalShown { cloud: partner.cloud, name: &deps.portals.of(partner.cloud).name },
        locale: &invitation.locale,
        expires_at: invitation.expires_at,
        agreement: &deps.agreement,
    })
}
