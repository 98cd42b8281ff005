//! Events against one that API Gateway sent, answers against what it makes of them.

use super::*;

fn build(headers: &HeaderMap, path: &str, query: &str, body: &[u8], identity: Option<&Value>) -> Value {
    let parameters = BTreeMap::from([("invitationId".to_owned(), "7".to_owned())]);
    let incoming = Incoming {
        id: "JKJaXmPLvHcESHA=",
        at: "2020-03-12T19:03:58.390Z".parse().unwrap(),
        method: &Method::POST,
        path,
        query,
        headers,
        source_ip: "192.0.2.1",
        route_key: "POST /v1/invitations/{invitationId}/send",
        parameters: &parameters,
    };
    incoming.for_function(&Bytes::copy_from_slice(body), identity)
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn an_event_looks_like_the_one_in_the_developer_guide() {
    let headers = headers(&[
        ("host", "id.execute-api.us-east-1.amazonaws.com"),
        ("user-agent", "agent"),
        ("content-type", "application/json"),
        ("header1", "value1"),
        ("header1", "value2"),
        ("cookie", "cookie1=a; cookie2=b"),
    ]);
    let identity = json!({ "tenant": "t" });
    let event = build(&headers, "/v1/invitations/7/send", "a=1&a=2&b=x+y%21", br#"{"x":1}"#, Some(&identity));
    assert_eq!(
        event,
        json!({
            "version": "2.0",
            "routeKey": "POST /v1/invitations/{invitationId}/send",
            "rawPath": "/v1/invitations/7/send",
            "rawQueryString": "a=1&a=2&b=x+y%21",
            "cookies": ["cookie1=a", "cookie2=b"],
            "headers": {
                "host": "id.execute-api.us-east-1.amazonaws.com",
                "user-agent": "agent",
                "content-type": "application/json",
                "header1": "value1,value2",
                "x-forwarded-for": "192.0.2.1",
                "x-forwarded-port": "80",
                "x-forwarded-proto": "http"
            },
            "queryStringParameters": { "a": "1,2", "b": "x y!" },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "local",
                "authorizer": { "lambda": { "tenant": "t" } },
                "domainName": "id.execute-api.us-east-1.amazonaws.com",
                "domainPrefix": "id",
                "http": {
                    "method": "POST",
                    "path": "/v1/invitations/7/send",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "agent"
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "POST /v1/invitations/{invitationId}/send",
                "stage": "$default",
                "time": "12/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_584_039_838_390_i64
            },
            "body": "{\"x\":1}",
            "pathParameters": { "invitationId": "7" },
            "isBase64Encoded": false
        })
    );
}

#[test]
fn what_is_no_text_is_handed_on_as_base64() {
    for (content_type, encoded) in [
        ("application/json", false),
        ("application/problem+json; charset=utf-8", false),
        ("text/plain", false),
        ("application/x-www-form-urlencoded", true),
        ("application/octet-stream", true),
        ("image/svg", true),
    ] {
        let event = build(&headers(&[("content-type", content_type)]), "/", "", b"abc", None);
        assert_eq!(event["isBase64Encoded"], encoded, "{content_type}");
        assert_eq!(event["body"], if encoded { "YWJj" } else { "abc" }, "{content_type}");
    }
    let bodyless = build(&HeaderMap::new(), "/", "", b"", None);
    assert_eq!((bodyless.get("body"), &bodyless["isBase64Encoded"]), (None, &json!(false)));
}

#[test]
fn an_answer_has_status_headers_cookies_and_body() {
    let answered = answer(
        br#"{"statusCode":201,"headers":{"location":"/x","content-type":"application/json"},"cookies":["a=1","b=2"],
            "body":"aGk=","isBase64Encoded":true}"#,
    )
    .unwrap();
    assert_eq!(answered.status(), StatusCode::CREATED);
    assert_eq!(answered.headers()["location"], "/x");
    assert_eq!(answered.headers().get_all(SET_COOKIE).iter().count(), 2);
}

#[test]
fn an_answer_may_be_bodyless_or_no_http_answer_at_all() {
    let bodyless = answer(br#"{"statusCode":204,"headers":{},"cookies":[]}"#).unwrap();
    assert_eq!((bodyless.status(), bodyless.headers().len()), (StatusCode::NO_CONTENT, 0));
    let inferred = answer(br#"{"message":"hello"}"#).unwrap();
    assert_eq!(
        (inferred.status().as_u16(), &inferred.headers()[CONTENT_TYPE]),
        (200, &HeaderValue::from_static("application/json"))
    );
    assert!(answer(b"not json").is_none());
    assert!(answer(br#"{"statusCode":"abc"}"#).is_none());
}
