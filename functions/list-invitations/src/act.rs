//! `GET /v1/invitations?status=&limit=&cursor=`: a partner's invitations, newest first.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"items": […], "nextCursor": "…"}` | always; a page filtered by status may be short and still go on |
//! | 400 `malformed` | an unknown status or parameter, a limit out of range, a cursor that is not one of this list |
//! | 403 `forbidden` | the caller's role may not see them |

use std::str::FromStr;

use shared::{
    Error,
    domain::Act,
    http::{
        Answer, Call,
        view::{self, ListView},
    },
    store::{Cursors, List, Store},
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) cursors: Cursors,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::Invite)?, call.now()?);
    call.only_queries(&["status", "limit", "cursor"])?;
    let (status, page) = (call.query::<Status>("status")?.map(|status| status.0), call.page()?);

    let list = List { name: "invitations", owner: caller.tenant, filter: status.unwrap_or_default() };
    let after = page.cursor.map(|cursor| deps.cursors.open(list, &cursor)).transpose()?;
    let listed = deps.store.list_invitations(caller.partner(), status, after.as_deref(), page.limit, now).await?;
    let next_cursor = listed.next.map(|position| deps.cursors.seal(list, &position)).transpose()?;

    let items = listed.items.iter().map(|invitation| view::invitation(invitation, now)).collect();
    Answer::ok(&ListView { items, next_cursor })
}

struct Status(&'static str);

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const ALL: [&str; 5] = ["pending", "accepted", "declined", "revoked", "expired"];
        let known = ALL.into_iter().find(|status| *status == text);
        known.map(Self).ok_or_else(|| format!("must be one of {}", ALL.join(", ")))
    }
}
