//! Sessions that are in the way of another change, for the list above a form.

use askama::Template;
use uuid::Uuid;

use crate::{
    domain::Conference,
    editing::InTheWay,
    store::programme::{
        Side,
        editing::Editing,
        items::Content,
        sessions,
        slots::{self, Clash},
    },
    urls,
    web::{App, Result, Site},
};

#[derive(Template)]
#[template(path = "organisers/in_the_way.txt")]
enum Words<'a> {
    /// It names what is to be removed.
    Names { is_public: bool },
    /// It clashes with another one.
    ClashWith { clash: &'a Clash, from: String, until: String, is_public: bool },
}

/// Returns the sessions on this side of the programme that name an item.
pub async fn naming(app: &App, site: &Site, item: Uuid, on: Side) -> Result<Vec<InTheWay>> {
    let sessions = sessions::list_naming(&mut *app.store.read().await?, item, on).await?;
    let what = Words::Names { is_public: on == Side::Public }.render()?;
    let in_the_way = sessions.into_iter().map(|(session, title)| InTheWay {
        title,
        editor: urls::organisers::session(&site.conference.slug, session),
        what: what.trim().to_owned(),
    });
    Ok(in_the_way.collect())
}

/// Returns the sessions that would clash if an item had this content.
pub async fn clashing<C: Content + Clone>(app: &App, site: &Site, item: (C::Id, &C)) -> Result<Vec<InTheWay>> {
    let conference = &site.conference;
    let mut editing = Editing::begin(app.store.begin().await?, conference.id, None, app.clock.now()).await?;
    let (which, clashes) = slots::list_clashes_with(&mut editing, item).await?;
    of_clashes(conference, which, &clashes)
}

/// Returns both sessions of each clash.
pub fn of_clashes(conference: &Conference, side: Side, clashes: &[Clash]) -> Result<Vec<InTheWay>> {
    let in_the_way = clashes.iter().map(|clash| {
        let from = conference.zone.moment(clash.slot.start());
        let until = conference.zone.clock(clash.slot.end());
        Ok(InTheWay {
            title: clash.title.clone(),
            editor: urls::organisers::session(&conference.slug, clash.session),
            what: Words::ClashWith { clash, from, until, is_public: side == Side::Public }.render()?.trim().to_owned(),
        })
    });
    in_the_way.collect()
}
