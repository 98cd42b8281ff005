//! Pages of `local` itself: no scripts, nothing from elsewhere, and whatever they show is escaped by [`Text`].

use std::fmt::{self, Display, Formatter, Write};

use axum::body::Body;
use axum::http::{HeaderValue, Response};

/// Text, as HTML shows it.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            other => f.write_char(other),
        })
    }
}

/// A whole document with this body.
pub(crate) fn document(title: &str, body: &str) -> String {
    let (title, style) = (Text(title), include_str!("page.css"));
    format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
{body}
</html>
"#
    )
}

/// The answer that a page is; `policy` says what it may load.
pub(crate) fn page(html: String, policy: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(html));
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", policy),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
