//! `remove-delegated-admin`: cold start. What it does is in [`act`].

mod act;

use act::Deps;
use shared::{config, http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let deps = config::load(|env| {
        let (store, billing_admin_answers) = (env.store(), env.billing_admin_answers());
        Some(Deps { store: store?, billing_admin_answers: billing_admin_answers? })
    })?;
    http::serve(deps, act::handle).await
}
