//! What an act answers.

use lambda_http::{Body, Response, http::HeaderValue, http::header};
use serde::Serialize;

use crate::Error;

/// An HTTP answer: a status, a JSON body and perhaps a header or two.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    outcome: &'static str,
    content_type: &'static str,
    headers: Vec<(header::HeaderName, String)>,
    body: String,
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

    pub(super) fn json(
        status: u16,
        outcome: &'static str,
        content_type: &'static str,
        body: &impl Serialize,
    ) -> Result<Self, Error> {
        let body = serde_json::to_string(body).map_err(Error::internal)?;
        Ok(Self { status, outcome, content_type, headers: Vec::new(), body })
    }

    pub(super) const fn empty(status: u16, outcome: &'static str) -> Self {
        Self { status, outcome, content_type: "application/problem+json", headers: Vec::new(), body: String::new() }
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
        let mut response = Response::new(Body::Text(self.body));
        *response.status_mut() = lambda_http::http::StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
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
