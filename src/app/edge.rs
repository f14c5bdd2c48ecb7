//! What happens around every request: its reference, its limits, its headers, its one line in the log.

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
    progress::{Progress, note_route},
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
        large_forms::{LargeForms, Turn, announced_length},
        page_cache::Kept,
    },
};

/// No form of ours comes near this, but for those below; nothing larger is read.
const LARGEST_BODY: usize = 256 * 1024;
/// Who decides in an editor between two versions of a text sends both, each of at most 40,000 characters; a Greek one
/// takes six bytes on its way.
const LARGEST_EDITED: usize = 512 * 1024;
/// The sign-in form may bring along a form whose login had ended, each field under a longer name.
const LARGEST_SIGN_IN: usize = 1024 * 1024;
/// A body that is too large is read on, up to this, so that its sender gets to see the answer.
const DRAINED: usize = 2 * 1024 * 1024;
/// How long a form that could not be handled is waited for, so that its sender gets it back.
const FORM_TIME: Duration = Duration::from_secs(10);
/// From a request's headers to the answer's: slow senders and stuck handlers end here.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// Everything between a connection and the handlers. Cheap to share, made once.
pub struct Edge {
    app: App,
    router: Router,
    headers: HeaderMap,
    large_forms: LargeForms,
}

impl Edge {
    /// The edge around all routes.
    pub fn new(app: App) -> Self {
        let router = routes::router(&app).layer(middleware::map_request(note_route)).with_state(app.clone());
        Self { headers: headers::security(app.is_secure()), router, app, large_forms: LargeForms::default() }
    }

    /// Answers a request, whatever happens on the way.
    pub async fn answer(&self, peer: SocketAddr, mut request: Request<Incoming>) -> Response {
        let started = Instant::now();
        let reference = RequestId::random();
        if let Some(page) = self.kept(&request) {
            let response = page.answer(request.headers());
            log(reference, "GET", page.route(), &response, started);
            return response;
        }
        let method = request.method().clone();
        let visitor = Visitor::of(&self.app, peer, request.headers());
        let encoding = Encoding::of(request.headers());
        let progress = Progress::default();
        let turn = self.large_forms.turn(visitor, request.headers());
        if let Some(turn) = &turn {
            request.extensions_mut().insert(turn.clone());
        }
        let answer = self.handle(peer, reference, request, &progress).await;
        let answer = Compressible::compress(encoding, &method, answer).await;
        tell_route(&answer, &progress);
        if matches!(answer.status(), StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS) {
            let network = visitor.network();
            let account = answer.extensions().get::<AccountId>().map(tracing::field::display);
            tracing::warn!(id = %reference, status = answer.status().as_u16(), account, network, "a request was refused");
        }
        let mut response = with_page(&self.app, reference, answer);
        for (name, value) in &self.headers {
            response.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
        log(reference, method.as_str(), progress.route().map_or("none", MatchedPath::as_str), &response, started);
        match turn {
            Some(turn) => turn.lasts_with(response),
            None => response,
        }
    }

    /// Renders the pages that most visitors come for, so that they are kept before the first one asks, or before the
    /// database goes away. What fails is left to the first visitor.
    pub async fn render_ahead(&self) {
        let Ok(site) = self.app.sites.current(&self.app.store).await else { return };
        let slug = &site.conference.slug;
        let paths = [urls::public::root(), urls::public::home(slug), urls::public::programme(slug)];
        let rendering: Vec<_> = paths.into_iter().map(|path| tokio::spawn(render(self.router.clone(), path))).collect();
        for page in rendering {
            // One that panicked is the first visitor's to see.
            let _ = page.await;
        }
    }

    /// A public page that is kept under just this address needs no route: whoever may ask, gets it.
    fn kept(&self, request: &Request<Incoming>) -> Option<Kept> {
        let address = request.uri().path_and_query()?.as_str();
        if *request.method() == Method::GET { self.app.kept_already(address) } else { None }
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
        let largest = match request.uri().path() {
            path if path == urls::access::sign_in(None) => LARGEST_SIGN_IN,
            path if path.starts_with(&urls::organisers::home()) => LARGEST_EDITED,
            _ => LARGEST_BODY,
        };
        if announced_length(request.headers()) > largest {
            return too_large(request).await;
        }
        let turn = request.extensions().get::<Turn>().cloned();
        let unsent = UnsentForm::of(request.method(), request.uri(), request.headers());
        let keep = unsent.is_some().then_some(largest);
        let mut request = request.map(|body| progress.watch(body, keep));
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(reference);
        request.extensions_mut().insert(progress.clone());
        DefaultBodyLimit::max(largest).apply(&mut request);
        let canonical = canonical(&request);
        if let Some(address) = &canonical {
            *request.uri_mut() = address.clone();
        }
        let answer = self.router.clone().call(request);
        let mut response = match timeout(REQUEST_TIME, caught(answer)).await {
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
            && let Ok(Some(body)) = timeout(FORM_TIME, whole_form(turn, progress)).await
            && let Some(unsent) = unsent.with_body(&body)
        {
            response.extensions_mut().insert(unsent);
        }
        response
    }
}

/// The whole form of a request whose handler may not have read it, in the form's turn. That its sender is signed in cannot be
/// told without the database.
async fn whole_form(turn: Option<Turn>, progress: &Progress) -> Option<Vec<u8>> {
    if let Some(turn) = turn {
        turn.take(false).await.ok()?;
    }
    progress.whole_body().await
}

/// Renders the page at this path, and notes its route.
async fn render(mut router: Router, path: String) {
    let progress = Progress::default();
    let Ok(mut request) = Request::get(&path).body(Body::empty()) else { return };
    request.extensions_mut().insert(progress.clone());
    let Ok(answer) = router.call(request).await;
    tell_route(&answer, &progress);
    if !answer.status().is_success() {
        tracing::debug!(path, status = answer.status().as_u16(), "a page could not be rendered ahead");
    }
}

/// Tells a page that is kept from now on which route it belongs to.
fn tell_route(answer: &Response, progress: &Progress) {
    if let (Some(page), Some(route)) = (answer.extensions().get::<Kept>(), progress.route()) {
        page.belongs_to(route);
    }
}

/// The canonical address for a request that reads a page at another address, with the request's query.
fn canonical(request: &Request) -> Option<Uri> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let path = routes::canonical(request.uri().path())?;
    let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
    Uri::try_from(format!("{path}{query}")).ok()
}

/// 301 to the canonical address if the page exists; otherwise the answer as it is, such as 404.
fn moved(to: &Uri, answer: Response) -> Response {
    if !answer.status().is_success() && !answer.status().is_redirection() {
        return answer;
    }
    let mut moved = match HeaderValue::try_from(to.to_string()) {
        Ok(location) => (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, location)]).into_response(),
        Err(error) => return AppError::internal(error).into_response(),
    };
    // A page that has just been cached still has to learn its route.
    if let Some(kept) = answer.extensions().get::<Kept>() {
        moved.extensions_mut().insert(kept.clone());
    }
    moved
}

/// The one line of a request. It has the route's pattern and never its path, which may hold a secret.
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

/// 413. Browsers show an answer only after they have sent their whole body, so a bounded part of it is read and dropped.
async fn too_large(request: Request<Incoming>) -> Response {
    if !request.headers().contains_key(header::EXPECT) {
        let mut body = request.into_body();
        let mut left = DRAINED;
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

/// The future's output, or the words of its panic: a fault in one handler ends one request.
async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words");
            Poll::Ready(Err(format!("a handler panicked: {text}")))
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_handler_that_panics_costs_its_own_request_only() {
        let words = caught(async { panic!("out of {}", "luck") }).await;
        assert_eq!(words, Err::<(), _>("a handler panicked: out of luck".to_owned()));
        assert_eq!(caught(async { 7 }).await, Ok(7));
    }
}
