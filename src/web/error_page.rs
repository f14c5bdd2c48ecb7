//! The page that says what went wrong with a request, with the form that could not be handled.

use askama::Template as _;
use axum::{
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    response::{IntoResponse, Response},
};

use super::{
    App, Frame, Submitted,
    error::{Cause, Fault},
    extract::RequestId,
    form::is_form,
    reply,
};

/// A form that could not be handled now. Its page holds everything that was typed, passwords aside, and sends it again to
/// the same address: the fields include the number under which a registration is kept once.
#[derive(Clone, Debug)]
pub struct UnsentForm {
    address: String,
    form: Submitted,
    lacks_password: bool,
}

impl UnsentForm {
    /// The form of this request, still without its fields, if a browser sends one. A script that asks for a part of a page
    /// keeps the form itself.
    pub fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let is_sent = *method == Method::POST && is_form(headers) && !headers.contains_key("hx-request");
        let address = uri.path_and_query().filter(|_| is_sent)?.to_string();
        Some(Self { address, form: Submitted::default(), lacks_password: false })
    }

    /// The form with its fields; none if it held nothing but passwords, or more than any form of ours.
    pub fn with_body(mut self, body: &[u8]) -> Option<Self> {
        let sent = Submitted::parse(body).ok()?;
        self.form = sent.without_passwords();
        self.lacks_password = self.form.fields().len() < sent.fields().len();
        (!self.lacks_password || !self.form.fields().is_empty()).then_some(self)
    }
}

#[derive(askama::Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    status: u16,
    cross_site: bool,
    unsent: Option<UnsentForm>,
    reference: String,
}

/// What the page of an error is called.
#[derive(askama::Template)]
#[template(path = "error_title.txt")]
struct ErrorTitle {
    status: u16,
    cross_site: bool,
}

/// The page of an error instead of its bare status, in the site's frame and with the request's reference, under which
/// the log has the cause. What is no error, or has its page already, is passed on.
pub fn with_page(app: &App, reference: RequestId, mut response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let Some(fault) = response.extensions().get::<Fault>().cloned().or_else(|| without_page(&response)) else {
        return response;
    };
    if let Some(Cause { words, database }) = fault.cause {
        tracing::error!(id = %reference, error = words, database, "a request failed");
    }
    let (status, cross_site) = (fault.status.as_u16(), fault.cross_site);
    let title = ErrorTitle { status, cross_site }.render().unwrap_or_default();
    let page = ErrorPage {
        frame: Frame::plain(app).titled(title.trim()),
        status,
        cross_site,
        unsent: response.extensions_mut().remove::<UnsentForm>(),
        reference: reference.to_string(),
    };
    // The browser keeps no copy, for some forms hold what only somebody who is signed in may see. Back sends the form again.
    let mut page = match reply::page(&page) {
        Ok(page) => page,
        Err(_) => fault.status.into_response(),
    };
    *page.status_mut() = fault.status;
    if let Some(seconds) = fault.retry_after {
        page = reply::retry_after(page, seconds);
    }
    if let Some(allow) = response.headers().get(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, allow.clone());
    }
    page
}

/// A bare status, such as the router's own 405, for which nobody wrote a page; or the router's own words about an
/// address that it cannot read, which are for us and not for visitors.
fn without_page(response: &Response) -> Option<Fault> {
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_words = kind.is_some_and(|kind| kind.starts_with(b"text/plain")) && response.status().is_client_error();
    let status = response.status();
    (kind.is_none() || is_words).then_some(Fault { status, cross_site: false, retry_after: None, cause: None })
}
