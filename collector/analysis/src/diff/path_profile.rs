//! A trace by place: the way from the root, with what varies masked.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use spanwalk_model::SpanKind;
use spanwalk_model::trace::Trace;

use crate::critical_path::CriticalPath;
use crate::error_origin::failing_spans;
use crate::templates::name_template_of;

/// A longer way is told from its end.
const STEPS_MAX: usize = 128;

/// One step of a way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// The service.
    pub service: String,
    /// The operation, ids masked.
    pub operation: String,
    /// The kind.
    pub kind: SpanKind,
}

/// What a trace has at a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Its spans.
    pub span_count: u64,
    /// Of these, those that failed.
    pub error_count: u64,
    /// Their lengths, nanoseconds.
    pub total_ns: u64,
    /// Their own work, nanoseconds.
    pub self_ns: u64,
    /// How long the main path waits for them themselves, nanoseconds.
    pub path_ns: u64,
}

/// A trace by place, by the numbers that its [`Paths`] gave them.
#[derive(Debug, Clone, Default)]
pub struct PathProfile {
    /// The length of the main path, nanoseconds.
    pub duration_ns: u64,
    places: HashMap<u32, Place, RandomState>,
    /// By span index, its place.
    of_span: Vec<u32>,
}

impl PathProfile {
    /// What is at a place; all zero for nothing.
    pub fn get(&self, place: u32) -> Place {
        self.places.get(&place).copied().unwrap_or_default()
    }

    /// The places that have spans, in no order.
    pub fn places(&self) -> impl Iterator<Item = (u32, Place)> + '_ {
        self.places.iter().map(|(place, at)| (*place, *at))
    }

    /// The place of a span.
    pub fn place_of(&self, span: u32) -> Option<u32> {
        self.of_span.get(span as usize).copied()
    }
}

/// The places of any number of traces, numbered as they are met.
#[derive(Debug, Default)]
pub struct Paths {
    steps: Vec<Step>,
    step_symbols: HashMap<Step, u32, RandomState>,
    /// For each place the place above it and its own step.
    places: Vec<(Option<u32>, u32)>,
    known: HashMap<(Option<u32>, u32), u32, RandomState>,
}

impl Paths {
    /// How many places there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    /// Whether no trace has been seen.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The way to a place, the root first.
    pub fn steps(&self, place: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = self.places.get(place as usize);
        while let Some((above, step)) = at {
            steps.extend(self.steps.get(*step as usize).cloned());
            if steps.len() >= STEPS_MAX {
                break;
            }
            at = above.and_then(|above| self.places.get(above as usize));
        }
        steps.reverse();
        steps
    }

    /// A trace by place.
    pub fn profile(&mut self, trace: &Trace) -> PathProfile {
        let path = CriticalPath::of(trace);
        let is_failing = failing_spans(trace);
        let mut profile = PathProfile {
            duration_ns: path
                .main()
                .map_or(0, crate::critical_path::Path::duration_ns),
            places: HashMap::default(),
            of_span: vec![u32::MAX; trace.spans().len()],
        };
        let mut names: HashMap<(u32, &str, SpanKind), u32, RandomState> = HashMap::default();
        for rank in 0..trace.len() {
            let Some(span) = trace.at_rank(rank) else {
                continue;
            };
            let named = (
                trace.service_symbol(span),
                trace.name(span),
                trace.kind(span),
            );
            let step = *names.entry(named).or_insert_with(|| self.step(trace, span));
            let above = trace
                .parent(span)
                .and_then(|parent| profile.of_span.get(parent as usize).copied());
            let place = self.place(above, step);
            if let Some(of_span) = profile.of_span.get_mut(span as usize) {
                *of_span = place;
            }
            let at = profile.places.entry(place).or_default();
            let length = trace
                .span_end_ns(span)
                .saturating_sub(trace.span_start_ns(span));
            at.span_count += 1;
            at.error_count += u64::from(is_failing.get(span as usize) == Some(&true));
            at.total_ns = at.total_ns.saturating_add(length);
            at.self_ns = at.self_ns.saturating_add(path.self_ns(span));
        }
        for section in path.main().into_iter().flat_map(|main| &main.sections) {
            let place = profile.of_span.get(section.span as usize);
            if let Some(at) = place.and_then(|place| profile.places.get_mut(place)) {
                at.path_ns = at.path_ns.saturating_add(section.duration_ns());
            }
        }
        profile
    }

    fn step(&mut self, trace: &Trace, span: u32) -> u32 {
        let step = Step {
            service: trace.service(span).to_owned(),
            operation: name_template_of(trace.name(span)),
            kind: trace.kind(span),
        };
        if let Some(symbol) = self.step_symbols.get(&step) {
            return *symbol;
        }
        let symbol = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        self.steps.push(step.clone());
        self.step_symbols.insert(step, symbol);
        symbol
    }

    fn place(&mut self, above: Option<u32>, step: u32) -> u32 {
        let places = &mut self.places;
        *self.known.entry((above, step)).or_insert_with(|| {
            places.push((above, step));
            u32::try_from(places.len() - 1).unwrap_or(u32::MAX)
        })
    }
}
