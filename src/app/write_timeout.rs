//! Closes a connection whose visitor has stopped reading the response, so that nobody can use up the server's memory
//! and connections by never reading.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Sleep, sleep};

/// A connection with a timer that runs only while nothing can be written to it.
pub struct WriteTimeout<I> {
    inner: I,
    time_limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<I> WriteTimeout<I> {
    /// Wraps a connection. Writing fails once the visitor has read nothing for `time_limit`.
    pub fn new(inner: I, time_limit: Duration) -> Self {
        Self { inner, time_limit, timer: None }
    }
}

impl<I: Unpin> WriteTimeout<I> {
    /// Starts the timer when a write is pending and stops it when the write is done; fails when the time is up.
    fn apply_timeout<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.timer = None;
            return written;
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(self.time_limit)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<I: Read + Unpin> Read for WriteTimeout<I> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(context, buf)
    }
}

impl<I: Write + Unpin> Write for WriteTimeout<I> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(context, buf);
        this.apply_timeout(written, context)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.inner).poll_flush(context);
        this.apply_timeout(flushed, context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(context, bufs);
        this.apply_timeout(written, context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use hyper_util::rt::TokioIo;

    use super::*;

    #[tokio::test]
    async fn a_visitor_who_stops_reading_is_cut_off_and_a_slow_one_is_not() {
        let (time_limit, (ours, mut theirs)) = (Duration::from_millis(400), tokio::io::duplex(8));
        let mut stream = WriteTimeout::new(TokioIo::new(ours), time_limit);
        let write = async |stream: &mut WriteTimeout<_>| {
            poll_fn(|context| Pin::new(&mut *stream).poll_write(context, b"12345678")).await
        };
        assert_eq!(write(&mut stream).await.expect("room"), 8);
        let reads_late = tokio::spawn(async move {
            sleep(time_limit / 4).await;
            let mut bytes = [0; 8];
            tokio::io::AsyncReadExt::read_exact(&mut theirs, &mut bytes).await.expect("eight bytes");
            theirs
        });
        assert_eq!(write(&mut stream).await.expect("room after a while"), 8);
        let _theirs = reads_late.await.expect("it reads");
        assert_eq!(write(&mut stream).await.expect_err("nobody reads").kind(), io::ErrorKind::TimedOut);
    }
}
