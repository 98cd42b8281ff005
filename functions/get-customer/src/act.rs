//! `GET /v1/customers/{customerId}`: the record that the partner expands, in one wait.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"relationship": …, "account": …, "subscriptions": …, "users": …, "licenses": …, "serviceRequests": …, "supportContact": …}` | the relationship is active |
//! | 403 `forbidden` | the caller's role may not see it |
//! | 404 `not-found` | there is no active relationship, or it is not this partner's |
//!
//! Each part is the first page of its list, with the cursor that the list itself takes. Users and licences are
//! `null` where delegated admin is not granted; `closed` says so.

use serde::Serialize;
use shared::{
    Error,
    domain::{
        Act, Cloud, Country, CustomerId,
        partner::SupportContact,
        text::{Domain, Name},
    },
    http::{
        Answer, Call,
        view::{
            self, Closed, LicensesView, ListView, RelationshipView, ServiceRequestView, SubscriptionView, UserView,
        },
    },
    store::{Cursors, List, Record, Store},
};

/// How many items of each part are shown.
const PAGE: u8 = 25;

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) cursors: Cursors,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordView<'a> {
    relationship: RelationshipView<'a>,
    account: Account<'a>,
    subscriptions: ListView<SubscriptionView>,
    users: Option<ListView<UserView>>,
    licenses: Option<Vec<LicensesView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<Closed>,
    service_requests: ListView<ServiceRequestView>,
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
    let customer: CustomerId = call.path("customerId")?;
    let record = deps.store.record(caller.partner(), customer, PAGE, now).await?;

    let Record { relationship, profile, partner, subscriptions, users, service_requests, relationships } = record;
    let filter = customer.to_string();
    let list = |name| List { name, owner: caller.tenant, filter: &filter };
    let licenses = users.is_some().then(|| view::licenses(&subscriptions.items));
    Answer::ok(&RecordView {
        relationship: view::relationship(&relationship),
        account: Account {
            name: &profile.name,
            domain: &profile.domain,
            country: profile.country,
            cloud: profile.cloud,
        },
        subscriptions: ListView::new(subscriptions, &deps.cursors, list("subscriptions"), |sold| {
            let support = sold.support_contact(&relationships);
            view::subscription(sold, support)
        })?,
        users: users
            .map(|users| ListView::new(users, &deps.cursors, list("users"), |user| view::user(user, &relationship)))
            .transpose()?,
        licenses,
        closed: Closed::of(&relationship),
        service_requests: ListView::new(
            service_requests,
            &deps.cursors,
            list("service-requests"),
            ServiceRequestView::from,
        )?,
        support_contact: partner.support_contact.as_ref(),
    })
}
