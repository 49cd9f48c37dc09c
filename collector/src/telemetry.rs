//! The collector's own counters.
