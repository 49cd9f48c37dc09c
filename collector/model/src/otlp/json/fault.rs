//! Faults of a JSON text, with the path to their place.

use super::super::error::DecodeError;

/// Why reading stopped, and the path to the place, innermost first.
#[derive(Debug)]
pub(crate) struct Fault {
    kind: FaultKind,
    path: Vec<Segment>,
}

#[derive(Debug)]
enum FaultKind {
    Json {
        problem: String,
        offset: usize,
        at_end: bool,
    },
    Decode(DecodeError),
}

/// One step of the path to a place.
#[derive(Debug)]
pub(super) enum Segment {
    Key(String),
    Index(usize),
}

/// Characters of a key, and keys, that an error shows at most.
const PATH_KEY_CHARS_MAX: usize = 40;
const PATH_SEGMENTS_MAX: usize = 16;

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        Self {
            kind: FaultKind::Decode(error),
            path: Vec::new(),
        }
    }
}

impl Fault {
    /// A fault at this byte.
    pub(super) fn at(offset: usize, problem: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Json {
                problem: problem.into(),
                offset,
                at_end: false,
            },
            path: Vec::new(),
        }
    }

    /// Notes that the text ends at the fault.
    pub(super) fn by_the_end(mut self) -> Self {
        if let FaultKind::Json { at_end, .. } = &mut self.kind {
            *at_end = true;
        }
        self
    }

    /// Notes what the fault stands in.
    pub(super) fn within(mut self, segment: impl FnOnce() -> Segment) -> Self {
        self.path.push(segment());
        self
    }

    /// Whether the text is at fault, and not its size.
    pub(super) fn is_of_text(&self) -> bool {
        matches!(self.kind, FaultKind::Json { .. })
    }

    /// The error for the outside, the path written out.
    pub(crate) fn into_error(self) -> DecodeError {
        let (problem, offset, at_end) = match self.kind {
            FaultKind::Decode(error) => return error,
            FaultKind::Json {
                problem,
                offset,
                at_end,
            } => (problem, offset, at_end),
        };
        let mut path = String::new();
        for segment in self.path.iter().rev().take(PATH_SEGMENTS_MAX) {
            match segment {
                Segment::Index(index) => {
                    path.push('[');
                    path.push_str(&index.to_string());
                    path.push(']');
                }
                Segment::Key(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.extend(key.chars().take(PATH_KEY_CHARS_MAX));
                }
            }
        }
        DecodeError::Json {
            problem,
            offset,
            path,
            at_end,
        }
    }
}
