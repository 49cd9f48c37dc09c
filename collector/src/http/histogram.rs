//! `GET /api/v1/logs/histogram`: how many log records match, by level over time.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use spanwalk_api::HistogramResponse;

use super::Api;
use super::answer::{completeness, json};
use super::fields::Asked;
use super::params::Limits;
use super::problem::ApiError;
use crate::engine::Levels;

/// As the docs of `HistogramParams` say.
pub(super) const BUCKETS: Limits = Limits {
    usual: 60,
    max: 1_000,
};

pub(super) async fn histogram(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ApiError> {
    let asked = Asked::read(&uri, &["q", "from_ns", "to_ns", "buckets"])?;
    let query = asked.query()?;
    let buckets = asked.limit("buckets", BUCKETS)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let count = u32::try_from(buckets).unwrap_or(u32::MAX);
        let levels = engine.levels(&query, count, deadline)?;
        json(&response(levels, query.notes().to_vec()))
    };
    api.queries.run(work).await
}

fn response(levels: Levels, notes: Vec<String>) -> HistogramResponse {
    let counted = usize::try_from(levels.facts.matched).unwrap_or(usize::MAX);
    let buckets = levels.buckets.into_iter().map(|bucket| {
        let counts = bucket.into_iter();
        counts
            .map(|(level, count)| (level.as_str().to_owned(), count))
            .collect()
    });
    HistogramResponse {
        start_ns: levels.start_ns,
        bucket_ns: levels.bucket_ns,
        buckets: buckets.collect(),
        completeness: completeness(levels.facts, counted, false),
        notes,
    }
}
