//! Addresses of others that this deployment trusts what it reads from.

use lambda_http::http::Uri;

/// The origin (scheme, host and port) of an address that nobody on the way can answer for: https, or http where there is no way,
/// on this machine. `None` for any other address, and for one that says more before its host than a host.
#[must_use]
pub fn safe_origin(address: &str) -> Option<String> {
    let uri: Uri = address.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let loopback = matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]");
    // `http://localhost:80@a.example` is at a.example; and an origin ends up in headers, where `;` and `,` mean something.
    let plain = authority.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte));
    (plain && (scheme == "https" || scheme == "http" && loopback)).then(|| format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_safe_over_tls_or_on_this_machine() {
        for (address, origin) in [
            ("https://a.example/keys", Some("https://a.example")),
            ("HTTPS://a.example:8443/keys?a=b", Some("https://a.example:8443")),
            ("http://127.0.0.1:8787/keys", Some("http://127.0.0.1:8787")),
            ("http://localhost:8787", Some("http://localhost:8787")),
            ("http://[::1]:8787/keys", Some("http://[::1]:8787")),
            ("http://a.example/keys", None),
            ("http://localhost.a.example:80/", None),
            ("http://127.0.0.1:80@a.example/", None),
            ("https://user:password@a.example/", None),
            ("https://a.example;script-src/", None),
            ("https://a.example,b.example/", None),
            ("ftp://127.0.0.1:21/", None),
            ("file:///etc/keys", None),
            ("/keys", None),
            ("a.example", None),
            ("", None),
        ] {
            assert_eq!(safe_origin(address).as_deref(), origin, "{address}");
        }
    }
}
