//! Reads forms with files (`multipart/form-data`, RFC 7578).

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request, multipart::MultipartError},
    http::{HeaderMap, HeaderValue, StatusCode, header},
};

use super::{AppError, Result};

/// The largest number of files in a form. No form has more fields for files.
const MOST_FILES: usize = 4;

/// The largest sum of all texts of such a form, in bytes. It is also enough for the form that resolves a conflict.
pub const MOST_TEXT: usize = 512 * 1024;

/// What a form with files contains.
#[derive(Debug, Default)]
pub struct Parts {
    /// The fields, as [`super::Submitted`] keeps them.
    pub fields: Vec<(String, String)>,
    /// The files that were chosen, each with the name of its field.
    pub files: Vec<(String, File)>,
}

/// A file in a form.
#[derive(Debug, PartialEq, Eq)]
pub enum File {
    /// Its name, as the browser calls it, and its content.
    Content(String, Vec<u8>),
    /// It has more bytes than the form may send, so it was not read.
    TooLarge,
}

/// Returns whether the request's body is a form with a file.
pub fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("multipart/form-data")
}

/// Reads a form. Each file of more than `most_file` bytes is read to its end but not kept, so that the browser shows the
/// response.
pub async fn read<S: Send + Sync>(request: Request, state: &S, most_file: usize) -> Result<Parts> {
    let mut parts = Parts::default();
    read_into(&mut parts, request, state, most_file).await?;
    Ok(parts)
}

/// Returns the fields at the beginning of a body, the rest of which is not known.
pub async fn fields_of_start(content_type: &HeaderValue, body: &[u8]) -> Vec<(String, String)> {
    let mut request = Request::new(Body::from(body.to_vec()));
    request.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
    let mut parts = Parts::default();
    // It fails where the beginning ends.
    let _ = read_into(&mut parts, request, &(), 0).await;
    parts.fields
}

async fn read_into<S: Send + Sync>(parts: &mut Parts, request: Request, state: &S, most_file: usize) -> Result<()> {
    let multipart = Multipart::from_request(request, state).await;
    let mut multipart = multipart.map_err(|_| AppError::BadRequest("the form has no boundary".into()))?;
    let mut text_left = MOST_TEXT;
    while let Some(mut field) = multipart.next_field().await.map_err(|error| refused(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let is_file = file_name.is_some();
        let file_name = file_name.unwrap_or_default();
        let most = if is_file { most_file } else { text_left };
        let mut content = Vec::new();
        let mut is_too_large = false;
        while let Some(chunk) = field.chunk().await.map_err(|error| refused(&error))? {
            is_too_large |= content.len() + chunk.len() > most;
            if is_too_large {
                content = Vec::new();
            } else {
                content.extend_from_slice(&chunk);
            }
        }
        if is_file {
            // The last file of a field counts.
            parts.files.retain(|(other, _)| *other != name);
            if parts.files.len() >= MOST_FILES {
                return Err(AppError::TooLarge);
            }
        }
        match (is_file, is_too_large) {
            (true, true) => parts.files.push((name, File::TooLarge)),
            // If nobody chose a file, browsers send an empty one without a name.
            (true, false) if !(file_name.is_empty() && content.is_empty()) => {
                parts.files.push((name, File::Content(file_name, content)));
            }
            (true, false) => {}
            (false, true) => return Err(AppError::TooLarge),
            (false, false) => {
                text_left -= content.len();
                parts.fields.push((name, String::from_utf8_lossy(&content).into_owned()));
            }
        }
    }
    Ok(())
}

fn refused(error: &MultipartError) -> AppError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
        _ => AppError::BadRequest("the form is incomplete".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: HeaderValue = HeaderValue::from_static("multipart/form-data; boundary=line");

    fn body(file_name: &str, file: &[u8]) -> Vec<u8> {
        let start = "--line\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAnna M\u{fc}ller\r\n--line\r\n\
                     Content-Disposition: form-data; name=\"file\"; filename=\"";
        let rest = "\"\r\nContent-Type: image/jpeg\r\n\r\n";
        [start.as_bytes(), file_name.as_bytes(), rest.as_bytes(), file, b"\r\n--line--\r\n"].concat()
    }

    async fn parts(body: Vec<u8>, most_file: usize) -> Result<Parts> {
        let mut request = Request::new(Body::from(body));
        request.headers_mut().insert(header::CONTENT_TYPE, TYPE);
        read(request, &(), most_file).await
    }

    #[tokio::test]
    async fn the_fields_and_the_file_are_read() {
        let name = ("name".to_owned(), "Anna Müller".to_owned());
        for (file_name, content, most, file) in [
            ("me.jpg", &b"\xff\xd8"[..], 2, Some(File::Content("me.jpg".to_owned(), vec![0xff, 0xd8]))),
            ("me.jpg", b"", 2, Some(File::Content("me.jpg".to_owned(), Vec::new()))),
            ("me.jpg", b"\xff\xd8\xff", 2, Some(File::TooLarge)),
            ("", b"", 2, None),
        ] {
            let read = parts(body(file_name, content), most).await.expect("a form");
            let files: Vec<_> = file.into_iter().map(|file| ("file".to_owned(), file)).collect();
            assert_eq!((read.fields, read.files), (vec![name.clone()], files), "{file_name:?} {content:?}");
        }
    }

    #[tokio::test]
    async fn the_beginning_of_a_form_still_gives_its_fields() {
        let body = body("me.jpg", &[0; 1000]);
        assert!(parts(body[..500].to_vec(), 5000).await.is_err());
        let fields = fields_of_start(&TYPE, &body[..500]).await;
        assert_eq!(fields, [("name".to_owned(), "Anna Müller".to_owned())]);
    }
}
