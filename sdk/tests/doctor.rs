//! What the doctor says: where each setting came from, and whether a span arrives.

#![expect(clippy::unwrap_used, reason = "a failed test may end its process")]

mod receiver;

use receiver::Receiver;
use spanwalk_sdk::config::Source;
use spanwalk_sdk::doctor::{PROBE_NAME, Probe};

#[test]
fn a_probe_that_arrives_is_told_with_its_trace() {
    let receiver = Receiver::start();
    let builder = spanwalk_sdk::builder("orders")
        .setting("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint())
        .setting("OTEL_EXPORTER_OTLP_HEADERS", "authorization=secret")
        .setting("OTEL_BSP_MAX_QUEUE_SIZE", "lots");
    let report = builder.doctor().unwrap();
    let Probe::Arrived { trace_id, .. } = &report.probe else {
        panic!("{report}");
    };
    let [span] = receiver.spans().try_into().unwrap();
    assert_eq!(span.name, PROBE_NAME);
    let id = u128::from_be_bytes(span.trace_id.try_into().unwrap());
    let id = format!("{id:032x}");
    let records = receiver.records();
    let records: Vec<_> = records.iter().map(receiver::Record::body_text).collect();
    assert_eq!(records, [""; 0], "a probe is a span and nothing else");
    assert_eq!(&id, trace_id);
    let of = |name: &str| {
        report
            .settings
            .iter()
            .find(|it| it.variable == name)
            .unwrap()
    };
    assert_eq!(of("OTEL_SERVICE_NAME").source, Source::Code);
    assert_eq!(of("OTEL_BSP_MAX_QUEUE_SIZE").value, "65536");
    let text = report.to_string();
    for expected in [
        format!(
            "  code        OTEL_EXPORTER_OTLP_ENDPOINT={}\n",
            receiver.endpoint()
        ),
        "  code        OTEL_SERVICE_NAME=orders\n".to_owned(),
        "  default     OTEL_BSP_SCHEDULE_DELAY=500 ms\n".to_owned(),
        "problem      OTEL_BSP_MAX_QUEUE_SIZE: \"lots\" is not a whole number".to_owned(),
        format!(
            "probe        arrived at {}, trace {trace_id}\n",
            receiver.endpoint()
        ),
    ] {
        assert!(text.contains(&expected), "{expected} is not in\n{text}");
    }
    assert!(!text.contains("secret"), "{text}");
    assert!(!report.is_well(), "a value was not used");
}

#[test]
fn a_probe_that_does_not_arrive_says_why() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    for protocol in ["grpc", "http/protobuf"] {
        let builder = spanwalk_sdk::builder("orders")
            .setting("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
            .setting("OTEL_EXPORTER_OTLP_ENDPOINT", &address);
        let report = builder.doctor().unwrap();
        let Probe::Lost { endpoint, reason } = &report.probe else {
            panic!("{report}");
        };
        assert!(
            endpoint.starts_with(&address) && reason.contains("refused"),
            "{reason}"
        );
    }
    let off = spanwalk_sdk::builder("orders").setting("OTEL_SDK_DISABLED", true);
    assert_eq!(off.doctor().unwrap().probe, Probe::Off);
}
