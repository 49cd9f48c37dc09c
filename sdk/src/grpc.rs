//! Layers for gRPC with tonic, both ways.
//!
//! Spans are named by the method, say the status from headers or trailers, and end with the last
//! message of a stream.
//!
//! ```no_run
//! # async fn run() -> Result<(), tonic::transport::Error> {
//! let channel = tonic::transport::Channel::from_static("http://localhost:50051").connect().await?;
//! let channel = tower::ServiceBuilder::new().layer(spanwalk_sdk::grpc::client()).service(channel);
//! // SomeClient::new(channel), and for a server:
//! let server = tonic::transport::Server::builder().layer(spanwalk_sdk::grpc::server());
//! # drop((channel, server));
//! # Ok(())
//! # }
//! ```

use crate::http::{Kind, TraceLayer};

/// The layer for `tonic::transport::Server::layer`.
pub fn server() -> TraceLayer {
    TraceLayer::server(Kind::Grpc)
}

/// The layer around a `tonic::transport::Channel`.
pub fn client() -> TraceLayer {
    TraceLayer::client(Kind::Grpc)
}
