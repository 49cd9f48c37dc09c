//! Context goes over HTTP, gRPC, tasks, channels and streams, and spans say what happened there.

#![expect(clippy::unwrap_used, reason = "a failed test may end its process")]

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use futures_util::{StreamExt, stream};
use opentelemetry::trace::SpanKind;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use spanwalk_sdk::reqwest::SendTraced;
use spanwalk_sdk::task;
use spanwalk_sdk::testing::{Capture, Trace};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Status;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tracing::Instrument;

/// Waits until spans that end in tasks of their own have ended, and takes all.
async fn trace(capture: &Capture, count: usize) -> Trace {
    let (mut spans, mut records) = (Vec::new(), Vec::new());
    let all = async {
        while spans.len() < count {
            let captured = capture.take();
            spans.extend(captured.spans);
            records.extend(captured.records);
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_mins(1), all).await;
    let trace = Trace::new(spans, records);
    assert!(in_time.is_ok(), "{trace:?}");
    trace
}

#[tokio::test]
async fn a_tower_client_and_a_tower_service_are_one_trace() {
    let capture = Capture::start();
    let service = ServiceBuilder::new()
        .layer(spanwalk_sdk::tower::client())
        .layer(spanwalk_sdk::tower::server())
        .service(service_fn(|request: Request<Body>| async move {
            tracing::info!("answers");
            let status = match request.uri().path() {
                "/bad" => StatusCode::NOT_FOUND,
                _ => StatusCode::OK,
            };
            let mut response = Response::new(Body::from("some text"));
            *response.status_mut() = status;
            Ok::<_, Infallible>(response)
        }));
    let get = |path: &str| {
        let uri = format!("http://me:secret@shop.test:81{path}");
        Request::get(uri).body(Body::empty()).unwrap()
    };
    let response = service.clone().oneshot(get("/orders?id=7")).await.unwrap();
    let early = capture.take();
    assert!(early.spans.is_empty(), "a span lasts as long as its body");
    assert_eq!(early.records[0].body, "answers");
    drop(response);
    let found = trace(&capture, 2).await;
    found.assert(r#""GET" > "GET""#);
    let [client, server] = found.spans() else {
        panic!("{found:?}");
    };
    assert_eq!(
        (&client.kind, &server.kind),
        (&SpanKind::Client, &SpanKind::Server)
    );
    assert_eq!(
        client.attribute("url.full"),
        Some("http://shop.test:81/orders?id=7")
    );
    assert_eq!(client.attribute("server.port"), Some("81"));
    assert_eq!(server.attribute("url.path"), Some("/orders"));
    assert_eq!(server.attribute("http.response.status_code"), Some("200"));

    drop(service.oneshot(get("/bad")).await.unwrap());
    let found = trace(&capture, 2).await;
    let [client, server] = found.spans() else {
        panic!("{found:?}");
    };
    assert_eq!(client.attribute("error.type"), Some("404"));
    assert_eq!(
        server.error, None,
        "the caller's fault is no failure of the server"
    );
}

struct Exporter;

#[tonic::async_trait]
impl TraceService for Exporter {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, Status> {
        if request.into_inner().resource_spans.is_empty() {
            return Err(Status::not_found("nothing is there"));
        }
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tokio::test]
async fn grpc_says_its_method_and_its_status_on_both_sides() {
    let capture = Capture::start();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(
        tonic::transport::Server::builder()
            .layer(spanwalk_sdk::grpc::server())
            .add_service(TraceServiceServer::new(Exporter))
            .serve_with_incoming(TcpListenerStream::new(listener)),
    );
    let channel = tonic::transport::Channel::from_shared(address)
        .unwrap()
        .connect_lazy();
    let channel = ServiceBuilder::new()
        .layer(spanwalk_sdk::grpc::client())
        .service(channel);
    let mut client = TraceServiceClient::new(channel);
    let full = ExportTraceServiceRequest {
        resource_spans: vec![opentelemetry_proto::tonic::trace::v1::ResourceSpans::default()],
    };
    client.export(full).await.unwrap();
    let method = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
    let found = trace(&capture, 2).await;
    found.assert(&format!(r#""{method}" > "{method}""#));
    found.assert_no_errors();
    for span in found.spans() {
        assert_eq!(
            span.attribute("rpc.response.status_code"),
            Some("OK"),
            "{span:?}"
        );
        assert_eq!(span.attribute("rpc.system.name"), Some("grpc"));
    }
    client
        .export(ExportTraceServiceRequest::default())
        .await
        .unwrap_err();
    let found = trace(&capture, 2).await;
    let [client, server] = found.spans() else {
        panic!("{found:?}");
    };
    assert_eq!(
        client.attribute("rpc.response.status_code"),
        Some("NOT_FOUND")
    );
    assert_eq!(client.error.as_deref(), Some("nothing is there"));
    assert_eq!(
        server.attribute("rpc.response.status_code"),
        Some("NOT_FOUND")
    );
    assert_eq!(server.error, None);
    serving.abort();
}

fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_mins(1))
        .build()
        .unwrap()
}

/// The headers of a request, whether its trace goes on, and the trace state that goes with it.
type Case<'a> = (Vec<(&'a str, &'a str)>, bool, &'a str);

/// A service that calls another, which gives back the headers that it saw.
async fn relay(listener: tokio::net::TcpListener) {
    let client = client();
    let address = listener.local_addr().unwrap();
    let seen = |headers: HeaderMap| async move {
        let of = |name| headers.get(name).map_or("", |it| it.to_str().unwrap());
        format!("{}\n{}", of("traceparent"), of("tracestate"))
    };
    let router = axum::Router::new()
        .route(
            "/relay",
            axum::routing::get(move || async move {
                let url = format!("http://{address}/seen");
                let answer = client.get(url).send_traced().await.unwrap();
                answer.text().await.unwrap()
            })
            .layer(spanwalk_sdk::axum::server()),
        )
        .route("/seen", axum::routing::get(seen));
    axum::serve(listener, router).await.unwrap();
}

#[tokio::test]
async fn a_service_passes_the_callers_context_on_and_survives_any_header() {
    let _capture = Capture::start();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/relay", listener.local_addr().unwrap());
    let server = tokio::spawn(relay(listener));
    let client = client();
    let trace_id = "12345678901234567890123456789012";
    let valid = format!("00-{trace_id}-1234567890123456-03");
    let cases: [Case<'_>; 8] = [
        (vec![], false, ""),
        (vec![("traceparent", &valid)], true, ""),
        (
            vec![("TraceParent", &valid), ("TraceState", "a=1")],
            true,
            "a=1",
        ),
        (
            vec![
                ("traceparent", &valid),
                ("tracestate", "a=1"),
                ("tracestate", "b=2"),
            ],
            true,
            "a=1,b=2",
        ),
        (
            vec![("traceparent", &valid), ("tracestate", "a=1,B=2")],
            true,
            "",
        ),
        (
            vec![("traceparent", &valid), ("traceparent", &valid)],
            false,
            "",
        ),
        (vec![("tracestate", "a=1")], false, ""),
        (
            vec![
                ("traceparent", "00-0-0-0"),
                ("tracestate", "a=1"),
                ("baggage", "%%%=;,="),
            ],
            false,
            "",
        ),
    ];
    for (headers, continued, state) in cases {
        let request = headers.iter().fold(client.get(&url), |it, (name, value)| {
            it.header(*name, *value)
        });
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{headers:?}");
        let text = answer.text().await.unwrap();
        let (parent, passed) = text.split_once('\n').unwrap();
        assert_eq!(
            parent.contains(trace_id),
            continued,
            "{headers:?} became {parent}"
        );
        assert!(
            parent.ends_with("-03"),
            "sampled, with a random id: {parent}"
        );
        assert!(!parent.contains("1234567890123456-03"), "a span of its own");
        assert_eq!(passed, state, "{headers:?}");
    }
    server.abort();
}

#[tokio::test]
async fn tasks_stay_in_the_trace_of_who_started_them() {
    let capture = Capture::start();
    let step = |name: &'static str| async move {
        tracing::info_span!("step", otel.name = name).in_scope(|| tracing::info!("{name}"));
    };
    async {
        task::spawn(step("spawned")).await.unwrap();
        let mut set = task::JoinSet::new();
        set.spawn(step("in a set"));
        set.spawn(step("in a set"));
        assert_eq!(set.len(), 2);
        while let Some(ended) = set.join_next().await {
            ended.unwrap();
        }
        let numbers = stream::iter(0..3).inspect(|it| {
            tracing::info_span!("item", it).in_scope(|| ());
        });
        let numbers = task::InSpan::new(numbers, tracing::Span::current());
        // Polled by nobody's span: the stream has its own.
        let count = numbers.count().instrument(tracing::Span::none()).await;
        assert_eq!(count, 3);
    }
    .instrument(tracing::info_span!("request"))
    .await;
    let found = trace(&capture, 7).await;
    found.assert(r#""request" > "spawned"[1]"#);
    found.assert(r#""request" > "in a set"[2]"#);
    found.assert(r#""request" > "item"[3]"#);
    found.assert_causal();
}

#[tokio::test]
async fn a_channel_carries_the_sender_and_jobs_are_linked_to_it() {
    let capture = Capture::start();
    let (sender, mut receiver) = task::channel(4);
    async {
        sender.send(1).await.unwrap();
        sender.send(2).await.unwrap();
        task::spawn_job("nightly report", async { tracing::info!("reported") })
            .await
            .unwrap();
    }
    .instrument(tracing::info_span!("request"))
    .await;
    drop(sender);
    let first = receiver.recv().await.unwrap();
    first
        .sender()
        .in_scope(|| tracing::info_span!("handled").in_scope(|| ()));
    let second = receiver.recv().await.unwrap();
    second
        .job("process order")
        .in_scope(|| assert_eq!(second.value, 2));
    drop((first, second));
    assert!(receiver.recv().await.is_none());
    let found = trace(&capture, 4).await;
    found.assert(r#""request" > "handled""#);
    found.assert(r#""request" ~> "process order""#);
    found.assert(r#""request" ~> "nightly report""#);
    let request = found.find("request").unwrap();
    for job in ["process order", "nightly report"] {
        assert_ne!(
            found.find(job).unwrap().trace_id,
            request.trace_id,
            "{job} is a trace of its own"
        );
    }
}

#[tokio::test]
async fn a_broken_body_is_told() {
    let capture = Capture::start();
    let service = ServiceBuilder::new()
        .layer(spanwalk_sdk::tower::server())
        .service(service_fn(|_: Request<Body>| async {
            let broken = stream::iter([
                Ok(Bytes::from_static(b"x")),
                Err(std::io::Error::other("cut")),
            ]);
            Ok::<_, Infallible>(Response::new(Body::from_stream(broken)))
        }));
    let response = service.oneshot(Request::new(Body::empty())).await.unwrap();
    let body = axum::body::to_bytes(Body::new(response.into_body()), 100).await;
    assert!(body.is_err());
    let found = trace(&capture, 1).await;
    assert_eq!(found.spans()[0].attribute("error.type"), Some("body"));
}
