//! The live tail and the histogram.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use spanwalk_api::{
    HistogramParams, HistogramResponse, LogEntry, TailParams, TailSpan, TailStatus,
};
use tower::ServiceExt;

use super::TAILS_AT_ONCE;
use super::test_support::{START, World, log, scoped, span};
use super::tests::url;

/// A tail that is being read.
struct Listening {
    body: Body,
    text: String,
}

impl Listening {
    async fn to(world: &World, params: &TailParams) -> Self {
        let request = Request::builder()
            .uri(url("tail", params))
            .header(header::HOST, "127.0.0.1:4320")
            .body(Body::empty())
            .unwrap();
        let response = world.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let headers = response.headers();
        assert_eq!(headers[header::CONTENT_TYPE], "text/event-stream");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        Self {
            body: response.into_body(),
            text: String::new(),
        }
    }

    /// The name and the data of the next event.
    async fn next(&mut self) -> (String, String) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines = event.lines();
                    let line = lines.find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().to_owned()
                };
                let found = (field("event: "), field("data: "));
                self.text = rest.to_owned();
                if !found.0.is_empty() {
                    return found;
                }
                continue;
            }
            let frame = self.body.frame().await.unwrap().unwrap();
            let data = frame.into_data().unwrap();
            self.text += std::str::from_utf8(&data).unwrap();
        }
    }

    async fn status(&mut self) -> TailStatus {
        let (name, data) = self.next().await;
        assert_eq!(name, "status");
        serde_json::from_str(&data).unwrap()
    }
}

#[tokio::test]
async fn what_comes_in_and_matches_is_told_once() {
    let world = World::with_checkout().await;
    let params = TailParams {
        q: "service:orders".to_owned(),
        what: Some("all".to_owned()),
        rate: Some(1_000),
    };
    let mut tail = Listening::to(&world, &params).await;
    assert_eq!(tail.status().await.sent, 0);
    let mut failing = span(77, 5, Some(4), START + 200, START + 260);
    failing.status.code = spanwalk_model::StatusCode::Error;
    "no stock".clone_into(&mut failing.status.message);
    let other = scoped("gateway", span(77, 4, None, START + 190, START + 270));
    world
        .put_spans(vec![scoped("orders", failing), other])
        .await;
    let (name, data) = tail.next().await;
    assert_eq!(name, "span");
    let told: TailSpan = serde_json::from_str(&data).unwrap();
    assert_eq!(
        (told.service.as_str(), told.span_id.as_str()),
        ("orders", "0000000000000005")
    );
    assert_eq!((told.duration_ns, told.is_error), (60, true));
    assert_eq!(told.error, "no stock");
    let status = tail.status().await;
    assert_eq!((status.sent, status.not_sent, status.unread), (1, 0, 0));
    // Two that are the same are two.
    let twice = || scoped("orders", log(0, 0, START + 300, 9, "again"));
    world.put_logs(vec![twice(), twice()]).await;
    for _ in 0..2 {
        let (name, data) = tail.next().await;
        assert_eq!(name, "log");
        let told: LogEntry = serde_json::from_str(&data).unwrap();
        assert_eq!(told.body, "again");
    }
    assert_eq!(tail.status().await.sent, 3);
}

#[tokio::test]
async fn what_comes_too_fast_is_counted_and_not_sent() {
    let world = World::with_checkout().await;
    let params = TailParams {
        what: Some("logs".to_owned()),
        rate: Some(2),
        ..TailParams::default()
    };
    let mut tail = Listening::to(&world, &params).await;
    tail.status().await;
    let logs = (0..50_u64).map(|number| {
        scoped(
            "orders",
            log(0, 0, START + 200 + number, 9, &format!("record {number}")),
        )
    });
    world.put_logs(logs.collect()).await;
    let mut bodies = Vec::new();
    let status = loop {
        let (name, data) = tail.next().await;
        if name == "status" {
            break serde_json::from_str::<TailStatus>(&data).unwrap();
        }
        bodies.push(serde_json::from_str::<LogEntry>(&data).unwrap().body);
    };
    assert_eq!(bodies, ["record 48", "record 49"]);
    assert_eq!((status.sent, status.not_sent, status.unread), (2, 48, 0));
}

#[tokio::test]
async fn more_tails_than_there_are_places_are_refused() {
    let world = World::new();
    let mut open = Vec::new();
    for _ in 0..TAILS_AT_ONCE {
        open.push(Listening::to(&world, &TailParams::default()).await);
    }
    let answer = world.get("/api/v1/tail").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "1");
    assert!(answer.problem().detail.contains("live tails are open"));
    open.pop();
    Listening::to(&world, &TailParams::default()).await;
}

#[tokio::test]
async fn what_no_tail_can_be_is_refused() {
    let world = World::new();
    for (path, told) in [
        ("tail?what=metrics", "spans, logs or all"),
        ("tail?rate=1001", "1 to 1000"),
        ("tail?q=status:", "at byte"),
        ("logs/histogram?buckets=0", "`buckets` is `0`"),
    ] {
        let answer = world.get(&format!("/api/v1/{path}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        let detail = answer.problem().detail;
        assert!(detail.contains(told), "{detail}");
    }
}

#[tokio::test]
async fn records_are_counted_by_level_over_time() {
    let world = World::with_checkout().await;
    let logs = [(START + 51, 17), (START + 104, 9), (START + 104, 1)];
    let logs = logs.map(|(time, severity)| scoped("orders", log(0, 0, time, severity, "more")));
    world.put_logs(logs.to_vec()).await;
    let world = world.restarted();
    let params = HistogramParams {
        q: "level:>=info".to_owned(),
        from_ns: None,
        to_ns: None,
        buckets: Some(4),
    };
    let found: HistogramResponse = world.get(&url("logs/histogram", &params)).await.json();
    assert_eq!((found.start_ns, found.bucket_ns), (START + 5, 25));
    let count = |index: usize, level: &str| found.buckets[index].get(level).copied().unwrap_or(0);
    assert_eq!(found.buckets.len(), 4);
    assert_eq!(
        (count(0, "info"), count(1, "error"), count(3, "info")),
        (1, 2, 1)
    );
    assert_eq!(found.buckets[2].len(), 0);
    let complete = &found.completeness;
    assert_eq!(
        (complete.matched, complete.estimate, complete.cut),
        (4, false, None)
    );
    let params = HistogramParams {
        from_ns: Some(START),
        to_ns: Some(START + 3),
        ..HistogramParams::default()
    };
    let none: HistogramResponse = world.get(&url("logs/histogram", &params)).await.json();
    assert_eq!((none.bucket_ns, none.buckets.len()), (0, 0));
}
