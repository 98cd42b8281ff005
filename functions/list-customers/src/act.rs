//! `GET /v1/customers?query=&limit=&cursor=`: a partner's customers by name. `query` is the beginning of the
//! name, of any of its words, of the domain or of one of its labels, whatever the case and the accents.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"items": […], "nextCursor": "…"}` | always, by name; with `query` those that match, the best first |
//! | 400 `malformed` | an unknown parameter, a limit out of range, a cursor that is not one of this list |
//! | 403 `forbidden` | the caller's role may not see them |

use shared::{
    Error,
    domain::{Act, search::folded},
    http::{
        Answer, Call,
        view::{CustomerLine, ListView},
    },
    store::{Cursors, List, Store},
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) cursors: Cursors,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::SeeCustomers)?, call.now()?);
    call.only_queries(&["query", "limit", "cursor"])?;
    let (query, page) = (call.search("query")?, call.page()?);
    let query = query.filter(|query| !folded(query).is_empty()); // an accent alone is blank

    let list = List { name: "customers", owner: caller.tenant, filter: query.as_deref().unwrap_or_default() };
    let after = page.cursor.map(|cursor| deps.cursors.open(list, &cursor)).transpose()?;
    let (partner, after) = (caller.partner(), after.as_deref());
    let listed = match &query {
        Some(query) => deps.store.find_customers(partner, query, after, page.limit, now).await?,
        None => deps.store.list_customers(partner, after, page.limit, now).await?,
    };
    Answer::ok(&ListView::new(listed, &deps.cursors, list, CustomerLine::from)?)
}
