//! Being asked to end: by SIGTERM or by Ctrl-C.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancelled when this process is asked to end. The first signal asks for a good end; the second, from somebody who
/// cannot wait, ends at once.
pub fn asked_for() -> io::Result<CancellationToken> {
    let end = CancellationToken::new();
    tokio::spawn(listen(signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, end.clone()));
    Ok(end)
}

async fn listen(mut terminate: Signal, mut interrupt: Signal, end: CancellationToken) {
    loop {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if end.is_cancelled() {
            std::process::exit(130);
        }
        end.cancel();
    }
}
