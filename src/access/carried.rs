//! Forms that come back after signing in again.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

use crate::{
    domain::CarriedFormId,
    store::{accounts::SignedIn, carried_forms},
    web::{App, Submitted},
};

/// The form that this person had sent to this very page when their login had ended. The page shows it again, unsaved,
/// and says so. There is none, mostly; what is wrong with it is no reason to fail.
pub struct Carried(pub Option<Submitted>);

impl FromRequestParts<App> for Carried {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let id = parts.uri.query().and_then(|query| {
            let (_, id) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "carried")?;
            id.parse::<CarriedFormId>().ok()
        });
        let (Some(id), Some(person)) = (id, parts.extensions.get::<SignedIn>()) else { return Ok(Self(None)) };
        let found = async {
            let mut conn = app.store.read().await?;
            carried_forms::find(&mut conn, person.account, id, parts.uri.path(), app.clock.now()).await
        };
        match found.await {
            Ok(fields) => Ok(Self(fields.map(Submitted::new))),
            Err(error) => {
                tracing::warn!(%error, "a carried form could not be read");
                Ok(Self(None))
            }
        }
    }
}
