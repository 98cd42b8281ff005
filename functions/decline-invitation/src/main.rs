//! `decline-invitation`: cold start. What it does is in [`act`].

mod act;

use act::Deps;
use shared::{config, http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let deps = config::load(|env| {
        let (store, links, billing_admin_answers) = (env.store(), env.link_keys(), env.billing_admin_answers());
        Some(Deps { store: store?, links: links?, billing_admin_answers: billing_admin_answers? })
    })?;
    http::serve(deps, act::handle).await
}
