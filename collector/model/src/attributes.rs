//! Keys with values, in the order they came.

use crate::value::Value;

/// One attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// The attribute's name, such as `http.route`.
    pub key: String,
    /// Its value.
    pub value: Value,
}

/// Attributes in the order they came.
///
/// OTLP forbids senders to repeat a key and leaves receivers free; here every entry is kept
/// and [`Attributes::get`] answers with the last one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(Vec<KeyValue>);

impl Attributes {
    /// No attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an attribute, whether or not the key is there already.
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.0.push(KeyValue {
            key: key.into(),
            value: value.into(),
        });
    }

    /// The value of the key; of several, the last.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .rev()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// The text of the key, where it is a string.
    pub fn get_str(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    /// The entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, KeyValue> {
        self.0.iter()
    }

    /// The entries in order.
    pub fn as_slice(&self) -> &[KeyValue] {
        &self.0
    }

    /// The entries in order, open to change.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, KeyValue> {
        self.0.iter_mut()
    }

    /// How many entries there are, repeated keys counted each.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<KeyValue>> for Attributes {
    fn from(entries: Vec<KeyValue>) -> Self {
        Self(entries)
    }
}

impl From<Attributes> for Vec<KeyValue> {
    fn from(attributes: Attributes) -> Self {
        attributes.0
    }
}

impl FromIterator<KeyValue> for Attributes {
    fn from_iter<I: IntoIterator<Item = KeyValue>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Attributes {
    type Item = &'a KeyValue;
    type IntoIter = std::slice::Iter<'a, KeyValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a mut Attributes {
    type Item = &'a mut KeyValue;
    type IntoIter = std::slice::IterMut<'a, KeyValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_repeated_key_the_last_value_answers_and_all_are_kept() {
        let mut attributes = Attributes::new();
        attributes.push("k", 1i64);
        attributes.push("k", "two");
        assert_eq!(attributes.get_str("k"), Some("two"));
        assert_eq!(attributes.len(), 2);
    }
}
