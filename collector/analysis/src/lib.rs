//! Analysis of traces: the walk, where an error began, service summaries. Pure functions.
