//! `GET /v1/customers/{customerId}/service-requests?limit=&cursor=`: what the partner asked help for.
//! `POST /v1/customers/{customerId}/service-requests`: it opens a request on the customer's behalf.
//! `PATCH /v1/customers/{customerId}/service-requests/{requestId}`: another status, a note appended.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"items": […], "nextCursor": "…"}` | a page, newest first |
//! | 201 `{"serviceRequest": …}`, `Location` | opened now, or before by the same `Idempotency-Key` and request |
//! | 200 `{"serviceRequest": …}` | changed, or so already |
//! | 403 `forbidden` | the caller's role does not allow it |
//! | 403 `delegated-admin-not-granted` | `selfService`, and the customer has not granted it |
//! | 404 `not-found` | there is no relationship, or no such request in it |
//! | 409 `no-relationship` | a change, and the relationship ended |
//! | 409 `invalid-transition` | it is closed, or its notes are full |
//! | 422 `validation-failed`, `idempotency-key-reused` | the request does not hold |

use shared::{
    Error,
    domain::{
        Act, CustomerId, ServiceRequest,
        service_request::{Channel, NewServiceRequest, ServiceRequestChange, Severity},
    },
    http::{
        Answer, Call, Fields,
        view::{ListView, ServiceRequestAnswer, ServiceRequestView},
    },
    store::{Cursors, List, Store},
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) cursors: Cursors,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    match call.method() {
        "GET" => list(deps, &call).await,
        "POST" => open(deps, &call).await,
        _ => change(deps, &call).await,
    }
}

async fn list(deps: &Deps, call: &Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::SeeCustomers)?, call.now()?);
    call.only_queries(&["limit", "cursor"])?;
    let (customer, page) = (call.path::<CustomerId>("customerId")?, call.page()?);

    let list = List { name: "service-requests", owner: caller.tenant, filter: &customer.to_string() };
    let after = page.cursor.map(|cursor| deps.cursors.open(list, &cursor)).transpose()?;
    let requests =
        deps.store.list_service_requests(caller.partner(), customer, after.as_deref(), page.limit, now).await?;
    Answer::ok(&ListView::new(requests, &deps.cursors, list, ServiceRequestView::from)?)
}

async fn open(deps: &Deps, call: &Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::Support)?, call.now()?);
    let (customer, wanted) = (call.path::<CustomerId>("customerId")?, call.body(new_request)?);
    let key = call.idempotency_key(&(customer, &wanted))?;

    let (relationship, partner) = deps.store.relationship_and_partner(caller.partner(), customer, now).await?;
    let request = ServiceRequest::open(&relationship, &partner, wanted, caller, now)?;
    let request = deps.store.open_service_request(request, key.as_ref(), now).await?;

    let location = format!("/v1/customers/{customer}/service-requests/{}", request.id);
    Answer::created(&ServiceRequestAnswer { service_request: request.into() }, location)
}

async fn change(deps: &Deps, call: &Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::Support)?, call.now()?);
    let (customer, id) = (call.path("customerId")?, call.path("requestId")?);
    let change = call.body(|fields| {
        Some(ServiceRequestChange { status: fields.optional("status"), note: fields.optional("note") })
    })?;
    let request = deps.store.change_service_request((caller.partner(), customer), id, &change, caller, now).await?;
    Answer::ok(&ServiceRequestAnswer { service_request: request.into() })
}

fn new_request(fields: &mut Fields<'_>) -> Option<NewServiceRequest> {
    let (title, description) = (fields.required("title"), fields.required("description"));
    let severity = fields.optional("severity").unwrap_or(Severity::Moderate);
    let channel = fields.optional("channel").unwrap_or(Channel::Assisted);
    let subscription_id = fields.optional("subscriptionId");
    Some(NewServiceRequest { title: title?, description: description?, severity, subscription_id, channel })
}
