//! The one document of all pages: `web/index.html` with its places filled in, once per process.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    assets::{INDEX, VERSION},
    sign_in::SignIn,
};

/// The pages that there are, by the one segment of their path.
const PAGES: [&str; 8] = ["", "customers", "request", "invitations", "accept", "partners", "api", "signed-in"];

/// The document, and what tells it from another.
pub(crate) struct Page {
    pub(crate) html: Vec<u8>,
    pub(crate) etag: String,
}

impl Page {
    /// The document for these places to sign in.
    pub(crate) fn new(sign_in: &[SignIn]) -> Self {
        let assets = format!("/assets/{VERSION}");
        let config = json!({ "signIn": sign_in, "assets": assets });
        let html = INDEX.replace("%ASSETS%", &assets).replace("%CONFIG%", &in_script(&config));
        let etag = Sha256::digest(&html).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { html: html.into_bytes(), etag }
    }
}

/// JSON inside a script element, which ends at the first `</script`, wherever it stands.
fn in_script(value: &serde_json::Value) -> String {
    value.to_string().replace('<', "\\u003c")
}

/// Whether there is such a page. Some mail scanners rewrite the `#` before a token as `%23`, and so into the path.
pub(crate) fn is_known(path: &str) -> bool {
    let page = path.replace("%23", "#");
    PAGES.contains(&path) || page.starts_with("accept#")
}
