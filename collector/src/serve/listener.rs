//! One address, its connections and their limits.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use spanwalk_api::ListenerStatus;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use super::holder;
use crate::config::Listen;

/// How long to wait after the system refused a connection, mostly for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a listener allows its peers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Connections at once; more wait in the system's queue.
    pub(super) connections_max: usize,
    /// How long a peer may take for its first byte, and for the head of a request.
    pub(super) head_time_max: Duration,
    /// Streams at once within one connection of HTTP/2.
    pub(super) streams_max: u32,
    /// Bytes of the headers of one request.
    pub(super) header_bytes_max: u32,
    /// Bytes that one stream of HTTP/2 may send before they are read.
    pub(super) stream_window_bytes: u32,
    /// Bytes that one connection of HTTP/2 may send before they are read.
    pub(super) connection_window_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 1024,
            head_time_max: Duration::from_secs(30),
            streams_max: 128,
            header_bytes_max: 64 * 1024,
            stream_window_bytes: 1 << 20,
            connection_window_bytes: 4 << 20,
        }
    }
}

/// An address that was bound, or is off, or could not be.
#[derive(Debug)]
pub(super) struct Bound {
    name: &'static str,
    socket: Option<(TcpListener, SocketAddr)>,
    problem: String,
}

impl Bound {
    /// Binds the address. `flag` is what chooses another one.
    pub(super) async fn bind(name: &'static str, flag: &'static str, listen: Listen) -> Self {
        let Listen::At(address) = listen else {
            return Self {
                name,
                socket: None,
                problem: String::new(),
            };
        };
        let bound = match TcpListener::bind(address).await {
            Ok(listener) => listener.local_addr().map(|bound| (listener, bound)),
            Err(error) => Err(error),
        };
        match bound {
            Ok(socket) => Self {
                name,
                socket: Some(socket),
                problem: String::new(),
            },
            Err(error) => Self {
                name,
                socket: None,
                problem: problem_of(name, flag, address, &error),
            },
        }
    }

    /// What the API says of it.
    pub(super) fn status(&self) -> ListenerStatus {
        ListenerStatus {
            name: self.name.to_owned(),
            address: self
                .socket
                .as_ref()
                .map(|(_, address)| address.to_string())
                .unwrap_or_default(),
            problem: self.problem.clone(),
        }
    }

    /// Serves the routes; `None` where nothing is bound.
    pub(super) fn serve(self, router: Router, limits: Limits) -> Option<Listener> {
        let (socket, _) = self.socket?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(run(socket, router, limits, stopped));
        Some(Listener { stop, task })
    }
}

/// What happened, where, and what to do, for people.
fn problem_of(name: &str, flag: &str, address: SocketAddr, error: &io::Error) -> String {
    let cause = match error.kind() {
        io::ErrorKind::AddrInUse => match holder::of(address) {
            Some(holder) => format!("it is in use by {holder}"),
            None => "it is in use by another program".to_owned(),
        },
        io::ErrorKind::AddrNotAvailable => "no interface here has this address".to_owned(),
        io::ErrorKind::PermissionDenied => "the system does not permit it".to_owned(),
        _ => error.to_string(),
    };
    format!(
        "{name} cannot listen on {address}: {cause}; choose another address with {flag} IP:PORT, or {flag} off"
    )
}

/// An address that is served.
#[derive(Debug)]
pub(super) struct Listener {
    stop: oneshot::Sender<()>,
    task: JoinHandle<GracefulShutdown>,
}

impl Listener {
    /// Accepts nothing more, and waits until what is being answered is, or for the deadline.
    pub(super) async fn stop(self, deadline: tokio::time::Instant) {
        // The task has ended where nobody listens.
        let _ = self.stop.send(());
        match self.task.await {
            Ok(connections) => {
                if tokio::time::timeout_at(deadline, connections.shutdown())
                    .await
                    .is_err()
                {
                    tracing::warn!("connections were open at the end of the stop's time");
                }
            }
            Err(error) => tracing::error!(%error, "a listener ended early"),
        }
    }
}

async fn run(
    socket: TcpListener,
    router: Router,
    limits: Limits,
    mut stopped: oneshot::Receiver<()>,
) -> GracefulShutdown {
    let connections = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections_max));
    let builder = Arc::new(builder(limits));
    loop {
        let accepted = tokio::select! {
            biased;
            _ = &mut stopped => return connections,
            accepted = accept(&socket, &room) => accepted,
        };
        let (stream, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let watcher = connections.watcher();
        let builder = Arc::clone(&builder);
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let _place = place;
            if !speaks(&stream, limits.head_time_max).await {
                return;
            }
            let connection = builder.serve_connection(TokioIo::new(stream), service);
            if let Err(error) = watcher.watch(connection.into_owned()).await {
                tracing::debug!(error, "a connection ended in disorder");
            }
        });
    }
}

/// A connection, once there is room for one.
async fn accept(
    socket: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(room)
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, _) = socket.accept().await?;
    // Small answers should not wait for more to send.
    stream.set_nodelay(true)?;
    Ok((stream, place))
}

/// Whether the peer says anything in time. hyper's own limits begin with the first byte.
async fn speaks(stream: &TcpStream, time_max: Duration) -> bool {
    matches!(
        tokio::time::timeout(time_max, stream.readable()).await,
        Ok(Ok(()))
    )
}

fn builder(limits: Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time_max)
        .max_buf_size(usize::try_from(limits.header_bytes_max).unwrap_or(usize::MAX));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams_max)
        .max_header_list_size(limits.header_bytes_max)
        .initial_stream_window_size(limits.stream_window_bytes)
        .initial_connection_window_size(limits.connection_window_bytes)
        .keep_alive_interval(Duration::from_mins(1))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}
