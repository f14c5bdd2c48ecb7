//! The sessions that name an item that is to be removed.

use askama::Template;
use uuid::Uuid;

use super::InTheWay;
use crate::{
    store::programme::{Side, saving::SaveError, sessions},
    urls,
    web::{App, Result, Site},
};

/// What a session has to do with the item.
#[derive(Template)]
#[template(path = "editing/in_use.txt")]
struct Needs {
    is_public: bool,
}

/// Returns the side of the programme on which the item is still in use, if that is the error.
pub fn side(error: &SaveError) -> Option<Side> {
    match error {
        SaveError::InUse => Some(Side::Draft),
        SaveError::InPublicUse => Some(Side::Public),
        _ => None,
    }
}

/// Returns the sessions that name the item there.
pub async fn by(app: &App, site: &Site, item: Uuid, on: Side) -> Result<Vec<InTheWay>> {
    let sessions = sessions::list_naming(&mut *app.store.read().await?, item, on).await?;
    let what = Needs { is_public: on == Side::Public }.render()?;
    let in_the_way = sessions.into_iter().map(|(session, title)| InTheWay {
        title,
        editor: urls::organisers::session(&site.conference.slug, session),
        what: what.trim().to_owned(),
    });
    Ok(in_the_way.collect())
}
