//! `GET /v1/partners?limit=&cursor=`: a customer's own partners, earliest first.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"items": […], "nextCursor": "…"}` | always; `supports` is what a partner supports and another one sold |
//! | 400 `malformed` | an unknown parameter, a limit out of range, a cursor that is not one of this list |
//! | 403 `forbidden` | the caller's role may not see them |

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    Error,
    domain::{
        Act, PartnerId, Subscription, SubscriptionId, partner::SupportContact, relationship::DelegatedAdmin, text::Name,
    },
    http::{Answer, Call, view::ListView},
    store::{Cursors, List, ServingPartner, Store},
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) cursors: Cursors,
    pub(crate) billing_admin_answers: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PartnerLine {
    partner_id: PartnerId,
    name: Name,
    delegated_admin: DelegatedAdmin,
    established_at: Timestamp,
    support_contact: Option<SupportContact>,
    supports: Vec<Supported>,
}

/// What this partner supports and another one sold.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Supported {
    subscription_id: SubscriptionId,
    name: Name,
    sold_by: PartnerId,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::answer(deps.billing_admin_answers))?, call.now()?);
    call.only_queries(&["limit", "cursor"])?;
    let page = call.page()?;

    let list = List { name: "partners", owner: caller.tenant, filter: "" };
    let after = page.cursor.map(|cursor| deps.cursors.open(list, &cursor)).transpose()?;
    let listed = deps.store.list_partners(caller.customer(), after.as_deref(), page.limit, now).await?;
    Answer::ok(&ListView::new(listed, &deps.cursors, list, line)?)
}

fn line(ServingPartner { relationship, partner, supports }: ServingPartner) -> PartnerLine {
    let supported =
        |sold: Subscription| Supported { subscription_id: sold.id, name: sold.name, sold_by: sold.partner_id };
    PartnerLine {
        partner_id: partner.partner_id,
        name: partner.name,
        delegated_admin: relationship.delegated_admin,
        established_at: relationship.established_at,
        support_contact: partner.support_contact,
        supports: supports.into_iter().map(supported).collect(),
    }
}
