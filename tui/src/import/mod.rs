//! Reads files of traces and logs and sends them to a collector.
