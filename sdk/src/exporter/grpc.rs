//! OTLP over gRPC: one unary call with bytes that are encoded already.

use std::time::Duration;

use ::http::HeaderMap;
use ::http::uri::PathAndQuery;
use bytes::{Buf, BufMut, Bytes};
use prost::Message;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::ANSWER_BYTES_MAX;
use super::send::Outcome;
use crate::config::Signal;
use crate::loss::Loss;

/// Sends `request` and says what became of it.
pub(super) async fn call(
    channel: &Channel,
    signal: Signal,
    request: Bytes,
    headers: &HeaderMap,
    gzip: bool,
) -> Outcome {
    let mut client = tonic::client::Grpc::new(channel.clone())
        .max_decoding_message_size(ANSWER_BYTES_MAX)
        .max_encoding_message_size(usize::MAX);
    if gzip {
        client = client.send_compressed(CompressionEncoding::Gzip);
    }
    if let Err(error) = client.ready().await {
        return Outcome::retry(format!("no connection: {}", causes(&error)));
    }
    let mut request = tonic::Request::new(request);
    *request.metadata_mut() = MetadataMap::from_headers(headers.clone());
    let path = match signal {
        Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    };
    match client
        .unary(request, PathAndQuery::from_static(path), Plain)
        .await
    {
        Ok(answer) => Outcome::sent(&answer.into_inner()),
        Err(status) => of_status(&status),
    }
}

/// What OTLP says of each code.
fn of_status(status: &Status) -> Outcome {
    let text = format!("{}: {}", status.code(), status.message());
    // What went wrong on this side has a cause: the request may never have arrived.
    if let Some(cause) = std::error::Error::source(status) {
        return Outcome::retry(format!("no answer: {}", causes(cause)));
    }
    let asked = retry_delay(status.details());
    match status.code() {
        // Said by the decoder on this side, as is the limit.
        Code::OutOfRange
            if status
                .message()
                .contains("decoded message length too large") =>
        {
            Outcome::Lost {
                loss: Loss::Answer,
                text,
            }
        }
        Code::ResourceExhausted if asked.is_none() => Outcome::refused(text),
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::ResourceExhausted
        | Code::DataLoss => Outcome::Retry { asked, text },
        _ => Outcome::refused(text),
    }
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// `google.rpc.Status`, the content of a status's details.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<ProtoDuration>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, PartialEq, Message)]
struct ProtoDuration {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// How long the collector asks to wait; zero when it asks for another attempt and names no time.
fn retry_delay(details: &[u8]) -> Option<Duration> {
    let status = RpcStatus::decode(details).ok()?;
    let info = status
        .details
        .iter()
        .find(|it| it.type_url.ends_with("/google.rpc.RetryInfo"))?;
    let delay = RetryInfo::decode(info.value.as_slice())
        .ok()?
        .retry_delay
        .unwrap_or_default();
    let seconds = u64::try_from(delay.seconds).unwrap_or(0);
    let nanos = u32::try_from(delay.nanos).unwrap_or(0).min(999_999_999);
    Some(Duration::new(seconds, nanos))
}

/// Bytes in, bytes out.
#[derive(Debug, Clone, Copy)]
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = buffer.remaining();
        Ok(Some(buffer.copy_to_bytes(length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exhausted(seconds: i64) -> Status {
        let info = RetryInfo {
            retry_delay: Some(ProtoDuration { seconds, nanos: 5 }),
        };
        let details = RpcStatus {
            details: vec![Any {
                type_url: "type.googleapis.com/google.rpc.RetryInfo".to_owned(),
                value: info.encode_to_vec(),
            }],
        };
        Status::with_details(
            Code::ResourceExhausted,
            "busy",
            details.encode_to_vec().into(),
        )
    }

    #[test]
    fn codes_mean_what_otlp_says() {
        for code in 1..=16 {
            let retried = matches!(
                of_status(&Status::new(Code::from_i32(code), "")),
                Outcome::Retry { .. }
            );
            let worth = [1, 4, 10, 11, 14, 15].contains(&code);
            assert_eq!(retried, worth, "{:?}", Code::from_i32(code));
        }
    }

    #[test]
    fn a_busy_collector_says_when_to_come_back() {
        let Outcome::Retry { asked, .. } = of_status(&exhausted(3)) else {
            panic!("not retried");
        };
        assert_eq!(asked, Some(Duration::new(3, 5)));
        assert_eq!(
            retry_delay(exhausted(-3).details()),
            Some(Duration::new(0, 5))
        );
        assert_eq!(retry_delay(b"\xff\xff"), None);
    }
}
