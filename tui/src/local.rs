//! Finds the collector that runs here, or starts one inside.
