//! `remind-invitations`: cold start. What it does is in [`act`].

mod act;

use act::Deps;
use shared::{config, schedule};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let deps = config::load(|env| {
        let (store, links, portals, mailer) = (env.store(), env.link_keys(), env.portals(), env.mailer());
        Some(Deps { store: store?, links: links?, portals: portals?, mailer: mailer? })
    })?;
    schedule::serve(deps, act::handle).await
}
