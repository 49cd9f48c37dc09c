//! Protocol in, batches out.
