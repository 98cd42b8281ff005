//! `GET /v1/customers?query=&limit=&cursor=`: a partner's customers by name.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"items": […], "nextCursor": "…"}` | always; `query` is the beginning of the name, in any case |
//! | 400 `malformed` | an unknown parameter, a limit out of range, a cursor that is not one of this list |
//! | 403 `forbidden` | the caller's role may not see them |

use shared::{
    Error,
    domain::Act,
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

    let list = List { name: "customers", owner: caller.tenant, filter: query.as_deref().unwrap_or_default() };
    let after = page.cursor.map(|cursor| deps.cursors.open(list, &cursor)).transpose()?;
    let listed =
        deps.store.list_customers(caller.partner(), query.as_deref(), after.as_deref(), page.limit, now).await?;
    let next_cursor = listed.next.map(|position| deps.cursors.seal(list, &position)).transpose()?;

    let items: Vec<CustomerLine> = listed.items.into_iter().map(CustomerLine::from).collect();
    Answer::ok(&ListView { items, next_cursor })
}
