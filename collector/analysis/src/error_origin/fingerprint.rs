//! What makes two failures the same failure: the way to it, the operation, what was said.

use spanwalk_model::trace::Trace;

use crate::templates::{name_template_of, template_id, template_of};

/// At most so many steps of the way count; of a longer one, those nearest to the failure.
const STEPS_MAX: usize = 64;

/// A failure without what varies from request to request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The hash of the rest: equal failures have equal ids, in every run and everywhere.
    pub id: u64,
    /// From the root to the failed span: service and operation, ids in names masked, repeated
    /// steps once. Empty where no span is stored.
    pub path: Vec<(String, String)>,
    /// The template of what was said.
    pub message: String,
}

impl Fingerprint {
    pub(super) fn of(trace: &Trace, span: Option<u32>, message: &str) -> Self {
        let mut path: Vec<(String, String)> = Vec::new();
        let way = span
            .into_iter()
            .flat_map(|span| std::iter::once(span).chain(trace.ancestors(span)))
            .take(STEPS_MAX);
        for step in way {
            let named = (
                trace.service(step).to_owned(),
                name_template_of(trace.name(step)),
            );
            if path.last() != Some(&named) {
                path.push(named);
            }
        }
        path.reverse();
        let message = template_of(message);
        let mut text = String::new();
        for (service, operation) in &path {
            text.push_str(service);
            text.push('\0');
            text.push_str(operation);
            text.push('\0');
        }
        text.push_str(&message);
        Self {
            id: template_id(&text),
            path,
            message,
        }
    }
}
