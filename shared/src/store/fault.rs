//! What DynamoDB's errors mean to an act.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::{Error, Fault};

/// Whether another transaction was at work on the same item.
pub(super) fn is_conflict<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    matches!(
        error.as_service_error().and_then(ProvideErrorMetadata::code),
        Some("TransactionConflictException" | "TransactionInProgressException")
    )
}

/// After the SDK gave up: away or throttled is for the caller to try again, anything else is ours.
pub(super) fn translate<E, R>(error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let away = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(service) => is_away(service.err().code()),
        SdkError::ConstructionFailure(_) | _ => false,
    };
    let fault = Fault::new(error);
    if away { Error::Unavailable(fault) } else { Error::Internal(fault) }
}

/// Codes of a throttled or broken service; without a code, the answer came from something before it.
pub(super) fn is_away(code: Option<&str>) -> bool {
    matches!(
        code,
        None | Some(
            "ProvisionedThroughputExceededException"
                | "ProvisionedThroughputExceeded"
                | "ThrottlingException"
                | "ThrottlingError"
                | "Throttling"
                | "RequestLimitExceeded"
                | "LimitExceededException"
                | "InternalServerError"
                | "InternalServerErrorException"
                | "InternalFailure"
                | "ServiceUnavailable"
                | "ServiceUnavailableException"
        )
    )
}
