//! The event of an HTTP API, payload format 2.0, and the answer of a function read back.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, HeaderName, HeaderValue, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, Method, Response, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::environment::{ACCOUNT, REGION};
use crate::form;

/// A request, as far as the event needs it.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) id: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) source_ip: &'a str,
    /// `POST /v1/invitations`.
    pub(crate) route_key: &'a str,
    pub(crate) parameters: &'a BTreeMap<String, String>,
}

impl Incoming<'_> {
    /// What the function gets.
    pub(crate) fn for_function(&self, body: &Bytes, identity: Option<&Value>) -> Value {
        let mut event = self.common();
        if let Some(identity) = identity {
            event["requestContext"]["authorizer"] = json!({ "lambda": identity });
        }
        let content_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let text = std::str::from_utf8(body).ok().filter(|_| is_text(content_type));
        event["isBase64Encoded"] = json!(!body.is_empty() && text.is_none());
        if !body.is_empty() {
            event["body"] = json!(text.map_or_else(|| BASE64_STANDARD.encode(body), str::to_owned));
        }
        event
    }

    /// What the authorizer gets: the request without its body, and by what it says who it is.
    pub(crate) fn for_authorizer(&self, identity: &[String]) -> Value {
        let mut event = self.common();
        event["type"] = json!("REQUEST");
        event["identitySource"] = json!(identity);
        let arn = format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:local/$default/{}{}", self.method, self.path);
        event["routeArn"] = json!(arn);
        event
    }

    fn common(&self) -> Value {
        let host = self.header("host");
        let mut event = json!({
            "version": "2.0",
            "routeKey": self.route_key,
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": self.joined_headers(),
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": "local",
                "domainName": host,
                "domainPrefix": host.split(['.', ':']).next().unwrap_or_default(),
                "http": {
                    "method": self.method.as_str(),
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": self.source_ip,
                    "userAgent": self.headers.get(USER_AGENT).map(text).unwrap_or_default(),
                },
                "requestId": self.id,
                "routeKey": self.route_key,
                "stage": "$default",
                "time": self.at.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
                "timeEpoch": self.at.as_millisecond(),
            },
        });
        let cookies: Vec<_> = self.headers.get_all(COOKIE).iter().map(text).collect();
        if !cookies.is_empty() {
            event["cookies"] = cookies.iter().flat_map(|line| line.split(';')).map(str::trim).collect();
        }
        if !self.query.is_empty() {
            event["queryStringParameters"] = query_parameters(self.query);
        }
        if !self.parameters.is_empty() {
            event["pathParameters"] = json!(self.parameters);
        }
        event
    }

    fn header(&self, name: &str) -> String {
        self.headers.get(name).map(text).unwrap_or_default()
    }

    fn joined_headers(&self) -> Value {
        let mut joined = Map::new();
        for name in self.headers.keys().filter(|name| *name != COOKIE) {
            let values: Vec<_> = self.headers.get_all(name).iter().map(text).collect();
            joined.insert(name.as_str().to_owned(), json!(values.join(",")));
        }
        let port = self.header("host").rsplit_once(':').map_or("80", |(_, port)| port).to_owned();
        joined.insert("x-forwarded-for".to_owned(), json!(self.source_ip));
        joined.insert("x-forwarded-port".to_owned(), json!(port));
        joined.insert("x-forwarded-proto".to_owned(), json!("http"));
        Value::Object(joined)
    }
}

/// Names and values decoded, values of one name joined by commas.
fn query_parameters(query: &str) -> Value {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form::pairs(query) {
        parameters
            .entry(name)
            .and_modify(|known| {
                known.push(',');
                known.push_str(&value);
            })
            .or_insert(value);
    }
    json!(parameters)
}

/// What API Gateway hands on as it is; all else is handed on as base64.
fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (main, sub) = kind.split_once('/').unwrap_or_default();
    main == "text"
        || main == "application"
            && (matches!(sub, "json" | "xml" | "javascript") || sub.ends_with("+json") || sub.ends_with("+xml"))
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// The HTTP answer that a function's answer stands for; `None` where it stands for none. `multiValueHeaders` does not
/// exist in this format, so it is not looked at.
pub(crate) fn answer(bytes: &[u8]) -> Option<Response<Body>> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    if value.get("statusCode").is_none() {
        // What is no HTTP answer is the body of one.
        let mut response = Response::new(Body::from(value.to_string()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Some(response);
    }
    let status = value["statusCode"].as_u64().or_else(|| value["statusCode"].as_str()?.parse().ok())?;
    let body = match &value["body"] {
        Value::Null => Vec::new(),
        Value::String(body) if value["isBase64Encoded"] == true => BASE64_STANDARD.decode(body).ok()?,
        Value::String(body) => body.clone().into_bytes(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other.to_string().into_bytes()
        }
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(u16::try_from(status).ok()?).ok()?;
    let headers = response.headers_mut();
    for (name, value) in value["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.insert(HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value).ok()?);
    }
    for cookie in value["cookies"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    if !body.is_empty() && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    *response.body_mut() = Body::from(body);
    Some(response)
}

#[cfg(test)]
#[path = "event_tests.rs"]
mod tests;
