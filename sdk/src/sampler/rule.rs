//! A ratio for spans of a certain name or attribute.

use opentelemetry::KeyValue;

#[derive(Debug, Clone)]
pub(super) struct Rule {
    key: String,
    text: String,
    /// Whether more may follow the text.
    open: bool,
    ratio: f64,
}

impl Rule {
    pub(super) fn new(key: String, pattern: &str, ratio: f64) -> Self {
        let text = pattern.strip_suffix('*');
        Self {
            key,
            open: text.is_some(),
            text: text.unwrap_or(pattern).to_owned(),
            ratio,
        }
    }

    pub(super) fn ratio(&self) -> f64 {
        self.ratio
    }

    pub(super) fn fits(&self, name: &str, attributes: &[KeyValue]) -> bool {
        if self.key == "name" {
            return self.is(name);
        }
        let found = attributes.iter().find(|it| it.key.as_str() == self.key);
        found.is_some_and(|it| self.is(&it.value.as_str()))
    }

    fn is(&self, text: &str) -> bool {
        text == self.text || (self.open && text.starts_with(&self.text))
    }
}
