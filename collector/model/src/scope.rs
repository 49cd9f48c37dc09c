//! Which instrumentation made the telemetry.

use crate::attributes::Attributes;

/// The instrumentation scope: the library that recorded spans or log records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The scope's name; empty where it is unknown.
    pub name: String,
    /// The scope's version; empty where it is unknown.
    pub version: String,
    /// What describes it.
    pub attributes: Attributes,
    /// Attributes that the sender left out.
    pub dropped_attributes_count: u32,
    /// The schema that the scope's items follow; empty for none.
    pub schema_url: String,
}
