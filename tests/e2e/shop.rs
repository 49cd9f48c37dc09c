//! A trace of two services with log records, made anew for every test that wants one.

use spanwalk_harness::{
    Grpc, Level, Record, Step, logs_request, new_span_id, new_trace_id, now_ns, spans_request,
};

/// A checkout that fails in the second service.
pub(crate) struct Checkout {
    pub(crate) trace: [u8; 16],
    pub(crate) gateway: Vec<Step>,
    pub(crate) payment: Vec<Step>,
    pub(crate) gateway_logs: Vec<Record>,
    pub(crate) payment_logs: Vec<Record>,
}

/// Spans of one checkout.
pub(crate) const SPANS: u64 = 3;
/// Log records of one checkout.
pub(crate) const LOGS: u64 = 2;
/// What the log record of the failure says.
pub(crate) const DECLINED: &str = "card declined by the issuer";

impl Checkout {
    /// One that is a second old.
    pub(crate) fn new() -> Self {
        let trace = new_trace_id();
        let (root, call, charge) = (new_span_id(), new_span_id(), new_span_id());
        let start_ns = now_ns() - 1_000_000_000;
        let step = |span, parent, name: &str, after_ms: u64, length_ms: u64| Step {
            trace,
            span,
            parent,
            name: name.to_owned(),
            start_ns: start_ns + after_ms * 1_000_000,
            duration_ns: length_ms * 1_000_000,
            ..Step::default()
        };
        let record = |span, after_ms: u64, level, body: &str| Record {
            trace,
            span,
            time_ns: start_ns + after_ms * 1_000_000,
            level,
            body: body.to_owned(),
            ..Record::default()
        };
        let mut charged = step(charge, Some(call), "POST /charge", 20, 50);
        charged.error = Some("402".to_owned());
        charged.attributes = vec![("payment.card".to_owned(), "visa".to_owned())];
        Self {
            trace,
            gateway: vec![
                step(root, None, "POST /checkout", 0, 100),
                step(call, Some(root), "POST payment", 10, 80),
            ],
            payment: vec![charged],
            gateway_logs: vec![record(root, 5, Level::Info, "checkout begins")],
            payment_logs: vec![record(charge, 30, Level::Error, DECLINED)],
        }
    }

    /// The trace id as people write it.
    pub(crate) fn id(&self) -> String {
        hex(&self.trace)
    }

    /// Sends everything over gRPC and holds that all of it was taken.
    #[track_caller]
    pub(crate) fn send(&self, grpc: &Grpc) {
        for (service, steps) in [("gateway", &self.gateway), ("payment", &self.payment)] {
            let answer = grpc.spans(spans_request(service, steps)).unwrap();
            assert!(
                answer
                    .partial_success
                    .is_none_or(|it| it.rejected_spans == 0)
            );
        }
        for (service, records) in [
            ("gateway", &self.gateway_logs),
            ("payment", &self.payment_logs),
        ] {
            let answer = grpc.logs(logs_request(service, records)).unwrap();
            assert!(
                answer
                    .partial_success
                    .is_none_or(|it| it.rejected_log_records == 0)
            );
        }
    }
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
