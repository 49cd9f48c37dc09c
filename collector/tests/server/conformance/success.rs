//! Items 20 to 24: what is said of a request that was taken.

use super::world::{Signal, Transport, World};
use crate::senders::{spans, trace_id};

/// Spans of which some have an id of a wrong length.
fn some_bad(world: &World, verdicts: &[bool]) -> Vec<u8> {
    if world.transport == Transport::Json {
        let spans = verdicts.iter().zip(1..).map(|(is_good, number)| {
            let id = if *is_good {
                format!("{number:016x}")
            } else {
                "abc".to_owned()
            };
            format!(
                r#"{{"traceId":"{}","spanId":"{id}","name":"a"}}"#,
                hex(&trace_id(1))
            )
        });
        let spans: Vec<String> = spans.collect();
        let spans = spans.join(",");
        return format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#)
            .into_bytes();
    }
    let mut request = spans(1);
    let items = &mut request.resource_spans[0].scope_spans[0].spans;
    let one = items[0].clone();
    *items = verdicts
        .iter()
        .zip(1_u64..)
        .map(|(is_good, number)| {
            let mut span = one.clone();
            span.span_id = if *is_good {
                number.to_be_bytes().to_vec()
            } else {
                vec![1; 3]
            };
            span
        })
        .collect();
    world.traces(&request)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| {
        digits + &format!("{byte:02x}")
    })
}

pub(super) async fn item_20(transport: Transport) {
    let world = World::start(transport).await;
    let empties: &[&[u8]] = match transport {
        Transport::Json => &[
            b"{}",
            b" {} \n",
            br#"{"resourceSpans":[]}"#,
            br#"{"resourceSpans":null}"#,
            br#"{"resourceSpans":[{}]}"#,
            br#"{"resourceSpans":[{"resource":{},"scopeSpans":[]}]}"#,
            br#"{"resourceSpans":[{"scopeSpans":[{"scope":{},"spans":[]}]}]}"#,
        ],
        // Nothing; an empty resource; one with an empty scope.
        Transport::Grpc | Transport::Protobuf => &[b"", b"\x0a\x00", b"\x0a\x02\x12\x00"],
    };
    for empty in empties {
        world.send(Signal::Traces, empty).await.assert_whole();
    }
    world.stop().await;
}

pub(super) async fn item_21(transport: Transport) {
    let world = World::start(transport).await;
    let message = world.traces(&spans(1));
    let answer = world.send(Signal::Traces, &message).await;
    answer.assert_whole();
    match transport {
        Transport::Grpc => assert_eq!(answer.body.as_ref(), [0; 5]),
        Transport::Protobuf => assert!(answer.body.is_empty()),
        Transport::Json => assert_eq!(answer.body, "{}"),
    }
    world.stop().await;
}

pub(super) async fn item_22(transport: Transport) {
    let world = World::start(transport).await;
    let message = some_bad(&world, &[true, false, true, false, true]);
    let answer = world.send(Signal::Traces, &message).await;
    let (rejected, told) = answer.partial().unwrap();
    assert_eq!(rejected, 2);
    assert!(told.contains("span id"), "{told}");
    assert_eq!(world.span_count().await, 3);
    world.stop().await;
}

pub(super) async fn item_23(transport: Transport) {
    let world = World::start(transport).await;
    let message: Vec<u8> = if transport == Transport::Json {
        super::json::one_span(r#""parentSpanId":"abc""#)
    } else {
        let mut request = spans(1);
        request.resource_spans[0].scope_spans[0].spans[0].parent_span_id = vec![1; 3];
        world.traces(&request)
    };
    let answer = world.send(Signal::Traces, &message).await;
    let (rejected, told) = answer.partial().unwrap();
    assert_eq!(rejected, 0);
    assert!(told.contains("parent span id"), "{told}");
    assert_eq!(world.span_count().await, 1);
    world.stop().await;
}

pub(super) async fn item_24(transport: Transport) {
    let world = World::start(transport).await;
    let message = some_bad(&world, &[false, false, false]);
    let answer = world.send(Signal::Traces, &message).await;
    assert_eq!(answer.partial().unwrap().0, 3);
    assert_eq!(world.span_count().await, 0);
    world.stop().await;
}
