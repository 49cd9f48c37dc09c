//! OTLP over HTTP: one POST with bytes that are encoded already.

use std::io::Write;
use std::time::{Duration, SystemTime};

use ::http::HeaderMap;
use ::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::ANSWER_BYTES_MAX;
use super::send::Outcome;
use crate::loss::Loss;

/// Sends `request` and says what became of it.
pub(super) async fn post(
    client: &reqwest::Client,
    url: &str,
    request: Bytes,
    headers: &HeaderMap,
    gzip: bool,
) -> Outcome {
    let mut headers = headers.clone();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-protobuf"),
    );
    let body = match gzip.then(|| compress(&request)) {
        Some(Ok(compressed)) => {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            compressed.into()
        }
        // Compressing into memory does not fail; if it did, the plain bytes are as good.
        Some(Err(_)) | None => request,
    };
    let sent = client.post(url).headers(headers).body(body).send().await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(error) => return Outcome::retry(crate::reqwest::described(&error)),
    };
    let status = answer.status();
    if status.is_success() {
        return match read(answer).await {
            Read::Whole(body) => Outcome::sent(&body),
            // The collector has said yes; the rest of the answer was lost on the way.
            Read::Broken => Outcome::Sent { rejected: 0 },
            Read::TooLarge => Outcome::Lost {
                loss: Loss::Answer,
                text: format!("the answer is larger than {ANSWER_BYTES_MAX} bytes"),
            },
        };
    }
    let text = format!("{url} answered {status}");
    match status.as_u16() {
        429 | 502 | 503 | 504 => Outcome::Retry {
            asked: retry_after(answer.headers(), SystemTime::now()),
            text,
        },
        _ => Outcome::refused(text),
    }
}

fn compress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

enum Read {
    Whole(Vec<u8>),
    Broken,
    TooLarge,
}

/// The body, as far as an answer may go.
async fn read(mut answer: reqwest::Response) -> Read {
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > ANSWER_BYTES_MAX => {
                return Read::TooLarge;
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Read::Whole(body),
            Err(_) => return Read::Broken,
        }
    }
}

/// `Retry-After` in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
            retry_after(&headers, now)
        };
        assert_eq!(of("7"), Some(Duration::from_secs(7)));
        assert_eq!(
            of("Sun, 06 Nov 1994 08:49:40 GMT"),
            Some(Duration::from_secs(3))
        );
        assert_eq!(of("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        assert_eq!(of("soon"), None);
        assert_eq!(of("-1"), None);
    }
}
