//! Between the functions and DynamoDB: counts requests, adds up capacity units, injects faults.
//!
//! A loopback proxy before the engine. Only requests with an `x-amz-target` count; the warm-up `GET /` does not. Each is sent on
//! with `ReturnConsumedCapacity: TOTAL`, and the answer loses its `ConsumedCapacity` again unless the function asked for it.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::body::Bytes;
use axum::http::header::{CONTENT_LENGTH, HOST};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};

use crate::fault::{Faults, Injected};
use crate::serve::{self, Task};

/// Counts since the last reset.
#[derive(Debug, Default)]
struct Calls {
    operations: BTreeMap<String, u64>,
    read: f64,
    write: f64,
}

/// The proxy's state.
#[derive(Debug)]
pub(crate) struct Store {
    engine: String,
    client: Client<HttpConnector, Full<Bytes>>,
    calls: Mutex<Calls>,
    /// What goes wrong.
    pub(crate) faults: Faults,
}

impl Store {
    /// A proxy before the engine at `engine`.
    pub(crate) fn new(engine: String) -> Arc<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Arc::new(Self { engine, client, calls: Mutex::default(), faults: Faults::default() })
    }

    /// Serves it; answers where.
    pub(crate) async fn serve(self: &Arc<Self>) -> Result<(String, Task)> {
        let (listener, port) = serve::listen(0).await?;
        let this = Arc::clone(self);
        let task = serve::connections(listener, move |stream, _| {
            let this = Arc::clone(&this);
            async move {
                let service = service_fn(move |request| {
                    let this = Arc::clone(&this);
                    async move { this.handle(request).await }
                });
                serve::finish(http1::Builder::new().serve_connection(TokioIo::new(stream), service)).await;
            }
        });
        Ok((format!("http://127.0.0.1:{port}"), task))
    }

    /// The counts, as `GET /_local/store/calls` shows them.
    pub(crate) fn calls(&self) -> Value {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        json!({
            "total": calls.operations.values().sum::<u64>(),
            "operations": calls.operations,
            "capacityUnits": { "read": calls.read, "write": calls.write },
        })
    }

    /// Counts from zero.
    pub(crate) fn reset(&self) {
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner) = Calls::default();
    }

    /// An error closes the connection without an answer.
    async fn handle(&self, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let Some(operation) = target.and_then(|target| target.rsplit('.').next()).map(str::to_owned) else {
            return self.forward(parts.method, parts.headers, body).await;
        };
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner).operations.entry(operation.clone()).or_default() +=
            1;

        let fault = self.faults.strike(&operation, &body);
        match &fault {
            Some(Injected::Answer(status, text)) => Ok(answer(*status, text.clone().into())),
            Some(Injected::Partial { sent, left }) => {
                let response = self.counted(&operation, parts.headers, sent.clone()).await?;
                let mut read = serde_json::from_slice::<Value>(response.body_bytes()).unwrap_or_default();
                read["UnprocessedKeys"] = left.clone();
                Ok(answer(response.status, read.to_string().into()))
            }
            Some(Injected::Lost) => {
                self.counted(&operation, parts.headers, body).await?;
                Err(io::Error::other("the answer is lost, as was asked for"))
            }
            None => self.counted(&operation, parts.headers, body).await.map(Answered::into_response),
        }
    }

    /// Forwards a request with its capacity counted.
    async fn counted(&self, operation: &str, headers: HeaderMap, body: Bytes) -> io::Result<Answered> {
        let (body, asked) = with_capacity(body);
        let response = self.forward(Method::POST, headers, body).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Answered { status: parts.status, body: self.without_capacity(operation, body, asked) })
    }

    async fn forward(&self, method: Method, mut headers: HeaderMap, body: Bytes) -> io::Result<Response<Full<Bytes>>> {
        headers.remove(HOST);
        headers.remove(CONTENT_LENGTH);
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = format!("{}/", self.engine).parse::<Uri>().map_err(io::Error::other)?;
        *request.headers_mut() = headers;
        let response = self.client.request(request).await.map_err(io::Error::other)?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(answer(parts.status, body))
    }

    /// Adds up what was consumed; leaves it in the answer only where the function asked for it.
    fn without_capacity(&self, operation: &str, body: Bytes, asked: bool) -> Bytes {
        let Ok(mut read) = serde_json::from_slice::<Value>(&body) else { return body };
        let Some(consumed) = read.as_object_mut().and_then(|read| read.remove("ConsumedCapacity")) else { return body };
        let tables = consumed.as_array().map_or(std::slice::from_ref(&consumed), Vec::as_slice);
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        for table in tables {
            let units = |name: &str| table[name].as_f64();
            let total = units("CapacityUnits").unwrap_or_default();
            match (units("ReadCapacityUnits"), units("WriteCapacityUnits")) {
                (None, None) if reads(operation) => calls.read += total,
                (None, None) => calls.write += total,
                (read, write) => {
                    calls.read += read.unwrap_or_default();
                    calls.write += write.unwrap_or_default();
                }
            }
        }
        if asked { body } else { read.to_string().into() }
    }
}

/// What the engine answered.
#[derive(Debug)]
struct Answered {
    status: StatusCode,
    body: Bytes,
}

impl Answered {
    fn body_bytes(&self) -> &[u8] {
        &self.body
    }

    fn into_response(self) -> Response<Full<Bytes>> {
        answer(self.status, self.body)
    }
}

fn reads(operation: &str) -> bool {
    matches!(operation, "GetItem" | "BatchGetItem" | "Query" | "Scan" | "TransactGetItems")
}

/// The body that asks for consumed capacity, and whether it already did.
fn with_capacity(body: Bytes) -> (Bytes, bool) {
    const ASK: &[u8] = br#""ReturnConsumedCapacity""#;
    if body.windows(ASK.len()).any(|window| window == ASK) {
        let asked = serde_json::from_slice::<Value>(&body)
            .is_ok_and(|body| body["ReturnConsumedCapacity"].as_str().is_some_and(|level| level != "NONE"));
        return (body, asked);
    }
    match body.strip_prefix(b"{") {
        Some(rest) if rest.trim_ascii() != b"}" => {
            let mut asking = br#"{"ReturnConsumedCapacity":"TOTAL","#.to_vec();
            asking.extend_from_slice(rest);
            (asking.into(), false)
        }
        _ => (body, false),
    }
}

fn answer(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", axum::http::HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_asks_for_its_capacity_exactly_once() {
        let (body, asked) = with_capacity(Bytes::from_static(br#"{"TableName":"local"}"#));
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["ReturnConsumedCapacity"], "TOTAL");
        assert!(!asked);
        let given = Bytes::from_static(br#"{"TableName":"local","ReturnConsumedCapacity":"INDEXES"}"#);
        assert_eq!(with_capacity(given.clone()), (given, true));
        assert_eq!(with_capacity(Bytes::from_static(b"{}")).0, "{}");
    }

    #[tokio::test]
    async fn capacity_is_added_up_and_taken_out_of_the_answer() {
        let store = Store::new(String::new());
        let answer = Bytes::from_static(br#"{"Item":{},"ConsumedCapacity":{"TableName":"local","CapacityUnits":0.5}}"#);
        assert_eq!(store.without_capacity("GetItem", answer, false), r#"{"Item":{}}"#);
        let answer = Bytes::from_static(br#"{"ConsumedCapacity":[{"CapacityUnits":4.0,"WriteCapacityUnits":4.0}]}"#);
        store.without_capacity("TransactWriteItems", answer, false);
        assert_eq!(store.calls()["capacityUnits"], json!({ "read": 0.5, "write": 4.0 }));
    }
}
