//! Server-sent events: what comes in and matches, as it comes.

use reqwest::Response;
use serde::de::DeserializeOwned;
use spanwalk_api::{LogEntry, Problem, TailParams, TailSpan, TailStatus};

use super::{Client, ClientError};

/// Bytes of one event at most.
const EVENT_BYTES_MAX: usize = 64 << 20;

/// One event of a tail.
#[derive(Debug, Clone, PartialEq)]
pub enum TailEvent {
    /// A span came in.
    Span(Box<TailSpan>),
    /// A log record came in.
    Log(Box<LogEntry>),
    /// What was sent so far, and what was not.
    Status(TailStatus),
}

/// A tail that is being read.
#[derive(Debug)]
pub struct Tail {
    client: Client,
    response: Response,
    /// What came and was not read yet.
    bytes: Vec<u8>,
}

impl Client {
    /// What comes in from now on and matches.
    ///
    /// # Errors
    /// As every call here: [`ClientError`].
    pub async fn tail(&self, params: &TailParams) -> Result<Tail, ClientError> {
        let request = self.http.get(self.url("/tail")).query(params);
        Ok(Tail {
            response: self.send(request).await?,
            client: self.clone(),
            bytes: Vec::new(),
        })
    }
}

impl Tail {
    /// The next event; `None` where the collector has ended the tail.
    ///
    /// # Errors
    /// As every call of the client: [`ClientError`].
    pub async fn next(&mut self) -> Result<Option<TailEvent>, ClientError> {
        loop {
            while let Some(end) = self.bytes.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = self.bytes.drain(..end + 2).collect();
                if let Some(event) = self.read(&String::from_utf8_lossy(&event))? {
                    return Ok(Some(event));
                }
            }
            if self.bytes.len() > EVENT_BYTES_MAX {
                return Err(self.client.garbled(std::io::Error::other(format!(
                    "an event of the tail is longer than {EVENT_BYTES_MAX} bytes"
                ))));
            }
            let chunk = self.response.chunk().await;
            match chunk.map_err(|source| self.client.failed(source))? {
                Some(chunk) => self.bytes.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }

    /// An event; `None` for those of a later version, and for what only keeps the line open.
    fn read(&self, event: &str) -> Result<Option<TailEvent>, ClientError> {
        let field = |name: &str| {
            let mut lines = event.lines();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let data = field("data").unwrap_or_default();
        Ok(Some(match field("event").unwrap_or_default() {
            "span" => TailEvent::Span(Box::new(self.parse(data)?)),
            "log" => TailEvent::Log(Box::new(self.parse(data)?)),
            "status" => TailEvent::Status(self.parse(data)?),
            "problem" => {
                let problem: Problem = self.parse(data)?;
                return Err(ClientError::Problem(Box::new(problem)));
            }
            _ => return Ok(None),
        }))
    }

    fn parse<T: DeserializeOwned>(&self, data: &str) -> Result<T, ClientError> {
        serde_json::from_str(data).map_err(|source| self.client.garbled(source))
    }
}
