//! Which keys hold secrets.

/// How the keys end that are known to hold secrets, in lower case and without separators, by
/// their last letter: `token` stands for `access_token`, `accessToken` and `x-access-token`
/// alike. Most keys are told by that letter, or the one before it.
fn secret_ends(last: u8) -> &'static [&'static str] {
    match last {
        b'd' => &["password", "passwd"],
        b'e' => &["cookie", "passphrase", "signature"],
        b'l' => &["credential"],
        b'n' => &["authorization", "token"],
        b's' => &["credentials"],
        b't' => &["secret", "jwt"],
        b'y' => &["apikey", "accesskey", "secretkey", "privatekey"],
        _ => &[],
    }
}

/// The same for keys that are whole words, and too short to be only an end.
fn secret_word(last: u8) -> Option<&'static str> {
    match last {
        b'd' => Some("pwd"),
        b'g' => Some("sig"),
        b'h' => Some("auth"),
        _ => None,
    }
}

/// Why the value of a key is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyVerdict {
    /// It is kept.
    Kept,
    /// The key is known to hold secrets.
    Secret,
    /// The operator named the key.
    Named,
}

/// Tells keys apart.
#[derive(Debug)]
pub(super) struct Keys {
    hide: Vec<String>,
    keep: Vec<String>,
}

impl Keys {
    pub(super) fn new(hide: &[String], keep: &[String]) -> Self {
        Self {
            hide: hide.to_vec(),
            keep: keep.to_vec(),
        }
    }

    /// What becomes of the value of an attribute of this key.
    pub(super) fn verdict(&self, key: &str) -> KeyVerdict {
        let verdict = if is_secret(key) {
            KeyVerdict::Secret
        } else if self.hide.iter().any(|pattern| matches(pattern, key)) {
            KeyVerdict::Named
        } else {
            return KeyVerdict::Kept;
        };
        if self.keep.iter().any(|pattern| matches(pattern, key)) {
            KeyVerdict::Kept
        } else {
            verdict
        }
    }
}

/// Whether a key is known to hold secrets.
pub(super) fn is_secret(key: &str) -> bool {
    let Some(last) = key.bytes().next_back() else {
        return false;
    };
    let last = last.to_ascii_lowercase();
    secret_ends(last).iter().any(|end| ends_with(key, end))
        || secret_word(last).is_some_and(|word| is_last_word(key, word))
}

/// Whether a word stands behind the last dot of a key, or is the whole of it.
fn is_last_word(key: &str, word: &str) -> bool {
    let (key, word) = (key.as_bytes(), word.as_bytes());
    let Some(at) = key.len().checked_sub(word.len()) else {
        return false;
    };
    let (before, end) = key.split_at(at);
    end.eq_ignore_ascii_case(word) && before.last().is_none_or(|byte| *byte == b'.')
}

/// Whether a key ends with a word, where case and separators do not count.
fn ends_with(key: &str, word: &str) -> bool {
    let mut letters = key
        .bytes()
        .rev()
        .filter(|byte| !matches!(byte, b'-' | b'_' | b'.' | b' '));
    word.bytes().rev().all(|expected| {
        letters
            .next()
            .is_some_and(|letter| letter.to_ascii_lowercase() == expected)
    })
}

/// Whether a key matches a pattern in which `*` stands for any characters. Case counts, as it
/// does in attributes.
fn matches(pattern: &str, key: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| key.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_the_end_of_their_key() {
        for key in [
            "authorization",
            "http.request.header.authorization",
            "Proxy-Authorization",
            "http.response.header.set-cookie",
            "db.password",
            "userPassword",
            "ACCESS_TOKEN",
            "x-api-key",
            "aws.secret_access_key",
            "X-Amz-Signature",
            "azure.sig",
        ] {
            assert!(is_secret(key), "{key}");
        }
        for key in [
            "",
            "http.route",
            "gen_ai.usage.input_tokens",
            "gen_ai.token.type",
            "author",
            "db.operation.name",
            "design",
            "secretary",
            "oauth",
            "process.pwd.length",
        ] {
            assert!(!is_secret(key), "{key}");
        }
    }

    #[test]
    fn patterns_may_have_stars_anywhere() {
        for (pattern, key, is_match) in [
            ("card", "card", true),
            ("card", "card.number", false),
            ("card.*", "card.number", true),
            ("*.ssn", "person.ssn", true),
            ("*ssn*", "person.ssn.last", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*", "anything", true),
            ("ab*ba", "aba", false),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, key), is_match, "{pattern} {key}");
        }
    }

    #[test]
    fn what_is_to_be_kept_is_kept_whatever_else_is_said() {
        let keys = Keys::new(
            &["card.*".to_owned()],
            &["page.token".to_owned(), "card.brand".to_owned()],
        );
        assert_eq!(keys.verdict("card.number"), KeyVerdict::Named);
        assert_eq!(keys.verdict("card.brand"), KeyVerdict::Kept);
        assert_eq!(keys.verdict("page.token"), KeyVerdict::Kept);
        assert_eq!(keys.verdict("next.page.token"), KeyVerdict::Secret);
    }
}
