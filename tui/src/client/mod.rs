//! Client of the collector's HTTP API.
