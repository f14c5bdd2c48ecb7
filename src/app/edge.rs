//! What every request passes through: it gets a reference, limits, the security headers and one line in the log.

use std::{
    future::poll_fn,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, MatchedPath, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout};
use tower::Service;

use super::{
    json_lines::REQUEST,
    progress::{Copied, Progress, record_route},
};
use crate::{
    domain::AccountId,
    routes, urls,
    web::{
        App, AppError, csrf,
        encoding::{Compressible, Encoding},
        error_page::{UnsentForm, with_page},
        extract::{Peer, RequestId, Visitor},
        headers,
        large_forms::{LargeFormLimiter, LargeFormPermit, announced_length},
        multipart::{self, is_multipart},
        page_cache::CachedPage,
    },
};

/// The largest request body, in bytes, except on the pages below. Ordinary forms are far smaller.
const LARGEST_BODY: usize = 256 * 1024;
/// The largest request body of the forms into which people are pasted from a spreadsheet, in bytes. Whoever pastes 5,000 rows
/// learns how many a registration can have, and finds everything else on the form as it was.
const LARGEST_PASTE_BODY: usize = 1024 * 1024;
/// The largest request body of an editor, in bytes. A form that resolves a conflict carries both versions of a text,
/// each of at most 40,000 characters, and a Greek letter takes six bytes when it is URL-encoded.
const LARGEST_EDITOR_BODY: usize = 512 * 1024;
/// The largest request body of the sign-in form, in bytes. It may carry a form whose login had ended, with a prefix on
/// the name of each field.
const LARGEST_SIGN_IN_BODY: usize = 1024 * 1024;
/// The largest request body of an editor's form with a file, in bytes. It is larger than any file that is accepted, so that
/// for a file that is too large, too, the editor is shown again with everything that was typed.
const LARGEST_UPLOAD_BODY: usize = 32 * 1024 * 1024;
/// How many bytes of a body that is too large are read and dropped, so that the browser shows the response.
const DRAIN_LIMIT: usize = 2 * 1024 * 1024;
/// How long the server waits for the rest of a form that it could not handle, in order to give it back to its sender.
const FORM_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time from the end of a request's headers to the response. It ends slow uploads and handlers that hang.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for forms with a file: enough for a large picture over the network of a train.
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(3);

/// Everything between a connection and the handlers.
pub struct Edge {
    app: App,
    router: Router,
    headers: HeaderMap,
    large_forms: LargeFormLimiter,
}

impl Edge {
    /// Builds the router and everything around it.
    pub fn new(app: App) -> Self {
        let router = routes::router(&app).layer(middleware::map_request(record_route)).with_state(app.clone());
        Self { headers: headers::security(app.is_secure()), router, app, large_forms: LargeFormLimiter::default() }
    }

    /// Answers a request, even if its handler fails, panics or hangs.
    pub async fn answer(&self, peer: SocketAddr, mut request: Request<Incoming>) -> Response {
        let started = Instant::now();
        let reference = RequestId::random();
        if let Some(page) = self.cached_page(&request) {
            let response = page.answer(request.headers());
            log(reference, "GET", page.route(), &response, started);
            return response;
        }
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let visitor = Visitor::of(&self.app, peer, request.headers());
        let encoding = Encoding::of(request.headers());
        let progress = Progress::default();
        let permit = self.large_forms.permit_for(visitor, request.headers());
        if let Some(permit) = &permit {
            request.extensions_mut().insert(permit.clone());
        }
        let answer = self.handle(peer, reference, request, &progress).await;
        let answer = Compressible::compress(encoding, &method, answer).await;
        record_route_of_cached_page(&answer, &progress);
        if matches!(answer.status(), StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS) {
            let network = visitor.network();
            let account = answer.extensions().get::<AccountId>().map(tracing::field::display);
            tracing::warn!(id = %reference, status = answer.status().as_u16(), account, network, "a request was refused");
        }
        let mut response = with_page(&self.app, reference, &path, answer).await;
        for (name, value) in &self.headers {
            response.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
        log(reference, method.as_str(), progress.route().map_or("none", MatchedPath::as_str), &response, started);
        match permit {
            Some(permit) => permit.hold_until_sent(response),
            None => response,
        }
    }

    /// Renders the most visited pages into the cache, so that the first visitors need not wait and the pages survive an
    /// outage of the database. A page that fails is rendered again when the first visitor asks for it.
    pub async fn render_ahead(&self) {
        let Ok(site) = self.app.sites.current(&self.app.store).await else { return };
        let slug = &site.conference.slug;
        let paths = [urls::public::root(), urls::public::home(slug), urls::public::programme(slug)];
        let rendering: Vec<_> = paths.into_iter().map(|path| tokio::spawn(render(self.router.clone(), path))).collect();
        for page in rendering {
            // An error means that the rendering panicked.
            let _ = page.await;
        }
    }

    /// Finds a public page that is cached under exactly this address. Everybody may read it, so it needs no route and
    /// no guard.
    fn cached_page(&self, request: &Request<Incoming>) -> Option<CachedPage> {
        let address = request.uri().path_and_query()?.as_str();
        if *request.method() == Method::GET { self.app.cached_page(address) } else { None }
    }

    async fn handle(
        &self,
        peer: SocketAddr,
        reference: RequestId,
        request: Request<Incoming>,
        progress: &Progress,
    ) -> Response {
        if csrf::refuses(request.method(), request.headers(), &self.app.public_url) {
            return AppError::CrossSite.into_response();
        }
        let is_upload = is_multipart(request.headers());
        let largest = match request.uri().path() {
            path if path == urls::access::sign_in(None) => LARGEST_SIGN_IN_BODY,
            path if path.starts_with(&urls::organisers::home()) && is_upload => LARGEST_UPLOAD_BODY,
            path if path.starts_with(&urls::organisers::home()) => LARGEST_EDITOR_BODY,
            path if urls::public::takes_paste(path) => LARGEST_PASTE_BODY,
            _ => LARGEST_BODY,
        };
        if announced_length(request.headers()) > largest {
            return too_large(request).await;
        }
        let permit = request.extensions().get::<LargeFormPermit>().cloned();
        let unsent = UnsentForm::of(request.method(), request.uri(), request.headers());
        // Of a form with a file, only the fields before the file are given back.
        let most = if is_upload { multipart::MOST_TEXT } else { largest };
        let copied = unsent.is_some().then_some(Copied { most, keeps_start: is_upload });
        let mut request = request.map(|body| progress.watch(body, copied));
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(reference);
        request.extensions_mut().insert(progress.clone());
        DefaultBodyLimit::max(largest).apply(&mut request);
        let canonical = canonical(&request);
        if let Some(address) = &canonical {
            *request.uri_mut() = address.clone();
        }
        let answer = self.router.clone().call(request);
        let mut response =
            match timeout(if is_upload { UPLOAD_TIMEOUT } else { REQUEST_TIMEOUT }, catch_panic(answer)).await {
                Ok(Ok(Ok(response))) => match canonical {
                    Some(address) => moved(&address, response),
                    None => response,
                },
                Ok(Ok(Err(never))) => match never {},
                Ok(Err(panicked)) => AppError::internal(panicked).into_response(),
                Err(_) if progress.waits_for_body() => AppError::TooSlow.into_response(),
                Err(_) => AppError::Stuck.into_response(),
            };
        if let (StatusCode::SERVICE_UNAVAILABLE, Some(unsent)) = (response.status(), unsent)
            && let Ok(Some(body)) = timeout(FORM_TIMEOUT, whole_form(permit, progress)).await
            && let Some(unsent) = unsent.with_body(&body).await
        {
            response.extensions_mut().insert(unsent);
        }
        response
    }
}

/// Reads the whole form of a request whose handler may not have read it. A large form waits for its permit, and its
/// sender counts as not signed in, because that could only be checked in the database.
async fn whole_form(permit: Option<LargeFormPermit>, progress: &Progress) -> Option<Vec<u8>> {
    if let Some(permit) = permit {
        permit.acquire(false).await.ok()?;
    }
    progress.whole_body().await
}

/// Renders the page at this path into the cache, with its route.
async fn render(mut router: Router, path: String) {
    let progress = Progress::default();
    let Ok(mut request) = Request::get(&path).body(Body::empty()) else { return };
    request.extensions_mut().insert(progress.clone());
    let Ok(answer) = router.call(request).await;
    record_route_of_cached_page(&answer, &progress);
    if !answer.status().is_success() {
        tracing::debug!(path, status = answer.status().as_u16(), "a page could not be rendered ahead");
    }
}

/// Stores the route with a page that has just been cached, so that later requests for it are logged with that route.
fn record_route_of_cached_page(answer: &Response, progress: &Progress) {
    if let (Some(page), Some(route)) = (answer.extensions().get::<CachedPage>(), progress.route()) {
        page.set_route(route);
    }
}

/// Returns the canonical address, with the request's query, for a request that reads a page at another address.
fn canonical(request: &Request) -> Option<Uri> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let path = routes::canonical(request.uri().path())?;
    let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
    Uri::try_from(format!("{path}{query}")).ok()
}

/// Redirects to the canonical address (301) if the page exists there. Otherwise returns the response unchanged, such as
/// 404.
fn moved(to: &Uri, answer: Response) -> Response {
    if !answer.status().is_success() && !answer.status().is_redirection() {
        return answer;
    }
    let mut moved = match HeaderValue::try_from(to.to_string()) {
        Ok(location) => (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, location)]).into_response(),
        Err(error) => return AppError::internal(error).into_response(),
    };
    // Nothing may store where a page of a conference in preparation is.
    if let Some(control) = answer.headers().get(header::CACHE_CONTROL).filter(|control| *control == "no-store") {
        moved.headers_mut().insert(header::CACHE_CONTROL, control.clone());
    }
    // If the page has just been cached, its route is still to be stored.
    if let Some(page) = answer.extensions().get::<CachedPage>() {
        moved.extensions_mut().insert(page.clone());
    }
    moved
}

/// Writes the request's line in the log. It names the route's pattern, never the path, because paths may contain
/// secrets.
fn log(reference: RequestId, method: &str, route: &str, response: &Response, started: Instant) {
    tracing::info!(
        target: REQUEST,
        id = %reference,
        method,
        route,
        status = response.status().as_u16(),
        ms = started.elapsed().as_secs_f64() * 1000.0,
    );
}

/// Answers 413. Browsers show a response only after they have sent their whole body, so up to [`DRAIN_LIMIT`] bytes of
/// it are read and dropped.
async fn too_large(request: Request<Incoming>) -> Response {
    if !request.headers().contains_key(header::EXPECT) {
        let mut body = request.into_body();
        let mut left = DRAIN_LIMIT;
        let drain = async {
            while let Some(Ok(frame)) = body.frame().await {
                left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
                if left == 0 {
                    break;
                }
            }
        };
        let _ = timeout(Duration::from_secs(10), drain).await;
    }
    let mut response = AppError::TooLarge.into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Returns the future's output, or the message of its panic, so that a panic in a handler ends only its own request.
async fn catch_panic<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
            Poll::Ready(Err(format!("a handler panicked: {text}")))
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_a_handler_ends_only_its_own_request() {
        let message = catch_panic(async { panic!("out of {}", "luck") }).await;
        assert_eq!(message, Err::<(), _>("a handler panicked: out of luck".to_owned()));
        assert_eq!(catch_panic(async { 7 }).await, Ok(7));
    }
}
