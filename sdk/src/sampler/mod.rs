//! Which traces are kept.
//!
//! A decision is made where a trace begins and kept by all that comes after: first the rules, then
//! the ratio by trace id (the same trace is kept or not everywhere that uses the same ratio), then
//! the rate limit.

mod rate;
mod rule;

use std::sync::Arc;
use std::time::Instant;

use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use crate::config::SamplerChoice;
use rate::Rate;
use rule::Rule;

/// Which traces are kept; see [`Builder::sampler`](crate::Builder::sampler).
///
/// ```
/// use spanwalk_sdk::Sampler;
///
/// let sampler = Sampler::ratio(0.1)
///     .rule("http.route", "/health", 0.0)
///     .rule("name", "POST /orders*", 1.0)
///     .traces_per_second(50.0);
/// # let _ = sampler;
/// ```
#[derive(Debug, Clone)]
pub struct Sampler {
    parent_based: bool,
    ratio: f64,
    rules: Arc<Vec<Rule>>,
    rate: Option<Arc<Rate>>,
}

impl Sampler {
    /// Keeps this share, from 0 to 1, of the traces that begin here; of the others, what the caller
    /// decided. A ratio that is no number keeps all.
    pub fn ratio(ratio: f64) -> Self {
        Self {
            parent_based: true,
            ratio: clamped(ratio),
            rules: Arc::default(),
            rate: None,
        }
    }

    /// Keeps every trace that begins here.
    pub fn always() -> Self {
        Self::ratio(1.0)
    }

    /// Keeps no trace that begins here.
    pub fn never() -> Self {
        Self::ratio(0.0)
    }

    /// Whether what the caller decided is kept (it is by default).
    pub fn parent_based(mut self, parent_based: bool) -> Self {
        self.parent_based = parent_based;
        self
    }

    /// Another ratio for traces that begin with a span whose attribute `key` is `pattern`; the key
    /// `name` is the span's name, a `*` at the end of the pattern is anything. The first rule that
    /// fits decides. What is known only later in a span does not count.
    pub fn rule(mut self, key: impl Into<String>, pattern: &str, ratio: f64) -> Self {
        Arc::make_mut(&mut self.rules).push(Rule::new(key.into(), pattern, clamped(ratio)));
        self
    }

    /// At most so many traces per second begin here, with bursts of a second's worth.
    pub fn traces_per_second(mut self, count: f64) -> Self {
        self.rate = Some(Arc::new(Rate::new(count, Instant::now())));
        self
    }

    pub(crate) fn chosen(choice: SamplerChoice) -> Self {
        Self::ratio(choice.ratio).parent_based(choice.parent_based)
    }

    /// Whether it can say no without being told so by a caller.
    fn keeps(&self, trace_id: TraceId, name: &str, attributes: &[KeyValue], now: Instant) -> bool {
        let rule = self.rules.iter().find(|it| it.fits(name, attributes));
        let ratio = rule.map_or(self.ratio, Rule::ratio);
        within(trace_id, ratio) && self.rate.as_ref().is_none_or(|it| it.take(now))
    }
}

impl ShouldSample for Sampler {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        _span_kind: &SpanKind,
        attributes: &[KeyValue],
        _links: &[Link],
    ) -> SamplingResult {
        let parent = parent_context.map(|it| it.span().span_context().clone());
        let parent = parent.filter(opentelemetry::trace::SpanContext::is_valid);
        let keep = match &parent {
            Some(parent) if self.parent_based => parent.is_sampled(),
            // Within a trace there is one decision, and one token: by ratio, which is the same for all.
            Some(parent) if !parent.is_remote() && self.rate.is_some() => parent.is_sampled(),
            _ => self.keeps(trace_id, name, attributes, Instant::now()),
        };
        if !keep {
            crate::layer::saw_unsampled();
        }
        SamplingResult {
            decision: if keep {
                SamplingDecision::RecordAndSample
            } else {
                SamplingDecision::Drop
            },
            attributes: Vec::new(),
            trace_state: parent.map_or(TraceState::NONE, |it| it.trace_state().clone()),
        }
    }
}

fn clamped(ratio: f64) -> f64 {
    if ratio.is_nan() {
        1.0
    } else {
        ratio.clamp(0.0, 1.0)
    }
}

/// By the low 63 bits that OpenTelemetry's other SDKs take too, so that they agree.
fn within(trace_id: TraceId, ratio: f64) -> bool {
    if ratio >= 1.0 {
        return true;
    }
    let low = (u128::from_be_bytes(trace_id.to_bytes()) & u128::from(u64::MAX)) >> 1;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a ratio from 0 to 1 of 2^63 fits"
    )]
    let bound = (ratio * (1_u64 << 63) as f64) as u64;
    low < u128::from(bound)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags};

    use super::*;

    fn decide(sampler: &Sampler, parent: Option<(bool, bool)>, id: u128, name: &str) -> bool {
        let context = parent.map(|(sampled, remote)| {
            Context::new().with_remote_span_context(SpanContext::new(
                TraceId::from(id),
                SpanId::from(1_u64),
                TraceFlags::default().with_sampled(sampled),
                remote,
                TraceState::NONE,
            ))
        });
        let kind = SpanKind::Server;
        let attributes = [
            KeyValue::new("http.route", "/health"),
            KeyValue::new("n", 7),
        ];
        let id = TraceId::from(id);
        let result = sampler.should_sample(context.as_ref(), id, name, &kind, &attributes, &[]);
        result.decision == SamplingDecision::RecordAndSample
    }

    #[test]
    fn a_parent_decides_unless_told_otherwise() {
        for remote in [true, false] {
            assert!(decide(&Sampler::never(), Some((true, remote)), 1, "a"));
            assert!(!decide(&Sampler::always(), Some((false, remote)), 1, "a"));
        }
        let alone = Sampler::always().parent_based(false);
        assert!(decide(&alone, Some((false, true)), 1, "a"));
        assert!(!decide(
            &Sampler::never().parent_based(false),
            Some((true, true)),
            1,
            "a"
        ));
    }

    #[test]
    fn ratios_keep_about_their_share_and_the_same_traces_everywhere() {
        let kept = |ratio: f64| {
            let sampler = Sampler::ratio(ratio);
            // Multiples of an odd number are spread evenly.
            let ids = (1..=10_000_u128)
                .map(|it| it.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
            ids.filter(|id| decide(&sampler, None, *id, "a"))
                .collect::<Vec<_>>()
        };
        assert_eq!((kept(0.0).len(), kept(1.0).len()), (0, 10_000));
        let (tenth, half) = (kept(0.1), kept(0.5));
        assert!((900..1100).contains(&tenth.len()), "{}", tenth.len());
        assert!(
            tenth.iter().all(|id| half.contains(id)),
            "a higher ratio keeps what a lower one keeps"
        );
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let sampler = Sampler::never()
            .rule("name", "POST /orders*", 1.0)
            .rule("http.route", "/health", 0.0)
            .rule("n", "7", 1.0);
        assert!(decide(&sampler, None, 1, "POST /orders/{id}"));
        assert!(!decide(&sampler, None, 1, "GET /health"));
        assert!(decide(&Sampler::never().rule("n", "7", 1.0), None, 1, "a"));
        assert!(!decide(&Sampler::never().rule("n", "8", 1.0), None, 1, "a"));
        assert!(
            decide(&Sampler::ratio(f64::NAN), None, 1, "a"),
            "no number keeps all"
        );
    }

    #[test]
    fn a_rate_is_kept_over_time_with_bursts_of_a_second() {
        let start = Instant::now();
        let rate = Rate::new(2.0, start);
        let taken = |at_ms, count| {
            let now = start + Duration::from_millis(at_ms);
            (0..count).filter(|_| rate.take(now)).count()
        };
        assert_eq!(taken(0, 10), 2);
        assert_eq!(taken(500, 10), 1);
        assert_eq!(taken(10_000, 10), 2);
        assert_eq!(taken(9_000, 10), 0, "a clock that goes back gives nothing");
    }
}
