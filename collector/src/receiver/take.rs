//! The way into the store: decoded, durable, then answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use spanwalk_model::otlp::Issues;

use super::answer::{NOT_KEPT, Taken};
use super::body;
use super::content::{self, Encoding, Format, Signal};
use super::decode::{self, Content, Request};
use super::failure::{Failure, FailureKind};
use super::{otlp_grpc, otlp_http, zipkin};
use crate::admission::{Access, Budget, Permit, Right};
use crate::clock;
use crate::redaction::Redactor;
use crate::store::{Accepted, Ingest, IngestError};
use crate::telemetry::{Listener, Telemetry};
use crate::wal::{self, DeliveryId, Entry};

/// Bodies up to this size are decoded where they are read; larger ones, and compressed ones,
/// on a thread for work that takes long, so that they hold up nobody else's connection.
const DECODED_HERE_BYTES_MAX: usize = 64 * 1024;

/// What all ways in share.
#[derive(Debug, Clone)]
pub struct Receiver {
    inner: Arc<ReceiverOptions>,
}

/// What a receiver is made of.
#[derive(Debug)]
pub struct ReceiverOptions {
    /// Where batches go.
    pub ingest: Ingest,
    /// What requests in flight may hold.
    pub budget: Budget,
    /// Where things are counted.
    pub telemetry: Arc<Telemetry>,
    /// Bytes that one request may have, before and after decompression.
    pub request_bytes_max: usize,
    /// Who may send.
    pub access: Access,
    /// Hides what should not be kept.
    pub redactor: Redactor,
}

/// What became of a chunk of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Items stored now.
    pub stored: u64,
    /// Whether its delivery was known, so that nothing was stored.
    pub known: bool,
    /// Items that cannot be stored, by reason.
    pub rejected: BTreeMap<String, u64>,
}

impl Receiver {
    /// A receiver.
    pub fn new(options: ReceiverOptions) -> Self {
        Self {
            inner: Arc::new(options),
        }
    }

    /// The routes of OTLP over HTTP.
    pub fn http_router(&self) -> Router {
        otlp_http::router(self.clone())
    }

    /// The routes of OTLP over gRPC.
    pub fn grpc_router(&self) -> Router {
        otlp_grpc::router(self.clone())
    }

    /// The routes of Zipkin's spans.
    pub fn zipkin_router(&self) -> Router {
        zipkin::router(self.clone())
    }

    /// Takes one chunk of an import: an OTLP protobuf request that counts once however often
    /// its delivery is sent.
    ///
    /// # Errors
    /// [`Failure`]: the body is too large, cannot be decoded, or there is no room now.
    pub async fn import(
        &self,
        signal: wal::Signal,
        delivery: DeliveryId,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Imported, Failure> {
        let imported = self.take_import(signal, delivery, headers, body).await;
        if let Err(failure) = &imported {
            self.count_failure(Listener::Api, failure);
        }
        imported
    }

    async fn take_import(
        &self,
        signal: wal::Signal,
        delivery: DeliveryId,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Imported, Failure> {
        self.authorize(headers)?;
        let mut permit = self.admit()?;
        let request = Request {
            listener: Listener::Api,
            signal: match signal {
                wal::Signal::Spans => Signal::Traces,
                wal::Signal::Logs => Signal::Logs,
            },
            format: Format::Protobuf,
            encoding: Encoding::of(headers)?,
            body: body::read_whole(
                body,
                content::declared_bytes(headers),
                self.bytes_max(),
                &mut permit,
            )
            .await?,
            permit,
        };
        let (accepted, taken) = self.store(request, Some(delivery)).await?;
        Ok(Imported {
            stored: accepted.stored,
            known: accepted.known,
            rejected: taken
                .rejected
                .into_iter()
                .map(|(reason, count)| (reason.to_owned(), count))
                .collect(),
        })
    }

    /// Bytes that one request may have.
    pub(super) fn bytes_max(&self) -> usize {
        self.inner.request_bytes_max
    }

    /// Whether who sent these headers may send.
    pub(super) fn authorize(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let shown = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        Ok(self.inner.access.check(Right::Send, shown)?)
    }

    /// A permit that grows with the request.
    pub(super) fn admit(&self) -> Result<Permit, Failure> {
        Ok(self.inner.budget.admit(0)?)
    }

    /// Takes a request: what it holds is on the disk when this returns.
    pub(super) async fn take(&self, request: Request) -> Result<Taken, Failure> {
        let (_, taken) = self.store(request, None).await?;
        Ok(taken)
    }

    /// Counts a request that is turned away.
    pub(super) fn count_failure(&self, listener: Listener, failure: &Failure) {
        self.inner.telemetry.refused(listener, failure.reason());
    }

    async fn store(
        &self,
        request: Request,
        delivery: Option<DeliveryId>,
    ) -> Result<(Accepted, Taken), Failure> {
        let (listener, signal) = (request.listener, request.signal);
        // The permit lives until the request is answered.
        let (content, _permit) = self.decode(request).await?;
        match content {
            Content::NotKept { item_count } => {
                let telemetry = &self.inner.telemetry;
                telemetry.received(listener, signal.counter(), item_count);
                telemetry.rejected(listener, NOT_KEPT, item_count);
                Ok((Accepted::default(), Taken::not_kept(signal, item_count)))
            }
            Content::Kept {
                signal: wal_signal,
                batch,
                payload,
                issues,
                hidden,
            } => {
                let kept_count = batch.item_count() as u64;
                self.count(listener, signal, kept_count, &issues);
                for (reason, count) in hidden.counts() {
                    self.inner.telemetry.redacted(listener, reason, count);
                }
                if batch.item_count() == 0 {
                    return Ok((Accepted::default(), Taken::of(&issues)));
                }
                let entry = Entry {
                    signal: wal_signal,
                    received_ns: clock::now_ns(),
                    delivery,
                    payload,
                };
                let accepted = self
                    .inner
                    .ingest
                    .submit(entry, batch)
                    .await
                    .map_err(|error| self.failure_of(&error))?;
                Ok((accepted, Taken::of(&issues)))
            }
        }
    }

    async fn decode(&self, request: Request) -> Result<(Content, Permit), Failure> {
        let bytes_max = self.bytes_max();
        let is_small =
            request.encoding == Encoding::Identity && request.body.len() <= DECODED_HERE_BYTES_MAX;
        let redactor = self.inner.redactor.clone();
        let work = move || {
            let mut request = request;
            let content = decode::decode(&mut request, bytes_max, &redactor)?;
            Ok((content, request.permit))
        };
        if is_small {
            return work();
        }
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => {
                tracing::error!(%error, "decoding a request panicked");
                Err(Failure::new(
                    FailureKind::Internal,
                    "decoding the request failed; nothing of it was stored",
                ))
            }
        }
    }

    fn count(&self, listener: Listener, signal: Signal, kept_count: u64, issues: &Issues) {
        let telemetry = &self.inner.telemetry;
        telemetry.received(
            listener,
            signal.counter(),
            kept_count.saturating_add(issues.rejected_count()),
        );
        for (reason, count) in &issues.rejected {
            telemetry.rejected(listener, reason.as_str(), *count);
        }
    }

    /// What the sender is told where the store did not take a request. A store that takes
    /// nothing until a restart is told as one to try again: what the sender keeps until then
    /// is not lost.
    fn failure_of(&self, error: &IngestError) -> Failure {
        let is_permanent = matches!(
            error,
            IngestError::Payload(_) | IngestError::Wal(wal::WalError::EntryTooLarge { .. })
        );
        if is_permanent {
            return Failure::invalid(error.to_string());
        }
        tracing::warn!(%error, "a request was refused");
        Failure::new(
            FailureKind::Store {
                retry_after_s: self.inner.budget.retry_after_s(),
            },
            error.to_string(),
        )
    }
}
