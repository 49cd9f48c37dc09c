//! Time windows of parts.
