//! Which format a content has, from its first bytes.

use std::fmt;

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// OTLP JSON: lines of one object each, or one object over many lines.
    OtlpJson,
    /// OTLP protobuf: one message.
    OtlpProtobuf,
    /// OTLP protobuf: messages, each behind its length in four bytes, as the file exporter
    /// of the OpenTelemetry collector writes them.
    OtlpProtobufFramed,
    /// Jaeger's JSON.
    Jaeger,
    /// Zipkin's v2 JSON.
    Zipkin,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtlpJson => "OTLP JSON",
            Self::OtlpProtobuf | Self::OtlpProtobufFramed => "OTLP protobuf",
            Self::Jaeger => "Jaeger JSON",
            Self::Zipkin => "Zipkin v2 JSON",
        })
    }
}

/// The format of a content that begins so. `None` where none is recognised.
pub(super) fn format_of(front: &[u8]) -> Option<Format> {
    let text = front.trim_ascii_start();
    match text.first()? {
        b'{' => {
            let keys = keys_of_first_object(text);
            let has = |names: &[&[u8]]| keys.iter().any(|key| names.contains(key));
            if has(&[b"resourceSpans", b"resourceLogs", b"resourceMetrics"]) {
                Some(Format::OtlpJson)
            } else if has(&[b"data", b"spans", b"traceID", b"processes"]) {
                Some(Format::Jaeger)
            } else {
                // `{}` is what an exporter writes for nothing.
                keys.is_empty().then_some(Format::OtlpJson)
            }
        }
        b'[' => {
            let keys = keys_of_first_object(text);
            let is_empty = text.get(1..)?.trim_ascii_start().first() == Some(&b']');
            let has = |name: &[u8]| keys.contains(&name);
            ((has(b"traceId") && has(b"id")) || is_empty).then_some(Format::Zipkin)
        }
        // The first field, a message: no text begins with these two bytes and a form feed.
        _ if front.first() == Some(&0x0a) => Some(Format::OtlpProtobuf),
        0 if front.get(4) == Some(&0x0a) => Some(Format::OtlpProtobufFramed),
        _ => None,
    }
}

/// The keys of the first object, those of objects within it not counted, as far as the text
/// goes.
fn keys_of_first_object(text: &[u8]) -> Vec<&[u8]> {
    let mut keys = Vec::new();
    let mut depth = 0usize;
    let mut depth_of_object = None;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if *byte == b'{' && depth_of_object.is_none() {
                    depth_of_object = Some(depth);
                }
            }
            b'}' | b']' => {
                if depth_of_object == Some(depth) {
                    break;
                }
                depth = depth.saturating_sub(1);
            }
            b'"' => {
                let rest = text.get(at + 1..).unwrap_or_default();
                let Some(length) = string_length(rest) else {
                    break;
                };
                at += length + 1;
                let behind = text.get(at + 1..).unwrap_or_default().trim_ascii_start();
                if depth_of_object == Some(depth) && behind.first() == Some(&b':') {
                    keys.extend(rest.get(..length));
                }
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

/// Bytes before the quote that closes a string.
fn string_length(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match rest.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The first bytes as people can read them.
pub(super) fn describe(front: &[u8]) -> String {
    const SHOWN: usize = 24;
    let shown = front.get(..SHOWN.min(front.len())).unwrap_or_default();
    let is_text = shown
        .iter()
        .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    if is_text {
        format!("the text {:?}", String::from_utf8_lossy(shown))
    } else {
        let hex: Vec<String> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("the bytes {}", hex.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_keys() {
        for (text, expected) in [
            (r#"{"resourceSpans":["#, Some(Format::OtlpJson)),
            (" \r\n{ \"resourceLogs\" : [", Some(Format::OtlpJson)),
            (r#"{"resourceMetrics":[]}"#, Some(Format::OtlpJson)),
            ("{}", Some(Format::OtlpJson)),
            (
                r#"{"total":0,"data":[{"resourceSpans":1}]}"#,
                Some(Format::Jaeger),
            ),
            (
                r#"{"_comment":"\"spans\":","traceID":"1""#,
                Some(Format::Jaeger),
            ),
            (r#"{"a":{"spans":[]},"b":"data"}"#, None),
            (
                r#"[{"traceId":"1","tags":{"id":"2"},"id":"3"}"#,
                Some(Format::Zipkin),
            ),
            (r#"[{"traceId":"1","tags":{"id":"2"}}]"#, None),
            ("[ ]", Some(Format::Zipkin)),
            ("\n\u{5}\n\u{3}abc", Some(Format::OtlpProtobuf)),
            ("\0\0\0\u{5}\n\u{3}abc", Some(Format::OtlpProtobufFramed)),
            ("PK\u{3}\u{4}", None),
            ("hello", None),
            ("", None),
            ("  ", None),
        ] {
            assert_eq!(format_of(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn the_first_bytes_are_shown_as_text_or_hex() {
        assert_eq!(describe(b"hello\n"), "the text \"hello\\n\"");
        assert_eq!(describe(b"PK\x03\x04"), "the bytes 50 4b 03 04");
    }
}
