//! The editor of a session.

use askama::Template;
use sqlx::PgConnection;

use super::session_form::{Choices, ErrorMessage, chosen};
use crate::{
    domain::{
        AbstractText, AuditKind, Conference, Language, RoomId, SessionId, SessionKind, SessionNote, SessionText,
        Speakers, Status, Subtitle, Title, TopicId,
    },
    editing::{Addresses, Events, Kind, Refusal, STATUS, TEXT, compare::Field, failed, merging::Layout},
    store::programme::{
        Side,
        saving::SaveError,
        sessions::{self, SessionContent},
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
    form: &'a Submitted,
    errors: &'a Errors,
}

impl Kind for Session {
    type Content = SessionContent;

    const FIELDS: &'static [Field] = &[
        Field::value("title", "Title"),
        Field::value("subtitle", "Subtitle"),
        Field::text("abstract", "Abstract", Layout::Lines),
        Field::value("day", "Day"),
        Field::value("start", "Start"),
        Field::value("end", "End"),
        Field::value("room", "Room"),
        Field::value(STATUS, "Status"),
        Field::value("kind", "Kind"),
        Field::value("topic", "Topic"),
        Field::value("language", "Language"),
        Field::text("speakers", "Speakers", Layout::Lines),
        Field::text(TEXT, "Text", Layout::Paragraphs),
        Field::text("note", "Note for organisers", Layout::Lines),
    ];
    const NAV: DeskNav = DeskNav::Sessions;
    const NEW: &'static str = "New session";
    const ADD_ANOTHER: &'static str = "Add as another session";
    const EVENTS: Events = Events {
        added: AuditKind::SessionAdded,
        saved: AuditKind::SessionSaved,
        restored: AuditKind::SessionRestored,
        set_aside: AuditKind::SessionSetAside,
    };
    const MOVES: &[&str] = &["day", "start", "end", "room"];
    const MAY_WAIT: bool = true;
    const ADDRESSES: Addresses<SessionId> = Addresses {
        new_item: urls::organisers::new_session,
        item: urls::organisers::session,
        revisions: urls::organisers::session_revisions,
        revision: urls::organisers::session_revision,
        public: urls::public::session,
    };

    async fn load(conn: &mut PgConnection, conference: &Conference) -> Result<Self> {
        Ok(Self { choices: Choices::load(conn, conference).await? })
    }

    /// Takes the day from the address.
    fn blank(&self, query: &Submitted) -> Submitted {
        let kind = SessionKind::Talk.to_string();
        let status = Status::Tentative.to_string();
        Submitted::of([("day", query.get("day").to_owned()), ("kind", kind), (STATUS, status)])
    }

    fn form_of(&self, content: &SessionContent) -> Submitted {
        let zone = self.choices.zone();
        let fields = [
            ("title", content.title.to_string()),
            ("subtitle", content.subtitle.to_string()),
            ("abstract", content.abstract_text.to_string()),
            ("language", content.language.map(Language::code).unwrap_or_default().to_owned()),
            ("note", content.note.to_string()),
            ("day", zone.day(content.slot.start()).iso()),
            ("start", zone.clock(content.slot.start())),
            ("end", zone.clock(content.slot.end())),
            ("room", content.room.map(|room| room.to_string()).unwrap_or_default()),
            ("kind", content.kind.to_string()),
            ("topic", content.topic.map(|topic| topic.to_string()).unwrap_or_default()),
            ("speakers", content.speakers.to_string()),
            (STATUS, content.status.to_string()),
            (TEXT, content.text.to_string()),
        ];
        Submitted::of(fields)
    }

    fn validate(&self, form: &Submitted) -> Result<SessionContent, Errors> {
        let mut errors = Errors::default();
        let title = errors.check_required("title", Title::parse(form.get("title")), Missing::Title);
        let slot = self.choices.slot(form, &mut errors);
        let room: Option<Option<RoomId>> = errors.check("room", chosen(form.get("room"), &self.choices.rooms()));
        let kind = SessionKind::parse(form.get("kind")).ok_or(FieldMessage::Missing(Missing::SessionKind));
        let kind = errors.check("kind", kind);
        let topic: Option<Option<TopicId>> = errors.check("topic", chosen(form.get("topic"), &self.choices.topics()));
        let speakers = errors.check("speakers", Speakers::parse(form.get("speakers")));
        let text = errors.check(TEXT, SessionText::parse(form.get(TEXT)));
        let status = Status::parse(form.get(STATUS)).ok_or(FieldMessage::Missing(Missing::Status));
        let status = errors.check(STATUS, status);
        let subtitle = errors.check("subtitle", Subtitle::parse(form.get("subtitle")));
        let abstract_text = errors.check("abstract", AbstractText::parse(form.get("abstract")));
        let language = match form.get("language") {
            "" => Some(None),
            code => errors.check("language", Language::parse(code).ok_or(FieldMessage::NotOffered)).map(Some),
        };
        let note = errors.check("note", SessionNote::parse(form.get("note")));
        let content = || {
            Some(SessionContent {
                title: title?,
                subtitle: subtitle?,
                abstract_text: abstract_text?,
                kind: kind?,
                topic: topic?,
                slot: slot?,
                room: room?,
                status: status?,
                speakers: speakers?,
                language: language?,
                text: text?,
                note: note?,
            })
        };
        content().ok_or(errors)
    }

    fn say(&self, field: &Field, value: &str) -> String {
        self.choices.say(field, value)
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        SessionFields { choices: &self.choices, form, errors }.render()
    }

    async fn refused(
        &self,
        app: &App,
        site: &Site,
        (id, content): (SessionId, &SessionContent),
        error: SaveError,
    ) -> Result<Refusal> {
        let mut refusal = Refusal::default();
        match (error, content.room) {
            (SaveError::RoomTaken, Some(room)) => {
                let mut conn = app.store.read().await?;
                let key = (site.conference.id, id);
                let other = match sessions::find_in_the_way(&mut conn, Side::Draft, key, room, content).await? {
                    Some(other) => Some((other, Side::Draft)),
                    None => sessions::find_in_the_way(&mut conn, Side::Public, key, room, content)
                        .await?
                        .map(|other| (other, Side::Public)),
                };
                let Some((other, taken_in)) = other else {
                    refusal.errors.add("room", &ErrorMessage::TakenJustNow);
                    return Ok(refusal);
                };
                let zone = self.choices.zone();
                let (from, until) = (zone.moment(other.slot.start()), zone.clock(other.slot.end()));
                let taken = match taken_in {
                    Side::Draft => ErrorMessage::RoomTaken { other: &other, from, until },
                    Side::Public => ErrorMessage::TakenInPublic { room: &other.room, title: &other.title },
                };
                refusal.errors.add("room", &taken);
                let editor = urls::organisers::session(&site.conference.slug, other.id);
                refusal.in_the_way = Some((other.title, editor));
            }
            (SaveError::NoSuchRoom, _) => refusal.errors.add("room", &ErrorMessage::NoSuchRoom),
            (SaveError::NameTaken, _) => refusal.errors.add("room", &ErrorMessage::NameUsedInPublic),
            (SaveError::NamesRemoved, _) => refusal.errors.add("room", &ErrorMessage::NamesRemoved),
            (error, _) => return Err(failed(error)),
        }
        Ok(refusal)
    }
}
