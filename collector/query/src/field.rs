//! What a key names: a built-in field, or an attribute and where to look for it.

use crate::renames;
use crate::token::Word;

/// A built-in field and what it asks, for completion and help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intrinsic {
    /// The key to write.
    pub key: &'static str,
    /// What it asks, in one line.
    pub help: &'static str,
    /// A whole term as an example.
    pub example: &'static str,
}

/// Every key that is not an attribute's, in the order to offer them.
pub const INTRINSICS: &[Intrinsic] = &[
    intrinsic(
        "service",
        "the service that wrote the span or log record",
        "service:checkout",
    ),
    intrinsic(
        "name",
        "the span's name; on log records, the event's name",
        "name:\"GET /cart\"",
    ),
    intrinsic(
        "status",
        "how the span went: error, ok or unset",
        "status:error",
    ),
    intrinsic("duration", "how long the span took", "duration:>500ms"),
    intrinsic(
        "level",
        "the log record's level: trace, debug, info, warn, error or fatal",
        "level:>=warn",
    ),
    intrinsic(
        "kind",
        "the span's role: server, client, producer, consumer or internal",
        "kind:server",
    ),
    intrinsic(
        "trace",
        "the trace's id, whole or its beginning and `*`",
        "trace:4bf92f35*",
    ),
    intrinsic(
        "span",
        "the span's id, whole or its beginning and `*`",
        "span:00f067aa*",
    ),
    intrinsic(
        "root.service",
        "the service of the trace's root span",
        "root.service:gateway",
    ),
    intrinsic(
        "root.name",
        "the name of the trace's root span",
        "root.name:\"POST /checkout\"",
    ),
    intrinsic(
        "trace.duration",
        "from the trace's first start to its last end",
        "trace.duration:>2s",
    ),
    intrinsic("spans", "how many spans the trace has", "spans:>100"),
    intrinsic("errors", "how many spans of the trace failed", "errors:>0"),
    intrinsic(
        "log.body",
        "the log record's whole message, upper and lower case told apart",
        "log.body:*refused*",
    ),
    intrinsic(
        "has",
        "there is an attribute with this key",
        "has:http.route",
    ),
    intrinsic("since", "not longer ago than this", "since:15m"),
    intrinsic(
        "from",
        "not before this moment",
        "from:2026-01-31T09:00:00Z",
    ),
    intrinsic("to", "before this moment", "to:now-1h"),
];

const fn intrinsic(key: &'static str, help: &'static str, example: &'static str) -> Intrinsic {
    Intrinsic { key, help, example }
}

/// What stands before the operator of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// A built-in text.
    Text(TextField),
    /// A built-in number.
    Number(NumberField),
    /// `kind`.
    Kind,
    /// `status`.
    Status,
    /// `level`.
    Level,
    /// `has`.
    Has,
    /// A bound of time.
    Time(TimeKey),
    /// An attribute.
    Attribute(AttributeField),
}

/// Built-in texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextField {
    /// Name of the service.
    Service,
    /// Name of the span or event.
    Name,
    /// Trace id in hex.
    TraceId,
    /// Span id in hex.
    SpanId,
    /// Service of the root span.
    RootService,
    /// Name of the root span.
    RootName,
    /// Message of the log record.
    Body,
}

/// Built-in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberField {
    /// Nanoseconds that the span took.
    Duration,
    /// Nanoseconds that the trace took.
    TraceDuration,
    /// Spans of the trace.
    Spans,
    /// Failed spans of the trace.
    Errors,
}

/// Bounds of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeKey {
    /// Not longer ago.
    Since,
    /// Not before.
    From,
    /// Before.
    To,
}

/// Where an attribute is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttributeScope {
    /// Everywhere.
    Any,
    /// The resource.
    Resource,
    /// The span itself.
    Span,
    /// The log record itself.
    Log,
    /// Events of the span.
    Event,
    /// Links of the span.
    Link,
}

/// Scopes by the prefix that names them.
pub(crate) const SCOPES: [(&str, AttributeScope); 5] = [
    ("resource.", AttributeScope::Resource),
    ("span.", AttributeScope::Span),
    ("log.", AttributeScope::Log),
    ("event.", AttributeScope::Event),
    ("link.", AttributeScope::Link),
];

/// An attribute as a query names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttributeField {
    /// Where it is looked for.
    pub(crate) scope: AttributeScope,
    /// Its key.
    pub(crate) key: String,
    /// Every key that stands for it, and where; the first is scope and key from above.
    pub(crate) lookups: Vec<Lookup>,
}

/// One key in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lookup {
    /// Where.
    pub(crate) scope: AttributeScope,
    /// Under which key.
    pub(crate) key: String,
}

impl AttributeField {
    /// The attribute of exactly this key, anywhere.
    pub(crate) fn exact(key: &str) -> Self {
        Self {
            scope: AttributeScope::Any,
            key: key.to_owned(),
            lookups: vec![Lookup {
                scope: AttributeScope::Any,
                key: key.to_owned(),
            }],
        }
    }

    /// The attribute that a person means by this text: with a scope before it or without, by
    /// its old name or its new one. An attribute whose own key begins like a scope, such as
    /// `log.file.path`, is found too.
    pub(crate) fn named(text: &str) -> Self {
        let scoped = SCOPES.iter().find_map(|(prefix, scope)| {
            let key = text.strip_prefix(prefix)?;
            (!key.is_empty()).then_some((*scope, key))
        });
        let (scope, key) = scoped.unwrap_or((AttributeScope::Any, text));
        let lookup = |scope, key: &str| Lookup {
            scope,
            key: key.to_owned(),
        };
        let mut lookups = vec![lookup(scope, key)];
        lookups.extend(renames::other_names(key).map(|other| lookup(scope, other)));
        if scope != AttributeScope::Any {
            lookups.push(lookup(AttributeScope::Any, text));
        }
        Self {
            scope,
            key: key.to_owned(),
            lookups,
        }
    }
}

impl Key {
    /// What the word before an operator names. Quotes around it make it an attribute's key,
    /// taken to the letter.
    pub(crate) fn of(word: &Word, text: &str) -> Self {
        if word.starts_quoted {
            return Self::Attribute(AttributeField::exact(text));
        }
        if word.has_quotes {
            return Self::Attribute(AttributeField::named(text));
        }
        Self::of_text(text)
    }

    /// What an unquoted key names.
    pub(crate) fn of_text(text: &str) -> Self {
        match text {
            "service" => Self::Text(TextField::Service),
            "name" => Self::Text(TextField::Name),
            "trace" => Self::Text(TextField::TraceId),
            "span" => Self::Text(TextField::SpanId),
            "root.service" => Self::Text(TextField::RootService),
            "root.name" => Self::Text(TextField::RootName),
            "log.body" => Self::Text(TextField::Body),
            "duration" => Self::Number(NumberField::Duration),
            "trace.duration" => Self::Number(NumberField::TraceDuration),
            "spans" => Self::Number(NumberField::Spans),
            "errors" => Self::Number(NumberField::Errors),
            "kind" => Self::Kind,
            "status" => Self::Status,
            "level" => Self::Level,
            "has" => Self::Has,
            "since" => Self::Time(TimeKey::Since),
            "from" => Self::Time(TimeKey::From),
            "to" => Self::Time(TimeKey::To),
            attribute => Self::Attribute(AttributeField::named(attribute)),
        }
    }
}

impl TextField {
    /// The key that names it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Name => "name",
            Self::TraceId => "trace",
            Self::SpanId => "span",
            Self::RootService => "root.service",
            Self::RootName => "root.name",
            Self::Body => "log.body",
        }
    }
}

impl NumberField {
    /// The key that names it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::TraceDuration => "trace.duration",
            Self::Spans => "spans",
            Self::Errors => "errors",
        }
    }

    /// Whether it is nanoseconds, written with a unit.
    pub(crate) fn is_duration(self) -> bool {
        matches!(self, Self::Duration | Self::TraceDuration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_key_is_built_in_and_its_example_is_a_query() {
        for intrinsic in INTRINSICS {
            let key = Key::of_text(intrinsic.key);
            assert!(!matches!(key, Key::Attribute(_)), "{}", intrinsic.key);
            let query = crate::parse(intrinsic.example, 1_000_000_000_000_000_000).unwrap();
            assert_eq!(query.notes(), [""; 0], "{}", intrinsic.example);
        }
    }

    #[test]
    fn a_scope_stands_before_the_key_and_the_whole_is_looked_for_too() {
        let field = AttributeField::named("log.file.path");
        assert_eq!(
            (field.scope, field.key.as_str()),
            (AttributeScope::Log, "file.path")
        );
        assert!(field.lookups.contains(&Lookup {
            scope: AttributeScope::Any,
            key: "log.file.path".into()
        }));
        assert_eq!(AttributeField::named("log.").scope, AttributeScope::Any);
    }
}
