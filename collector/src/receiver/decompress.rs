//! gzip and zstd within limits: of the result, of the window, and of the budget.

use std::io::{self, Read};

use bytes::Bytes;

use super::content::Encoding;
use super::failure::Failure;
use crate::admission::Permit;

/// The largest window of zstd, as a power of two: 8 MiB, what the format asks every decoder to
/// offer (RFC 8878, section 3.1.1.1.2).
const ZSTD_WINDOW_LOG_MAX: u32 = 23;
/// Bytes that are decompressed at once; the permit grows with them.
const STEP_BYTES: usize = 64 * 1024;

/// The decompressed bytes, at most `bytes_max`.
pub(super) fn decompress(
    encoding: Encoding,
    bytes: Bytes,
    bytes_max: usize,
    permit: &mut Permit,
) -> Result<Bytes, Failure> {
    // An empty body is an empty message, whatever its encoding.
    if encoding == Encoding::Identity || bytes.is_empty() {
        return Ok(bytes);
    }
    let broken = |error: io::Error| {
        Failure::invalid(format!("the body is not valid {}: {error}", name(encoding)))
    };
    match encoding {
        Encoding::Identity => Ok(bytes),
        Encoding::Gzip => {
            let reader = flate2::bufread::MultiGzDecoder::new(bytes.as_ref());
            read_limited(reader, bytes_max, permit, broken)
        }
        Encoding::Zstd => {
            let mut reader =
                zstd::stream::read::Decoder::with_buffer(bytes.as_ref()).map_err(broken)?;
            reader.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(broken)?;
            read_limited(reader, bytes_max, permit, broken)
        }
    }
}

fn name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Identity => "identity",
        Encoding::Gzip => "gzip",
        Encoding::Zstd => "zstd",
    }
}

fn read_limited(
    reader: impl Read,
    bytes_max: usize,
    permit: &mut Permit,
    broken: impl Fn(io::Error) -> Failure,
) -> Result<Bytes, Failure> {
    let mut reader = reader;
    let mut out = Vec::new();
    loop {
        permit.grow(STEP_BYTES)?;
        let step = STEP_BYTES as u64;
        let read = reader
            .by_ref()
            .take(step)
            .read_to_end(&mut out)
            .map_err(&broken)?;
        if out.len() > bytes_max {
            return Err(Failure::too_large(bytes_max));
        }
        if (read as u64) < step {
            return Ok(Bytes::from(out));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::admission::Budget;
    use crate::receiver::failure::FailureKind;

    fn gzip(content: &[u8]) -> Bytes {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        Bytes::from(encoder.finish().unwrap())
    }

    fn zstd(content: &[u8]) -> Bytes {
        Bytes::from(zstd::encode_all(content, 3).unwrap())
    }

    #[test]
    fn limits_hold_to_the_byte() {
        let budget = Budget::new(usize::MAX);
        let content = vec![7; 200_000];
        for (encoding, bytes) in [
            (Encoding::Gzip, gzip(&content)),
            (Encoding::Zstd, zstd(&content)),
        ] {
            for (bytes_max, is_taken) in [(199_999, false), (200_000, true), (200_001, true)] {
                let mut permit = budget.admit(0).unwrap();
                let result = decompress(encoding, bytes.clone(), bytes_max, &mut permit);
                match result {
                    Ok(found) => assert!(is_taken && found == content),
                    Err(failure) => assert!(!is_taken && failure.kind == FailureKind::TooLarge),
                }
            }
        }
        assert_eq!(budget.held_bytes(), 0);
    }

    #[test]
    fn a_bomb_takes_no_more_than_the_budget() {
        let budget = Budget::new(1 << 20);
        let mut permit = budget.admit(0).unwrap();
        let bomb = gzip(&vec![0; 64 << 20]);
        let failure = decompress(Encoding::Gzip, bomb, 64 << 20, &mut permit).unwrap_err();
        assert_eq!(failure.kind, FailureKind::TooLarge);
        assert!(budget.held_bytes() <= 1 << 20);
    }

    #[test]
    fn broken_and_cut_bodies_are_invalid() {
        let budget = Budget::new(usize::MAX);
        let whole = zstd(&[1; 1000]);
        let cut = whole.slice(..whole.len() - 3);
        let cases = [
            (Encoding::Gzip, Bytes::from_static(b"no gzip")),
            (Encoding::Zstd, Bytes::from_static(b"no zstd")),
            (Encoding::Zstd, cut),
            (Encoding::Gzip, gzip(&[1; 1000]).slice(..20)),
        ];
        for (encoding, bytes) in cases {
            let mut permit = budget.admit(0).unwrap();
            let failure = decompress(encoding, bytes, 1 << 20, &mut permit).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
        }
    }

    #[test]
    fn a_window_beyond_eight_mebibytes_is_refused() {
        let budget = Budget::new(usize::MAX);
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        encoder.window_log(27).unwrap();
        encoder.include_contentsize(false).unwrap();
        encoder.write_all(&vec![3; 100_000]).unwrap();
        let bytes = Bytes::from(encoder.finish().unwrap());
        let mut permit = budget.admit(0).unwrap();
        let result = decompress(Encoding::Zstd, bytes, 1 << 20, &mut permit);
        assert_eq!(result.unwrap_err().kind, FailureKind::Invalid);
    }
}
