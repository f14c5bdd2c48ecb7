//! `/confirm-email/{token}`: confirms a new e-mail address with the link that was sent there. Only the button confirms it,
//! because mail programs open links to check them.

use askama::Template;
use axum::{extract::State, http::StatusCode};

use super::limits;
use crate::{
    domain::Secret,
    store::registrations::{
        attendees::CorrectionError,
        email_changes::{self, Followed, Standing},
    },
    web::{App, AppError, Frame, Named, Nav, Result, Token, Visitor, page, reply},
};

/// The page.
#[derive(Template)]
#[template(path = "delegates/confirm_email.html")]
struct ConfirmEmailPage {
    frame: Frame,
    slug: String,
    email: String,
    name: String,
    token: String,
    answer: Answer,
}

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// The address can be confirmed.
    Asks,
    /// It has just been confirmed.
    Done,
    /// It was confirmed earlier.
    Before,
    /// It was not confirmed in time.
    Expired,
    /// The change was cancelled, or replaced by another one.
    Cancelled,
    /// The attendee does not come any more.
    AttendeeCancelled,
    /// Somebody else on the registration has the same name and this address.
    Twice,
    /// Delegates can change nothing any more.
    Frozen,
}

impl Answer {
    fn of(found: &Followed, app: &App) -> Self {
        match found.standing {
            Standing::Confirmed => Self::Before,
            Standing::Cancelled => Self::Cancelled,
            Standing::AttendeeCancelled => Self::AttendeeCancelled,
            Standing::Expired => Self::Expired,
            Standing::Open if found.changes_until.is_some_and(|until| until <= app.clock.now()) => Self::Frozen,
            Standing::Open => Self::Asks,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Asks => "Confirm this e-mail address?",
            Self::Done => "The new address is confirmed",
            Self::Before => "This address was confirmed before",
            Self::Expired | Self::Cancelled => "This link no longer works",
            Self::AttendeeCancelled | Self::Twice | Self::Frozen => "The address was not changed",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Asks | Self::Done => StatusCode::OK,
            Self::Before | Self::Expired | Self::Cancelled | Self::AttendeeCancelled | Self::Frozen => StatusCode::GONE,
            Self::Twice => StatusCode::CONFLICT,
        }
    }
}

impl ConfirmEmailPage {
    fn is_refused(&self) -> bool {
        self.answer.status() != StatusCode::OK
    }
}

/// `GET /confirm-email/{token}`.
pub async fn get(State(app): State<App>, Named(Token(token)): Named<Token>) -> Result {
    let secret = Secret::parse(&token).ok_or(AppError::NotFound)?;
    let found = email_changes::find(&mut *app.store.read().await?, &secret, app.clock.now()).await?;
    let found = found.ok_or(AppError::NotFound)?;
    let answer = Answer::of(&found, &app);
    respond(&app, found, token, answer).await
}

/// `POST /confirm-email/{token}`.
pub async fn post(State(app): State<App>, Named(Token(token)): Named<Token>, visitor: Visitor) -> Result {
    limits::change(&mut *app.store.read().await?, visitor).await?;
    let secret = Secret::parse(&token).ok_or(AppError::NotFound)?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    match email_changes::confirm(&mut tx, &secret, now, &app.settings.operations_address).await {
        Ok(found) => {
            let found = found.ok_or(AppError::NotFound)?;
            tx.commit().await?;
            app.outbox.notify_one();
            let answer = match Answer::of(&found, &app) {
                Answer::Asks => Answer::Done,
                refused => refused,
            };
            respond(&app, found, token, answer).await
        }
        Err(CorrectionError::Twice) => {
            drop(tx);
            let found = email_changes::find(&mut *app.store.read().await?, &secret, now).await?;
            respond(&app, found.ok_or(AppError::NotFound)?, token, Answer::Twice).await
        }
        Err(CorrectionError::Database(error)) => Err(error.into()),
        Err(error @ CorrectionError::Changed) => Err(AppError::internal(error)),
    }
}

async fn respond(app: &App, found: Followed, token: String, answer: Answer) -> Result {
    let site = app.sites.named(&app.store, &found.slug).await?;
    let view = ConfirmEmailPage {
        frame: Frame::of(app, &site, Nav::None).titled(answer.title()),
        slug: found.slug,
        email: found.email.to_string(),
        name: found.name,
        token,
        answer,
    };
    match answer.status() {
        StatusCode::OK => page(&view),
        status => reply::with_status(status, &view),
    }
}
