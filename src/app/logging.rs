//! Writes log lines to standard error: as text on a terminal, as JSON elsewhere. A request only appends its line to a
//! buffer; a separate thread writes the buffer out. So no request waits for a terminal or a full pipe, and thousands of
//! lines a second take a few hundred writes.
//!
//! tracing-appender does less: it counts dropped lines but does not say so in the log, limits the buffer by lines and not
//! by bytes, takes one write for each line, and at the end waits one second at most for what is still to be written.

use std::{
    io::{self, IsTerminal, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter, util::SubscriberInitExt};

use super::json_lines;

/// How long the first line in the buffer waits for more lines.
const BATCH_DELAY: Duration = Duration::from_millis(10);
/// The largest size of the buffer, in bytes. If standard error is not read, further lines are dropped and counted.
const BUFFER_LIMIT: usize = 8 * 1024 * 1024;

/// Starts the log with this filter. Keep the returned value until the program ends: dropping it writes out the last
/// lines.
pub fn start(filter: &str) -> Log {
    let terminal = io::stderr().is_terminal();
    let log = Log::to(io::stderr());
    let buffer = log.buffer.clone();
    // This fails only if a log has been started before; then that one goes on.
    let _ = if terminal {
        let format =
            tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter)).with_writer(buffer).with_ansi(true);
        format.with_target(false).try_init()
    } else {
        json_lines::subscriber(filter, buffer).try_init().map_err(Into::into)
    };
    log
}

/// The running log.
pub struct Log {
    buffer: Buffer,
    thread: Option<JoinHandle<()>>,
}

/// The buffer of lines that are still to be written.
#[derive(Clone, Default)]
struct Buffer(Arc<Shared>);

#[derive(Default)]
struct Shared {
    pending: Mutex<Pending>,
    changed: Condvar,
}

#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    dropped_lines: usize,
    is_stopping: bool,
}

impl Log {
    fn to(out: impl Write + Send + 'static) -> Self {
        let buffer = Buffer::default();
        let read_by_thread = buffer.clone();
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || read_by_thread.write_out(out));
        Self { buffer, thread: thread.ok() }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.buffer.lock().is_stopping = true;
        self.buffer.0.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // An error means that the thread panicked; it has written what it could.
            let _ = thread.join();
        }
    }
}

impl Buffer {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_out(&self, mut out: impl Write) {
        let mut batch = Vec::new();
        loop {
            let idle =
                self.0.changed.wait_while(self.lock(), |pending| pending.bytes.is_empty() && !pending.is_stopping);
            let first = idle.unwrap_or_else(PoisonError::into_inner);
            let more = self.0.changed.wait_timeout_while(first, BATCH_DELAY, |pending| !pending.is_stopping);
            let mut pending = more.unwrap_or_else(PoisonError::into_inner).0;
            mem::swap(&mut pending.bytes, &mut batch);
            let (dropped_lines, is_stopping) = (mem::take(&mut pending.dropped_lines), pending.is_stopping);
            drop(pending);
            // If standard error is closed, there is nowhere to report the error.
            let _ = out.write_all(&batch);
            if dropped_lines > 0 {
                let _ = writeln!(
                    out,
                    "{dropped_lines} log lines are missing here: they were written faster than they were read"
                );
            }
            let _ = out.flush();
            batch.clear();
            if is_stopping {
                return;
            }
        }
    }
}

impl Write for &Buffer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut pending = self.lock();
        if pending.bytes.len() + line.len() > BUFFER_LIMIT {
            pending.dropped_lines += 1;
        } else {
            pending.bytes.extend_from_slice(line);
            if pending.bytes.len() == line.len() {
                self.0.changed.notify_one();
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Buffer {
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
    fn every_line_is_written_before_the_log_ends() {
        let (sender, receiver) = mpsc::channel();
        let log = Log::to(Sent(sender));
        thread::scope(|scope| {
            for writer in 0..4 {
                let buffer = &log.buffer;
                scope.spawn(move || {
                    for number in 0..500 {
                        let mut buffer = buffer;
                        // One call for each line, as tracing's formatter does, so that threads do not mix their lines.
                        buffer.write_all(format!("{writer}-{number}\n").as_bytes()).expect("never fails");
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
    fn lines_are_dropped_when_the_buffer_is_full() {
        let buffer = Buffer::default();
        let line = vec![b'x'; 1024 * 1024];
        for _ in 0..20 {
            (&buffer).write_all(&line).expect("never fails");
        }
        assert!(buffer.lock().bytes.len() <= BUFFER_LIMIT);
        assert_eq!(buffer.lock().dropped_lines, 12);
    }
}
