//! What tantivy knows of a part.
