//! Identifiers: UUIDs, written in lower case with hyphens (RFC 9562).

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::{NoContext, Uuid};

/// A text that is no UUID in its 36-character form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID, for example 3f2a9c1e-5b7d-4e8f-9a01-23456789abcd")]
pub struct NotAUuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// The 16 bytes, for the link token.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// From the 16 bytes of a verified link token.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl FromStr for $name {
            type Err = NotAUuid;

            fn from_str(text: &str) -> Result<Self, NotAUuid> {
                // Only the hyphenated form: `Uuid` itself would also take URNs and braces.
                if text.len() != 36 {
                    return Err(NotAUuid);
                }
                Uuid::from_str(text).map(Self).map_err(|_| NotAUuid)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAUuid;

            fn try_from(text: String) -> Result<Self, NotAUuid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }
    };
}

id! {
    /// An organisation known to the identity provider.
    TenantId
}
id! {
    /// A partner: the tenant id of a registered reseller.
    PartnerId
}
id! {
    /// A customer: the tenant id of an organisation that accepted an invitation.
    CustomerId
}
id! {
    /// An invitation: a version 7 UUID, so that ids sort by the time they were made.
    InvitationId
}
id! {
    /// A subscription, reservation or software purchase: a version 7 UUID.
    SubscriptionId
}
id! {
    /// A user of a customer's tenant: a version 7 UUID.
    UserId
}
id! {
    /// A service request: a version 7 UUID.
    ServiceRequestId
}
id! {
    /// One attempt at a write. The item carries the id of the attempt that wrote it: a write whose answer
    /// was lost finds its own id there, and a writer that saw an older one knows that it was overtaken.
    AttemptId
}

macro_rules! sorts_by_time {
    ($($name:ident),*) => {$(
        impl $name {
            /// A new id, made at `now`.
            #[must_use]
            pub fn new(now: Timestamp) -> Self {
                Self(made_at(now))
            }
        }
    )*};
}

sorts_by_time!(InvitationId, SubscriptionId, UserId, ServiceRequestId);

fn made_at(now: Timestamp) -> Uuid {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos))
}

impl AttemptId {
    /// A new random id.
    #[must_use]
    pub fn new() -> Self {
        Self(Uuid::new_v4())
    }
}

impl Default for AttemptId {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! tenant_as {
    ($role:ident) => {
        impl From<TenantId> for $role {
            fn from(tenant: TenantId) -> Self {
                Self(tenant.0)
            }
        }

        impl From<$role> for TenantId {
            fn from(id: $role) -> Self {
                Self(id.0)
            }
        }
    };
}

tenant_as!(PartnerId);
tenant_as!(CustomerId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_is_an_id_and_it_is_written_in_lower_case() {
        let id: TenantId = "3F2A9C1E-5B7D-4E8F-9A01-23456789ABCD".parse().unwrap();
        assert_eq!(id.to_string(), "3f2a9c1e-5b7d-4e8f-9a01-23456789abcd");
        for text in [
            "",
            "3f2a9c1e5b7d4e8f9a0123456789abcd",
            "{3f2a9c1e-5b7d-4e8f-9a01-23456789abcd}",
            "urn:uuid:3f2a9c1e-5b7d-4e8f-9a01-23456789abcd",
            "3f2a9c1e-5b7d-4e8f-9a01-23456789abcg",
            "PARTNER#-5b7d-4e8f-9a01-23456789abcd",
        ] {
            assert_eq!(text.parse::<TenantId>(), Err(NotAUuid), "{text}");
        }
    }

    #[test]
    fn invitation_ids_sort_by_the_time_they_were_made() {
        let earlier = InvitationId::new("2026-01-01T00:00:00.001Z".parse().unwrap());
        let later = InvitationId::new("2026-01-01T00:00:00.002Z".parse().unwrap());
        assert!(earlier.to_string() < later.to_string());
    }
}
