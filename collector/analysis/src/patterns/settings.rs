//! Every threshold of the detectors, with its unit.

/// From when on something is told of. The defaults follow what the detectors of Sentry and
/// the published anti-pattern catalogues use, where they name a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `n_plus_one`: equal calls in sequence.
    pub n_plus_one_call_count: usize,
    /// `n_plus_one`: time of all of them, nanoseconds; or the share below.
    pub n_plus_one_total_ns: u64,
    /// `n_plus_one`: share of the parent, in percent.
    pub n_plus_one_parent_percent: u64,
    /// `duplicate_work`: equal calls with equal parameters.
    pub duplicate_call_count: usize,
    /// `serial_fan_out`: calls in sequence.
    pub fan_out_call_count: usize,
    /// `serial_fan_out`: the longest pause between two of them, nanoseconds.
    pub fan_out_pause_ns: u64,
    /// `serial_fan_out`: what calling at once would save, nanoseconds.
    pub fan_out_saving_ns: u64,
    /// `serial_fan_out`: the same as a share of the parent, in percent.
    pub fan_out_saving_percent: u64,
    /// `chatty_pair`: calls between two services in one request.
    pub chatty_call_count: u64,
    /// `retry_storm`: attempts, the last included.
    pub retry_attempt_count: usize,
    /// `timeout_mismatch`, `wasted_work`: how much longer the callee ran, in percent of the
    /// call.
    pub overrun_percent: u64,
    /// `wasted_work`: how much longer the callee ran, nanoseconds.
    pub wasted_ns: u64,
    /// `slow_connect`: the wait before a call reaches its callee, nanoseconds.
    pub connect_ns: u64,
    /// `slow_connect`: how many times the usual wait it must be.
    pub connect_factor: u64,
    /// `queue_wait`: the wait between sending and handling, nanoseconds.
    pub queue_wait_ns: u64,
    /// `pool_saturation`: calls of one kind.
    pub pool_call_count: usize,
    /// `pool_saturation`: the wait of the longest waiting, nanoseconds.
    pub pool_wait_ns: u64,
    /// `unexplained_gap`: own time in one piece, nanoseconds.
    pub gap_ns: u64,
    /// `unexplained_gap`: the same as a share of the path, in percent.
    pub gap_percent: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            n_plus_one_call_count: 5,
            n_plus_one_total_ns: 50_000_000,
            n_plus_one_parent_percent: 20,
            duplicate_call_count: 2,
            fan_out_call_count: 3,
            fan_out_pause_ns: 2_000_000,
            fan_out_saving_ns: 100_000_000,
            fan_out_saving_percent: 10,
            chatty_call_count: 10,
            retry_attempt_count: 3,
            overrun_percent: 10,
            wasted_ns: 10_000_000,
            connect_ns: 20_000_000,
            connect_factor: 5,
            queue_wait_ns: 100_000_000,
            pool_call_count: 6,
            pool_wait_ns: 20_000_000,
            gap_ns: 100_000_000,
            gap_percent: 50,
        }
    }
}
