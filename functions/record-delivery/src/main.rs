//! `record-delivery`: cold start. What it does is in [`act`].

mod act;
mod event;

use act::Deps;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use shared::config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let deps = config::load(|env| Some(Deps { store: env.store()? }))?;
    let deps = &deps;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| act::handle(deps, event))).await
}
