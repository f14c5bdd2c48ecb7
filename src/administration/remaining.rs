//! What is left to complete for a conference in preparation, with the page on which each thing is done.

use askama::Template;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    domain::{CategoryId, Conference, MailTemplateId, QuestionId},
    editing::addresses,
    store::{
        editions::remaining::{self, Mention, Programme, WithoutDates},
        programme::{items::ItemKind, releases},
    },
    urls,
};

/// The list.
#[derive(Template)]
#[template(path = "administration/remaining.html")]
pub struct Remaining<'a> {
    conference: &'a Conference,
    changes_until: Option<OffsetDateTime>,
    /// Whether its last day is over.
    is_past: bool,
    programme: Programme,
    /// How many changes can be published.
    unpublished: usize,
    without_dates: Vec<WithoutDates>,
    mentions: Vec<(String, Mention)>,
}

impl<'a> Remaining<'a> {
    /// Reads what is left for this conference.
    pub async fn of(
        conn: &mut PgConnection,
        conference: &'a Conference,
        changes_until: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Result<Self, sqlx::Error> {
        let unpublished = releases::list_unpublished(conn, conference.id).await?;
        let mentions = remaining::list_mentions(conn, conference.id).await?;
        let mentions = mentions.into_iter().filter_map(|mention| Some((place(&conference.slug, &mention)?, mention)));
        Ok(Self {
            conference,
            changes_until,
            is_past: conference.ends() <= now,
            programme: remaining::count(conn, conference.id).await?,
            unpublished: unpublished.iter().filter(|change| change.is_due()).count(),
            without_dates: remaining::list_without_dates(conn, conference.id).await?,
            mentions: mentions.collect(),
        })
    }

    /// Whether the dates of registration are not all set.
    fn lacks_dates(&self) -> bool {
        let Conference { registration_opens, registration_closes, .. } = self.conference;
        [*registration_opens, *registration_closes, self.changes_until].contains(&None)
    }

    /// Whether nothing is left.
    fn is_none(&self) -> bool {
        let Programme { sessions, without_time, draft_pages } = self.programme;
        let is_programme_complete = sessions > 0 && without_time + draft_pages == 0 && self.unpublished == 0;
        let is_venue_complete = !self.conference.address.is_empty() && !self.conference.map_url.is_empty();
        let are_words_complete = self.without_dates.is_empty() && self.mentions.is_empty();
        !self.is_past && is_programme_complete && is_venue_complete && are_words_complete && !self.lacks_dates()
    }
}

/// Returns where the words are changed.
fn place(conference: &str, mention: &Mention) -> Option<String> {
    match &*mention.kind {
        "category" => Some(urls::administration::category(conference, CategoryId(mention.id))),
        "question" => Some(urls::administration::question(conference, QuestionId(mention.id))),
        "mail_template" => Some(urls::staff::mail_template(conference, MailTemplateId(mention.id))),
        kind => ItemKind::parse(kind).map(|kind| addresses::editor(kind, conference, mention.id)),
    }
}
