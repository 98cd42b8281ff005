//! API Gateway's HTTP API: finds the route, asks the authorizer, invokes the function, answers for all three.
//!
//! | answer of the gateway itself, `{"message":"…"}` | when |
//! |---|---|
//! | 401 `Unauthorized` | the route asks who calls, and the request does not say; nobody is asked |
//! | 403 `Forbidden` | the authorizer refused |
//! | 404 `Not Found` | no route has that method and path |
//! | 413 `Request Entity Too Large` | a body over 10 MB |
//! | 500 `Internal Server Error` | the function or the authorizer failed, or answered nonsense |
//! | 503 `Service Unavailable` | the function took longer than it may |

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode};
use http_body_util::BodyExt;
use percent_encoding::percent_decode_str;
use serde_json::json;
use uuid::Uuid;

use crate::authorizer::{Authorizer, Verdict};
use crate::clock::Clock;
use crate::event::{self, Incoming};
use crate::instance::Failure;
use crate::instances::Instances;
use crate::serve::Peer;
use crate::template::Route;

/// API Gateway's limit for a body.
const MOST: usize = 10 * 1024 * 1024;

/// How a path ends whose last parameter takes all that is left.
const GREEDY: &str = "+}";

/// The gateway's state.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) routes: Vec<Route>,
    pub(crate) authorizer: Option<Authorizer>,
    pub(crate) instances: Arc<Instances>,
    pub(crate) clock: Arc<Clock>,
}

/// Handles every request that is not for `local` itself.
pub(crate) async fn handle(State(gateway): State<Arc<Gateway>>, request: Request) -> Response<Body> {
    let id = Uuid::new_v4().to_string();
    let mut response = match gateway.pass(&id, request).await {
        Ok(response) => response,
        Err(status) => own(status),
    };
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert("apigw-requestid", id);
    }
    response
}

impl Gateway {
    async fn pass(&self, id: &str, request: Request) -> Result<Response<Body>, StatusCode> {
        let source_ip = request.extensions().get::<Peer>().map_or_else(String::new, |peer| peer.0.ip().to_string());
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let (route, parameters) = matching(&self.routes, parts.method.as_str(), path).ok_or(StatusCode::NOT_FOUND)?;
        let body = collected(body).await?;
        let route_key = format!("{} {}", route.method, route.path);
        let incoming = Incoming {
            id,
            at: self.clock.now(),
            method: &parts.method,
            path,
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            source_ip: &source_ip,
            route_key: &route_key,
            parameters: &parameters,
        };
        let identity = match &self.authorizer {
            Some(authorizer) if route.authorized => match authorizer.ask(&incoming).await {
                Verdict::Allowed(identity) => Some(identity),
                Verdict::Refused => return Err(StatusCode::FORBIDDEN),
                Verdict::Missing => return Err(StatusCode::UNAUTHORIZED),
                Verdict::Failed => return Err(StatusCode::INTERNAL_SERVER_ERROR),
            },
            Some(_) | None => None,
        };
        let event = incoming.for_function(&body, identity.as_ref()).to_string().into_bytes();
        match self.instances.invoke(&route.function, event).await {
            Ok(answer) => event::answer(&answer).ok_or(StatusCode::INTERNAL_SERVER_ERROR),
            Err(Failure::TimedOut) => Err(StatusCode::SERVICE_UNAVAILABLE),
            Err(Failure::Reported(_) | Failure::Crashed(_) | Failure::Unknown) => {
                Err(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

/// The body, read to its end even where it is too long, so that the client gets to read the answer.
async fn collected(mut body: Body) -> Result<Bytes, StatusCode> {
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        let Some(data) = frame.data_ref() else { continue };
        length = length.saturating_add(data.len());
        if length <= MOST {
            bytes.extend_from_slice(data);
        }
    }
    if length > MOST { Err(StatusCode::PAYLOAD_TOO_LARGE) } else { Ok(bytes.into()) }
}

/// The route for a request and its decoded path parameters: of those that match, one that names each segment goes before a greedy
/// one, and what is written out before what is a parameter.
pub(crate) fn matching<'a>(
    routes: &'a [Route],
    method: &str,
    path: &str,
) -> Option<(&'a Route, BTreeMap<String, String>)> {
    let fits = routes.iter().filter(|route| route.method == method || route.method == "ANY");
    let found = fits.filter_map(|route| Some((route, parameters(&route.path, path)?)));
    found.min_by_key(|(route, parameters)| (route.path.ends_with(GREEDY), parameters.len(), route.method == "ANY"))
}

fn parameters(pattern: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let (mut pattern, mut path) = (pattern.strip_prefix('/')?, path.strip_prefix('/')?);
    let mut parameters = BTreeMap::new();
    loop {
        let (wanted, more_wanted) = split(pattern);
        let greedy = wanted.strip_prefix('{').and_then(|name| name.strip_suffix(GREEDY));
        let (given, more_given) = if greedy.is_some() { (path, None) } else { split(path) };
        match greedy.or_else(|| wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}'))) {
            Some(name) if !given.is_empty() => {
                parameters.insert(name.to_owned(), percent_decode_str(given).decode_utf8_lossy().into_owned());
            }
            Some(_) => return None,
            None if wanted == given => {}
            None => return None,
        }
        (pattern, path) = match (more_wanted, more_given) {
            (None, None) => return Some(parameters),
            (Some(wanted), Some(given)) => (wanted, given),
            (None, Some(_)) | (Some(_), None) => return None,
        };
    }
}

/// A path's first segment, and what comes after it.
fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

/// What the gateway itself answers.
fn own(status: StatusCode) -> Response<Body> {
    let message = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        other => other.canonical_reason().unwrap_or("Error"),
    };
    let mut response = Response::new(Body::from(json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &str, path: &str) -> Route {
        Route { method: method.to_owned(), path: path.to_owned(), function: path.to_owned(), authorized: true }
    }

    #[test]
    fn the_most_literal_route_wins() {
        let routes = [
            route("POST", "/v1/invitations/{invitationId}"),
            route("POST", "/v1/invitations/preview"),
            route("GET", "/v1/invitations/{invitationId}"),
        ];
        let (found, parameters) = matching(&routes, "POST", "/v1/invitations/preview").unwrap();
        assert_eq!((found.path.as_str(), parameters.len()), ("/v1/invitations/preview", 0));
        let (_, parameters) = matching(&routes, "GET", "/v1/invitations/a%20b").unwrap();
        assert_eq!(parameters["invitationId"], "a b");
        for (method, path) in
            [("PUT", "/v1/invitations/preview"), ("GET", "/v1/invitations/"), ("GET", "/v1/invitations/1/2")]
        {
            assert!(matching(&routes, method, path).is_none(), "{method} {path}");
        }
    }

    #[test]
    fn a_greedy_route_takes_the_rest_and_comes_last() {
        let routes = [
            route("GET", "/assets/{version}/{file+}"),
            route("GET", "/assets/{version}/{file}"),
            route("GET", "/{page}"),
            route("GET", "/openapi.json"),
            route("GET", "/"),
        ];
        let (found, parameters) = matching(&routes, "GET", "/assets/0a/pages/a%20b.js").unwrap();
        assert_eq!(found.path, "/assets/{version}/{file+}");
        assert_eq!((parameters["version"].as_str(), parameters["file"].as_str()), ("0a", "pages/a b.js"));
        for (path, found) in [
            ("/", "/"),
            ("/openapi.json", "/openapi.json"),
            ("/accept%23AQZl", "/{page}"),
            ("/assets/0a/main.js", "/assets/{version}/{file}"),
        ] {
            assert_eq!(matching(&routes, "GET", path).unwrap().0.path, found, "{path}");
        }
        assert_eq!(matching(&routes, "GET", "/accept%23AQZl").unwrap().1["page"], "accept#AQZl");
        for (method, path) in
            [("GET", "/assets/0a/"), ("GET", "/assets/0a"), ("GET", "/a/b"), ("HEAD", "/"), ("GET", "//")]
        {
            assert!(matching(&routes, method, path).is_none(), "{method} {path}");
        }
    }
}
