//! `spanwalk tail`: what comes in and matches, as it comes.

use spanwalk_api::{TailParams, TailStatus};

use super::signals::Signals;
use super::{CommandError, range, runtime};
use crate::args::TailArgs;
use crate::client::{ClientError, Tail, TailEvent};
use crate::connection::Connection;
use crate::local::LocalError;
use crate::output::{Exit, Output, tail};
use crate::settings::Settings;

/// Follows until it is told to end, or has shown as many as were asked for.
pub(super) fn run(
    args: &TailArgs,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let (text, _) = range::query(&args.query, output.look().now_ns)?;
    let params = TailParams {
        q: text.clone(),
        what: args.what.map(|what| what.as_str().to_owned()),
        rate: args.rate,
    };
    let runtime = runtime(settings)?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        // A collector inside this command would have nobody who sends to it.
        let running = Connection::of_running(settings).await?;
        let running = running.ok_or(CommandError::NoneRuns)?;
        let tail = running.client().tail(&params).await;
        let tail = tail.map_err(|error| of_query(error, &text))?;
        tokio::select! {
            outcome = follow(tail, args, output) => outcome,
            () = signals.next() => Ok(Exit::Done),
        }
    })
}

async fn follow(
    mut tail: Tail,
    args: &TailArgs,
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let mut told = TailStatus::default();
    let mut shown_count = 0;
    while let Some(event) = tail.next().await.map_err(LocalError::from)? {
        let line = match &event {
            TailEvent::Status(status) => {
                let look = output.look().clone();
                output.remarks(tail::left_out(&told, status, &look))?;
                told.clone_from(status);
                continue;
            }
            TailEvent::Span(span) if args.json => {
                output.json(&serde_json::json!({ "span": span }))?;
                None
            }
            TailEvent::Log(log) if args.json => {
                output.json(&serde_json::json!({ "log": log }))?;
                None
            }
            TailEvent::Span(span) => Some(tail::span(span, output.look())),
            TailEvent::Log(log) => Some(tail::log(log, output.look())),
        };
        output.lines(line)?;
        output.finish()?;
        shown_count += 1;
        if args.limit.is_some_and(|limit| shown_count >= limit) {
            return Ok(Exit::Done);
        }
    }
    let look = output.look().clone();
    output.remarks([tail::ended(&look)])?;
    Ok(Exit::NotAll)
}

fn of_query(error: ClientError, text: &str) -> CommandError {
    CommandError::of_query(LocalError::from(error).into(), text)
}
