//! `GET /v1/customers/{customerId}/users?limit=&cursor=`: the users of the customer's tenant.
//! `POST /v1/customers/{customerId}/users`: a new one.
//! `PATCH /v1/customers/{customerId}/users/{userId}`: another name, sign-in blocked or not, licences given and taken.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"items": […], "nextCursor": "…"}` | a page, by user principal name; `licenses` are those of the partner's own subscriptions |
//! | 201 `{"user": …}`, `Location` | made now, or before by the same `Idempotency-Key` and request |
//! | 200 `{"user": …}` | changed, or so already |
//! | 403 `forbidden` | the caller's role does not allow it |
//! | 403 `delegated-admin-not-granted` | the customer has not granted it, or just took it away |
//! | 404 `not-found` | there is no relationship, or no such user |
//! | 409 `no-relationship` | a change, and the relationship ended |
//! | 409 `user-exists`, `no-free-license`, `invalid-transition` | the name is taken; every licence is assigned; the subscription has none to give |
//! | 422 `validation-failed`, `idempotency-key-reused` | the request does not hold |

use shared::{
    Error,
    domain::{
        Act, CustomerId, User,
        user::{MOST_LICENSES, NewUser, UserChange},
    },
    http::{
        Answer, Call, Fields,
        view::{self, ListView, UserAnswer},
    },
    store::{Cursors, List, Store},
};

/// Licences that one request gives, and that it takes, at most: DynamoDB writes 100 items in one transaction.
const MOST_AT_ONCE: usize = 40;
const _: () = assert!(MOST_AT_ONCE <= MOST_LICENSES);

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) cursors: Cursors,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    match call.method() {
        "GET" => list(deps, &call).await,
        "POST" => create(deps, &call).await,
        _ => change(deps, &call).await,
    }
}

async fn list(deps: &Deps, call: &Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::SeeCustomers)?, call.now()?);
    call.only_queries(&["limit", "cursor"])?;
    let (customer, page) = (call.path::<CustomerId>("customerId")?, call.page()?);

    let list = List { name: "users", owner: caller.tenant, filter: &customer.to_string() };
    let after = page.cursor.map(|cursor| deps.cursors.open(list, &cursor)).transpose()?;
    let (relationship, users) =
        deps.store.list_users(caller.partner(), customer, after.as_deref(), page.limit, now).await?;
    Answer::ok(&ListView::new(users, &deps.cursors, list, |user| view::user(user, &relationship))?)
}

async fn create(deps: &Deps, call: &Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::ManageUsers)?, call.now()?);
    let (customer, wanted) = (call.path::<CustomerId>("customerId")?, call.body(new_user)?);
    let key = call.idempotency_key(&(customer, &wanted))?;

    let relationship = deps.store.relationship(caller.partner(), customer, now).await?;
    let user = User::create(&relationship, wanted, caller, now)?;
    let user = deps.store.create_user(&relationship, user, key.as_ref(), now).await?;

    let location = format!("/v1/customers/{customer}/users/{}", user.id);
    Answer::created(&UserAnswer { user: view::user(user, &relationship) }, location)
}

async fn change(deps: &Deps, call: &Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::ManageUsers)?, call.now()?);
    let (customer, id) = (call.path("customerId")?, call.path("userId")?);
    let change = call.body(wanted_change)?;
    let (relationship, user) = deps.store.change_user((caller.partner(), customer), id, &change, caller, now).await?;
    Answer::ok(&UserAnswer { user: view::user(user, &relationship) })
}

fn new_user(fields: &mut Fields<'_>) -> Option<NewUser> {
    let (name, display_name) = (fields.required("userPrincipalName"), fields.required("displayName"));
    let country = fields.optional("country");
    Some(NewUser { user_principal_name: name?, display_name: display_name?, country })
}

fn wanted_change(fields: &mut Fields<'_>) -> Option<UserChange> {
    let (display_name, blocked) = (fields.optional("displayName"), fields.optional("blocked"));
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    fields.object("licenses", |licenses| {
        (add, remove) = (licenses.list("add", MOST_AT_ONCE), licenses.list("remove", MOST_AT_ONCE));
        for (name, list, other) in [("add", &add, &remove), ("remove", &remove, &add)] {
            for (place, id) in list.iter().enumerate() {
                if other.contains(id) || list.iter().take(place).any(|before| before == id) {
                    licenses.wrong(&format!("{name}/{place}"), "must stand in one of the two lists, once".to_owned());
                }
            }
        }
    });
    Some(UserChange { display_name, blocked, add, remove })
}
