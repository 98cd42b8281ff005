//! `PUT /v1/customers/{customerId}/agreement`: the partner records the agreement that it renegotiated with a
//! customer that took delegated admin away. That ends its continuing responsibility.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"relationship": …}` | recorded now, or the same agreement before |
//! | 403 `forbidden` | the caller's role does not allow it |
//! | 404 `not-found` | the two never had a relationship |
//! | 409 `invalid-transition` | there is no continuing responsibility to end |
//! | 409 `no-relationship` | the relationship ended |
//! | 422 `validation-failed` | a field is wrong; `renegotiatedAt` lies in the future, or before the customer took the grant away |

use shared::{
    Error,
    domain::{
        Act,
        relationship::{Renegotiated, Signatory},
    },
    http::{
        Answer, Call, Fields,
        view::{self, RelationshipAnswer},
    },
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::GiveDelegatedAdminBack)?, call.now()?);
    let (customer, agreement) = (call.path("customerId")?, call.body(agreement)?);
    let relationship = deps.store.record_agreement(caller.partner(), customer, &agreement, caller, now).await?;
    Answer::ok(&RelationshipAnswer { relationship: view::relationship(&relationship) })
}

fn agreement(fields: &mut Fields<'_>) -> Option<Renegotiated> {
    let renegotiated_at = fields.required("renegotiatedAt");
    let signed_by = fields.object("signedBy", |signatory| {
        let (first_name, last_name) = (signatory.required("firstName"), signatory.required("lastName"));
        let email = signatory.required("email");
        Some(Signatory { first_name: first_name?, last_name: last_name?, email: email? })
    });
    Some(Renegotiated { renegotiated_at: renegotiated_at?, signed_by: signed_by? })
}
