//! Chunks sent to a collector, again where it asks for that.

use std::time::Duration;

use spanwalk_api::ImportReceipt;

use crate::client::{Client, ClientError};

use super::chunk::Chunk;
use super::run::Sink;

/// The wait before the first repetition; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest wait between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Attempts before giving up: about half a minute of waiting, longer than a collector needs
/// to write what it holds in memory.
const ATTEMPTS_MAX: u32 = 12;

/// Sends chunks through the collector's API. What the collector refuses for now is sent
/// again; a chunk counts once by its delivery id, so repeating is safe even where only the
/// answer was lost.
#[derive(Debug)]
pub struct ClientSink<'c> {
    client: &'c Client,
}

impl<'c> ClientSink<'c> {
    /// A sink for this collector.
    pub fn new(client: &'c Client) -> Self {
        Self { client }
    }
}

impl Sink for ClientSink<'_> {
    type Error = ClientError;

    async fn send(&self, chunk: &Chunk) -> Result<ImportReceipt, ClientError> {
        let mut attempt = 1;
        loop {
            let body = chunk.bytes.clone();
            let result = self.client.import(chunk.signal, chunk.delivery, body).await;
            match result {
                Err(error) if is_passing(&error) && attempt < ATTEMPTS_MAX => {
                    tokio::time::sleep(pause_after(attempt)).await;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }
}

/// Whether trying again may help: the collector is busy, has no room now, or answered too
/// late. Codes as OTLP names them.
fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Problem(problem) => matches!(problem.status, 429 | 502 | 503 | 504),
        ClientError::Timeout { .. } => true,
        ClientError::Url { .. }
        | ClientError::Setup { .. }
        | ClientError::Unreachable { .. }
        | ClientError::Foreign { .. }
        | ClientError::Garbled { .. } => false,
    }
}

fn pause_after(attempt: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1)))
        .min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spanwalk_api::Problem;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let of = |status| {
            is_passing(&ClientError::Problem(Box::new(Problem {
                status,
                ..Problem::default()
            })))
        };
        for status in [429, 503] {
            assert!(of(status), "{status}");
        }
        for status in [400, 404, 413, 500, 507] {
            assert!(!of(status), "{status}");
        }
    }

    #[test]
    fn pauses_grow_to_a_limit_and_end() {
        assert_eq!(pause_after(1), FIRST_PAUSE);
        assert_eq!(pause_after(3), 4 * FIRST_PAUSE);
        assert_eq!(pause_after(40), PAUSE_MAX);
        let total: Duration = (1..ATTEMPTS_MAX).map(pause_after).sum();
        assert!(total > Duration::from_secs(20) && total < Duration::from_mins(1));
    }
}
