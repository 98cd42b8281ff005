//! `POST /v1/invitations/accept`: the customer's administrator accepts. Invitation, relationship and customer
//! change together or not at all.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"relationship": …}` | accepted now, or before by this customer: then as it is now, and nothing is granted anew |
//! | 403 `forbidden`, `not-bound-to-you`, `partner-suspended` | who may not answer it; nobody may accept a suspended partner |
//! | 404 `unknown-link` | forged, damaged, renewed since, or cleaned up |
//! | 409 `already-accepted`, `already-declined`, `already-revoked`, `agreement-changed`, 410 `expired` | it cannot be accepted any more, or not so |
//! | 422 `validation-failed`, `own-invitation`, `wrong-cloud`, `outside-territory`, `unsupported-country` | the rules |

use shared::{
    Error,
    domain::{
        Act, LinkKeys,
        customer::StatedCustomer,
        invitation::{Acceptance, Agreement},
    },
    http::{
        Answer, Call, Fields,
        view::{self, RelationshipAnswer},
    },
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
    pub(crate) links: LinkKeys,
    pub(crate) agreement: Agreement,
    pub(crate) require_country: bool,
    pub(crate) billing_admin_answers: bool,
}

struct Answered {
    token: String,
    customer: StatedCustomer,
    agreement_version: Option<String>,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller_who_may(Act::answer(deps.billing_admin_answers))?, call.now()?);
    let answered = call.body(answered)?;
    let link = deps.links.verify(&answered.token)?;
    let acceptance = Acceptance {
        by: caller,
        stated: &answered.customer,
        agreement: &deps.agreement,
        shown_version: answered.agreement_version.as_deref(),
        require_token_country: deps.require_country,
    };
    let relationship = deps.store.accept(&link, &acceptance, now).await?;
    Answer::ok(&RelationshipAnswer { relationship: view::relationship(&relationship) })
}

fn answered(fields: &mut Fields<'_>) -> Option<Answered> {
    let (token, agreed) = (fields.required("token"), fields.required("agreementAccepted"));
    if agreed == Some(false) {
        fields.wrong("agreementAccepted", "must be true: accepting includes the agreement".to_owned());
    }
    let agreement_version = fields.optional("agreementVersion");
    let customer = fields.object("customer", |customer| StatedCustomer {
        name: customer.optional("name"),
        domain: customer.optional("domain"),
        country: customer.optional("country"),
    });
    Some(Answered { token: token?, customer, agreement_version })
}
