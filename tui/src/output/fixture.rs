//! What tests of output share.

use jiff::tz::TimeZone;

use spanwalk_api::{WalkEvent, WalkResponse};
use spanwalk_model::TraceItems;

use super::{Line, Look};
use crate::theme::{Glyphs, Theme};

/// Now, in tests: 2023-11-14 22:13:20 UTC.
pub(crate) const NOW: u64 = 1_700_000_000_000_000_000;

/// A look at a fixed time, for a terminal of so many columns or none.
pub(crate) fn look(columns: Option<usize>) -> Look {
    Look {
        theme: Theme::new(true),
        glyphs: Glyphs::UNICODE,
        columns,
        zone: TimeZone::UTC,
        now_ns: NOW,
    }
}

/// Lines as they are written without colours.
pub(crate) fn plain(lines: impl IntoIterator<Item = Line>) -> String {
    let mut bytes = Vec::new();
    for line in lines {
        line.write(&mut bytes, false, false).unwrap();
    }
    String::from_utf8(bytes).unwrap()
}

/// A failed checkout.
pub(crate) fn trace() -> TraceItems {
    crate::app::tests::fixture::checkout()
}

/// A short walk with an error and a clock that is wrong.
pub(crate) fn walk() -> WalkResponse {
    let event = |kind: &str, offset_us: i64, depth: u32, service: &str, text: &str| WalkEvent {
        kind: kind.to_owned(),
        time_ns: NOW.saturating_add_signed(offset_us * 1_000),
        offset_ns: offset_us * 1_000,
        depth,
        service: service.to_owned(),
        text: text.to_owned(),
        ..WalkEvent::default()
    };
    let log = |level: &str, event: WalkEvent| WalkEvent {
        level: level.to_owned(),
        is_error: level == "error",
        ..event
    };
    let failed = |event: WalkEvent| WalkEvent {
        is_error: true,
        ..event
    };
    let events = vec![
        WalkEvent {
            duration_ns: Some(420_000_000),
            ..event("span_start", 0, 0, "gateway", "POST /checkout")
        },
        WalkEvent {
            clock_contradiction: true,
            ..event("span_start", -1_200, 1, "checkout", "charge \x1b[31m")
        },
        log("info", event("log", 1_500, 2, "checkout", "charging")),
        log("error", event("log", 2_000, 2, "checkout", "card declined")),
        event("event", 2_500, 2, "checkout", "retry"),
        failed(event("span_end", 3_000, 1, "checkout", "charge")),
        event("span_end", 420_000, 0, "gateway", "POST /checkout"),
    ];
    WalkResponse {
        trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        start_ns: NOW,
        events,
        error_origin: Some(3),
        findings: vec!["1 span names a parent that is not stored".to_owned()],
    }
}
