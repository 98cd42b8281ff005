//! `record-agreement`: cold start. What it does is in [`act`].

mod act;

use act::Deps;
use shared::{config, http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let deps = config::load(|env| Some(Deps { store: env.store()? }))?;
    http::serve(deps, act::handle).await
}
