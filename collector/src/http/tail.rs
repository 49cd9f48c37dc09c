//! `GET /api/v1/tail`: what comes in and matches, as server-sent events, no faster than asked.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::Uri;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, unfold};
use serde::Serialize;
use spanwalk_analysis::summary::error_text;
use spanwalk_api::{TailSpan, TailStatus};
use spanwalk_model::{Scoped, Span, SpanId};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::fields::Asked;
use super::logs::entry;
use super::params::{Limits, wrong};
use super::problem::{ApiError, shown};
use super::{Api, TAILS_AT_ONCE};
use crate::engine::{Arrival, Arrivals, Followed, Follower};

/// As the docs of `TailParams` say.
pub(super) const RATE: Limits = Limits {
    usual: 50,
    max: 1_000,
};
/// How often the store is asked.
const LOOK_MS: u64 = 250;
/// One item, in the unit in which the rate is kept: thousandths.
const ITEM: u64 = 1_000;

pub(super) async fn tail(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ApiError> {
    let asked = Asked::read(&uri, &["q", "what", "rate"])?;
    let query = asked.query()?;
    let followed = followed(asked.get("what"))?;
    let rate = asked.limit("rate", RATE)? as u64;
    let place = Arc::clone(&api.tails).try_acquire_owned();
    let place = place.map_err(|_| ApiError::TooManyTails {
        at_once: TAILS_AT_ONCE,
    })?;
    let engine = api.state.engine.clone();
    let newest_ns = engine.newest_ns();
    let follower = api
        .queries
        .run(move |_| Ok(engine.follow(query, followed)?))
        .await?;
    let mut ticks = interval(Duration::from_millis(LOOK_MS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tail = Tail {
        api,
        follower: Arc::new(Mutex::new(follower)),
        ticks,
        rate: Rate::new(rate),
        told: TailStatus {
            newest_ns,
            ..TailStatus::default()
        },
        waiting: VecDeque::new(),
        is_over: false,
        _place: place,
    };
    tail.waiting.push_back(event("status", &tail.told));
    Ok(Sse::new(tail.events())
        .keep_alive(KeepAlive::default())
        .into_response())
}

fn followed(what: Option<&str>) -> Result<Followed, ApiError> {
    let (spans, logs) = match what {
        None | Some("all") => (true, true),
        Some("spans") => (true, false),
        Some("logs") => (false, true),
        Some(other) => {
            let other = shown(other);
            return Err(wrong(format!(
                "`what` is `{other}`; it must be spans, logs or all"
            )));
        }
    };
    Ok(Followed { spans, logs })
}

/// One that listens. Gone when it is dropped, which is when the one who asked has left.
struct Tail {
    api: Arc<Api>,
    follower: Arc<Mutex<Follower>>,
    ticks: Interval,
    rate: Rate,
    told: TailStatus,
    waiting: VecDeque<Event>,
    is_over: bool,
    _place: OwnedSemaphorePermit,
}

impl Tail {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        unfold(self, |mut tail| async move {
            loop {
                if let Some(event) = tail.waiting.pop_front() {
                    return Some((Ok(event), tail));
                }
                if tail.is_over {
                    return None;
                }
                tail.ticks.tick().await;
                tail.look().await;
            }
        })
    }

    async fn look(&mut self) {
        let follower = Arc::clone(&self.follower);
        let work = move |_| {
            let mut follower = follower.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(follower.look()?)
        };
        match self.api.queries.run(work).await {
            Ok(arrivals) => self.take(arrivals),
            // Nothing is lost: the next look sees it.
            Err(ApiError::Busy { .. }) => {}
            Err(error) => {
                self.waiting.push_back(event("problem", &error.document()));
                self.is_over = true;
            }
        }
    }

    /// Sends as many as the rate allows, the newest; counts the others.
    fn take(&mut self, arrivals: Arrivals) {
        let came = arrivals.items.len();
        let allowed = self.rate.take(came);
        let left_out = came.saturating_sub(allowed);
        if came == 0 && arrivals.unread_count == 0 {
            return;
        }
        self.told.sent += allowed as u64;
        self.told.not_sent += left_out as u64;
        self.told.unread += arrivals.unread_count;
        self.told.newest_ns = arrivals.newest_ns;
        let sent = arrivals.items.into_iter().skip(left_out);
        self.waiting.extend(sent.map(|arrival| match arrival {
            Arrival::Span(span) => event("span", &tail_span(&span)),
            Arrival::Log(log) => event("log", &entry(*log)),
        }));
        self.waiting.push_back(event("status", &self.told));
    }
}

fn event(name: &str, data: &impl Serialize) -> Event {
    // Our wire types always go into JSON, which is one line.
    let text = serde_json::to_string(data).unwrap_or_default();
    Event::default().event(name).data(text)
}

fn tail_span(span: &Scoped<Span>) -> TailSpan {
    let item = &span.item;
    let is_error = item.is_error();
    TailSpan {
        trace_id: item.trace_id.to_hex(),
        span_id: item.span_id.to_hex(),
        parent_span_id: item.parent_span_id.map(SpanId::to_hex),
        service: span.resource.service_name().to_owned(),
        name: item.name.clone(),
        kind: item.kind.as_str().to_owned(),
        start_ns: item.start_ns,
        duration_ns: item.duration_ns(),
        is_error,
        error: if is_error {
            error_text(item)
        } else {
            String::new()
        },
    }
}

/// So many items a second, and at most a second's worth at once.
#[derive(Debug)]
struct Rate {
    per_second: u64,
    saved: u64,
}

impl Rate {
    fn new(per_second: u64) -> Self {
        Self {
            per_second,
            saved: per_second * ITEM,
        }
    }

    /// How many of so many may be sent at this look.
    fn take(&mut self, wanted: usize) -> usize {
        let earned = self.per_second * LOOK_MS;
        self.saved = (self.saved + earned).min(self.per_second * ITEM);
        let allowed = usize::try_from(self.saved / ITEM).unwrap_or(usize::MAX);
        let taken = allowed.min(wanted);
        self.saved -= taken as u64 * ITEM;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_saved_up_and_no_more() {
        let mut rate = Rate::new(4);
        assert_eq!(rate.take(10), 4);
        assert_eq!([rate.take(10), rate.take(10), rate.take(0)], [1, 1, 0]);
        assert_eq!(rate.take(10), 2);
        for _ in 0..100 {
            rate.take(0);
        }
        assert_eq!(rate.take(10), 4);
        let mut slow = Rate::new(1);
        slow.take(1);
        let taken: Vec<_> = (0..8).map(|_| slow.take(1)).collect();
        assert_eq!(taken, [0, 0, 0, 1, 0, 0, 0, 1]);
    }
}
