//! The payload of spans and log records on disk.
