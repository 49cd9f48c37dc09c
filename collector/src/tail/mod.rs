//! The newest data, searchable at once.
