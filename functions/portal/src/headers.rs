//! What every answer tells a browser to refuse.

use lambda_http::http::header::{self, HeaderName};
use shared::http::Answer;

/// What powerful features pages have: writing to the clipboard, and no other.
const PERMISSIONS: &str = "accelerometer=(), browsing-topics=(), camera=(), clipboard-read=(), clipboard-write=(self), \
     display-capture=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), \
     xr-spatial-tracking=()";

/// The policy of pages that may fetch from `origins` besides their own. No script but our files, no form that posts anywhere, and
/// text can never become markup.
pub(crate) fn policy(origins: &[String]) -> String {
    let connect: String = origins.iter().map(|origin| format!(" {origin}")).collect();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'none'; connect-src 'self'{connect}; \
         form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

/// The same answer with all of them; `https` says that it goes over TLS.
pub(crate) fn on(answer: Answer, policy: &str, https: bool) -> Answer {
    let fixed = [
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    ];
    let answer = answer.with(header::CONTENT_SECURITY_POLICY, policy.to_owned());
    let answer = fixed.into_iter().fold(answer, |answer, (name, value)| answer.with(name, value.to_owned()));
    // In the clear it would be ignored, and on a developer's machine it must not be said.
    if https { answer.with(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000".to_owned()) } else { answer }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_connect_to_the_api_and_to_where_people_sign_in() {
        let policy = policy(&["https://login.example".to_owned(), "https://us.auth.example:8443".to_owned()]);
        assert!(policy.contains("connect-src 'self' https://login.example https://us.auth.example:8443;"), "{policy}");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(super::policy(&[]).contains("connect-src 'self';"));
    }
}
