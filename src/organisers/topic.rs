//! The editor of a topic.

use askama::Template;
use sqlx::PgConnection;

use super::fields::{chosen, colours, number, say, status};
use crate::{
    domain::{Conference, Status, Title, TopicDescription, TopicId, TopicMark},
    editing::{Addresses, Id, Kind, Refusal, STATUS, compare::Field, failed},
    store::programme::{
        saving::SaveError,
        topics::{self, TopicContent},
    },
    urls,
    web::{App, DeskNav, Errors, FieldMessage, Missing, Result, Site, Submitted},
};

/// The kind of item that is a topic.
pub struct Topic {
    /// The number of a new topic.
    next: i16,
}

/// The fields of a topic's form.
#[derive(Template)]
#[template(path = "organisers/topic_fields.html")]
struct TopicFields<'a> {
    form: &'a Submitted,
    errors: &'a Errors,
}

#[derive(Template)]
#[template(path = "organisers/topic_errors.txt")]
enum ErrorMessage {
    /// Another topic has this title or this number.
    Taken,
    /// A session is about it.
    InUse,
    /// The public reads that a session is about it.
    InPublicUse,
}

impl Kind for Topic {
    type Content = TopicContent;

    const FIELDS: &'static [Field] = &[
        Field::line("title", "Title"),
        Field::value("number", "Number"),
        Field::line("description", "Description"),
        Field::value("colour", "Colour"),
        Field::value(STATUS, "Status"),
    ];
    const NAV: DeskNav = DeskNav::Topics;
    const NEW: &'static str = "New topic";
    const ADD_ANOTHER: &'static str = "Add as another topic";
    const ADDRESSES: Addresses<TopicId> = Addresses {
        new_item: urls::organisers::new_topic,
        item: urls::organisers::topic,
        revisions: urls::organisers::topic_revisions,
        revision: urls::organisers::topic_revision,
        public: |conference, slug| urls::public::programme_of(conference, None, Some(slug)),
    };

    async fn load(conn: &mut PgConnection, conference: &Conference, _: Option<Id<Self>>) -> Result<Self> {
        let last = topics::list(conn, conference.id).await?.into_iter().map(|topic| topic.mark.number).max();
        Ok(Self { next: last.map_or(1, |last| last.saturating_add(1).min(99)) })
    }

    fn blank(&self, _: &Submitted) -> Submitted {
        let colour = (self.next - 1) % TopicMark::COLOURS + 1;
        let status = Status::Confirmed.to_string();
        Submitted::of([("number", self.next.to_string()), ("colour", colour.to_string()), (STATUS, status)])
    }

    fn form_of(&self, content: &TopicContent) -> Submitted {
        let TopicContent { title, mark: TopicMark { number, colour }, description, status } = content;
        Submitted::of([
            ("title", title.to_string()),
            ("number", number.to_string()),
            ("description", description.to_string()),
            ("colour", colour.to_string()),
            (STATUS, status.to_string()),
        ])
    }

    fn validate(&self, form: &Submitted) -> Result<TopicContent, Errors> {
        let mut errors = Errors::default();
        let title = errors.check_required("title", Title::parse(form.get("title")), Missing::Title);
        let number = number(form, "number", (1, 99), &mut errors).and_then(|number| i16::try_from(number).ok());
        let description = errors.check("description", TopicDescription::parse(form.get("description")));
        let colour = chosen(form.get("colour"), &colours()).and_then(|colour| colour.ok_or(FieldMessage::NotOffered));
        let colour = errors.check("colour", colour);
        let status = status(form, &mut errors);
        match (title, number, description, colour, status) {
            (Some(title), Some(number), Some(description), Some(colour), Some(status)) => {
                Ok(TopicContent { title, mark: TopicMark { number, colour }, description, status })
            }
            _ => Err(errors),
        }
    }

    fn say(&self, field: &Field, value: &str) -> String {
        say(field, value)
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        TopicFields { form, errors }.render()
    }

    async fn refused(&self, _: &App, _: &Site, _: (TopicId, &TopicContent), error: SaveError) -> Result<Refusal> {
        let mut refusal = Refusal::default();
        match error {
            SaveError::NameTaken => refusal.errors.add("title", &ErrorMessage::Taken),
            SaveError::InUse => refusal.errors.add(STATUS, &ErrorMessage::InUse),
            SaveError::InPublicUse => refusal.errors.add(STATUS, &ErrorMessage::InPublicUse),
            error => return Err(failed(error)),
        }
        Ok(refusal)
    }
}
