//! `accept-invitation`: cold start. What it does is in [`act`].

mod act;

use act::Deps;
use shared::{config, http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let deps = config::load(|env| {
        let (store, links, agreement, require_country, billing_admin_answers) =
            (env.store(), env.link_keys(), env.agreement(), env.require_country(), env.billing_admin_answers());
        Some(Deps {
            store: store?,
            links: links?,
            agreement: agreement?,
            require_country: require_country?,
            billing_admin_answers: billing_admin_answers?,
        })
    })?;
    http::serve(deps, act::handle).await
}
