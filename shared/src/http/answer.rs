//! What an act answers.

use lambda_http::{Body, Response, http::HeaderValue, http::header};
use serde::Serialize;

use crate::Error;

/// An HTTP answer: a status, a body, mostly JSON, and perhaps a header or two.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    outcome: &'static str,
    content_type: Option<&'static str>,
    headers: Vec<(header::HeaderName, String)>,
    body: Body,
}

impl Answer {
    /// 200 with `body`.
    pub fn ok(body: &impl Serialize) -> Result<Self, Error> {
        Self::json(200, "ok", "application/json", body)
    }

    /// 201 with `body`, and where to find what was made.
    pub fn created(body: &impl Serialize, location: String) -> Result<Self, Error> {
        Ok(Self::json(201, "created", "application/json", body)?.with(header::LOCATION, location))
    }

    /// Bytes of whatever type: a file of the portal.
    #[must_use]
    pub fn file(status: u16, outcome: &'static str, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status, outcome, content_type: Some(content_type), headers: Vec::new(), body: Body::Binary(body) }
    }

    /// 304: the caller has it already.
    #[must_use]
    pub const fn not_modified() -> Self {
        Self { status: 304, outcome: "not-modified", content_type: None, headers: Vec::new(), body: Body::Empty }
    }

    pub(super) fn json(
        status: u16,
        outcome: &'static str,
        content_type: &'static str,
        body: &impl Serialize,
    ) -> Result<Self, Error> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        Ok(Self { status, outcome, content_type: Some(content_type), headers: Vec::new(), body: Body::Text(body) })
    }

    pub(super) const fn empty(status: u16, outcome: &'static str) -> Self {
        Self { status, outcome, content_type: Some("application/problem+json"), headers: Vec::new(), body: Body::Empty }
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(mut self, name: header::HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same with the version of what it shows (RFC 9110 section 8.8.3).
    #[must_use]
    pub fn with_etag(self, version: impl std::fmt::Display) -> Self {
        self.with(header::ETAG, format!("\"{version}\""))
    }

    pub(super) const fn status(&self) -> u16 {
        self.status
    }

    pub(super) const fn outcome(&self) -> &'static str {
        self.outcome
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(self.body);
        *response.status_mut() = lambda_http::http::StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        if let Some(content_type) = self.content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        // Answers hold personal links and customers' data: no cache may keep them.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        response
    }
}
