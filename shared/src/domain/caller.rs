//! Who calls, as the authorizer verified it.

use super::{Cloud, Country, CustomerId, PartnerId, Role, TenantId};

/// The caller of an act: identity comes from here and from nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The caller's organisation.
    pub tenant: TenantId,
    /// The user's id at its identity provider, or the client's where there is no user.
    pub user: String,
    /// The user's name.
    pub name: Option<String>,
    /// The user's address.
    pub email: Option<String>,
    /// The roles in the caller's own tenant.
    pub roles: Vec<Role>,
    /// The country set on the tenant, where the token states it.
    pub country: Option<Country>,
    /// The cloud whose identity provider signed the token.
    pub cloud: Cloud,
}

impl Caller {
    /// The caller as a partner. Whether the tenant is one, the store knows.
    #[must_use]
    pub fn partner(&self) -> PartnerId {
        self.tenant.into()
    }

    /// The caller as a customer.
    #[must_use]
    pub fn customer(&self) -> CustomerId {
        self.tenant.into()
    }
}
