//! `renew-invitation`: cold start. What it does is in [`act`].

mod act;

use act::Deps;
use shared::{config, http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let deps = config::load(|env| {
        let (store, drafts) = (env.store(), env.drafts());
        Some(Deps { store: store?, drafts: drafts? })
    })?;
    http::serve(deps, act::handle).await
}
