//! Sessions that would clash after a change, for the list above its form.

use askama::Template;

use crate::{
    domain::Conference,
    editing::{InTheWay, attempt},
    store::programme::{
        Side,
        items::Content,
        slots::{self, Clash},
    },
    urls,
    web::{App, Result, Site},
};

/// What a session has at the same time as another one.
#[derive(Template)]
#[template(path = "organisers/in_the_way.txt")]
struct ClashWith<'a> {
    clash: &'a Clash,
    from: String,
    until: String,
    is_public: bool,
}

/// Returns the sessions that would clash if an item had this content.
pub async fn clashing<C: Content + Clone>(app: &App, site: &Site, item: (C::Id, &C)) -> Result<Vec<InTheWay>> {
    let conference = &site.conference;
    let mut editing = attempt(app, site).await?;
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
            what: ClashWith { clash, from, until, is_public: side == Side::Public }.render()?.trim().to_owned(),
        })
    });
    in_the_way.collect()
}
