//! The error page, which also gives back a form that could not be handled.

use std::sync::Arc;

use askama::Template as _;
use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use super::{
    App, Desk, DeskNav, Frame, Nav, Site, Submitted,
    error::{Cause, Fault},
    extract::RequestId,
    form::is_form,
    reply,
};
use crate::domain::SignedIn;

/// A form that could not be handled for the moment. The error page contains everything that was typed except passwords,
/// and can send it to the same address again. That is safe for registrations, because their form contains a submission
/// number under which a registration is stored only once.
#[derive(Clone, Debug)]
pub struct UnsentForm {
    address: String,
    content_type: HeaderValue,
    form: Submitted,
    lacks_password: bool,
}

impl UnsentForm {
    /// Returns the request's form, still without its fields, if a browser sends one. Requests by htmx are left out,
    /// because then the form stays on the page.
    pub fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let is_sent = *method == Method::POST && is_form(headers) && !headers.contains_key("hx-request");
        let address = uri.path_and_query().filter(|_| is_sent)?.to_string();
        let content_type = headers.get(header::CONTENT_TYPE)?.clone();
        Some(Self { address, content_type, form: Submitted::default(), lacks_password: false })
    }

    /// Adds the form's fields. Of a form with a file, `body` may be the beginning. Returns `None` if there are too many
    /// fields, or only passwords.
    pub async fn with_body(mut self, body: &[u8]) -> Option<Self> {
        let sent = Submitted::recover(&self.content_type, body).await.ok()?;
        self.form = sent.without_passwords();
        self.lacks_password = self.form.fields().len() < sent.fields().len();
        (!self.lacks_password || !self.form.fields().is_empty()).then_some(self)
    }
}

#[derive(askama::Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    said: Said,
    unsent: Option<UnsentForm>,
    reference: String,
}

/// The same in the frame of the desk, for people who are signed in.
#[derive(askama::Template)]
#[template(path = "desk_error.html")]
struct DeskErrorPage {
    desk: Desk,
    title: String,
    said: Said,
    unsent: Option<UnsentForm>,
    reference: String,
}

/// What an error page says. By itself, its title.
#[derive(askama::Template)]
#[template(path = "error_title.txt")]
struct Said {
    status: u16,
    cross_site: bool,
    withdrawn: bool,
    /// Whether the address is that of a manage link, which does not work.
    is_dead_link: bool,
}

/// Adds the error page to an error response, to a request for `path`, that has no page of its own. The page is in the site's frame, or
/// in the desk's if the response belongs to somebody who is signed in there, and shows the request's reference, under which the log has
/// the cause. All other responses are returned unchanged.
pub async fn with_page(app: &App, reference: RequestId, path: &str, mut response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let Some(fault) = response.extensions().get::<Fault>().cloned().or_else(|| without_page(&response)) else {
        return response;
    };
    if let Some(Cause { message, database_code }) = fault.cause {
        tracing::error!(id = %reference, error = message, database = database_code, "a request failed");
    }
    let (status, cross_site, withdrawn) = (fault.status.as_u16(), fault.cross_site, fault.withdrawn);
    let is_dead_link = status == 404
        && ["/manage/", "/confirm-email/", "/another-person/"].iter().any(|links| path.starts_with(links));
    let said = Said { status, cross_site, withdrawn, is_dead_link };
    let title = said.render().unwrap_or_default();
    let unsent = response.extensions_mut().remove::<UnsentForm>();
    let (title, reference) = (title.trim().to_owned(), reference.to_string());
    let page = if let Some(person) = response.extensions_mut().remove::<SignedIn>() {
        let site = site_of(app, path.split('/').nth(2)).await;
        let desk = Desk::new(DeskNav::None, site.as_ref(), &person);
        reply::page(&DeskErrorPage { desk, title, said, unsent, reference })
    } else {
        let site = match fault.status {
            // Who is not signed in does not learn of a conference in preparation.
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                site_of(app, path.split('/').nth(1)).await.filter(|site| !site.conference.in_preparation)
            }
            _ => None,
        };
        let frame = site.map_or_else(|| Frame::plain(app), |site| Frame::of(app, &site, Nav::None)).titled(title);
        reply::page(&ErrorPage { frame, said, unsent, reference })
    };
    // The browser stores no copy of the page, because some forms hold data for signed-in people only.
    let mut page = page.unwrap_or_else(|_| fault.status.into_response());
    *page.status_mut() = fault.status;
    if let Some(seconds) = fault.retry_after {
        page = reply::retry_after(page, seconds);
    }
    if let Some(allow) = response.headers().get(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, allow.clone());
    }
    page
}

/// Returns the conference with the slug in the address, if there is one.
async fn site_of(app: &App, slug: Option<&str>) -> Option<Arc<Site>> {
    // All slugs of conferences end with the year, so that most invented addresses are not looked up.
    let slug = slug.filter(|slug| slug.ends_with(|c: char| c.is_ascii_digit()))?;
    app.sites.named(&app.store, slug).await.ok()
}

/// Returns the error of a response that has no page: a bare status such as the router's own 405, or the router's
/// plain-text message about a malformed address, which means nothing to visitors.
fn without_page(response: &Response) -> Option<Fault> {
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_plain_text = kind.is_some_and(|kind| kind.starts_with(b"text/plain")) && response.status().is_client_error();
    let status = response.status();
    (kind.is_none() || is_plain_text).then_some(Fault {
        status,
        cross_site: false,
        withdrawn: false,
        retry_after: None,
        cause: None,
    })
}
