//! Headers as carriers of context.

use ::http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::propagation::{Extractor, Injector};

/// Reads the context of a request; all headers of one name count.
pub(crate) struct Received<'a>(pub(crate) &'a HeaderMap);

impl Extractor for Received<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values = self.0.get_all(key).iter();
        // One that is no text makes the header unreadable: leaving it out would change the others.
        let all: Vec<_> = values.map(|it| it.to_str().unwrap_or("\0")).collect();
        (!all.is_empty()).then_some(all)
    }
}

/// Writes a context into the headers of a request, in place of what stood there.
pub(crate) struct Sent<'a>(pub(crate) &'a mut HeaderMap);

impl Injector for Sent<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}
