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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_in::parse;

    fn html(sign_in: &str) -> String {
        String::from_utf8(Page::new(&parse(sign_in).unwrap()).html).unwrap()
    }

    #[test]
    fn every_place_is_filled_in() {
        let html = html("[]");
        assert!(!html.contains("%ASSETS%") && !html.contains("%CONFIG%"), "{html}");
        assert!(html.contains(&format!("\"/assets/{VERSION}/main.js\"")), "{html}");
        assert!(html.contains(&format!(r#"{{"assets":"/assets/{VERSION}","signIn":[]}}"#)), "{html}");
    }

    #[test]
    fn no_name_ends_the_script_that_it_stands_in() {
        let name = "</script><script>alert(1)</script><!--";
        let entry = json!([{ "name": name, "cloud": "public", "issuer": "https://a.example", "clientId": "c", "scope": "openid" }]);
        let (html, plain) = (html(&entry.to_string()), html("[]"));
        assert_eq!(html.matches("</script").count(), plain.matches("</script").count());
        assert_eq!(html.matches("<!--").count(), plain.matches("<!--").count());
        let config = html.split(r#"id="config">"#).nth(1).unwrap().split("</script>").next().unwrap();
        let config: serde_json::Value = serde_json::from_str(config).unwrap();
        assert_eq!(config["signIn"][0]["name"], name);
    }

    #[test]
    fn another_document_has_another_tag() {
        let entry = r#"[{"name":"a","cloud":"public","issuer":"https://a.example","clientId":"c","scope":"openid"}]"#;
        assert_ne!(Page::new(&[]).etag, Page::new(&parse(entry).unwrap()).etag);
    }

    #[test]
    fn the_pages_are_those_that_the_application_knows() {
        let router = include_str!("../web/lib/router.js");
        let known = router.lines().filter(|line| line.contains("load: () => import("));
        let known: Vec<&str> = known.filter_map(|line| line.trim().strip_prefix("'/")?.split('\'').next()).collect();
        assert_eq!(known, PAGES);
    }

    #[test]
    fn which_pages_there_are() {
        for known in ["", "customers", "signed-in", "accept", "accept#AQZl", "accept%23AQZl", "accept%23"] {
            assert!(is_known(known), "{known}");
        }
        for unknown in ["Customers", "accepts", "accept!", "nowhere", "customers#x", "index.html", "#accept"] {
            assert!(!is_known(unknown), "{unknown}");
        }
    }
}
