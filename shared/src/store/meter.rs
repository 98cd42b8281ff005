//! Counts the requests to DynamoDB and what they consume, for the invocation's line.
//!
//! Every request asks for its consumed capacity, which costs some forty bytes of its answer. What a write
//! consumed whose condition failed, or a transaction that was cancelled, DynamoDB does not say.

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
            BeforeTransmitInterceptorContextRef,
        },
    },
    error::BoxError,
    operation::{
        batch_get_item::{BatchGetItemInput, BatchGetItemOutput},
        get_item::{GetItemInput, GetItemOutput},
        put_item::{PutItemInput, PutItemOutput},
        query::{QueryInput, QueryOutput},
        transact_write_items::{TransactWriteItemsInput, TransactWriteItemsOutput},
    },
    types::{ConsumedCapacity, ReturnConsumedCapacity},
};
use aws_smithy_runtime_api::client::retries::RequestAttempts;

use crate::telemetry;

/// Stands in the client, between acts and requests.
#[derive(Debug)]
pub(super) struct Meter;

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        macro_rules! ask {
            ($($kind:ty),*) => {
                $(if let Some(input) = input.downcast_mut::<$kind>() {
                    input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
                })*
            };
        }
        ask!(GetItemInput, BatchGetItemInput, QueryInput, PutItemInput, TransactWriteItemsInput);
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_again = config.load::<RequestAttempts>().is_some_and(|attempts| attempts.attempts() > 1);
        telemetry::store(|used| {
            used.requests += 1;
            used.retries += u32::from(is_again);
        });
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else { return Ok(()) };
        let (mut read, mut written): (&[ConsumedCapacity], &[ConsumedCapacity]) = (&[], &[]);
        if let Some(output) = output.downcast_ref::<GetItemOutput>() {
            read = output.consumed_capacity.as_slice();
        } else if let Some(output) = output.downcast_ref::<BatchGetItemOutput>() {
            read = output.consumed_capacity();
        } else if let Some(output) = output.downcast_ref::<QueryOutput>() {
            read = output.consumed_capacity.as_slice();
        } else if let Some(output) = output.downcast_ref::<PutItemOutput>() {
            written = output.consumed_capacity.as_slice();
        } else if let Some(output) = output.downcast_ref::<TransactWriteItemsOutput>() {
            written = output.consumed_capacity();
        }
        let units =
            |consumed: &[ConsumedCapacity]| consumed.iter().filter_map(|table| table.capacity_units).sum::<f64>();
        telemetry::store(|used| {
            used.read_units += units(read);
            used.write_units += units(written);
        });
        Ok(())
    }
}
