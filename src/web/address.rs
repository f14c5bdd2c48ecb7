//! The parameters of a route's pattern. Each parameter has a type that knows its name and how to parse it.
#![expect(clippy::disallowed_types, reason = "only this module reads parameters of addresses")]

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts, RawPathParams},
    http::request::Parts,
};

use super::{App, AppError, Site};
use crate::domain::{
    AccountId, AttendeeId, AttendeeNoteId, BatchId, CategoryId, CodeId, ConferenceId, FileId, MailTemplateId,
    MailingId, MessageId, PageId, PaymentId, PersonId, PictureId, PictureSize, QuestionId, RegistrationId,
    ReleaseNumber, RevisionId, RoomId, SavedViewId, SessionId, SessionKindId, TextId, TopicId,
};
use crate::store::sites;

/// A value that is a parameter of addresses.
pub trait Part: Sized {
    /// The name of the parameter in patterns.
    const NAME: &'static str;

    /// Parses the value. Returns `None` if the text is not such a value.
    fn read(text: &str) -> Option<Self>;
}

macro_rules! parts {
    ($($kind:ty: $name:literal, $read:expr;)+) => {
        $(impl Part for $kind {
            const NAME: &'static str = $name;

            fn read(text: &str) -> Option<Self> {
                $read(text)
            }
        })+
    };
}

parts! {
    ConferenceSlug: "c", own(ConferenceSlug);
    Slug: "slug", own(Slug);
    Token: "token", own(Token);
    AccountId: "account", key;
    AttendeeId: "attendee", key;
    AttendeeNoteId: "note", key;
    BatchId: "batch", key;
    CategoryId: "category", key;
    CodeId: "code", key;
    ConferenceId: "conference", key;
    FileId: "file", key;
    MailTemplateId: "mail_template", key;
    MailingId: "mailing", key;
    MessageId: "message", key;
    PageId: "page", key;
    PaymentId: "payment", key;
    PersonId: "person", key;
    PictureId: "picture", key;
    PictureSize: "size", PictureSize::parse;
    QuestionId: "question", key;
    RegistrationId: "registration", key;
    ReleaseNumber: "release", key;
    RevisionId: "revision", key;
    RoomId: "room", key;
    SavedViewId: "view", key;
    SessionId: "session", key;
    SessionKindId: "session_kind", key;
    TextId: "text", key;
    TopicId: "topic", key;
}

/// The slug of a conference, not checked.
pub struct ConferenceSlug(pub String);

/// The slug of a session or a page, not checked.
pub struct Slug(pub String);

/// The secret token of a link, not checked.
pub struct Token(pub String);

fn own<T>(kind: fn(String) -> T) -> impl Fn(&str) -> Option<T> {
    move |text| Some(kind(text.to_owned()))
}

fn key<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// A parameter of the address. A malformed value is a page that is not found (404).
pub struct Named<T>(pub T);

impl<T: Part> Named<T> {
    async fn find<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Option<Self>, AppError> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| AppError::NotFound)?;
        let Some((_, text)) = params.iter().find(|(name, _)| *name == T::NAME) else { return Ok(None) };
        T::read(text).map(Self).map(Some).ok_or(AppError::NotFound)
    }
}

impl<T: Part, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        Self::find(parts, state).await?.ok_or(AppError::NotFound)
    }
}

/// `None` if the pattern has no such parameter.
impl<T: Part, S: Send + Sync> OptionalFromRequestParts<S> for Named<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, AppError> {
        Self::find(parts, state).await
    }
}

/// The conference in the address. Not found if there is none.
pub struct Current(pub Arc<Site>);

impl FromRequestParts<App> for Current {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let slug = Named::<ConferenceSlug>::find(parts, app).await?.ok_or(AppError::NotFound)?;
        app.sites.named(&app.store, &slug.0.0).await.map(Self)
    }
}

/// The conference in the address with its facts as organisers see them. Not found if there is none.
pub struct Drafted(pub Arc<Site>);

impl FromRequestParts<App> for Drafted {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let Current(site) = Current::from_request_parts(parts, app).await?;
        let conference = sites::with_draft(&mut *app.store.read().await?, &site.conference).await?;
        Ok(Self(Arc::new(Site { conference, ..(*site).clone() })))
    }
}
