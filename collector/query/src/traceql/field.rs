//! What a TraceQL query can ask of a span: attributes by scope, and built-in fields.

use crate::field::Intrinsic;
use crate::renames;

use super::types::Type;

/// Where an attribute is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttributeScope {
    /// The span, then its resource, events, links and instrumentation scope.
    Any,
    /// The span itself.
    Span,
    /// Its resource.
    Resource,
    /// Its events.
    Event,
    /// Its links.
    Link,
    /// Its instrumentation scope.
    Instrumentation,
    /// The log records written in it.
    Log,
}

/// Scopes by the word before the point.
pub(super) const SCOPES: [(&str, AttributeScope); 6] = [
    ("span", AttributeScope::Span),
    ("resource", AttributeScope::Resource),
    ("event", AttributeScope::Event),
    ("link", AttributeScope::Link),
    ("instrumentation", AttributeScope::Instrumentation),
    ("log", AttributeScope::Log),
];

/// The attribute's key that stands for the log record's message where it is not quoted.
const BODY_KEY: &str = "body";

/// Something that a span has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    /// A built-in field.
    Builtin(Builtin),
    /// An attribute.
    Attribute(Attribute),
}

/// An attribute as a query names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    /// Whether the parent span is asked.
    pub(super) of_parent: bool,
    /// Where it is looked for.
    pub(super) scope: AttributeScope,
    /// The key as it is written, then others that stand for it. Never empty.
    pub(super) keys: Vec<String>,
}

/// A field that every span has, or a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Builtin {
    Name,
    Status,
    StatusMessage,
    Kind,
    Duration,
    SpanId,
    ParentId,
    ChildCount,
    Parent,
    TraceId,
    TraceDuration,
    RootName,
    RootService,
    EventName,
    EventTime,
    LinkTraceId,
    LinkSpanId,
    ScopeName,
    ScopeVersion,
    LogBody,
    LogLevel,
    NestedSetLeft,
    NestedSetRight,
    NestedSetParent,
}

/// One row for each built-in field: its canonical name first, then other names.
const NAMES: [(Builtin, &str, &[&str]); 24] = [
    (Builtin::Name, "name", &["span:name"]),
    (Builtin::Status, "status", &["span:status"]),
    (
        Builtin::StatusMessage,
        "statusMessage",
        &["span:statusMessage"],
    ),
    (Builtin::Kind, "kind", &["span:kind"]),
    (Builtin::Duration, "duration", &["span:duration"]),
    (Builtin::SpanId, "span:id", &[]),
    (Builtin::ParentId, "span:parentID", &[]),
    (Builtin::ChildCount, "span:childCount", &["childCount"]),
    (Builtin::Parent, "parent", &[]),
    (Builtin::TraceId, "trace:id", &[]),
    (Builtin::TraceDuration, "trace:duration", &["traceDuration"]),
    (Builtin::RootName, "trace:rootName", &["rootName"]),
    (
        Builtin::RootService,
        "trace:rootService",
        &["rootServiceName"],
    ),
    (Builtin::EventName, "event:name", &[]),
    (Builtin::EventTime, "event:timeSinceStart", &[]),
    (Builtin::LinkTraceId, "link:traceID", &[]),
    (Builtin::LinkSpanId, "link:spanID", &[]),
    (Builtin::ScopeName, "instrumentation:name", &[]),
    (Builtin::ScopeVersion, "instrumentation:version", &[]),
    (Builtin::LogBody, "log.body", &["log:body"]),
    (Builtin::LogLevel, "log:level", &[]),
    (Builtin::NestedSetLeft, "nestedSetLeft", &[]),
    (Builtin::NestedSetRight, "nestedSetRight", &[]),
    (Builtin::NestedSetParent, "nestedSetParent", &[]),
];

/// Every built-in field of the language, in the order to offer them.
pub const FIELDS: &[Intrinsic] = &[
    field("name", "the span's name", r#"{ name = "GET /cart" }"#),
    field(
        "status",
        "how the span went: `error`, `ok` or `unset`",
        "{ status = error }",
    ),
    field(
        "statusMessage",
        "what the sender says about the status",
        r#"{ statusMessage =~ ".*refused.*" }"#,
    ),
    field(
        "kind",
        "the span's role: `server`, `client`, `producer`, `consumer`, `internal` or `unspecified`",
        "{ kind = server }",
    ),
    field("duration", "how long the span took", "{ duration > 500ms }"),
    field(
        "span:id",
        "the span's id in hex",
        r#"{ span:id = "00f067aa0ba902b7" }"#,
    ),
    field(
        "span:parentID",
        "the id of its parent; `nil` for a root",
        "{ span:parentID = nil }",
    ),
    field(
        "span:childCount",
        "how many stored spans are right below it",
        "{ span:childCount = 0 }",
    ),
    field(
        "parent",
        "its stored parent; compares with `nil` alone",
        "{ parent = nil }",
    ),
    field(
        "trace:id",
        "the trace's id in hex",
        r#"{ trace:id = "4bf92f3577b34da6a3ce929d0e0e4736" }"#,
    ),
    field(
        "trace:duration",
        "from the trace's first start to its last end",
        "{ trace:duration > 2s }",
    ),
    field(
        "trace:rootName",
        "the name of the trace's root span",
        r#"{ trace:rootName = "POST /checkout" }"#,
    ),
    field(
        "trace:rootService",
        "the service of the trace's root span",
        r#"{ trace:rootService = "gateway" }"#,
    ),
    field(
        "event:name",
        "names of its events",
        r#"{ event:name = "exception" }"#,
    ),
    field(
        "event:timeSinceStart",
        "how long after the span's start its events are",
        "{ event:timeSinceStart > 1s }",
    ),
    field(
        "link:traceID",
        "traces that it links to",
        r#"{ link:traceID = "4bf92f3577b34da6a3ce929d0e0e4736" }"#,
    ),
    field(
        "link:spanID",
        "spans that it links to",
        r#"{ link:spanID = "00f067aa0ba902b7" }"#,
    ),
    field(
        "instrumentation:name",
        "the library that recorded it",
        r#"{ instrumentation:name = "grpc" }"#,
    ),
    field(
        "instrumentation:version",
        "that library's version",
        r#"{ instrumentation:version = "1.0.0" }"#,
    ),
    field(
        "log.body",
        "messages of the log records written in it",
        r#"{ log.body =~ ".*retry.*" }"#,
    ),
    field(
        "log:level",
        "levels of these records: `trace`, `debug`, `info`, `warn`, `error` or `fatal`",
        "{ log:level >= warn }",
    ),
    field(
        "nestedSetLeft",
        "its number when the tree is walked down",
        "{ nestedSetLeft = 1 }",
    ),
    field(
        "nestedSetRight",
        "its number when the tree is walked back up",
        "{ nestedSetRight > 10 }",
    ),
    field(
        "nestedSetParent",
        "`nestedSetLeft` of its parent; -1 for a root, 0 where the parent is not stored",
        "{ nestedSetParent < 0 }",
    ),
];

const fn field(key: &'static str, help: &'static str, example: &'static str) -> Intrinsic {
    Intrinsic { key, help, example }
}

impl Builtin {
    /// The field of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES
            .into_iter()
            .find(|(_, canonical, others)| *canonical == name || others.contains(&name))
            .map(|(builtin, ..)| builtin)
    }

    /// Every name of every field.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().flat_map(|(_, canonical, others)| {
            std::iter::once(canonical).chain(others.iter().copied())
        })
    }

    /// Its canonical name.
    pub(super) fn name(self) -> &'static str {
        NAMES
            .into_iter()
            .find(|(builtin, ..)| *builtin == self)
            .map_or("", |(_, canonical, _)| canonical)
    }

    /// The type of its values.
    pub(super) fn value_type(self) -> Type {
        match self {
            Self::Status => Type::Status,
            Self::Kind => Type::Kind,
            Self::Duration | Self::TraceDuration | Self::EventTime => Type::Duration,
            Self::ChildCount
            | Self::NestedSetLeft
            | Self::NestedSetRight
            | Self::NestedSetParent => Type::Int,
            Self::Parent => Type::Span,
            Self::LogLevel => Type::Level,
            Self::Name
            | Self::StatusMessage
            | Self::SpanId
            | Self::ParentId
            | Self::TraceId
            | Self::RootName
            | Self::RootService
            | Self::EventName
            | Self::LinkTraceId
            | Self::LinkSpanId
            | Self::ScopeName
            | Self::ScopeVersion
            | Self::LogBody => Type::Text,
        }
    }

    /// How many hex digits its ids have, where it is one.
    pub(super) fn id_digits(self) -> Option<usize> {
        match self {
            Self::TraceId | Self::LinkTraceId => Some(32),
            Self::SpanId | Self::ParentId | Self::LinkSpanId => Some(16),
            _ => None,
        }
    }
}

impl Attribute {
    /// The attribute of a written key; in quotes it is taken to the letter.
    fn new(of_parent: bool, scope: AttributeScope, key: &str, is_quoted: bool) -> Self {
        let mut keys = vec![key.to_owned()];
        if !is_quoted {
            keys.extend(renames::other_names(key).map(str::to_owned));
        }
        Self {
            of_parent,
            scope,
            keys,
        }
    }

    /// The key as it is written.
    pub(super) fn key(&self) -> &str {
        self.keys.first().map_or("", String::as_str)
    }
}

impl Field {
    /// What an attribute's name means: the message of log records has the name of one.
    pub(super) fn of_attribute(
        of_parent: bool,
        scope: AttributeScope,
        key: &str,
        is_quoted: bool,
    ) -> Self {
        if scope == AttributeScope::Log && key == BODY_KEY && !is_quoted {
            return Self::Builtin(Builtin::LogBody);
        }
        Self::Attribute(Attribute::new(of_parent, scope, key, is_quoted))
    }

    /// The type of its values.
    pub(super) fn value_type(&self) -> Type {
        match self {
            Self::Builtin(builtin) => builtin.value_type(),
            Self::Attribute(_) => Type::Attribute,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_field_is_built_in_and_its_example_is_a_query() {
        let listed: Vec<&str> = FIELDS.iter().map(|field| field.key).collect();
        let known: Vec<&str> = NAMES.iter().map(|(_, name, _)| *name).collect();
        assert_eq!(listed, known);
        for field in FIELDS {
            let query = crate::parse(field.example, 0).unwrap();
            assert_eq!(query.notes(), [""; 0], "{}", field.example);
            assert_eq!(query.to_string(), field.example);
        }
    }

    #[test]
    fn names_are_told_apart() {
        let names: Vec<&str> = Builtin::names().collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name), "{name}");
            assert_eq!(
                Builtin::named(name).map(|builtin| names.contains(&builtin.name())),
                Some(true)
            );
        }
        assert_eq!(Builtin::named("trace:status"), None);
    }
}
