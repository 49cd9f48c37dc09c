//! Reads a body within its limits, with a permit for every byte.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;

use super::failure::{Failure, FailureKind};
use crate::admission::{Permit, Refusal};

/// How long a sender may be silent in the middle of a body.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How long a whole body may take.
const BODY_TIME_MAX: Duration = Duration::from_mins(2);
/// What precedes a gRPC message: whether it is compressed, and its length.
const GRPC_PREFIX_BYTES: usize = 5;

/// One gRPC message as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GrpcMessage {
    /// Whether it is compressed, with the encoding that the headers name.
    pub(super) is_compressed: bool,
    pub(super) bytes: Bytes,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal {
            Refusal::Now { retry_after_s, .. } => FailureKind::Overloaded { retry_after_s },
            Refusal::Never { .. } => FailureKind::TooLarge,
        };
        Self::new(kind, refusal.to_string())
    }
}

/// The whole body. `declared_bytes` is what the headers promise; the permit is taken before
/// anything is read where it is known, else as the bytes come.
pub(super) async fn read_whole(
    body: Body,
    declared_bytes: Option<usize>,
    bytes_max: usize,
    permit: &mut Permit,
) -> Result<Bytes, Failure> {
    if declared_bytes.is_some_and(|declared| declared > bytes_max) {
        return Err(Failure::too_large(bytes_max));
    }
    let before = permit.bytes();
    permit.grow(declared_bytes.unwrap_or(0))?;
    let mut frames = Frames::of(body);
    let mut pieces = Pieces::default();
    while let Some(piece) = frames.next().await? {
        let bytes = pieces.bytes.saturating_add(piece.len());
        if bytes > bytes_max {
            return Err(Failure::too_large(bytes_max));
        }
        let held = permit.bytes() - before;
        permit.grow(bytes.saturating_sub(held))?;
        pieces.push(piece);
    }
    Ok(pieces.join())
}

/// The one message of a unary gRPC call. The permit is taken when its length is known, before
/// it is read.
pub(super) async fn read_grpc_message(
    body: Body,
    bytes_max: usize,
    permit: &mut Permit,
) -> Result<GrpcMessage, Failure> {
    let mut frames = Frames::of(body);
    let mut pieces = Pieces::default();
    while pieces.bytes < GRPC_PREFIX_BYTES {
        match frames.next().await? {
            Some(piece) => pieces.push(piece),
            None => return Err(Failure::invalid("the call ended before its message began")),
        }
    }
    let mut message = pieces.join();
    let prefix = message.split_to(GRPC_PREFIX_BYTES);
    let [flag, length @ ..] = prefix.as_ref() else {
        return Err(Failure::invalid("the call ended before its message began"));
    };
    let is_compressed = match flag {
        0 => false,
        1 => true,
        other => {
            return Err(Failure::invalid(format!(
                "the message's compression flag is {other}, expected 0 or 1"
            )));
        }
    };
    let length = length
        .iter()
        .fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    if length > bytes_max {
        return Err(Failure::too_large(bytes_max));
    }
    permit.grow(length)?;
    let mut pieces = Pieces::default();
    pieces.push(message);
    loop {
        if pieces.bytes > length {
            return Err(Failure::invalid(format!(
                "more bytes follow the message of {length} bytes; one message is taken per call"
            )));
        }
        match frames.next().await? {
            Some(piece) => pieces.push(piece),
            None => break,
        }
    }
    if pieces.bytes < length {
        return Err(Failure::invalid(format!(
            "the message has {} bytes, its prefix promises {length}",
            pieces.bytes
        )));
    }
    Ok(GrpcMessage {
        is_compressed,
        bytes: pieces.join(),
    })
}

/// The data of a body, as it comes.
struct Frames {
    body: Body,
    deadline: tokio::time::Instant,
}

impl Frames {
    fn of(body: Body) -> Self {
        Self {
            body,
            deadline: tokio::time::Instant::now() + BODY_TIME_MAX,
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            let silence_end = tokio::time::Instant::now() + SILENCE_MAX;
            let frame = tokio::time::timeout_at(silence_end.min(self.deadline), self.body.frame())
                .await
                .map_err(|_| Failure::new(FailureKind::TooSlow, "the body did not come in time"))?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => {
                    return Err(Failure::invalid(format!("the body broke off: {error}")));
                }
                // Trailers have no data.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }
}

/// Bytes in pieces; most bodies are one piece, which is then not copied.
#[derive(Default)]
struct Pieces {
    pieces: Vec<Bytes>,
    bytes: usize,
}

impl Pieces {
    fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.bytes += piece.len();
            self.pieces.push(piece);
        }
    }

    fn join(mut self) -> Bytes {
        match self.pieces.len() {
            0 => Bytes::new(),
            1 => self.pieces.swap_remove(0),
            _ => {
                let mut whole = Vec::with_capacity(self.bytes);
                for piece in self.pieces {
                    whole.extend_from_slice(&piece);
                }
                Bytes::from(whole)
            }
        }
    }
}
