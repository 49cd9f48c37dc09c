//! The query API.
