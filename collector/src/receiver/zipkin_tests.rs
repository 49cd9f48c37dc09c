//! Zipkin's spans over their router, against a real store.

use axum::body::Body;
use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::tests::{World, gzip, world};

const SPANS: &str = r#"[{"traceId":"7b","id":"1","name":"a","timestamp":1700000000000001,
    "localEndpoint":{"serviceName":"shop"}},{"traceId":"7b","id":"0"}]"#;

async fn ask(world: &World, request: Request<Body>) -> (StatusCode, http::HeaderMap, String) {
    let router = world.receiver.zipkin_router();
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(body.to_vec()).unwrap();
    (parts.status, parts.headers, text)
}

fn post() -> http::request::Builder {
    Request::post("/api/v2/spans")
}

#[tokio::test]
async fn spans_are_stored_before_the_answer_which_is_empty() {
    let world = world();
    // One span of the list cannot be used; the format has no word for that.
    for (content_type, is_gzip) in [
        (Some("application/json"), false),
        (Some("application/json; charset=utf-8"), true),
        (None, false),
    ] {
        let body = if is_gzip {
            gzip(SPANS.as_bytes())
        } else {
            SPANS.as_bytes().to_vec()
        };
        let mut request = post();
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        if is_gzip {
            request = request.header(CONTENT_ENCODING, "gzip");
        }
        let request = request.body(Body::from(body)).unwrap();
        let (status, _, text) = ask(&world, request).await;
        assert_eq!((status, text.as_str()), (StatusCode::ACCEPTED, ""));
    }
    assert_eq!(world.span_count(), 1);
    let counts = world.telemetry.counts();
    assert_eq!(counts.received["spans"], 6);
    assert_eq!(counts.rejected["invalid_span_id"], 3);
    assert!(counts.samples.iter().all(|sample| {
        sample
            .listener
            .is_some_and(|listener| listener.name() == "zipkin")
    }));
    assert_eq!(world.budget.held_bytes(), 0);
}

#[tokio::test]
async fn spans_in_protobuf_are_taken() {
    let world = world();
    // ListOfSpans { spans: [Span { trace_id: 8 bytes, id: 8 bytes }] }
    let mut span = vec![0x0A, 8];
    span.extend([7; 8]);
    span.extend([0x1A, 8]);
    span.extend([1; 8]);
    let mut list = vec![0x0A, u8::try_from(span.len()).unwrap()];
    list.extend(span);
    let request = post()
        .header(CONTENT_TYPE, "application/x-protobuf")
        .body(Body::from(list))
        .unwrap();
    assert_eq!(ask(&world, request).await.0, StatusCode::ACCEPTED);
    assert_eq!(world.span_count(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_told_in_plain_text() {
    let world = world();
    let broken = post().body(Body::from("{")).unwrap();
    let (status, headers, text) = ask(&world, broken).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(headers[CONTENT_TYPE], "text/plain; charset=utf-8");
    assert!(text.contains("json"), "{text}");
    let thrift = post()
        .header(CONTENT_TYPE, "application/x-thrift")
        .body(Body::empty())
        .unwrap();
    let (status, _, _) = ask(&world, thrift).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let got = Request::get("/api/v2/spans").body(Body::empty()).unwrap();
    let (status, headers, _) = ask(&world, got).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(headers[ALLOW], "POST");
    let old = Request::post("/api/v1/spans").body(Body::empty()).unwrap();
    let (status, _, text) = ask(&world, old).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(text.contains("/api/v2/spans"), "{text}");
}
