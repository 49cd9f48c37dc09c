//! Runs effects beside the loop and sends their answers to it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::{Backend, Effect, Failure, Message, Reply, RequestId};
use crate::screens::walk::WalkData;

/// Requests that run at once; older ones are ended first. A person cannot wait for more.
const RUNNING_MAX: usize = 32;

/// Runs effects on tokio's workers.
#[derive(Debug)]
pub(super) struct Worker<B> {
    backend: Arc<B>,
    answers: mpsc::Sender<Message>,
    running: HashMap<RequestId, AbortHandle>,
}

impl<B: Backend> Worker<B> {
    pub(super) fn new(backend: B, answers: mpsc::Sender<Message>) -> Self {
        Self {
            backend: Arc::new(backend),
            answers,
            running: HashMap::new(),
        }
    }

    /// Starts an effect that has an answer; others are the loop's and are given back.
    pub(super) fn start(&mut self, effect: Effect) -> Option<Effect> {
        let backend = Arc::clone(&self.backend);
        match effect {
            Effect::Search { request, params } => self.run(request, async move {
                reply(backend.search(params).await, |found| {
                    Reply::Search(Box::new(found))
                })
            }),
            Effect::Logs { request, params } => self.run(request, async move {
                reply(backend.logs(params).await, |found| {
                    Reply::Logs(Box::new(found))
                })
            }),
            Effect::Services { request } => self.run(request, async move {
                reply(backend.services().await, |found| {
                    Reply::Services(Box::new(found))
                })
            }),
            Effect::Status { request } => self.run(request, async move {
                reply(backend.status().await, |found| {
                    Reply::Status(Box::new(found))
                })
            }),
            Effect::Trace { request, id } => self.run(request, load_trace(backend, id)),
            Effect::Wake { request, after_ms } => {
                let answers = self.answers.clone();
                self.keep(request, async move {
                    tokio::time::sleep(Duration::from_millis(after_ms)).await;
                    // The loop has ended where nobody listens.
                    let _ = answers.send(Message::Wake(request)).await;
                });
            }
            Effect::Cancel(request) => {
                if let Some(handle) = self.running.remove(&request) {
                    handle.abort();
                }
            }
            other @ (Effect::Copy(_) | Effect::Suspend) => return Some(other),
        }
        None
    }

    /// Ends everything that runs.
    pub(super) fn stop(&mut self) {
        for (_, handle) in self.running.drain() {
            handle.abort();
        }
    }

    fn run(&mut self, request: RequestId, work: impl Future<Output = Reply> + Send + 'static) {
        let answers = self.answers.clone();
        self.keep(request, async move {
            let reply = work.await;
            // The loop has ended where nobody listens.
            let _ = answers.send(Message::Answer(request, reply)).await;
        });
    }

    fn keep(&mut self, request: RequestId, work: impl Future<Output = ()> + Send + 'static) {
        self.running.retain(|_, handle| !handle.is_finished());
        if self.running.len() >= RUNNING_MAX
            && let Some(oldest) = self.running.keys().min().copied()
            && let Some(handle) = self.running.remove(&oldest)
        {
            handle.abort();
        }
        let handle = tokio::spawn(work).abort_handle();
        self.running.insert(request, handle);
    }
}

/// Loads a trace and prepares it off the loop's thread: putting a large one in order takes
/// longer than a frame.
async fn load_trace<B: Backend>(backend: Arc<B>, id: spanwalk_model::TraceId) -> Reply {
    let items = match backend.trace(id).await {
        Ok(items) => items,
        Err(failure) => return Reply::Failed(failure),
    };
    let prepared = tokio::task::spawn_blocking(move || WalkData::new(items)).await;
    match prepared {
        Ok(data) => Reply::Trace(Arc::new(data)),
        Err(error) => Reply::Failed(Failure {
            text: format!("trace {id} could not be put in order: {error}"),
            ..Failure::default()
        }),
    }
}

fn reply<T>(outcome: Result<T, Failure>, wrap: impl FnOnce(T) -> Reply) -> Reply {
    match outcome {
        Ok(answer) => wrap(answer),
        Err(failure) => Reply::Failed(failure),
    }
}
