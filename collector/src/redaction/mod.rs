//! Hides secrets in what came, before anything of it is written.
//!
//! Hidden are the values of keys that are known to hold secrets, user information in URLs, and
//! secret parameters and assignments in texts; more keys where they are named, and none of
//! those that are to be kept. Where a key for it is given, a keyed digest stands in the place of a
//! value, so that equal values can still be found to be equal.
//!
//! - `keys`: which keys hold secrets.
//! - `text`: secrets within texts.
//! - `apply`: walks over spans and log records.
//! - `digest`: what stands in the place of a value.

mod apply;
mod digest;
mod keys;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use spanwalk_model::{LogBatch, SpanBatch};

use digest::Mark;
use keys::Keys;

/// What is hidden, and how.
#[derive(Clone, PartialEq, Eq)]
pub struct RedactionOptions {
    /// Whether anything is hidden at all.
    pub is_on: bool,
    /// Keys whose values are hidden too, with `*` for any characters.
    pub hide: Vec<String>,
    /// Keys whose values are kept although they look like secrets, with `*` for any characters.
    pub keep: Vec<String>,
    /// A secret of the operator's; with it a keyed digest stands in the place of a value.
    pub digest_key: Option<Vec<u8>>,
}

impl Default for RedactionOptions {
    fn default() -> Self {
        Self {
            is_on: true,
            hide: Vec::new(),
            keep: Vec::new(),
            digest_key: None,
        }
    }
}

impl std::fmt::Debug for RedactionOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedactionOptions")
            .field("is_on", &self.is_on)
            .field("hide", &self.hide)
            .field("keep", &self.keep)
            .field("has_digest_key", &self.digest_key.is_some())
            .finish()
    }
}

/// How many values were hidden, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hidden {
    secret_keys: u64,
    named_keys: u64,
    url_users: u64,
    assignments: u64,
}

impl Hidden {
    /// Whether nothing was hidden.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The counts by the names of their reasons.
    pub fn counts(&self) -> [(&'static str, u64); 4] {
        [
            ("secret_key", self.secret_keys),
            ("named_key", self.named_keys),
            ("url_user", self.url_users),
            ("assignment", self.assignments),
        ]
    }
}

/// Hides secrets. Clones share the rules.
#[derive(Debug, Clone)]
pub struct Redactor {
    rules: Option<Arc<Rules>>,
}

/// What to look for, and what to put there.
#[derive(Debug)]
struct Rules {
    keys: Keys,
    mark: Mark,
}

impl Redactor {
    /// A redactor with these rules.
    pub fn new(options: &RedactionOptions) -> Self {
        Self {
            rules: options.is_on.then(|| {
                Arc::new(Rules {
                    keys: Keys::new(&options.hide, &options.keep),
                    mark: Mark::new(options.digest_key.as_deref()),
                })
            }),
        }
    }

    /// Hides what is secret in spans, their events, links, resources and scopes.
    pub fn spans(&self, groups: &mut SpanBatch) -> Hidden {
        let mut hidden = Hidden::default();
        if let Some(rules) = &self.rules {
            apply::groups(rules, groups, &mut hidden, apply::span);
        }
        hidden
    }

    /// Hides what is secret in log records, their bodies, resources and scopes.
    pub fn logs(&self, groups: &mut LogBatch) -> Hidden {
        let mut hidden = Hidden::default();
        if let Some(rules) = &self.rules {
            apply::groups(rules, groups, &mut hidden, apply::log_record);
        }
        hidden
    }
}
