//! What the engine answers is what the model answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use spanwalk_api::CutReason;
use spanwalk_model::TimeRange;
use spanwalk_query::{Query, parse};

use super::memory::Memory;
use super::random::{START, Step, bounds, query_text, steps};
use super::{Oracle, all_logs, all_traces};
use crate::engine::{Deadline, Engine, Page};

fn model_of(steps: &[Step]) -> Oracle {
    let mut model = Oracle::default();
    for step in steps {
        if let Step::Take(batch) = step {
            model.add(batch);
        }
    }
    model
}

fn query() -> impl Strategy<Value = Query> {
    (query_text(), bounds()).prop_filter_map("no time is left", |(text, bounds)| {
        parse(&(text + &bounds), START).ok()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn pages_over_memory_hold_what_the_model_finds(steps in steps(), query in query(), limit in 1usize..6) {
        let model = model_of(&steps);
        let engine = Engine::new(Arc::new(Memory(model.clone())));
        let traces = all_traces(&engine, &query, limit, &mut || {});
        prop_assert_eq!(traces, model.traces(&query, query.range()));
        let logs = all_logs(&engine, &query, limit, &mut || {});
        prop_assert_eq!(logs, model.logs(&query, query.range()));
    }

    /// With a deadline that is over after every few reads, the pages are short, each says why,
    /// and together they hold everything once.
    #[test]
    fn what_time_cuts_off_is_on_the_next_page(steps in steps(), query in query(), reads in 2usize..5) {
        let model = model_of(&steps);
        let engine = Engine::new(Arc::new(Memory(model.clone())));
        let mut found = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let asked = AtomicUsize::new(0);
            let deadline = Deadline::new(move || asked.fetch_add(1, Ordering::Relaxed) >= reads);
            let page = Page { limit: 100, cursor: cursor.as_deref() };
            let answer = engine.search(&query, TimeRange::ALL, page, &deadline).unwrap();
            found.extend(answer.traces.into_iter().map(|trace| trace.trace_id));
            if answer.next_cursor.is_none() {
                prop_assert_eq!(answer.completeness.cut, None);
                prop_assert_eq!(answer.completeness.matched, found.len() as u64);
                break;
            }
            prop_assert_eq!(answer.completeness.cut, Some(CutReason::Timeout));
            prop_assert_ne!(&answer.next_cursor, &cursor);
            cursor = answer.next_cursor;
        }
        let expected = model.traces(&query, query.range()).into_iter().map(|(_, id, _)| id);
        prop_assert!(expected.eq(found));
    }
}
