//! `authorize`: cold start. What it does is in [`act`].

mod act;
mod issuer;
mod key;
mod keys;
#[cfg(test)]
mod recipes;
#[cfg(test)]
mod testing;
mod token;

use act::Deps;
use lambda_runtime::{LambdaEvent, service_fn};
use shared::config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let deps = config::load(|env| {
        let (issuers, operator) = (env.trusted_issuers(issuer::parse), env.operator_tenant());
        Some(Deps::new(issuers?, operator?))
    })?;
    let deps = &deps;
    lambda_runtime::run(service_fn(|event: LambdaEvent<act::Request>| act::handle(deps, event.payload))).await
}
