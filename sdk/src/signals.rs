//! SIGTERM and SIGINT: what waits is sent before the process ends.

use std::io;

/// Starts a thread that waits for SIGTERM or SIGINT, flushes and ends the process with 128 + signal.
pub(crate) fn end_on_signals() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut terminate, mut interrupt) = {
        use tokio::signal::unix::{SignalKind, signal};
        let _inside = runtime.enter();
        (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        )
    };
    std::thread::Builder::new()
        .name("spanwalk-signals".to_owned())
        .spawn(move || {
            let code = runtime.block_on(async {
                tokio::select! {
                    _ = terminate.recv() => 143,
                    _ = interrupt.recv() => 130,
                }
            });
            crate::exit(code);
        })?;
    Ok(())
}
