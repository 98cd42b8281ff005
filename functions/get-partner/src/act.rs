//! `GET /v1/partners/{partnerId}`: a partner's profile, for the operator and for that partner.
//!
//! | answer | when |
//! |---|---|
//! | 200 `{"partner": …}`, `ETag` | it is registered |
//! | 403 `forbidden` | the caller is of that tenant and has no role of a partner |
//! | 404 `not-found` | it is not registered, or the caller may not know |

use shared::{
    Error,
    domain::{Act, Caller, PartnerId, Refusal},
    http::{Answer, Call, view::PartnerAnswer},
    store::Store,
};

pub(crate) struct Deps {
    pub(crate) store: Store,
}

pub(crate) async fn handle(deps: &Deps, call: Call) -> Result<Answer, Error> {
    let (caller, now) = (call.caller()?, call.now()?);
    let partner_id: PartnerId = call.path("partnerId")?;
    may_see(caller, partner_id)?;
    let partner = deps.store.partner(partner_id, now).await?.ok_or(Refusal::NotFound)?;
    Ok(Answer::ok(&PartnerAnswer { partner: &partner })?.with_etag(partner.version()))
}

fn may_see(caller: &Caller, partner_id: PartnerId) -> Result<(), Refusal> {
    if caller.may(Act::SeeAnyPartner) {
        return Ok(());
    }
    if caller.partner() != partner_id {
        return Err(Refusal::NotFound);
    }
    caller.must(Act::SeeOwnPartner)
}
