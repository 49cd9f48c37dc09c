//! Regular expressions of queries: linear in time, bounded in size, matched against whole texts.

use regex::RegexBuilder;

/// Bytes that one compiled expression may take.
const SIZE_BYTES_MAX: usize = 512 * 1024;

/// Groups within groups.
const NEST_MAX: u32 = 64;

/// Characters that stand for something else than themselves.
const META: &[char] = &[
    '\\', '.', '+', '*', '?', '(', ')', '[', ']', '{', '}', '^', '$',
];

/// A compiled expression. Equal where it is written equally.
#[derive(Debug, Clone)]
pub(super) struct Regex {
    source: String,
    compiled: regex::Regex,
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Regex {
    /// Compiles.
    ///
    /// # Errors
    /// What is wrong with it, in one clause.
    pub(super) fn new(source: &str) -> Result<Self, String> {
        // Alone first: around `a)(b` an anchored group would make sense of it.
        build(source)?;
        Ok(Self {
            source: source.to_owned(),
            compiled: build(&format!("^(?:{source})$"))?,
        })
    }

    /// As it was written.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }

    /// The only texts that match, where the expression is no more than texts with `|` between.
    pub(super) fn alternatives(&self) -> Option<impl Iterator<Item = &str>> {
        let is_plain = !self.source.contains(META);
        is_plain.then(|| self.source.split('|'))
    }
}

fn build(source: &str) -> Result<regex::Regex, String> {
    RegexBuilder::new(source)
        .size_limit(SIZE_BYTES_MAX)
        .dfa_size_limit(SIZE_BYTES_MAX)
        .nest_limit(NEST_MAX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                "the regular expression is too large when compiled".to_owned()
            }
            other => {
                // The library draws several lines; the last one names the problem.
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                let problem = last.strip_prefix("error: ").unwrap_or(last);
                format!("the regular expression cannot be read: {problem}")
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(source: &str, text: &str) -> bool {
        Regex::new(source).unwrap().matches(text)
    }

    #[test]
    fn whole_texts_are_matched() {
        assert!(matches("a|ab", "ab"));
        assert!(!matches("a", "ab") && !matches("b", "ab"));
        assert!(matches("DELETE|GET", "GET") && !matches("DELETE|GET", "GETS"));
        assert!(matches("(?i)get.*", "GeT /x"));
        assert!(!matches("a.b", "a\nb") && matches("(?s)a.b", "a\nb"));
    }

    #[test]
    fn what_cannot_be_read_or_is_too_large_is_refused() {
        for (source, message) in [
            (
                "[",
                "the regular expression cannot be read: unclosed character class",
            ),
            (
                "a)(b",
                "the regular expression cannot be read: unopened group",
            ),
            (
                r"(\w{500}){9}",
                "the regular expression is too large when compiled",
            ),
        ] {
            assert_eq!(Regex::new(source).unwrap_err(), message);
        }
        assert!(Regex::new(&"(".repeat(100)).is_err());
    }

    #[test]
    fn plain_alternatives_are_known() {
        let texts = |source: &str| -> Option<Vec<String>> {
            let regex = Regex::new(source).unwrap();
            regex
                .alternatives()
                .map(|texts| texts.map(str::to_owned).collect())
        };
        assert_eq!(texts("a|b c"), Some(vec!["a".to_owned(), "b c".to_owned()]));
        assert_eq!(texts("a.b"), None);
        assert_eq!(texts("(?i)a"), None);
    }
}
