//! What stands in the place of a value that is hidden.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What stands there where no key is given.
pub(super) const REDACTED: &str = "[redacted]";
/// Bytes of a digest that are shown. Half of it is enough to tell values apart, and texts
/// stay short.
const SHOWN_BYTES: usize = 16;

/// Makes the marks.
pub(super) struct Mark {
    mac: Option<Hmac<Sha256>>,
}

impl std::fmt::Debug for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mark")
            .field("is_keyed", &self.mac.is_some())
            .finish()
    }
}

impl Mark {
    pub(super) fn new(key: Option<&[u8]>) -> Self {
        Self {
            // Keys of any length are taken.
            mac: key.and_then(|key| Hmac::<Sha256>::new_from_slice(key).ok()),
        }
    }

    /// The mark of a value: the same for equal values where there is a key, which alone could
    /// tell what they are (HMAC-SHA-256, RFC 2104).
    pub(super) fn of(&self, value: &str) -> String {
        let Some(mac) = &self.mac else {
            return REDACTED.to_owned();
        };
        let digest = mac.clone().chain_update(value.as_bytes()).finalize();
        let mut mark = String::from("[hmac:");
        for byte in digest.into_bytes().iter().take(SHOWN_BYTES) {
            // Writing to a text cannot fail.
            let _ = write!(mark, "{byte:02x}");
        }
        mark.push(']');
        mark
    }

    /// Whether a text is a mark already, as what passed through two collectors has them.
    pub(super) fn is_mark(value: &str) -> bool {
        value == REDACTED || (value.starts_with("[hmac:") && value.ends_with(']'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_marks_under_one_key_alone() {
        let (one, other) = (Mark::new(Some(b"one")), Mark::new(Some(b"other")));
        assert_eq!(one.of("value"), one.of("value"));
        assert_ne!(one.of("value"), one.of("values"));
        assert_ne!(one.of("value"), other.of("value"));
        assert!(Mark::is_mark(&one.of("value")));
        assert_eq!(Mark::new(None).of("value"), REDACTED);
    }

    #[test]
    fn the_digest_is_hmac_sha_256() {
        // RFC 4231, test case 2.
        let mark = Mark::new(Some(b"Jefe")).of("what do ya want for nothing?");
        assert_eq!(mark, "[hmac:5bdcc146bf60754e6a042426089575c7]");
    }
}
