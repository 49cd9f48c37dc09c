//! Why a call to the collector failed.

use spanwalk_api::Problem;

/// Why a call to the collector failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The collector's URL cannot be used.
    #[error("{url} is not the URL of a collector: {reason}; write it as http://HOST:PORT")]
    Url {
        /// The text given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up")]
    Setup {
        /// The cause.
        source: reqwest::Error,
    },
    /// Nothing answers.
    #[error("no collector answers at {url}; start one with `spanwalk serve`")]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// The cause.
        source: reqwest::Error,
    },
    /// The collector took too long.
    #[error("the collector at {url} did not answer in time; narrow the query or its time range")]
    Timeout {
        /// The collector.
        url: String,
    },
    /// The collector says what is wrong.
    #[error("{}", .0.detail)]
    Problem(Box<Problem>),
    /// Something answers, but not in the collector's way.
    #[error(
        "{url} answers with HTTP status {status} and is not a spanwalk collector, or one of another version"
    )]
    Foreign {
        /// Where.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer cannot be read.
    #[error("the answer of {url} cannot be read: {reason}; is the collector of another version?")]
    Garbled {
        /// The collector.
        url: String,
        /// What is wrong.
        reason: String,
    },
}
