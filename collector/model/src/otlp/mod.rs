//! Batches from and to OTLP.
