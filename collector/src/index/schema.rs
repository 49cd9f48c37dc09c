//! The fields of an index; spans and log records share one schema.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};

use super::tokenizer::WORDS;

/// The schema with its fields.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    /// `service.name` of the resource.
    pub(super) service: Field,
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

impl Fields {
    pub(super) fn new() -> Self {
        let mut builder = Schema::builder();
        let raw = || {
            TextOptions::default().set_indexing_options(
                TextFieldIndexing::default()
                    .set_tokenizer("raw")
                    .set_fieldnorms(false)
                    .set_index_option(IndexRecordOption::Basic),
            )
        };
        let words = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(WORDS)
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::Basic),
        );
        let service = builder.add_text_field("service", raw());
        let name = builder.add_text_field("name", raw());
        let kind = builder.add_u64_field("kind", INDEXED);
        let error = builder.add_u64_field("error", INDEXED);
        let attribute = builder.add_text_field("attribute", raw());
        let key = builder.add_text_field("key", raw());
        let text = builder.add_text_field("text", words);
        let level = builder.add_u64_field("level", INDEXED);
        let duration = builder.add_u64_field("duration", INDEXED);
        let moment = builder.add_u64_field(MOMENT, FAST);
        Self {
            schema: builder.build(),
            service,
            name,
            kind,
            error,
            attribute,
            key,
            text,
            level,
            duration,
            moment,
        }
    }
}
