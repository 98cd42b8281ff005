//! `GET /v1/customers/{customerId}/subscriptions?limit=&cursor=`: what the partner sold to the customer.
//! `POST /v1/customers/{customerId}/subscriptions`: it buys a subscription, a reservation or software for it.
//! `PATCH /v1/customers/{customerId}/subscriptions/{subscriptionId}`: suspend, resume, cancel; another quantity;
//! another partner for support.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"items": […], "nextCursor": "…", "licenses": […]}` | a page, newest first; `licenses` is `null` where delegated admin is not granted |
//! | 201 `{"subscription": …}`, `Location` | bought now, or before by the same `Idempotency-Key` and request |
//! | 200 `{"subscription": …}` | changed, or so already |
//! | 403 `forbidden`, `partner-suspended` | the caller's role does not allow it; a suspended partner buys nothing more |
//! | 404 `not-found` | there is no relationship, or no such subscription in it |
//! | 409 `no-relationship` | a change, and the relationship ended |
//! | 409 `invalid-transition`, `licenses-assigned` | it does not fit the state; more licences are assigned than that |
//! | 422 `validation-failed`, `idempotency-key-reused` | the request does not hold; that partner cannot support it |

use serde::Serialize;
use shared::{
    Error,
    domain::{
        Act, CustomerId, Subscription,
        subscription::{Purchase, SubscriptionChange},
    },
    http::{
        Answer, Call, Fields,
        view::{self, Closed, LicensesView, ListView, SubscriptionAnswer, SubscriptionView},
    },
    store::{Cursors, List, Sold, Store},
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) cursors: Cursors,
}

/// A page of subscriptions, and their licences where the partner may see them.
#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    list: ListView<SubscriptionView>,
    licenses: Option<Vec<LicensesView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<Closed>,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    match call.method() {
        "GET" => list(deps, &call).await,
        "POST" => buy(deps, &call).await,
        _ => change(deps, &call).await,
    }
}

async fn list(deps: &Deps, call: &Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::SeeCustomers)?, call.now()?);
    call.only_queries(&["limit", "cursor"])?;
    let (customer, page) = (call.path::<CustomerId>("customerId")?, call.page()?);

    let list = List { name: "subscriptions", owner: caller.tenant, filter: &customer.to_string() };
    let after = page.cursor.map(|cursor| deps.cursors.open(list, &cursor)).transpose()?;
    let sold = deps.store.list_subscriptions(caller.partner(), customer, after.as_deref(), page.limit, now).await?;

    let Sold { relationship, subscriptions, supporting } = sold;
    let closed = Closed::of(&relationship);
    let licenses = closed.is_none().then(|| view::licenses(&subscriptions.items));
    let list = ListView::new(subscriptions, &deps.cursors, list, |sold| {
        let support = sold.support_contact(&supporting);
        view::subscription(sold, support)
    })?;
    Answer::ok(&Page { list, licenses, closed })
}

async fn buy(deps: &Deps, call: &Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::ManageSubscriptions)?, call.now()?);
    let (customer, purchase) = (call.path::<CustomerId>("customerId")?, call.body(purchase)?);
    let key = call.idempotency_key(&(customer, &purchase))?;

    let relationship = deps.store.relationship(caller.partner(), customer, now).await?;
    let subscription = Subscription::purchase(&relationship, purchase, caller, now);
    let subscription = deps.store.create_subscription(subscription, key.as_ref(), now).await?;

    let support = deps.store.support_contact(&subscription, now).await?;
    let location = format!("/v1/customers/{customer}/subscriptions/{}", subscription.id);
    Answer::created(&SubscriptionAnswer { subscription: view::subscription(subscription, support) }, location)
}

async fn change(deps: &Deps, call: &Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::ChangeSubscriptions)?, call.now()?);
    let (customer, id) = (call.path("customerId")?, call.path("subscriptionId")?);
    let change = call.body(wanted_change)?;
    if change.status.is_some() || change.quantity.is_some() {
        caller.must(Act::ManageSubscriptions)?;
    }
    if change.support_contact.is_some() {
        caller.must(Act::Support)?;
    }

    let parties = (caller.partner(), customer);
    let subscription = deps.store.change_subscription(parties, id, change, caller, now).await?;
    let support = match change.support_contact {
        Some(named) => named, // its grant was part of the write
        None => deps.store.support_contact(&subscription, now).await?,
    };
    Answer::ok(&SubscriptionAnswer { subscription: view::subscription(subscription, support) })
}

fn purchase(fields: &mut Fields<'_>) -> Option<Purchase> {
    let (kind, name, sku) = (fields.required("kind"), fields.required("name"), fields.required("sku"));
    let (quantity, service_type) = (fields.required("quantity"), fields.required("serviceType"));
    Some(Purchase { kind: kind?, name: name?, sku: sku?, quantity: quantity?, service_type: service_type? })
}

fn wanted_change(fields: &mut Fields<'_>) -> Option<SubscriptionChange> {
    let (status, quantity) = (fields.optional("status"), fields.optional("quantity"));
    let is_named = fields.has("supportContact");
    let support_contact = fields.object("supportContact", |contact| match is_named {
        true => contact.required("partnerId"),
        false => contact.optional("partnerId"),
    });
    Some(SubscriptionChange { status, quantity, support_contact })
}
