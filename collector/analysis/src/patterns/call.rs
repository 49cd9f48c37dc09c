//! What a call was made to, and with what.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::{FixedState, RandomState};
use spanwalk_model::trace::Trace;
use spanwalk_model::{Attributes, SpanKind};

use crate::templates::name_template_of;

/// A span that asks something of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    /// Whom it asks: a symbol.
    pub(super) target: u32,
    /// What it asks, without what varies: a symbol.
    pub(super) statement: u32,
    /// The hash of what it asks, with what varies; `None` where that is not known.
    pub(super) parameters: Option<u64>,
    /// Whether it changes nothing, as far as can be told.
    pub(super) is_read: bool,
}

/// The calls of a trace, by span.
#[derive(Debug, Default)]
pub(super) struct Calls {
    of_span: Vec<Option<Call>>,
    names: Vec<String>,
}

/// Keys that name a database.
const DATABASE_KEYS: [&str; 2] = ["db.system.name", "db.system"];
/// Keys that name whom a call is made to, the most telling first.
const TARGET_KEYS: [&str; 6] = [
    "peer.service",
    "server.address",
    "net.peer.name",
    "rpc.service",
    "messaging.destination.name",
    "db.namespace",
];
/// Keys of the whole question, parameters included.
const STATEMENT_KEYS: [&str; 6] = [
    "db.query.text",
    "db.statement",
    "url.full",
    "http.url",
    "url.path",
    "http.target",
];
/// Keys of the question without its parameters.
const ROUTE_KEYS: [&str; 2] = ["http.route", "url.template"];
/// Where parameters of a query stand beside it.
const PARAMETER_PREFIXES: [&str; 2] = ["db.query.parameter.", "db.statement.parameter."];
/// Keys of the verb.
const METHOD_KEYS: [&str; 5] = [
    "http.request.method",
    "http.method",
    "db.operation.name",
    "db.operation",
    "rpc.method",
];
/// Verbs that only read.
const READING: [&str; 9] = [
    "get", "head", "select", "find", "read", "list", "query", "mget", "show",
];

/// The database that a span asks; `None` where it asks none.
pub(super) fn database(attributes: &Attributes) -> Option<&str> {
    DATABASE_KEYS.iter().find_map(|key| attributes.get_str(key))
}

/// Whom a span says that it asks.
pub(super) fn named_target(attributes: &Attributes) -> Option<&str> {
    TARGET_KEYS.iter().find_map(|key| attributes.get_str(key))
}

impl Calls {
    pub(super) fn of(trace: &Trace) -> Self {
        let mut names = Names::default();
        let mut templates: HashMap<String, u32, RandomState> = HashMap::default();
        let of_span = (0..trace.len())
            .map(|span| call(trace, span, &mut names, &mut templates))
            .collect();
        Self {
            of_span,
            names: names.texts,
        }
    }

    pub(super) fn get(&self, span: u32) -> Option<Call> {
        self.of_span.get(span as usize).copied().flatten()
    }

    pub(super) fn name(&self, symbol: u32) -> &str {
        self.names.get(symbol as usize).map_or("", String::as_str)
    }
}

#[derive(Default)]
struct Names {
    symbols: HashMap<String, u32, RandomState>,
    texts: Vec<String>,
}

impl Names {
    fn symbol(&mut self, text: String) -> u32 {
        if let Some(symbol) = self.symbols.get(&text) {
            return *symbol;
        }
        let symbol = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.clone());
        self.symbols.insert(text, symbol);
        symbol
    }
}

/// The callee's span: the first child of another service.
pub(super) fn callee(trace: &Trace, span: u32) -> Option<u32> {
    let own = trace.service_symbol(span);
    trace
        .children(span)
        .iter()
        .copied()
        .find(|child| trace.service_symbol(*child) != own)
}

/// The hash of a question with its parameters; `None` where it has places for parameters
/// that are not stored.
fn parameters(question: &str, whole: &str, attributes: &Attributes) -> Option<u64> {
    let mut bound: Vec<String> = attributes
        .iter()
        .filter(|entry| {
            PARAMETER_PREFIXES
                .iter()
                .any(|prefix| entry.key.starts_with(prefix))
        })
        .map(|entry| format!("{}={}", entry.key, entry.value))
        .collect();
    bound.sort_unstable();
    let has_places = database(attributes).is_some()
        && whole.split([' ', '(', ')', ',', '=', ';']).any(|word| {
            let is_numbered = word.len() > 1 && word.starts_with(['$', ':', '@']);
            matches!(word, "?" | "%s") || is_numbered
        });
    if has_places && bound.is_empty() {
        return None;
    }
    Some(FixedState::default().hash_one((question, bound)))
}

fn call(
    trace: &Trace,
    span: u32,
    names: &mut Names,
    templates: &mut HashMap<String, u32, RandomState>,
) -> Option<Call> {
    let scoped = trace.span(span)?;
    let attributes = &scoped.item.attributes;
    let database = database(attributes);
    let callee = callee(trace, span);
    let is_call = match scoped.item.kind {
        SpanKind::Client => true,
        // Where no kind is said, who has a child elsewhere has called it.
        SpanKind::Unspecified | SpanKind::Other(_) => database.is_some() || callee.is_some(),
        SpanKind::Internal => database.is_some(),
        SpanKind::Server | SpanKind::Producer | SpanKind::Consumer => false,
    };
    if !is_call {
        return None;
    }
    let target = match (database, callee) {
        (Some(database), _) => match named_target(attributes) {
            Some(named) => format!("{database} {named}"),
            None => database.to_owned(),
        },
        (None, Some(callee)) => trace.service(callee).to_owned(),
        (None, None) => named_target(attributes).unwrap_or_default().to_owned(),
    };
    let method = METHOD_KEYS
        .iter()
        .find_map(|key| attributes.get_str(key))
        .unwrap_or_default();
    let whole = STATEMENT_KEYS
        .iter()
        .find_map(|key| attributes.get_str(key));
    let route = ROUTE_KEYS.iter().find_map(|key| attributes.get_str(key));
    let operation = callee.map_or("", |callee| trace.name(callee));
    let question = match whole.or(route) {
        Some(asked) => format!("{method} {asked}"),
        None => format!("{} {operation}", scoped.item.name),
    };
    let statement = if let Some(known) = templates.get(&question) {
        *known
    } else {
        let symbol = names.symbol(name_template_of(&question));
        templates.insert(question.clone(), symbol);
        symbol
    };
    // The first word of a statement is its verb, as in `SELECT` or `GET /`.
    let verb = if method.is_empty() {
        question.split_whitespace().next().unwrap_or_default()
    } else {
        method
    };
    Some(Call {
        target: names.symbol(target),
        statement,
        parameters: whole.and_then(|whole| parameters(&question, whole, attributes)),
        is_read: READING.iter().any(|read| read.eq_ignore_ascii_case(verb)),
    })
}
