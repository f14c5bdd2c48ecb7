//! `/sign-in`: with e-mail address and password. A form that was sent after the login had ended passes through this
//! page and is then shown on its own page again.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use super::{
    browser,
    cookie::Cookie,
    limits, password, person,
    resumed_form::HiddenForm,
    return_path::{ReturnPath, landing},
};
use crate::{
    domain::{AccountId, EmailAddress, Secret},
    store::{
        people::{
            accounts,
            logins::{self, NewLogin},
            resumed_forms,
        },
        rate_limits::Attempt,
    },
    urls,
    web::{App, AppError, Errors, FieldMessage, Frame, Missing, Result, Submitted, Visitor, reply, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "access/sign_in.html")]
pub struct SignInPage {
    frame: Frame,
    form: Submitted,
    errors: Errors,
    next: Option<ReturnPath>,
    hidden_form: HiddenForm,
    done: Done,
}

/// What the person did just before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Nothing,
    SignedOut,
    PasswordSet,
}

/// The error messages of this form.
#[derive(Template)]
#[template(path = "access/sign_in_errors.txt")]
enum ErrorMessage {
    Wrong,
    TooOften { minutes: u32 },
}

/// The query of the address.
#[derive(serde::Deserialize)]
pub struct Asked {
    next: Option<String>,
    done: Option<String>,
}

impl SignInPage {
    /// Creates the page. After signing in, it leads to `next`, where `hidden_form` is shown again.
    pub fn new(app: &App, next: Option<ReturnPath>, hidden_form: HiddenForm) -> Self {
        Self {
            frame: Frame::plain(app).titled("Sign in"),
            form: Submitted::default(),
            errors: Errors::default(),
            next,
            hidden_form,
            done: Done::Nothing,
        }
    }

    /// Renders the page with this status.
    pub fn answer(&self, status: StatusCode) -> Result {
        reply::with_status(status, self)
    }

    /// Renders the page with this error in this field.
    fn again(mut self, field: &str, message: &impl Template) -> Result {
        self.errors.add(field, message);
        self.answer(StatusCode::UNPROCESSABLE_ENTITY)
    }
}

/// `GET /sign-in`: shows the page. People who are signed in already are redirected at once.
pub async fn get(State(app): State<App>, Query(asked): Query<Asked>, headers: HeaderMap) -> Result {
    let next = asked.next.as_deref().and_then(ReturnPath::parse);
    if let Some(person) = person(&app, &headers).await? {
        return Ok(see_other(&next.map_or_else(|| landing(&person), |next| next.as_str().to_owned())));
    }
    let mut page = SignInPage::new(&app, next, HiddenForm::default());
    page.done = match asked.done.as_deref() {
        Some("signed-out") => Done::SignedOut,
        Some("password-set") => Done::PasswordSet,
        _ => Done::Nothing,
    };
    page.answer(StatusCode::OK)
}

/// `POST /sign-in`: begins a login and redirects, or says that the e-mail address and password do not match. It never
/// says which of the two is wrong.
pub async fn post(State(app): State<App>, visitor: Visitor, headers: HeaderMap, form: Submitted) -> Result {
    let next = ReturnPath::parse(form.get("next"));
    let mut page = SignInPage::new(&app, next.clone(), HiddenForm::of(&form));
    page.form = Submitted::new(vec![("email".to_owned(), form.get("email").to_owned())]);
    let email = page.errors.check_required("email", EmailAddress::parse(form.get("email")), Missing::YourEmail);
    if form.get("password").is_empty() {
        page.errors.add("password", &FieldMessage::Missing(Missing::YourPassword));
    }
    let (Some(email), true) = (email, page.errors.is_empty()) else {
        return page.answer(StatusCode::UNPROCESSABLE_ENTITY);
    };
    let mut conn = app.store.read().await?;
    let known = accounts::find_by_email(&mut conn, &email).await?;
    let (account, kept) = known.map_or((None, None), |known| (Some(known.account), known.password_hash));
    // The query also runs if there is no account, so that the response time does not reveal whether there is one.
    let asked = account.unwrap_or(AccountId::NOBODY);
    let browser = match Cookie::Browser.secret(&app, &headers) {
        Some(secret) if logins::is_known_to(&mut conn, asked, secret.hash()).await? => Some(secret.hash()),
        _ => None,
    };
    let limited = limits::sign_in(&mut conn, visitor, &email, account, browser).await?;
    // Other requests may use the connection while the password is checked.
    drop(conn);
    let right = match limited {
        Attempt::Allowed => password::is_right(form.get("password"), kept).await,
        Attempt::TooMany { retry_after } => Err(AppError::TooMany { retry_after }),
    };
    match (right, account) {
        (Ok(true), Some(account)) => begin(&app, account, visitor, &headers, next, page.hidden_form).await,
        (Ok(_), _) => {
            tracing::warn!(
                account = account.map(tracing::field::display),
                network = visitor.network(),
                "a sign-in failed"
            );
            page.again("email", &ErrorMessage::Wrong)
        }
        (Err(AppError::TooMany { retry_after }), _) => Ok(reply::with_account(account, too_often(page, retry_after)?)),
        (Err(error), _) => Err(error),
    }
}

fn too_often(mut page: SignInPage, retry_after: u32) -> Result {
    page.errors.add("email", &ErrorMessage::TooOften { minutes: retry_after.div_ceil(60) });
    reply::too_many(&page, retry_after)
}

/// Begins a login with a new secret and ends the browser's previous login.
async fn begin(
    app: &App,
    account: AccountId,
    visitor: Visitor,
    headers: &HeaderMap,
    next: Option<ReturnPath>,
    hidden_form: HiddenForm,
) -> Result {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if let Some(former) = Cookie::Login.secret(app, headers) {
        logins::end(&mut tx, former.hash(), now).await?;
    }
    // A secret that we did not issue may be known to an attacker who set it.
    let known = match Cookie::Browser.secret(app, headers) {
        Some(secret) if logins::is_known_browser(&mut tx, secret.hash()).await? => secret,
        _ => Secret::random(),
    };
    let begun = NewLogin {
        account,
        browser: browser::user_agent(headers),
        network: &visitor.network(),
        known_by: known.hash(),
    };
    let secret = logins::begin(&mut tx, begun, now).await?;
    let person = logins::find(&mut tx, secret.hash(), now).await?.ok_or(AppError::Forbidden)?;
    let target = match next {
        Some(next) if !hidden_form.is_empty() => {
            next.with_form(resumed_forms::keep(&mut tx, account, next.path(), hidden_form.fields(), now).await?)
        }
        Some(next) => next.as_str().to_owned(),
        None => landing(&person),
    };
    tx.commit().await?;
    tracing::info!(%account, network = visitor.network(), "signed in");
    let mut response = with_login(see_other(&target), app, Some(&secret));
    response.headers_mut().append(header::SET_COOKIE, Cookie::Browser.header(app, Some(&known)));
    Ok(response)
}

/// Adds the header that sets the login's cookie, or deletes it if there is no secret.
pub fn with_login(mut response: Response, app: &App, secret: Option<&Secret>) -> Response {
    response.headers_mut().insert(header::SET_COOKIE, Cookie::Login.header(app, secret));
    response
}

/// `POST /sign-out`: ends this browser's login, if it has one. The browser forgets the copies of what was typed in the
/// editors (`static/js/local_copy.js`).
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result {
    if let Some(secret) = Cookie::Login.secret(&app, &headers) {
        logins::end(&mut *app.store.read().await?, secret.hash(), app.clock.now()).await?;
    }
    let mut response = with_login(see_other(&urls::access::signed_out()), &app, None);
    let stored = HeaderValue::from_static("\"storage\"");
    response.headers_mut().insert(HeaderName::from_static("clear-site-data"), stored);
    Ok(response)
}
