//! `complete-token`: cold start. What it does is in [`act`].

mod act;

use lambda_runtime::{LambdaEvent, service_fn};
use shared::config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    config::load(|_| Some(()))?; // nothing is asked of the environment but how to log
    lambda_runtime::run(service_fn(|event: LambdaEvent<act::Event>| act::handle(event))).await
}
