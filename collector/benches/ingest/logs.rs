//! Log records as the services of the workload write them: one beside each span, of four
//! hundred templates with variable parts.

use std::sync::Arc;

use spanwalk_model::{LogRecord, Scoped, Severity, Span};

use super::spans::{Random, Spans};

const SEED: u64 = 20_261_125;
const TEMPLATE_COUNT: u64 = 400;
const SUBJECTS: [&str; 10] = [
    "order",
    "payment",
    "cart",
    "shipment",
    "session",
    "invoice",
    "stock level",
    "coupon",
    "address",
    "delivery slot",
];
const VERBS: [&str; 8] = [
    "reserved",
    "rejected",
    "updated",
    "loaded from the cache",
    "written to the journal",
    "sent to the queue",
    "confirmed by the partner",
    "locked for review",
];
const ENDINGS: [&str; 5] = [
    "by user",
    "after retry by user",
    "while another request of user",
    "on behalf of user",
    "without the consent of user",
];

/// Log records without end, the same ones every time.
pub(crate) struct Logs {
    spans: Spans,
    random: Random,
}

impl Logs {
    pub(crate) fn new() -> Self {
        Self {
            spans: Spans::new(),
            random: Random(SEED),
        }
    }

    fn record(&mut self, span: &Span) -> LogRecord {
        let template = self.random.skewed(TEMPLATE_COUNT);
        let (severity, text) = match self.random.below(100) {
            0..3 => (17, "ERROR"),
            3..10 => (13, "WARN"),
            10..85 => (9, "INFO"),
            _ => (5, "DEBUG"),
        };
        let item = self.random.below(1_000_000);
        let user = self.random.skewed(20_000);
        let mut record = LogRecord {
            trace_id: Some(span.trace_id),
            span_id: Some(span.span_id),
            flags: span.flags,
            time_ns: span.start_ns + self.random.below(span.duration_ns().max(1)),
            severity: Severity(severity),
            severity_text: text.to_owned(),
            body: Some(self.body(template, item, user).into()),
            ..LogRecord::default()
        };
        record.observed_time_ns = record.time_ns + self.random.below(3_000_000);
        let target = template % 40;
        record
            .attributes
            .push("code.namespace", format!("shop::module_{target}"));
        record
            .attributes
            .push("code.line.number", (template * 7 % 900).cast_signed());
        record
            .attributes
            .push("thread.id", (item % 16).cast_signed());
        record.attributes.push("item.id", item.cast_signed());
        record
    }

    fn body(&mut self, template: u64, item: u64, user: u64) -> String {
        let pick = |texts: &'static [&'static str], number: u64| -> &'static str {
            let count = texts.len() as u64;
            usize::try_from(number % count)
                .ok()
                .and_then(|place| texts.get(place))
                .copied()
                .unwrap_or_default()
        };
        let subject = pick(&SUBJECTS, template);
        let verb = pick(&VERBS, template / 10);
        let ending = pick(&ENDINGS, template / 80);
        let took_ms = self.random.skewed(900);
        format!("{subject} {item} {verb} {ending} user-{user} in {took_ms} ms")
    }
}

impl Iterator for Logs {
    type Item = Scoped<LogRecord>;

    fn next(&mut self) -> Option<Scoped<LogRecord>> {
        let span = self.spans.next()?;
        Some(Scoped {
            item: self.record(&span.item),
            resource: Arc::clone(&span.resource),
            scope: Arc::clone(&span.scope),
        })
    }
}
