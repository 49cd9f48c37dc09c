//! `GET /api/v1/operations`, `…/keys` and `…/values`: what there is to ask for, with how often
//! it occurs, the most frequent first.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use spanwalk_api::{
    Completeness, KeyEntry, KeysResponse, OperationEntry, OperationsResponse, ValueEntry,
    ValuesResponse,
};
use spanwalk_model::TimeRange;
use spanwalk_query::Query;

use super::Api;
use super::answer::json;
use super::params::{self, Limits, wrong};
use super::problem::ApiError;
use super::scan::{self, Place, ValueKind, ValuesOf};
use crate::clock::now_ns;

/// As the docs of `KeysParams` say.
pub(super) const LIMITS: Limits = Limits {
    usual: 100,
    max: 10_000,
};

/// Parameters by name.
pub(super) struct Asked(Vec<(String, String)>);

impl Asked {
    pub(super) fn read(uri: &Uri, names: &[&str]) -> Result<Self, ApiError> {
        params::pairs(uri, names).map(Self)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(known, _)| known == name);
        pair.map(|(_, value)| value.as_str())
    }

    fn required(&self, name: &str, what: &str) -> Result<String, ApiError> {
        let text = self.get(name).filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| wrong(format!("`{name}` is missing; it must be {what}")))
    }

    pub(super) fn limit(&self, name: &'static str, limits: Limits) -> Result<usize, ApiError> {
        let text = self.get(name);
        text.map_or(Ok(limits.usual), |text| params::limit(name, text, limits))
    }

    fn range(&self) -> Result<TimeRange, ApiError> {
        params::range(self.get("from_ns"), self.get("to_ns"))
    }

    pub(super) fn query(&self) -> Result<Query, ApiError> {
        let query = spanwalk_query::parse(self.get("q").unwrap_or_default(), now_ns())
            .map_err(|source| ApiError::Query { source })?;
        Ok(query.within(self.range()?))
    }

    fn prefix(&self) -> String {
        self.get("prefix").unwrap_or_default().to_owned()
    }
}

pub(super) async fn operations(
    State(api): State<Arc<Api>>,
    uri: Uri,
) -> Result<Response, ApiError> {
    let asked = Asked::read(&uri, &["service", "from_ns", "to_ns", "limit"])?;
    let service = asked.required("service", "the name of a service")?;
    let (range, limit) = (asked.range()?, asked.limit("limit", LIMITS)?);
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let (found, mut completeness) = scan::operations(&engine, &service, range, deadline)?;
        let rows = found
            .into_iter()
            .map(|((name, kind), calls)| OperationEntry {
                name,
                kind: kind.as_str().to_owned(),
                span_count: calls.count,
                error_span_count: calls.error_count,
            });
        let operations = top(rows, |row| row.span_count, limit, &mut completeness);
        json(&OperationsResponse {
            operations,
            completeness,
        })
    };
    api.queries.run(work).await
}

pub(super) async fn keys(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ApiError> {
    let asked = Asked::read(&uri, &["q", "prefix", "from_ns", "to_ns", "limit"])?;
    let (query, limit, prefix) = (
        asked.query()?,
        asked.limit("limit", LIMITS)?,
        asked.prefix(),
    );
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let (found, mut completeness) = scan::keys(&engine, &query, deadline)?;
        let rows = found
            .into_iter()
            .filter(|((_, key), _)| key.starts_with(&prefix))
            .map(|((place, key), count)| KeyEntry {
                key,
                scope: place.as_str().to_owned(),
                count,
            });
        let keys = top(rows, |row| row.count, limit, &mut completeness);
        json(&KeysResponse {
            keys,
            completeness,
            notes: query.notes().to_vec(),
        })
    };
    api.queries.run(work).await
}

pub(super) async fn values(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, ApiError> {
    let asked = Asked::read(&uri, &["key", "q", "prefix", "from_ns", "to_ns", "limit"])?;
    let key = asked.required("key", "a built-in word or the key of an attribute")?;
    let of = wanted(&key)?;
    let (query, limit, prefix) = (
        asked.query()?,
        asked.limit("limit", LIMITS)?,
        asked.prefix(),
    );
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let (found, mut completeness) = scan::values(&engine, &query, &of, deadline)?;
        let rows = found
            .into_iter()
            .filter(|((value, _), _)| value.starts_with(&prefix))
            .map(|((value, kind), count)| ValueEntry {
                value,
                kind: kind_word(kind).to_owned(),
                count,
            });
        let values = top(rows, |row| row.count, limit, &mut completeness);
        json(&ValuesResponse {
            values,
            completeness,
            notes: query.notes().to_vec(),
        })
    };
    api.queries.run(work).await
}

fn wanted(key: &str) -> Result<ValuesOf, ApiError> {
    Ok(match key {
        "service" | "service.name" | "resource.service.name" => ValuesOf::Service,
        "name" => ValuesOf::Name,
        "kind" => ValuesOf::Kind,
        "status" => ValuesOf::Status,
        "level" => ValuesOf::Level,
        "root.service" => ValuesOf::RootService,
        "root.name" => ValuesOf::RootName,
        "duration" | "trace.duration" | "spans" | "errors" | "trace" | "span" | "log.body"
        | "has" | "since" | "from" | "to" => {
            let told = format!("the values of `{key}` are not listed; every one is possible");
            return Err(wrong(told));
        }
        key => {
            let scoped = Place::ALL.into_iter().find_map(|place| {
                let rest = key.strip_prefix(place.as_str())?.strip_prefix('.')?;
                (!rest.is_empty()).then(|| (place, rest.to_owned()))
            });
            match scoped {
                Some((place, key)) => ValuesOf::Attribute(Some(place), key),
                None => ValuesOf::Attribute(None, key.to_owned()),
            }
        }
    })
}

fn kind_word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Keyword => "keyword",
        ValueKind::Text => "string",
        ValueKind::Int => "int",
        ValueKind::Double => "double",
        ValueKind::Bool => "bool",
        ValueKind::Other => "other",
    }
}

/// The rows with the highest counts; of equal counts, in the order in which they come. Says in
/// the completeness what was left out.
fn top<T>(
    rows: impl Iterator<Item = T>,
    count: impl Fn(&T) -> u64,
    limit: usize,
    completeness: &mut Completeness,
) -> Vec<T> {
    let mut rows: Vec<T> = rows.collect();
    rows.sort_by_key(|row| Reverse(count(row)));
    scan::shorten(&mut rows, limit, completeness);
    rows
}
