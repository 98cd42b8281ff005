//! The rules of the business: pure functions of state, act and time.
//!
//! Nothing in here awaits, reads a clock or the environment, or knows HTTP or DynamoDB. Every act takes
//! `now` and answers the next state or a [`Refusal`]; judging the same act twice is always safe.

pub mod caller;
pub mod cloud;
pub mod customer;
pub mod delivery;
pub mod ids;
pub mod invitation;
pub mod link;
pub mod locale;
pub mod partner;
pub mod refusal;
pub mod relationship;
pub mod role;
pub mod search;
pub mod service_request;
pub mod subscription;
pub mod territory;
pub mod text;
pub mod user;

pub use caller::Caller;
pub use cloud::Cloud;
pub use customer::{CustomerProfile, NamedCustomer};
pub use delivery::Delivery;
pub use ids::{AttemptId, CustomerId, InvitationId, PartnerId, ServiceRequestId, SubscriptionId, TenantId, UserId};
pub use invitation::Invitation;
pub use link::{LinkClaims, LinkKeys};
pub use locale::Locale;
pub use partner::Partner;
pub use refusal::Refusal;
pub use relationship::Relationship;
pub use role::{Act, Role};
pub use service_request::ServiceRequest;
pub use subscription::Subscription;
pub use territory::Country;
pub use user::User;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a rule decided: nothing changes, or this is the next state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next<T> {
    /// The act was done before by the same side: answer what is there.
    Same,
    /// The state to store.
    To(T),
}

/// One step in the life of an invitation or a relationship: who did what and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step<W> {
    /// What was done.
    pub what: W,
    /// When.
    pub at: Timestamp,
    /// The user (or client) who did it; absent where the system did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The invitation through which it was done, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_id: Option<InvitationId>,
}

/// Steps kept per item: the first and the newest, so that an item cannot outgrow DynamoDB's 400 KB.
const STEPS_KEPT: usize = 100;

fn record<W>(history: &mut Vec<Step<W>>, step: Step<W>) {
    if history.len() >= STEPS_KEPT {
        history.remove(1);
    }
    history.push(step);
}
