//! Where one is in the UI, as a text that can be written down and opened again.

use std::fmt;
use std::str::FromStr;

use spanwalk_model::{SpanId, TraceId};

/// A screen with what it shows: `traces?q=service:cart`, `trace/4bf9…?span=00f0…`,
/// `logs?q=timeout`, `services`. The text after `?` is encoded as in a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The trace list.
    Traces {
        /// The query text.
        query: String,
    },
    /// The walk of one trace.
    Trace {
        /// The trace.
        id: TraceId,
        /// The span to stand on first.
        span: Option<SpanId>,
        /// The moment within that span, nanoseconds since the epoch, such as a log record's.
        moment_ns: Option<u64>,
    },
    /// The log list.
    Logs {
        /// The query text.
        query: String,
    },
    /// The service list.
    Services,
}

/// Why a text is not a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParsePlaceError {
    /// The screen is not known.
    #[error("there is no screen {0:?}; there are traces, trace/ID, logs and services")]
    Screen(String),
    /// An id cannot be read.
    #[error("cannot read the id {text:?}: {source}")]
    Id {
        /// The text in the id's place.
        text: String,
        /// What is wrong with it.
        source: spanwalk_model::ParseIdError,
    },
    /// The moment is not a number.
    #[error("the moment {0:?} is not a number of nanoseconds")]
    Moment(String),
}

impl Place {
    /// The trace list of a query; empty for all traces.
    pub fn traces(query: &str) -> Self {
        Self::Traces {
            query: query.to_owned(),
        }
    }

    /// The walk of a trace from its start.
    pub fn trace(id: TraceId) -> Self {
        Self::Trace {
            id,
            span: None,
            moment_ns: None,
        }
    }

    /// The place in a few words, for the breadcrumb.
    pub fn title(&self) -> String {
        match self {
            Self::Traces { query } if query.is_empty() => "traces".to_owned(),
            Self::Traces { query } => format!("traces {query}"),
            Self::Trace { id, .. } => short_id(&id.to_hex()),
            Self::Logs { query } if query.is_empty() => "logs".to_owned(),
            Self::Logs { query } => format!("logs {query}"),
            Self::Services => "services".to_owned(),
        }
    }
}

/// The ends of a trace id, which tell traces apart on one screen.
pub(crate) fn short_id(hex: &str) -> String {
    crate::text::truncate::truncate_middle(hex, 9).into_owned()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (screen, pairs) = match self {
            Self::Traces { query } => ("traces".to_owned(), query_pair(query)),
            Self::Logs { query } => ("logs".to_owned(), query_pair(query)),
            Self::Services => ("services".to_owned(), Vec::new()),
            Self::Trace {
                id,
                span,
                moment_ns,
            } => {
                let span = span.map(|span| ("span", span.to_hex()));
                let moment = moment_ns.map(|moment| ("t", moment.to_string()));
                (
                    format!("trace/{id}"),
                    span.into_iter().chain(moment).collect(),
                )
            }
        };
        f.write_str(&screen)?;
        if pairs.is_empty() {
            return Ok(());
        }
        let mut encoder = url::form_urlencoded::Serializer::new(String::new());
        encoder.extend_pairs(pairs);
        write!(f, "?{}", encoder.finish())
    }
}

fn query_pair(query: &str) -> Vec<(&'static str, String)> {
    if query.is_empty() {
        Vec::new()
    } else {
        vec![("q", query.to_owned())]
    }
}

impl FromStr for Place {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, ParsePlaceError> {
        let (screen, rest) = text.split_once('?').unwrap_or((text, ""));
        let mut query = String::new();
        let mut span = None;
        let mut moment_ns = None;
        for (key, value) in url::form_urlencoded::parse(rest.as_bytes()) {
            match key.as_ref() {
                "q" => query = value.into_owned(),
                "span" => span = Some(id(&value)?),
                "t" => {
                    let moment = value
                        .parse()
                        .map_err(|_| ParsePlaceError::Moment(value.into_owned()))?;
                    moment_ns = Some(moment);
                }
                // Written by a later version; what is known still leads to the place.
                _ => {}
            }
        }
        match screen.split_once('/') {
            None if screen == "traces" => Ok(Self::Traces { query }),
            None if screen == "logs" => Ok(Self::Logs { query }),
            None if screen == "services" => Ok(Self::Services),
            Some(("trace", hex)) => Ok(Self::Trace {
                id: id(hex)?,
                span,
                moment_ns,
            }),
            _ => Err(ParsePlaceError::Screen(screen.to_owned())),
        }
    }
}

fn id<T: FromStr<Err = spanwalk_model::ParseIdError>>(text: &str) -> Result<T, ParsePlaceError> {
    text.parse().map_err(|source| ParsePlaceError::Id {
        text: text.to_owned(),
        source,
    })
}

/// The trace that a pasted text names: a trace id, a `traceparent`, or a place.
pub fn pasted_trace(text: &str) -> Option<Place> {
    let text = text.trim();
    let text = text.strip_prefix(crate::screens::OPENED_BY).unwrap_or(text);
    let text = text.trim_matches(['"', '\'', '`']);
    if let Ok(id) = text.parse::<TraceId>() {
        return Some(Place::trace(id));
    }
    if let Ok(place @ Place::Trace { .. }) = text.parse() {
        return Some(place);
    }
    // W3C trace context: version, trace id, parent id, flags.
    let text = text
        .strip_prefix("traceparent:")
        .map_or(text, |rest| rest.trim_start());
    let mut parts = text.split('-');
    let version = parts.next()?;
    if version.len() != 2 || !version.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let id = parts.next()?.parse().ok()?;
    let span = parts.next()?.parse().ok()?;
    Some(Place::Trace {
        id,
        span: Some(span),
        moment_ns: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_place_that_is_written_is_read_again() {
        let id = TRACE.parse().unwrap();
        let places = [
            Place::traces(""),
            Place::Traces {
                query: "service:a&b \"x = y\" ü".to_owned(),
            },
            Place::trace(id),
            Place::Trace {
                id,
                span: SpanId::from_u64(7),
                moment_ns: Some(12),
            },
            Place::Logs {
                query: "level:error".to_owned(),
            },
            Place::Services,
        ];
        for place in places {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
    }

    #[test]
    fn what_is_no_place_says_why() {
        assert_eq!(
            "map".parse::<Place>(),
            Err(ParsePlaceError::Screen("map".to_owned()))
        );
        assert!(matches!(
            "trace/xyz".parse::<Place>(),
            Err(ParsePlaceError::Id { .. })
        ));
    }

    #[test]
    fn ids_and_traceparents_are_known_when_pasted() {
        let id: TraceId = TRACE.parse().unwrap();
        assert_eq!(pasted_trace(&format!(" {TRACE}\n")), Some(Place::trace(id)));
        let traceparent = format!("traceparent: 00-{TRACE}-00f067aa0ba902b7-01");
        assert_eq!(
            pasted_trace(&traceparent),
            Some(Place::Trace {
                id,
                span: "00f067aa0ba902b7".parse().ok(),
                moment_ns: None
            })
        );
        assert_eq!(pasted_trace("service:cart"), None);
    }
}
