//! The signals that ask the program to end: SIGTERM, Ctrl-C and a closed terminal.

use std::{fs, io};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Returns a token that is cancelled when this process is asked to end. A second signal ends the process at once.
pub fn asked_for() -> io::Result<CancellationToken> {
    let end = CancellationToken::new();
    let terminate = signal(SignalKind::terminate())?;
    let interrupt = signal(SignalKind::interrupt())?;
    let hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup())?) };
    tokio::spawn(listen([Some(terminate), Some(interrupt), hangup], end.clone()));
    Ok(end)
}

async fn listen([terminate, interrupt, hangup]: [Option<Signal>; 3], end: CancellationToken) {
    let (mut terminate, mut interrupt, mut hangup) = (terminate, interrupt, hangup);
    loop {
        tokio::select! {
            () = next(&mut terminate) => {}
            () = next(&mut interrupt) => {}
            () = next(&mut hangup) => {}
        }
        if end.is_cancelled() {
            std::process::exit(130);
        }
        end.cancel();
    }
}

async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Whether the process was started so that it outlives the terminal, as with `nohup`. A signal handler would undo that.
fn ignores_hangup() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & 1 != 0
}
