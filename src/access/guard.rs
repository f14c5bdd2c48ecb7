//! The middleware that checks who may use a route.

use axum::{
    extract::{FromRequest, MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};

use super::{person, resumed_form::HiddenForm, return_path::ReturnPath, sign_in::SignInPage};
use crate::{
    domain::{AccountId, Action, ConferenceId, SignedIn},
    store::{outbox, people::resumed_forms},
    urls,
    web::{App, AppError, ConferenceSlug, Named, Result, Submitted, reply::with_account, see_other},
};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody, signed in or not.
    Anyone,
    /// People who are signed in, in any role.
    SignedIn,
    /// People whose role allows this action at the conference in the address. If the address names no conference, any
    /// conference will do.
    May(Action),
}

/// The state of a route's guard.
#[derive(Clone)]
struct Guarded {
    app: App,
    who: Who,
    /// Whether the address also answers `GET`.
    is_page: bool,
}

/// Puts a guard in front of the handlers of a route with this path. `is_page` says whether the address also answers `GET`, so
/// that people can come back to it after signing in.
pub fn guarded(route: MethodRouter<App>, app: &App, (path, who): (&str, Who), is_page: bool) -> MethodRouter<App> {
    match who {
        // Whoever has the secret of a link may follow it, whatever the state of the conference.
        Who::Anyone if path.starts_with("/{c}") && !path.contains("{token}") => {
            route.route_layer(from_fn_with_state(app.clone(), hide_in_preparation))
        }
        Who::Anyone => route,
        _ => route.route_layer(from_fn_with_state(Guarded { app: app.clone(), who, is_page }, guard)),
    }
}

/// Hides the public pages of a conference in preparation from everybody who is not signed in. Nothing may store them.
async fn hide_in_preparation(
    State(app): State<App>,
    Named(ConferenceSlug(slug)): Named<ConferenceSlug>,
    request: Request,
    next: Next,
) -> Result {
    if !app.sites.is_in_preparation(&app.store, &slug).await? {
        return Ok(next.run(request).await);
    }
    let person = person(&app, request.headers()).await?.ok_or(AppError::NotFound)?;
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(with_account(Some(person.account), response))
}

async fn guard(
    State(guarded): State<Guarded>,
    slug: Option<Named<ConferenceSlug>>,
    mut request: Request,
    next: Next,
) -> Result {
    let Some(mut person) = person(&guarded.app, request.headers()).await? else {
        return sign_in_first(&guarded, request).await;
    };
    let account = person.account;
    person.page = request.extensions().get::<MatchedPath>().and_then(|path| for_other_conferences(&guarded, path));
    if let Who::May(action) = guarded.who {
        let conference = conference(&guarded.app, slug, &person, action).await;
        if !matches!(conference, Ok(conference) if person.may(action, conference)) {
            let refused = conference.err().unwrap_or(AppError::Forbidden).into_response();
            return Ok(with_account(Some(account), for_desk(refused, &person)));
        }
        // Scripts ask for parts of a page, which have no frame.
        let has_frame = !request.headers().contains_key("hx-request");
        if has_frame {
            person.failed_mails = failed_mails(&guarded.app, conference.ok().flatten(), &person).await?;
        }
    }
    let sent_to = (*request.method() == Method::POST).then(|| request.uri().path().to_owned());
    request.extensions_mut().insert(person.clone());
    let response = with_account(Some(account), for_desk(next.run(request).await, &person));
    if let (Some(path), StatusCode::SEE_OTHER) = (sent_to, response.status()) {
        drop_resumed(&guarded.app, account, &path).await;
    }
    Ok(response)
}

/// Returns the pattern of a page that other conferences have, too.
fn for_other_conferences(guarded: &Guarded, path: &MatchedPath) -> Option<String> {
    let path = path.as_str();
    let is_everywhere = guarded.is_page && path.contains("{c}") && path.matches('{').count() == 1;
    is_everywhere.then(|| path.to_owned())
}

/// Adds who is signed in to an error response, so that its page stays in the frame of the desk.
fn for_desk(mut response: Response, person: &SignedIn) -> Response {
    if response.status().is_client_error() || response.status().is_server_error() {
        response.extensions_mut().insert(person.clone());
    }
    response
}

/// Deletes the resumed form of this path, because the form has now been saved. An error does not fail the request: the
/// row expires after a day.
async fn drop_resumed(app: &App, account: AccountId, path: &str) {
    let dropped = async { resumed_forms::drop_taken(&mut *app.store.read().await?, account, path).await };
    if let Err(error) = dropped.await {
        tracing::warn!(%error, "a resumed form could not be dropped");
    }
}

/// Returns the conference in the address. Only people who may do this everywhere learn that a conference does not
/// exist; for others the action is forbidden.
async fn conference(
    app: &App,
    slug: Option<Named<ConferenceSlug>>,
    person: &SignedIn,
    action: Action,
) -> Result<Option<ConferenceId>> {
    let Some(Named(ConferenceSlug(slug))) = slug else { return Ok(None) };
    match app.sites.named(&app.store, &slug).await {
        Ok(site) => Ok(Some(site.conference.id)),
        Err(AppError::NotFound) if !person.may_everywhere(action) => Err(AppError::Forbidden),
        Err(error) => Err(error),
    }
}

/// Counts the mails of a conference that need somebody, for the frame of the page.
async fn failed_mails(app: &App, conference: Option<ConferenceId>, person: &SignedIn) -> Result<i64> {
    let Some(conference) = conference.filter(|one| person.may(Action::ReadMail, Some(*one))) else { return Ok(0) };
    Ok(outbox::count_failed(&mut *app.store.read().await?, conference).await?)
}

/// Leads to the sign-in page and then back here. A submitted form is passed on in hidden fields.
async fn sign_in_first(guarded: &Guarded, request: Request) -> Result {
    let here = request.uri().path_and_query().and_then(|here| ReturnPath::parse(here.as_str()));
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        if request.headers().contains_key("hx-request") {
            // A script asks for a part of an open page. The browser has to load the whole page again.
            return Ok((StatusCode::NO_CONTENT, [("hx-refresh", "true")]).into_response());
        }
        return Ok(see_other(&urls::access::sign_in(here.as_ref().map(ReturnPath::as_str))));
    }
    if !guarded.is_page {
        let page = SignInPage::new(
            &guarded.app,
            ReturnPath::referring(&guarded.app, request.headers()),
            HiddenForm::default(),
        );
        return page.answer(StatusCode::UNAUTHORIZED);
    }
    let kept = match Submitted::from_request(request, &guarded.app).await {
        Ok(form) => HiddenForm::first(&form),
        Err(AppError::UnsupportedMediaType) => HiddenForm::default(),
        Err(error) => return Err(error),
    };
    SignInPage::new(&guarded.app, here, kept).answer(StatusCode::UNAUTHORIZED)
}
