//! The editor of a session.

use askama::Template;
use axum::extract::Request;
use sqlx::PgConnection;

use super::{
    fields::chosen,
    files,
    links::{self, LINKS},
    session_files::{self, FILES, NEW_FILE, REMOVE},
    session_form::Choices,
    session_people, session_refused, session_schedule,
};
use crate::{
    documents::file_type::LARGEST_FILE,
    domain::{
        AbstractText, Conference, Language, SessionId, SessionKindId, SessionNote, SessionText, Status, Subtitle,
        Title, TopicId,
    },
    editing::{Addresses, Id, Kind, Refusal, STATUS, TEXT, compare::Field, merging::Layout, slug},
    store::programme::{
        files::ListedFile,
        saving::SaveError,
        sessions::{Schedule, SessionContent},
    },
    urls,
    web::{App, DeskNav, Errors, FieldMessage, Missing, Result, Site, Submitted},
};

/// The kind of item that is a session, with the choices that the conference offers.
pub struct Session {
    choices: Choices,
}

/// The fields of a session's form.
#[derive(Template)]
#[template(path = "organisers/session_fields.html")]
struct SessionFields<'a> {
    choices: &'a Choices,
    files: Vec<&'a ListedFile>,
    form: &'a Submitted,
    errors: &'a Errors,
}

impl Kind for Session {
    type Content = SessionContent;

    const FIELDS: &'static [Field] = &[
        Field::line("title", "Title"),
        Field::line("subtitle", "Subtitle"),
        Field::text("abstract", "Abstract", Layout::Lines),
        Field::value("day", "Day"),
        Field::value("start", "Start"),
        Field::value("length", "Length"),
        Field::list("rooms", "Rooms", session_schedule::rooms_entered),
        Field::tick("whole_venue", "Whole venue"),
        Field::value("parent", "Part of"),
        Field::value("offset", "Minutes after its start"),
        Field::value(STATUS, "Status"),
        Field::value("kind", "Kind"),
        Field::value("topic", "Topic"),
        Field::value("language", "Language"),
        Field::list("people", "People", session_people::entered),
        Field::text(TEXT, "Text", Layout::Paragraphs),
        Field::text(LINKS, "Links", Layout::Lines),
        Field::list(FILES, "Files", session_files::entered),
        Field::text("note", "Note for organisers", Layout::Lines),
        slug::FIELD,
    ];
    const NAV: DeskNav = DeskNav::Sessions;
    const NEW: &'static str = "New session";
    const ADD_ANOTHER: &'static str = "Add as another session";
    const MOVES: &[&str] = &["day", "start", "length", "rooms", "whole_venue", "parent", "offset"];
    const ENCODING: &'static str = "multipart/form-data";
    const ADDRESSES: Addresses<SessionId> = Addresses {
        new_item: urls::organisers::new_session,
        item: urls::organisers::session,
        revisions: urls::organisers::session_revisions,
        revision: urls::organisers::session_revision,
        public: urls::public::session,
    };

    async fn read(app: &App, site: &Site, request: Request) -> Result<Submitted> {
        files::received(app, site, request).await
    }

    async fn load(conn: &mut PgConnection, conference: &Conference, _: Option<Id<Self>>) -> Result<Self> {
        Ok(Self { choices: Choices::load(conn, conference).await? })
    }

    /// Takes the day and the rooms from the address. Without a start, it begins at the first free time of the day.
    fn blank(&self, query: &Submitted) -> Submitted {
        let kind = chosen(query.get("kind"), &self.choices.kinds()).ok().flatten().or(self.choices.first_kind());
        let kind = kind.map(|kind| kind.to_string()).unwrap_or_default();
        let fields = [("kind", kind), (STATUS, Status::Tentative.to_string())];
        let schedule = session_schedule::of_new(&self.choices, query);
        Submitted::of(fields.into_iter().chain(schedule))
    }

    /// The next one begins when this one ends, in the same rooms.
    fn following(&self, added: &SessionContent) -> Vec<(&'static str, String)> {
        let kind = std::iter::once(("kind", added.kind.to_string()));
        kind.chain(session_schedule::following(self.choices.zone(), added)).collect()
    }

    /// A copy has no time yet, so that it clashes with nothing, and is not cancelled.
    fn copy_of(&self, content: &SessionContent) -> Submitted {
        let schedule = match &content.schedule {
            Schedule::Own { place, .. } => Schedule::Own { starts_at: None, place: place.clone() },
            Schedule::Within { parent, .. } => Schedule::Within { parent: *parent, offset: None },
        };
        let status = if content.status.takes_place() { content.status } else { Status::Tentative };
        self.form_of(&SessionContent { schedule, status, ..content.clone() })
    }

    fn form_of(&self, content: &SessionContent) -> Submitted {
        let fields = [
            ("title", content.title.to_string()),
            ("subtitle", content.subtitle.to_string()),
            ("abstract", content.abstract_text.to_string()),
            ("language", content.language.map(Language::code).unwrap_or_default().to_owned()),
            (LINKS, content.links.to_string()),
            (FILES, session_files::field_of(content)),
            ("note", content.note.to_string()),
            ("kind", content.kind.to_string()),
            ("topic", content.topic.map(|topic| topic.to_string()).unwrap_or_default()),
            ("people", session_people::field_of(content)),
            (STATUS, content.status.to_string()),
            (TEXT, content.text.to_string()),
        ];
        Submitted::of(fields.into_iter().chain(session_schedule::fields_of(self.choices.zone(), content)))
    }

    fn validate(&self, form: &Submitted) -> Result<SessionContent, Errors> {
        let mut errors = Errors::default();
        let title = errors.check_required("title", Title::parse(form.get("title")), Missing::Title);
        let schedule = session_schedule::read(&self.choices, form, &mut errors);
        let length = session_schedule::read_length(form, &mut errors);
        let kind: Option<Option<SessionKindId>> = chosen(form.get("kind"), &self.choices.kinds()).ok();
        let kind = errors.check("kind", kind.flatten().ok_or(FieldMessage::Missing(Missing::SessionKind)));
        let topic: Option<Option<TopicId>> = errors.check("topic", chosen(form.get("topic"), &self.choices.topics()));
        let people = session_people::read(&self.choices, form, &mut errors);
        let text = errors.check(TEXT, SessionText::parse(form.get(TEXT)));
        let status = Status::parse(form.get(STATUS)).ok_or(FieldMessage::Missing(Missing::Status));
        let status = errors.check(STATUS, status);
        let subtitle = errors.check("subtitle", Subtitle::parse(form.get("subtitle")));
        let abstract_text = errors.check("abstract", AbstractText::parse(form.get("abstract")));
        let language = match form.get("language") {
            "" => Some(None),
            code => errors.check("language", Language::parse(code).ok_or(FieldMessage::NotOffered)).map(Some),
        };
        let links = links::read(form, &mut errors);
        let files = session_files::read(&self.choices, form, &mut errors);
        let note = errors.check("note", SessionNote::parse(form.get("note")));
        let content = || {
            Some(SessionContent {
                title: title?,
                subtitle: subtitle?,
                abstract_text: abstract_text?,
                kind: kind?,
                topic: topic?,
                schedule: schedule?,
                length: length?,
                status: status?,
                people: people?,
                language: language?,
                text: text?,
                links: links?,
                files: files?,
                note: note?,
            })
        };
        content().ok_or(errors)
    }

    fn say(&self, field: &Field, value: &str) -> String {
        match field.name {
            "people" => session_people::say(&self.choices, value),
            FILES => session_files::say(&self.choices, value),
            _ => self.choices.say(field, value),
        }
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        SessionFields { choices: &self.choices, files: session_files::shown(&self.choices, form), form, errors }
            .render()
    }

    async fn refused(
        &self,
        app: &App,
        site: &Site,
        (id, content): (SessionId, &SessionContent),
        error: SaveError,
    ) -> Result<Refusal> {
        session_refused::explain(app, site, &self.choices, (id, content), error).await
    }
}
