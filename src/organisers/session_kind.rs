//! The editor of a kind of session.

use askama::Template;
use sqlx::PgConnection;

use super::{
    fields::{chosen, colours, number, say, status},
    in_the_way,
};
use crate::{
    domain::{Conference, SessionKindDescription, SessionKindId, SessionKindName, Status},
    editing::{Addresses, Id, Kind, Refusal, STATUS, compare::Field, failed},
    store::programme::{
        saving::SaveError,
        session_kinds::{self, SessionKindContent},
    },
    urls,
    web::{App, DeskNav, Errors, Missing, Result, Site, Submitted},
};

/// The kind of item that is a kind of session.
pub struct SessionKind {
    /// The place of a new kind in the order.
    next: i16,
}

/// The fields of a kind's form.
#[derive(Template)]
#[template(path = "organisers/session_kind_fields.html")]
struct SessionKindFields<'a> {
    form: &'a Submitted,
    errors: &'a Errors,
}

#[derive(Template)]
#[template(path = "organisers/session_kind_errors.txt")]
enum ErrorMessage {
    /// Another kind has this name.
    NameTaken,
    /// There are sessions of this kind.
    InUse,
    /// The public reads that there are sessions of this kind.
    InPublicUse,
    /// With changeovers, sessions of this kind would overlap with others.
    NeedsChangeover,
}

const PLACE: (i32, i32) = (1, 999);

impl Kind for SessionKind {
    type Content = SessionKindContent;

    const FIELDS: &'static [Field] = &[
        Field::value("name", "Name"),
        Field::value("place", "Place in the order"),
        Field::value("description", "Description"),
        Field::value("colour", "Colour"),
        Field::tick("is_break", "Break"),
        Field::value(STATUS, "Status"),
    ];
    const NAV: DeskNav = DeskNav::SessionKinds;
    const NEW: &'static str = "New kind of session";
    const ADD_ANOTHER: &'static str = "Add as another kind";
    const ADDRESSES: Addresses<SessionKindId> = Addresses {
        new_item: urls::organisers::new_session_kind,
        item: urls::organisers::session_kind,
        revisions: urls::organisers::session_kind_revisions,
        revision: urls::organisers::session_kind_revision,
        public: |conference, _| urls::public::programme(conference),
    };

    async fn load(conn: &mut PgConnection, conference: &Conference, _: Option<Id<Self>>) -> Result<Self> {
        let last = session_kinds::list(conn, conference.id).await?.into_iter().map(|kind| kind.place).max();
        Ok(Self { next: last.map_or(1, |last| last.saturating_add(1).min(999)) })
    }

    fn blank(&self, _: &Submitted) -> Submitted {
        Submitted::of([("place", self.next.to_string()), (STATUS, Status::Confirmed.to_string())])
    }

    fn form_of(&self, content: &SessionKindContent) -> Submitted {
        let SessionKindContent { name, place, description, colour, is_break, status } = content;
        let fields = [
            ("name", name.to_string()),
            ("place", place.to_string()),
            ("description", description.to_string()),
            ("colour", colour.map(|colour| colour.to_string()).unwrap_or_default()),
            (STATUS, status.to_string()),
        ];
        Submitted::of(fields.into_iter().chain(is_break.then(|| ("is_break", "on".to_owned()))))
    }

    fn validate(&self, form: &Submitted) -> Result<SessionKindContent, Errors> {
        let mut errors = Errors::default();
        let name = SessionKindName::parse(form.get("name"));
        let name = errors.check_required("name", name, Missing::SessionKindName);
        let place = number(form, "place", PLACE, &mut errors).and_then(|place| i16::try_from(place).ok());
        let description = errors.check("description", SessionKindDescription::parse(form.get("description")));
        let colour: Option<Option<i16>> = errors.check("colour", chosen(form.get("colour"), &colours()));
        let is_break = form.has("is_break");
        let status = status(form, &mut errors);
        match (name, place, description, colour, status) {
            (Some(name), Some(place), Some(description), Some(colour), Some(status)) => {
                Ok(SessionKindContent { name, place, description, colour, is_break, status })
            }
            _ => Err(errors),
        }
    }

    fn say(&self, field: &Field, value: &str) -> String {
        say(field, value)
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        SessionKindFields { form, errors }.render()
    }

    async fn refused(
        &self,
        app: &App,
        site: &Site,
        (id, content): (SessionKindId, &SessionKindContent),
        error: SaveError,
    ) -> Result<Refusal> {
        let mut refusal = Refusal::default();
        match error {
            SaveError::NameTaken => refusal.errors.add("name", &ErrorMessage::NameTaken),
            SaveError::InUse => refusal.errors.add(STATUS, &ErrorMessage::InUse),
            SaveError::InPublicUse => refusal.errors.add(STATUS, &ErrorMessage::InPublicUse),
            SaveError::Taken => {
                refusal.errors.add("is_break", &ErrorMessage::NeedsChangeover);
                refusal.in_the_way = in_the_way::clashing(app, site, (id, content)).await?;
            }
            error => return Err(failed(error)),
        }
        Ok(refusal)
    }
}
