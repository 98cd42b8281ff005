//! Why an act was refused. Knows no HTTP: `http::problem` chooses slug and status for each.

use jiff::Timestamp;

use super::{
    Cloud, Country, Role, SubscriptionId,
    relationship::DelegatedAdmin,
    subscription::{Kind, Status},
    text::Name,
};

/// A refusal of the rules. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The caller's roles do not allow the act; one of these would.
    Forbidden {
        /// One of these roles is needed.
        required: &'static [Role],
    },
    /// It is not there, or the caller may not know.
    NotFound,
    /// Forged, damaged, renewed since, or cleaned up.
    UnknownLink,
    /// The caller's tenant is not registered as a partner.
    NotAPartner,
    /// The operator suspended the partner.
    PartnerSuspended,
    /// The partner's cloud does not let delegated admin be left out.
    DelegatedAdminRequired {
        /// The partner's cloud.
        cloud: Cloud,
    },
    /// A partner's cloud stays as registered.
    CloudStays {
        /// The cloud it is registered in.
        registered: Cloud,
    },
    /// Customer and partner are in different clouds.
    WrongCloud,
    /// The customer is in another region than the partner.
    OutsideTerritory {
        /// The partner's region.
        partner_region: &'static str,
        /// The customer's region.
        customer_region: &'static str,
    },
    /// No region has that country on this day.
    UnsupportedCountry {
        /// The country.
        country: Country,
    },
    /// The deployment takes the country from the identity token alone, and it has none.
    CountryNotInToken,
    /// The tenant is not known yet, and these parts of its description are missing (JSON pointers).
    CustomerUnknown {
        /// JSON pointers into the request.
        missing: Vec<&'static str>,
    },
    /// The edited text does not contain this invitation's link.
    LinkMissing {
        /// The link that has to stay.
        link: String,
    },
    /// The invitation names another customer.
    NotBoundToYou,
    /// The partner answers its own invitation.
    OwnInvitation,
    /// The invitation was accepted.
    AlreadyAccepted,
    /// The invitation was declined.
    AlreadyDeclined,
    /// The invitation was revoked.
    AlreadyRevoked,
    /// The link's time is over.
    Expired {
        /// Since when.
        expired_at: Timestamp,
    },
    /// The customer agreed to another version than the current one.
    AgreementChanged {
        /// The current version.
        version: String,
        /// Where to read it.
        url: String,
    },
    /// The act does not fit the state, for example giving back a grant that is not there.
    InvalidTransition {
        /// What the state is, in words.
        detail: String,
    },
    /// Users, licences and self-service requests need the customer's grant.
    DelegatedAdminNotGranted {
        /// The grant as it is.
        delegated_admin: DelegatedAdmin,
        /// Since when.
        since: Timestamp,
    },
    /// That user principal name is taken in the tenant.
    UserExists,
    /// The quantity would fall below what is assigned.
    LicensesAssigned {
        /// So many licences are assigned.
        assigned: u32,
    },
    /// Every licence of the subscription is assigned.
    NoFreeLicense {
        /// The subscription.
        subscription: SubscriptionId,
    },
    /// A licence of what is no subscription of this relationship.
    NoSubscription {
        /// Where the request names it (JSON pointer).
        pointer: String,
    },
    /// Support by a partner without an active relationship and delegated admin.
    CannotSupport,
    /// An agreement cannot be renegotiated at that time.
    RenegotiatedAt {
        /// What is expected.
        detail: String,
    },
    /// Mail to that address bounced for good, or was complained about.
    AddressBlocked,
    /// The partner's mails of the day are used up.
    MailQuota {
        /// When the next day begins.
        resets_at: Timestamp,
    },
    /// The relationship ended.
    NoRelationship,
    /// Removal is refused: the partner has commitments with the customer.
    HasCommitments {
        /// Every one of them.
        commitments: Vec<Commitment>,
    },
    /// A mail of this invitation is on its way.
    SendingNow {
        /// Since when.
        since: Timestamp,
    },
    /// It was renewed between being read and being claimed for a mail.
    RenewedMeanwhile,
    /// The same idempotency key came with another request.
    IdempotencyKeyReused,
}

/// What blocks a removal: an active subscription, reservation or software purchase.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Commitment {
    /// Its kind: a subscription has to be suspended or cancelled, the others can only be cancelled.
    pub kind: Kind,
    /// Its id.
    pub id: SubscriptionId,
    /// Its name.
    pub name: Name,
    /// Its status.
    pub status: Status,
}
