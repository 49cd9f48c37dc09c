//! What produced the telemetry: a service instance and where it runs.

use crate::attributes::Attributes;
use crate::semconv;

/// The entity that produced spans and log records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resource {
    /// What describes it, such as `service.name`.
    pub attributes: Attributes,
    /// Attributes that the sender left out.
    pub dropped_attributes_count: u32,
    /// Which entities the attributes describe.
    pub entity_refs: Vec<EntityRef>,
    /// The schema that the resource's data follows; empty for none.
    pub schema_url: String,
}

/// Names one entity within a resource's attributes
/// (opentelemetry-proto, `EntityRef` in `common/v1/common.proto`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityRef {
    /// The schema that the entity follows; empty for the resource's.
    pub schema_url: String,
    /// The kind of entity, such as `service`.
    pub kind: String,
    /// Attribute keys that identify it.
    pub id_keys: Vec<String>,
    /// Attribute keys that describe it.
    pub description_keys: Vec<String>,
}

/// The name shown for telemetry that names no service.
pub const UNKNOWN_SERVICE: &str = "unknown_service";

impl Resource {
    /// The `service.name`, or `unknown_service` where it is missing or empty, as the
    /// resource semantic conventions ask.
    pub fn service_name(&self) -> &str {
        match self.attributes.get_str(semconv::SERVICE_NAME) {
            Some(name) if !name.is_empty() => name,
            _ => UNKNOWN_SERVICE,
        }
    }
}
