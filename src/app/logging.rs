//! Where log lines go: to standard error, as people read them on a terminal and as JSON elsewhere. A request only puts
//! its line beside the others; a thread of its own writes them out together, so that nobody waits for a terminal or a
//! full pipe, and thousands of lines a second cost a few hundred writes.

use std::{
    io::{self, IsTerminal, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter, util::SubscriberInitExt};

use super::json_lines;

/// How long the first line waits for others.
const GATHERED: Duration = Duration::from_millis(10);
/// More than this is not kept in memory for a reader that stands still; what comes then is lost, and counted.
const MOST: usize = 8 * 1024 * 1024;

/// Starts the log with this filter. The guard writes out what is left when it is dropped: keep it until the end.
pub fn start(filter: &str) -> Log {
    let terminal = io::stderr().is_terminal();
    let log = Log::to(io::stderr());
    let lines = log.lines.clone();
    // Fails only where a log was started before, which then goes on.
    let _ = if terminal {
        let format =
            tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter)).with_writer(lines).with_ansi(true);
        format.with_target(false).try_init()
    } else {
        json_lines::subscriber(filter, lines).try_init().map_err(Into::into)
    };
    log
}

/// The running log.
pub struct Log {
    lines: Lines,
    thread: Option<JoinHandle<()>>,
}

/// Where lines are put.
#[derive(Clone, Default)]
struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    come: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    lost: usize,
    over: bool,
}

impl Log {
    fn to(out: impl Write + Send + 'static) -> Self {
        let lines = Lines::default();
        let taken = lines.clone();
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || taken.write_out(out));
        Self { lines, thread: thread.ok() }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.lines.lock().over = true;
        self.lines.0.come.notify_one();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has written what it could.
            let _ = thread.join();
        }
    }
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_out(&self, mut out: impl Write) {
        let mut taken = Vec::new();
        loop {
            let idle = self.0.come.wait_while(self.lock(), |waiting| waiting.bytes.is_empty() && !waiting.over);
            let first = idle.unwrap_or_else(PoisonError::into_inner);
            let more = self.0.come.wait_timeout_while(first, GATHERED, |waiting| !waiting.over);
            let mut waiting = more.unwrap_or_else(PoisonError::into_inner).0;
            mem::swap(&mut waiting.bytes, &mut taken);
            let (lost, over) = (mem::take(&mut waiting.lost), waiting.over);
            drop(waiting);
            // Standard error that is closed leaves nobody to tell.
            let _ = out.write_all(&taken);
            if lost > 0 {
                let _ = writeln!(out, "{lost} log lines are missing here: they came faster than they were read");
            }
            let _ = out.flush();
            taken.clear();
            if over {
                return;
            }
        }
    }
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.lock();
        if waiting.bytes.len() + line.len() > MOST {
            waiting.lost += 1;
        } else {
            waiting.bytes.extend_from_slice(line);
            if waiting.bytes.len() == line.len() {
                self.0.come.notify_one();
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    struct Sent(mpsc::Sender<Vec<u8>>);

    impl Write for Sent {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_written_and_none_is_left_behind_at_the_end() {
        let (sender, receiver) = mpsc::channel();
        let log = Log::to(Sent(sender));
        thread::scope(|scope| {
            for writer in 0..4 {
                let lines = &log.lines;
                scope.spawn(move || {
                    for number in 0..500 {
                        let mut lines = lines;
                        // In one piece, as the log's formatter does: pieces of several threads would mix.
                        lines.write_all(format!("{writer}-{number}\n").as_bytes()).expect("never fails");
                    }
                });
            }
        });
        drop(log);
        let written = String::from_utf8(receiver.iter().flatten().collect()).expect("text");
        assert_eq!(written.lines().count(), 2000);
        assert!(written.lines().any(|line| line == "3-499"));
    }

    #[test]
    fn a_reader_that_stands_still_costs_lines_and_not_memory() {
        let lines = Lines::default();
        let line = vec![b'x'; 1024 * 1024];
        for _ in 0..20 {
            (&lines).write_all(&line).expect("never fails");
        }
        assert!(lines.lock().bytes.len() <= MOST);
        assert_eq!(lines.lock().lost, 12);
    }
}
