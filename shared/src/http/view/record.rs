//! What a partner sees of a customer: what it sold, licences, users, service requests.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{
    Country, PartnerId, Relationship, ServiceRequest, ServiceRequestId, Step, Subscription, SubscriptionId, User,
    UserId,
    service_request::{Channel, Contact, NoteEntry, RequestStatus, Severity},
    subscription::{Kind, Quantity, ServiceType, Status, SubscriptionEvent},
    text::{Description, Name, Sku, Title, UserPrincipalName},
};

/// What a partner sold to a customer. Licences are shown apart, where delegated admin is granted.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionView {
    id: SubscriptionId,
    kind: Kind,
    name: Name,
    sku: Sku,
    quantity: Quantity,
    service_type: ServiceType,
    status: Status,
    support_contact: SupportPartner,
    created_at: Timestamp,
    history: Vec<Step<SubscriptionEvent>>,
}

/// The partner that supports a subscription.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SupportPartner {
    partner_id: PartnerId,
}

/// A subscription, and who supports it now.
#[must_use]
pub fn subscription(subscription: Subscription, support_contact: PartnerId) -> SubscriptionView {
    SubscriptionView {
        id: subscription.id,
        kind: subscription.kind,
        name: subscription.name,
        sku: subscription.sku,
        quantity: subscription.quantity,
        service_type: subscription.service_type,
        status: subscription.status,
        support_contact: SupportPartner { partner_id: support_contact },
        created_at: subscription.created_at,
        history: subscription.history,
    }
}

/// The licences of a subscription.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LicensesView {
    subscription_id: SubscriptionId,
    sku: Sku,
    quantity: Quantity,
    assigned: u32,
}

/// The licences of what was sold, but for what has none: reservations, and what is cancelled and not assigned.
#[must_use]
pub fn licenses(sold: &[Subscription]) -> Vec<LicensesView> {
    let has_licenses = |sold: &&Subscription| {
        sold.kind != Kind::Reservation && (sold.status != Status::Cancelled || sold.assigned > 0)
    };
    let licenses = |sold: &Subscription| LicensesView {
        subscription_id: sold.id,
        sku: sold.sku.clone(),
        quantity: sold.quantity,
        assigned: sold.assigned,
    };
    sold.iter().filter(has_licenses).map(licenses).collect()
}

/// A user of a customer's tenant, with its licences of one partner's subscriptions.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserView {
    id: UserId,
    user_principal_name: UserPrincipalName,
    display_name: Name,
    country: Country,
    blocked: bool,
    licenses: Vec<SubscriptionId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A user, as the partner of this relationship sees it.
#[must_use]
pub fn user(user: User, relationship: &Relationship) -> UserView {
    let licenses = user.licenses_in(relationship).to_vec();
    UserView {
        id: user.id,
        user_principal_name: user.user_principal_name,
        display_name: user.display_name,
        country: user.country,
        blocked: user.blocked,
        licenses,
        created_at: user.created_at,
        updated_at: user.updated_at,
    }
}

/// A service request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceRequestView {
    id: ServiceRequestId,
    title: Title,
    description: Description,
    severity: Severity,
    subscription_id: Option<SubscriptionId>,
    channel: Channel,
    status: RequestStatus,
    contact: Contact,
    created_at: Timestamp,
    created_by: String,
    updated_at: Timestamp,
    updated_by: String,
    notes: Vec<NoteEntry>,
}

impl From<ServiceRequest> for ServiceRequestView {
    fn from(request: ServiceRequest) -> Self {
        Self {
            id: request.id,
            title: request.title,
            description: request.description,
            severity: request.severity,
            subscription_id: request.subscription_id,
            channel: request.channel,
            status: request.status,
            contact: request.contact,
            created_at: request.created_at,
            created_by: request.created_by,
            updated_at: request.updated_at,
            updated_by: request.updated_by,
            notes: request.notes,
        }
    }
}

/// Why a part of a record is `null`.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closed {
    /// The customer has not granted delegated admin.
    DelegatedAdminNotGranted,
}

impl Closed {
    /// What is closed to the partner in this relationship.
    #[must_use]
    pub fn of(relationship: &Relationship) -> Option<Self> {
        relationship.must_grant().is_err().then_some(Self::DelegatedAdminNotGranted)
    }
}

/// `{"subscription": …}`
#[derive(Debug, Serialize)]
pub struct SubscriptionAnswer {
    /// The subscription.
    pub subscription: SubscriptionView,
}

/// `{"user": …}`
#[derive(Debug, Serialize)]
pub struct UserAnswer {
    /// The user.
    pub user: UserView,
}

/// `{"serviceRequest": …}`
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceRequestAnswer {
    /// The service request.
    pub service_request: ServiceRequestView,
}
