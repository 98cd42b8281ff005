//! `portal`: cold start. What it does is in [`act`].

mod act;
mod assets;
mod headers;
mod page;
mod sign_in;

use act::Deps;
use shared::{config, http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let deps = config::load(|env| Some(Deps::new(&env.sign_in(sign_in::parse)?)))?;
    http::serve(deps, act::handle).await
}
