//! What a search asks for, in our language. All of it has to hold of one span, as in Zipkin.

use spanwalk_query::Query;

use super::super::super::filter::Filter;
use super::super::super::params::{Limits, wrong};
use super::super::super::problem::ApiError;
use super::super::params::{LOOKBACK_MS_MAX, Params, lookback_range};
use super::wire::REMOTE_NAMES;

/// Traces of one search.
pub(super) const LIMITS: Limits = Limits {
    usual: 10,
    max: 1_000,
};
/// Terms of one annotation query.
const TERMS_MAX: usize = 100;

/// A search.
#[derive(Debug)]
pub(super) struct Ask {
    /// What, and when.
    pub(super) query: Query,
    /// How many traces at most.
    pub(super) limit: usize,
}

impl Ask {
    /// # Errors
    /// [`ApiError::Parameter`] for what cannot be understood.
    pub(super) fn read(params: &Params) -> Result<Self, ApiError> {
        let mut filter = Filter::default();
        if let Some(service) = params.get(&["serviceName"]) {
            filter.built_in("service", service);
        }
        if let Some(name) = params.get(&["spanName"]).filter(|name| *name != "all") {
            filter.built_in("name", name);
        }
        if let Some(remote) = params.get(&["remoteServiceName"]) {
            filter.one_of(&REMOTE_NAMES, remote);
        }
        let least = params.number(&["minDuration"], 0..=u64::MAX / 1_000)?;
        let most = params.number(&["maxDuration"], 0..=u64::MAX / 1_000)?;
        if let Some(least) = least {
            filter.term(&format!("duration:>={least}us"));
        }
        if let Some(most) = most {
            if least.is_some_and(|least| least > most) {
                return Err(wrong(
                    "`minDuration` is greater than `maxDuration`".to_owned(),
                ));
            }
            filter.term(&format!("duration:<={most}us"));
        }
        if let Some(text) = params.get(&["annotationQuery"]) {
            annotations(&mut filter, text)?;
        }
        Ok(Self {
            query: filter.finish(lookback_range(params, LOOKBACK_MS_MAX)?)?,
            limit: params.limit(&["limit"], LIMITS)?,
        })
    }
}

/// `key=value and key and …`: a tag has the value, or there is the tag.
fn annotations(filter: &mut Filter, text: &str) -> Result<(), ApiError> {
    let terms: Vec<_> = text.split(" and ").map(str::trim).collect();
    if terms.len() > TERMS_MAX {
        let count = terms.len();
        return Err(wrong(format!(
            "`annotationQuery` has {count} terms; at most {TERMS_MAX} are asked"
        )));
    }
    for term in terms {
        match term.split_once('=') {
            Some((key, value)) if !key.is_empty() => filter.tag(key, value),
            Some(_) => return Err(wrong(format!("`{term}` in `annotationQuery` has no key"))),
            None if term.is_empty() => {}
            // In Zipkin that tag is the failure.
            None if term == "error" => filter.term("status:error"),
            None => filter.has(term),
        }
    }
    Ok(())
}
