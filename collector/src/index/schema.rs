//! The fields of an index; spans and log records share one schema.

use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

/// The fields, by the names that both versions of the schema know them by.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    /// `service.name` of the resource, as version 1 had it; now it is known by the origin.
    pub(super) service: Option<Field>,
    /// Numbers of resources with their scopes; not in version 1.
    pub(super) origin: Option<Field>,
    /// Span names.
    pub(super) name: Field,
    /// Numbers of span kinds.
    pub(super) kind: Field,
    /// `1` where a span failed.
    pub(super) error: Field,
    /// `key NUL text` of attributes.
    pub(super) attribute: Field,
    /// Attribute keys.
    pub(super) key: Field,
    /// Words of texts.
    pub(super) text: Field,
    /// Numbers of severity levels.
    pub(super) level: Field,
    /// Buckets of durations.
    pub(super) duration: Field,
    /// The earliest start of a trace here, or the moment of a record.
    pub(super) moment: Field,
}

/// The name of the column of moments.
pub(super) const MOMENT: &str = "moment";

/// The schema that is written.
pub(super) fn schema() -> Schema {
    let mut builder = Schema::builder();
    for name in ["name", "attribute", "key", "text"] {
        let raw = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::Basic),
        );
        builder.add_text_field(name, raw);
    }
    for name in ["origin", "kind", "error", "level", "duration"] {
        // Not the constant `INDEXED`, which keeps a byte a document for scores too.
        builder.add_u64_field(name, NumericOptions::default().set_indexed());
    }
    builder.add_u64_field(MOMENT, NumericOptions::default().set_fast());
    builder.build()
}

impl Fields {
    /// The fields of a schema of any version.
    pub(super) fn of(schema: &Schema) -> tantivy::Result<Self> {
        Ok(Self {
            service: schema.get_field("service").ok(),
            origin: schema.get_field("origin").ok(),
            name: schema.get_field("name")?,
            kind: schema.get_field("kind")?,
            error: schema.get_field("error")?,
            attribute: schema.get_field("attribute")?,
            key: schema.get_field("key")?,
            text: schema.get_field("text")?,
            level: schema.get_field("level")?,
            duration: schema.get_field("duration")?,
            moment: schema.get_field(MOMENT)?,
        })
    }
}
