//! Bodies that are sent in parts: one part is in memory, however slowly it is taken, and no connection to the database waits for it.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use http_body_util::channel::{Channel, Sender};
use tokio::{fs::File, io::AsyncReadExt, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{AppError, Result};
use crate::documents::format::TableFormat;

/// How long somebody may take nothing of a part before the download is ended.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The length of a part of a file, in bytes.
const PART: usize = 64 * 1024;

/// What is sent in parts.
pub trait InParts: Send + 'static {
    /// Returns the next part, or `None` after the last one.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>>> + Send;
}

/// A file that was written for one person.
struct FileInParts(File);

impl InParts for FileInParts {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut part = vec![0; PART];
        let length = self.0.read(&mut part).await.map_err(AppError::internal)?;
        part.truncate(length);
        Ok((length > 0).then_some(part))
    }
}

/// Responds with a file to save, which has this name without its ending. It is ended early once it is `superseded`.
pub fn table(file: std::fs::File, (name, format): (&str, TableFormat), superseded: CancellationToken) -> Result {
    let length = file.metadata().map_err(AppError::internal)?.len();
    let name = format!("attachment; filename=\"{name}.{}\"", format.extension());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(AppError::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_LENGTH, length.into()),
    ];
    Ok((headers, body(FileInParts(File::from_std(file)), superseded)).into_response())
}

/// Returns the body. It is ended early once it is `superseded`; a body that does not come to its end is seen as broken off.
pub fn body(parts: impl InParts, superseded: CancellationToken) -> Body {
    let (to, body) = Channel::<Bytes, AppError>::new(1);
    tokio::spawn(send(parts, to, superseded));
    Body::new(body)
}

async fn send(mut parts: impl InParts, mut to: Sender<Bytes, AppError>, superseded: CancellationToken) {
    loop {
        let part = match parts.next().await {
            Ok(None) => return,
            Ok(Some(part)) => part,
            Err(error) => {
                tracing::error!(%error, "a download broke off");
                return to.abort(error);
            }
        };
        let sending = timeout(TIME_LIMIT, to.send_data(part.into()));
        match superseded.run_until_cancelled(sending).await {
            Some(Ok(Ok(()))) => {}
            Some(_) => return to.abort(AppError::internal("a download was not taken to its end")),
            None => return to.abort(AppError::internal("the same person started another download")),
        }
    }
}
