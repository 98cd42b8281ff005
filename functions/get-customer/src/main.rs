//! `get-customer`: cold start. What it does is in [`act`].

mod act;

use act::Deps;
use shared::{config, http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let deps = config::load(|env| {
        let (store, cursors) = (env.store(), env.cursors());
        Some(Deps { store: store?, cursors: cursors? })
    })?;
    http::serve(deps, act::handle).await
}
