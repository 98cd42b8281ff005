//! Service requests in the table.

use jiff::Timestamp;

use super::{IdempotencyKey, Listed, Seen, Store, keys};
use crate::{
    Error,
    domain::{
        Caller, CustomerId, Partner, PartnerId, Relationship, ServiceRequest, ServiceRequestId,
        service_request::ServiceRequestChange,
    },
};

impl Store {
    /// A partner's relationship with a customer, as what is to be added to, and the partner, in one request.
    pub async fn relationship_and_partner(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        now: Timestamp,
    ) -> Result<(Relationship, Partner), Error> {
        let (relationship, found) = self.relationship_and((partner, customer), &keys::partner(partner), now).await?;
        let found: Seen<Partner> = found.ok_or_else(|| Error::internal("a relationship without its partner"))?;
        Ok((relationship, found.value))
    }

    /// Stores a new service request.
    pub async fn open_service_request(
        &self,
        request: ServiceRequest,
        key: Option<&IdempotencyKey>,
        now: Timestamp,
    ) -> Result<ServiceRequest, Error> {
        self.create_part(request, key, now).await
    }

    /// Changes a service request, or appends a note to it.
    pub async fn change_service_request(
        &self,
        (partner, customer): (PartnerId, CustomerId),
        id: ServiceRequestId,
        change: &ServiceRequestChange,
        by: &Caller,
        now: Timestamp,
    ) -> Result<ServiceRequest, Error> {
        self.change_part((partner, customer), id, now, |open: &ServiceRequest| open.change(change, by, now)).await
    }

    /// A partner's service requests for a customer, newest first, behind `after`.
    pub async fn list_service_requests(
        &self,
        partner: PartnerId,
        customer: CustomerId,
        after: Option<&str>,
        limit: u8,
        now: Timestamp,
    ) -> Result<Listed<ServiceRequest>, Error> {
        let (_, requests) = self.list_parts(partner, customer, after, limit, now).await?;
        Ok(requests)
    }
}
