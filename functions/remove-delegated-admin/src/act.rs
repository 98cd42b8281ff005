//! `DELETE /v1/partners/{partnerId}/delegated-admin`: the customer takes delegated admin away.
//! `DELETE /v1/customers/{customerId}/delegated-admin`: the partner gives it back. The relationship stays.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"relationship": …}` | it was granted, or this side removed it before |
//! | 403 `forbidden` | the caller's role does not allow it |
//! | 404 `not-found` | the two never had a relationship |
//! | 409 `invalid-transition` | it is not granted, and it was not this side that removed it |
//! | 409 `no-relationship` | the relationship ended |

use shared::{
    Error,
    domain::{Act, relationship::Side},
    http::{
        Answer, Call,
        view::{self, RelationshipAnswer},
    },
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) billing_admin_answers: bool,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let now = call.now()?;
    let (side, caller, partner, customer) = if call.route().contains("{partnerId}") {
        let caller = call.caller_who_may(Act::answer(deps.billing_admin_answers))?;
        (Side::Customer, caller, call.path("partnerId")?, caller.customer())
    } else {
        let caller = call.caller_who_may(Act::GiveDelegatedAdminBack)?;
        (Side::Partner, caller, caller.partner(), call.path("customerId")?)
    };
    let relationship = deps.store.remove_delegated_admin(partner, customer, side, caller, now).await?;
    Answer::ok(&RelationshipAnswer { relationship: view::relationship(&relationship) })
}
