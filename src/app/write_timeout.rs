//! A connection whose visitor must go on reading: one that takes nothing of an answer for a while is cut off, so that
//! nobody can hold our memory and our connections by standing still.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Sleep, sleep};

/// The connection, with a clock that runs only while it cannot be written to.
pub struct WriteTimeout<I> {
    inner: I,
    time_limit: Duration,
    standing_still: Option<Pin<Box<Sleep>>>,
}

impl<I> WriteTimeout<I> {
    /// A connection whose visitor may take nothing of a waiting answer for this long.
    pub fn new(inner: I, time_limit: Duration) -> Self {
        Self { inner, time_limit, standing_still: None }
    }
}

impl<I: Unpin> WriteTimeout<I> {
    fn validate<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.standing_still = None;
            return written;
        }
        let clock = self.standing_still.get_or_insert_with(|| Box::pin(sleep(self.time_limit)));
        ready!(clock.as_mut().poll(context));
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
        this.validate(written, context)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.inner).poll_flush(context);
        this.validate(flushed, context)
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
        this.validate(written, context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use hyper_util::rt::TokioIo;

    use super::*;

    #[tokio::test]
    async fn whoever_takes_nothing_is_cut_off_and_whoever_goes_on_is_not() {
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
