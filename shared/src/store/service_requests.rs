//! Service requests in the table.

use jiff::Timestamp;

use super::{IdempotencyKey, Listed, Store, keys};
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
        let (relationship_key, partner_key) = (keys::relationship(partner, customer), keys::partner(partner));
        let mut batch = self.batch(&[&relationship_key, &partner_key], now).await?;
        match (batch.take::<Relationship>(&relationship_key)?, batch.take::<Partner>(&partner_key)?) {
            (Some(relationship), Some(partner)) => Ok((relationship.value, partner.value)),
            (Some(_), None) => Err(Error::internal("a relationship without its partner")),
            (None, _) => Err(self.gone(partner, customer, now).await),
        }
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
