//! Keys and values, for editors of queries. A query that cannot be read narrows nothing, as in
//! Tempo, because it is still being typed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde_json::{Value as Json, json};
use spanwalk_api::Completeness;
use spanwalk_query::Query;

use super::super::super::Api;
use super::super::super::answer;
use super::super::super::params::{Limits, wrong};
use super::super::super::problem::{ApiError, shown};
use super::super::super::scan::{self, Place, ValueKind, ValuesOf};
use super::super::params::Params;
use super::super::{in_path, with_completeness};
use super::TempoError;
use super::search::time;
use crate::clock::now_ns;

/// Keys or values of one answer.
const LIMITS: Limits = Limits {
    usual: 1_000,
    max: 10_000,
};
const INTRINSIC: &str = "intrinsic";
/// Intrinsics whose values can be listed, in Tempo's words.
const INTRINSICS: [(&str, ValuesOf); 5] = [
    ("kind", ValuesOf::Kind),
    ("name", ValuesOf::Name),
    ("rootName", ValuesOf::RootName),
    ("rootServiceName", ValuesOf::RootService),
    ("status", ValuesOf::Status),
];
/// Intrinsics that are numbers.
const MEASURES: [&str; 2] = ["duration", "traceDuration"];

fn query(params: &Params) -> Result<Query, ApiError> {
    let text = params.get(&["q"]).unwrap_or_default();
    let query = spanwalk_query::parse(text, now_ns());
    let query = query.unwrap_or_else(|_| Query::match_all());
    Ok(query.within(time(params)?))
}

/// `GET /api/search/tags`: keys of attributes.
pub(super) async fn names(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, TempoError> {
    let answer = keys(&api, &uri, |by_scope| {
        let names: BTreeSet<_> = by_scope.into_values().flatten().collect();
        json!({ "tagNames": names })
    });
    answer.await
}

/// `GET /api/v2/search/tags`: keys of attributes by scope.
pub(super) async fn scopes(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, TempoError> {
    let answer = keys(&api, &uri, |by_scope| {
        let scopes = by_scope.into_iter();
        let scopes = scopes.map(|(name, tags)| json!({ "name": name, "tags": tags }));
        json!({ "scopes": scopes.collect::<Vec<_>>(), "metrics": {} })
    });
    answer.await
}

type ByScope = BTreeMap<&'static str, BTreeSet<String>>;

async fn keys(api: &Api, uri: &Uri, write: fn(ByScope) -> Json) -> Result<Response, TempoError> {
    let params = Params::read(uri)?;
    let scope = scope(&params)?;
    let limit = params.limit(&["limit"], LIMITS)?;
    let query = query(&params)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let mut by_scope = ByScope::new();
        let is_asked = |name| scope.is_none_or(|scope| scope == name);
        let mut complete = Completeness::default();
        if scope != Some(INTRINSIC) {
            let (found, of_keys) = scan::keys(&engine, &query, deadline)?;
            complete = of_keys;
            let mut found: Vec<_> = found
                .into_keys()
                .filter(|(place, _)| is_asked(place.as_str()))
                .collect();
            scan::shorten(&mut found, limit, &mut complete);
            for (place, key) in found {
                by_scope.entry(place.as_str()).or_default().insert(key);
            }
        }
        if is_asked(INTRINSIC) {
            let names = INTRINSICS.iter().map(|(name, _)| *name).chain(MEASURES);
            by_scope.insert(INTRINSIC, names.map(str::to_owned).collect());
        }
        Ok(with_completeness(
            answer::json(&write(by_scope))?,
            &complete,
        ))
    };
    Ok(api.queries.run(work).await?)
}

/// The scope that is asked for; `None` for all.
fn scope(params: &Params) -> Result<Option<&'static str>, ApiError> {
    let Some(text) = params.get(&["scope"]).filter(|text| *text != "none") else {
        return Ok(None);
    };
    let mut known = Place::ALL.map(Place::as_str).into_iter().chain([INTRINSIC]);
    let scope = known.clone().find(|name| *name == text);
    scope.map(Some).ok_or_else(|| {
        let (all, text) = (known.by_ref().collect::<Vec<_>>().join(", "), shown(text));
        wrong(format!("`scope` is `{text}`; there are {all} and none"))
    })
}

/// `GET /api/search/tag/{tag}/values`: values as texts.
pub(super) async fn values(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, TempoError> {
    let of = wanted(&in_path(path)?)?;
    let answer = values_as(&api, of, &uri, |values| {
        let texts: BTreeSet<_> = values.into_iter().map(|(text, _)| text).collect();
        json!({ "tagValues": texts })
    });
    answer.await
}

/// `GET /api/v2/search/tag/{tag}/values`: values with their types.
pub(super) async fn typed_values(
    State(api): State<Arc<Api>>,
    path: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, TempoError> {
    let of = wanted(&in_path(path)?)?;
    let answer = values_as(&api, of, &uri, |values| {
        let values = values.into_iter().map(|(text, kind)| {
            let kind = match kind {
                ValueKind::Keyword => "keyword",
                ValueKind::Int => "int",
                ValueKind::Double => "float",
                ValueKind::Bool => "bool",
                ValueKind::Text | ValueKind::Other => "string",
            };
            json!({ "type": kind, "value": text })
        });
        json!({ "tagValues": values.collect::<Vec<_>>(), "metrics": {} })
    });
    answer.await
}

async fn values_as(
    api: &Api,
    of: ValuesOf,
    uri: &Uri,
    write: fn(Vec<(String, ValueKind)>) -> Json,
) -> Result<Response, TempoError> {
    let params = Params::read(uri)?;
    let limit = params.limit(&["limit"], LIMITS)?;
    let query = query(&params)?;
    let engine = api.state.engine.clone();
    let work = move |deadline| {
        let (found, mut complete) = scan::values(&engine, &query, &of, deadline)?;
        let mut values: Vec<_> = found.into_keys().collect();
        scan::shorten(&mut values, limit, &mut complete);
        Ok(with_completeness(answer::json(&write(values))?, &complete))
    };
    Ok(api.queries.run(work).await?)
}

/// Whose values a tag asks for: `name`, `.key`, `key`, `span.key`, `resource.service.name`.
fn wanted(tag: &str) -> Result<ValuesOf, ApiError> {
    let bare = tag.strip_prefix('.').unwrap_or(tag);
    if let Some((_, of)) = INTRINSICS.into_iter().find(|(name, _)| *name == tag) {
        return Ok(of);
    }
    if matches!(bare, "service.name" | "resource.service.name") {
        return Ok(ValuesOf::Service);
    }
    if MEASURES.contains(&tag) || bare.is_empty() {
        let told = format!("the values of `{}` cannot be listed", shown(tag));
        return Err(wrong(told));
    }
    let scoped = Place::ALL.into_iter().find_map(|place| {
        let key = tag.strip_prefix(place.as_str())?.strip_prefix('.')?;
        (!key.is_empty()).then_some((place, key))
    });
    Ok(match scoped {
        Some((place, key)) => ValuesOf::Attribute(Some(place), unquoted(key)),
        None => ValuesOf::Attribute(None, unquoted(bare)),
    })
}

/// A key with characters of its own stands in quotes.
fn unquoted(key: &str) -> String {
    let inner = key
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(key).to_owned()
}
