//! Batches from the formats of other tracers.
