//! What the address of a request names: each part of a route's pattern has a type that knows its name.
#![expect(clippy::disallowed_types, reason = "parts of an address are read here and nowhere else")]

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts, RawPathParams},
    http::request::Parts,
};

use super::{App, AppError, Site};
use crate::domain::{AccountId, AttendeeId, CategoryId, MessageId, PageId, RevisionId, SessionId};

/// A value that addresses name.
pub trait Part: Sized {
    /// What it is called in patterns.
    const NAME: &'static str;

    /// Reads it; what is no such value names nothing.
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
    CategoryId: "category", key;
    MessageId: "message", key;
    PageId: "page", key;
    RevisionId: "revision", key;
    SessionId: "session", key;
}

/// A conference's name in addresses, as somebody wrote it.
pub struct ConferenceSlug(pub String);

/// A session's or a page's name in addresses, as somebody wrote it.
pub struct Slug(pub String);

/// What stands where a link of ours has its secret.
pub struct Token(pub String);

fn own<T>(kind: fn(String) -> T) -> impl Fn(&str) -> Option<T> {
    move |text| Some(kind(text.to_owned()))
}

fn key<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// A part of the address. What is no text or no such value is a page that is not there.
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

/// None where the pattern has no such part.
impl<T: Part, S: Send + Sync> OptionalFromRequestParts<S> for Named<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, AppError> {
        Self::find(parts, state).await
    }
}

/// The conference that the address names.
pub struct Current(pub Arc<Site>);

impl FromRequestParts<App> for Current {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let slug = Named::<ConferenceSlug>::find(parts, app).await?.ok_or(AppError::NotFound)?;
        app.sites.named(&app.store, &slug.0.0).await.map(Self)
    }
}
