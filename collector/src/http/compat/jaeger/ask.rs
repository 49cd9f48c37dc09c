//! What a search asks for, in our language. All of it has to hold of one span, as in Jaeger.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use spanwalk_model::{Scoped, Span, TraceId, UnixNanos};
use spanwalk_query::Query;

use super::super::super::filter::Filter;
use super::super::super::params::{Limits, wrong};
use super::super::super::problem::{ApiError, shown};
use super::super::params::{Params, duration_ns, range};
use super::super::trace_id;
use crate::clock::now_ns;
use crate::engine::FoundTrace;

/// Traces of one search.
const LIMITS: Limits = Limits {
    usual: 100,
    max: 1_500,
};
/// Traces asked for by their ids.
const IDS_MAX: usize = 100;
/// Tags of one search.
const TAGS_MAX: usize = 100;

const US: u64 = 1_000;

/// A search.
#[derive(Debug)]
pub(super) struct Ask {
    /// What, and when.
    pub(super) query: Query,
    /// How many traces at most.
    pub(super) limit: usize,
    /// Tags that our language has no word for.
    fields: Vec<(Field, String)>,
}

/// What Jaeger has as a tag, OTLP as a field, and our language not at all.
#[derive(Debug, Clone, Copy)]
enum Field {
    StatusMessage,
    TraceState,
    ScopeName,
    ScopeVersion,
}

impl Field {
    fn of_tag(key: &str) -> Option<Self> {
        Some(match key {
            "otel.status_description" => Self::StatusMessage,
            "w3c.tracestate" => Self::TraceState,
            "otel.scope.name" | "otel.library.name" => Self::ScopeName,
            "otel.scope.version" | "otel.library.version" => Self::ScopeVersion,
            _ => return None,
        })
    }

    fn text(self, span: &Scoped<Span>) -> &str {
        match self {
            Self::StatusMessage => &span.item.status.message,
            Self::TraceState => &span.item.trace_state,
            Self::ScopeName => &span.scope.name,
            Self::ScopeVersion => &span.scope.version,
        }
    }
}

impl Ask {
    /// Of the older API.
    ///
    /// # Errors
    /// [`ApiError::Parameter`] for what cannot be understood.
    pub(super) fn legacy(params: &Params) -> Result<Self, ApiError> {
        let mut end_ns = params.moment(&["end"], US)?;
        let mut start_ns = params.moment(&["start"], US)?;
        // The UI says `custom` where start and end say it all.
        let lookback = params.get(&["lookback"]).and_then(duration_ns);
        if let (None, Some(lookback_ns)) = (start_ns, lookback) {
            let end = end_ns.unwrap_or_else(now_ns);
            start_ns = Some(end.saturating_sub(lookback_ns));
            end_ns = Some(end);
        }
        let mut filter = Filter::default();
        common(params, &mut filter, &["service"], &["operation"]);
        durations(params, &mut filter, &["minDuration"], &["maxDuration"])?;
        let mut tags = Vec::new();
        for text in params.all(&["tags"]) {
            tags.extend(tags_of_json("tags", text)?);
        }
        for text in params.all(&["tag"]) {
            tags.push(tag_of_text(text)?);
        }
        let fields = add_tags(&mut filter, tags)?;
        Ok(Self {
            query: filter.finish(range(start_ns, end_ns)?)?,
            limit: params.limit(&["limit"], LIMITS)?,
            fields,
        })
    }

    /// Of version 3, where the range has to be said.
    ///
    /// # Errors
    /// [`ApiError::Parameter`] for what cannot be understood or is missing.
    pub(super) fn v3(params: &Params) -> Result<Self, ApiError> {
        let start = ["query.startTimeMin", "query.start_time_min"];
        let end = ["query.startTimeMax", "query.start_time_max"];
        let start_ns = required_moment(params, &start)?;
        let end_ns = required_moment(params, &end)?;
        let mut filter = Filter::default();
        let service = ["query.serviceName", "query.service_name"];
        let operation = ["query.operationName", "query.operation_name"];
        common(params, &mut filter, &service, &operation);
        let min = ["query.durationMin", "query.duration_min"];
        let max = ["query.durationMax", "query.duration_max"];
        durations(params, &mut filter, &min, &max)?;
        let tags = match params.get(&["query.attributes"]) {
            Some(text) => tags_of_json("query.attributes", text)?,
            None => Vec::new(),
        };
        let fields = add_tags(&mut filter, tags)?;
        let limit = [
            "query.searchDepth",
            "query.search_depth",
            "query.numTraces",
            "query.num_traces",
        ];
        Ok(Self {
            query: filter.finish(range(Some(start_ns), Some(end_ns))?)?,
            limit: params.limit(&limit, LIMITS)?,
            fields,
        })
    }

    /// Whether a trace that the query found is what was asked for: it has spans, and one of
    /// those that matched has the fields too.
    pub(super) fn is_met(&self, found: &FoundTrace) -> bool {
        let spans = &found.items.spans;
        let has_fields = |span: &Scoped<Span>| {
            let mut fields = self.fields.iter();
            fields.all(|(field, wanted)| field.text(span) == wanted)
        };
        if self.query.is_match_all() {
            return spans.iter().any(has_fields);
        }
        let mut matched = found.span_indexes.iter();
        matched.any(|index| spans.get(*index).is_some_and(has_fields))
    }
}

/// The traces that are asked for by their ids.
///
/// # Errors
/// [`ApiError::TraceId`], or [`ApiError::Parameter`] for too many.
pub(super) fn trace_ids(params: &Params) -> Result<Vec<TraceId>, ApiError> {
    let ids = params
        .all(&["traceID"])
        .map(trace_id)
        .collect::<Result<Vec<_>, _>>()?;
    if ids.len() > IDS_MAX {
        let count = ids.len();
        return Err(wrong(format!(
            "`traceID` stands {count} times; at most {IDS_MAX} traces are given at once"
        )));
    }
    Ok(ids)
}

fn common(params: &Params, filter: &mut Filter, service: &[&str], operation: &[&str]) {
    if let Some(service) = params.get(service) {
        filter.built_in("service", service);
    }
    if let Some(operation) = params.get(operation) {
        filter.built_in("name", operation);
    }
}

fn durations(
    params: &Params,
    filter: &mut Filter,
    min: &[&str],
    max: &[&str],
) -> Result<(), ApiError> {
    let (least, most) = (params.duration(min)?, params.duration(max)?);
    if let (Some(least), Some(most)) = (least.and_then(duration_ns), most.and_then(duration_ns))
        && least > most
    {
        return Err(wrong(
            "the least duration is greater than the greatest".to_owned(),
        ));
    }
    if let Some(least) = least {
        filter.term(&format!("duration:>={least}"));
    }
    if let Some(most) = most {
        filter.term(&format!("duration:<={most}"));
    }
    Ok(())
}

/// Adds the tags to the filter, and gives those that it cannot ask.
fn add_tags(
    filter: &mut Filter,
    tags: Vec<(String, String)>,
) -> Result<Vec<(Field, String)>, ApiError> {
    if tags.len() > TAGS_MAX {
        let count = tags.len();
        return Err(wrong(format!(
            "there are {count} tags; at most {TAGS_MAX} are asked"
        )));
    }
    let mut fields = Vec::new();
    for (key, value) in tags {
        match Field::of_tag(&key) {
            Some(field) => fields.push((field, value)),
            None => filter.tag(&key, &value),
        }
    }
    Ok(fields)
}

/// Tags as an object of JSON.
fn tags_of_json(name: &str, text: &str) -> Result<Vec<(String, String)>, ApiError> {
    let tags: BTreeMap<String, Json> = serde_json::from_str(text).map_err(|error| {
        wrong(format!(
            "`{name}` is `{}`; it must be a JSON object of keys and values: {error}",
            shown(text)
        ))
    })?;
    let tags = tags.into_iter().map(|(key, value)| match value {
        Json::String(text) => Ok((key, text)),
        Json::Bool(_) | Json::Number(_) => Ok((key, value.to_string())),
        _ => Err(wrong(format!(
            "the value of `{}` in `{name}` is no text, number or boolean",
            shown(&key)
        ))),
    });
    tags.collect()
}

/// A tag as `key:value`.
fn tag_of_text(text: &str) -> Result<(String, String), ApiError> {
    match text.split_once(':') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(wrong(format!(
            "`tag` is `{}`; it must be a key and a value with a colon between",
            shown(text)
        ))),
    }
}

fn required_moment(params: &Params, names: &[&str]) -> Result<UnixNanos, ApiError> {
    let name = names.first().copied().unwrap_or_default();
    let text = params
        .get(names)
        .ok_or_else(|| wrong(format!("`{name}` is required, as RFC 3339 writes moments")))?;
    // Our language reads such moments; nothing else may come in with one.
    let is_moment = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"TZtz:.+-".contains(&byte));
    is_moment
        .then(|| spanwalk_query::parse(&format!("from:{text}"), now_ns()).ok())
        .flatten()
        .map(|query| query.range().start_ns)
        .ok_or_else(|| {
            wrong(format!(
                "`{name}` is `{}`; it must be a moment such as 2026-01-31T09:00:00Z",
                shown(text)
            ))
        })
}
