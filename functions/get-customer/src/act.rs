//! `GET /v1/customers/{customerId}`: the record that the partner expands.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"relationship": …, "account": …, "supportContact": …}` | the relationship is active |
//! | 403 `forbidden` | the caller's role may not see it |
//! | 404 `not-found` | there is no active relationship, or it is not this partner's |

use serde::Serialize;
use shared::{
    Error,
    domain::{
        Act, Cloud, Country,
        partner::SupportContact,
        text::{Domain, Name},
    },
    http::{
        Answer, Call,
        view::{self, RelationshipView},
    },
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    relationship: RelationshipView<'a>,
    account: Account<'a>,
    support_contact: Option<&'a SupportContact>,
}

#[derive(Serialize)]
struct Account<'a> {
    name: &'a Name,
    domain: &'a Domain,
    country: Country,
    cloud: Cloud,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::SeeCustomers)?, call.now()?);
    let customer = call.path("customerId")?;
    let (relationship, profile, partner) = deps.store.record(caller.partner(), customer, now).await?;
    Answer::ok(&Record {
        relationship: view::relationship(&relationship),
        account: Account {
            name: &profile.name,
            domain: &profile.domain,
            country: profile.country,
            cloud: profile.cloud,
        },
        support_contact: partner.support_contact.as_ref(),
    })
}
