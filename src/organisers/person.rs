//! The editor of a person who takes part in sessions.

use askama::Template;
use axum::extract::Request;
use sqlx::PgConnection;

use super::{
    fields::{status, statuses},
    links::{self, LINKS},
    picture,
    picture_field::{self, PictureField},
};
use crate::{
    domain::{
        Affiliation, Conference, Country, HomeTown, JobTitle, PersonId, PersonName, PictureId, PictureText, PictureUse,
        SessionText, SortName, Status,
    },
    editing::{Addresses, Id, Kind, Picture, Refusal, STATUS, TEXT, compare::Field, failed, merging::Layout, slug},
    store::programme::{
        people::{self, ListedPerson, PersonContent},
        saving::SaveError,
    },
    urls,
    web::{App, DeskNav, Errors, FieldMessage, Missing, Result, Site, Submitted},
};

/// The fields of the picture.
const PICTURE: PictureField = PictureField {
    key: "picture",
    text: "picture_text",
    file: "picture_file",
    remove: "picture_remove",
    what: PictureUse::Person,
};

/// The field with the key of the person with whom this one is the same.
const SAME: &str = "successor";

/// The kind of item that is a person.
pub struct Person {
    conference: Conference,
    /// Everybody, for those who were entered twice.
    everybody: Vec<ListedPerson>,
}

/// The fields of a person's form.
#[derive(Template)]
#[template(path = "organisers/person_fields.html")]
struct PersonFields<'a> {
    form: &'a Submitted,
    errors: &'a Errors,
    /// The picture, and its key.
    picture: Option<(PictureId, Picture)>,
    /// The name of the person with whom this one is the same.
    same: Option<String>,
}

#[derive(Template)]
#[template(path = "organisers/person_errors.txt")]
enum ErrorMessage {
    /// A session names the person.
    InUse,
    /// The public reads that a session names the person.
    InPublicUse,
}

impl Kind for Person {
    type Content = PersonContent;

    const FIELDS: &'static [Field] = &[
        Field::line("name", "Name"),
        Field::line("sort_name", "Sorted as"),
        slug::FIELD,
        Field::line("job_title", "Job title"),
        Field::line("organisation", "Organisation"),
        Field::line("city", "City"),
        Field::value("country", "Country"),
        Field::text(TEXT, "Text", Layout::Paragraphs),
        Field::text(LINKS, "Links", Layout::Lines),
        Field::value(PICTURE.key, "Picture"),
        Field::value(PICTURE.text, "Description of the picture"),
        Field::value(STATUS, "Status"),
        Field::value(SAME, "The same person as"),
    ];
    const NAV: DeskNav = DeskNav::People;
    const NEW: &'static str = "New person";
    const ADD_ANOTHER: &'static str = "Add as another person";
    const ENCODING: &'static str = "multipart/form-data";
    const ADDRESSES: Addresses<PersonId> = Addresses {
        new_item: urls::organisers::new_person,
        item: urls::organisers::person,
        revisions: urls::organisers::person_revisions,
        revision: urls::organisers::person_revision,
        public: urls::public::speaker,
    };

    async fn read(app: &App, site: &Site, request: Request) -> Result<Submitted> {
        picture::received(app, site, request, &[PICTURE]).await
    }

    async fn load(conn: &mut PgConnection, conference: &Conference, _: Option<Id<Self>>) -> Result<Self> {
        Ok(Self { conference: conference.clone(), everybody: people::list(conn, conference.id).await? })
    }

    fn blank(&self, _: &Submitted) -> Submitted {
        Submitted::of([(STATUS, Status::Confirmed.to_string())])
    }

    fn form_of(&self, content: &PersonContent) -> Submitted {
        let PersonContent { name, sort_name, job_title, organisation, city, country, text, links, .. } = content;
        let PersonContent { picture, picture_text, successor, status, .. } = content;
        Submitted::of([
            ("name", name.to_string()),
            ("sort_name", sort_name.to_string()),
            ("job_title", job_title.to_string()),
            ("organisation", organisation.to_string()),
            ("city", city.to_string()),
            ("country", country.map(Country::code).unwrap_or_default().to_owned()),
            (TEXT, text.to_string()),
            (LINKS, links.to_string()),
            (PICTURE.key, picture.map(|picture| picture.to_string()).unwrap_or_default()),
            (PICTURE.text, picture_text.to_string()),
            (STATUS, status.to_string()),
            (SAME, successor.map(|person| person.to_string()).unwrap_or_default()),
        ])
    }

    fn validate(&self, form: &Submitted) -> Result<PersonContent, Errors> {
        let mut errors = Errors::default();
        let name = errors.check_required("name", PersonName::parse(form.get("name")), Missing::Name);
        let sort_name = errors.check("sort_name", SortName::parse(form.get("sort_name")));
        let job_title = errors.check("job_title", JobTitle::parse(form.get("job_title")));
        let organisation = errors.check("organisation", Affiliation::parse(form.get("organisation")));
        let city = errors.check("city", HomeTown::parse(form.get("city")));
        let country = match form.get("country") {
            "" => Some(None),
            code => errors.check("country", Country::parse(code).ok_or(FieldMessage::NotOffered)).map(Some),
        };
        let text = errors.check(TEXT, SessionText::parse(form.get(TEXT)));
        let links = links::read(form, &mut errors);
        let picture = PICTURE.read(form, &mut errors);
        let picture_text = errors.check(PICTURE.text, PictureText::parse(form.get(PICTURE.text)));
        let status = status(form, &mut errors);
        // Somebody who takes part after all is not the same person.
        let successor = if status == Some(Status::Withdrawn) { self.same(form).map(|person| person.id) } else { None };
        let content = || {
            Some(PersonContent {
                name: name?,
                sort_name: sort_name?,
                job_title: job_title?,
                organisation: organisation?,
                city: city?,
                country: country?,
                text: text?,
                links: links?,
                picture,
                picture_text: picture_text?,
                successor,
                status: status?,
            })
        };
        content().filter(|_| errors.is_empty()).ok_or(errors)
    }

    fn say(&self, field: &Field, value: &str) -> String {
        match field.name {
            STATUS => statuses().into_iter().find(|(status, _)| status == value).map(|(_, label)| label),
            SAME => {
                self.everybody.iter().find(|person| person.id.to_string() == value).map(|person| person.name.clone())
            }
            name if name == PICTURE.key => picture_field::say(&self.conference, value),
            "country" => Country::parse(value).map(|country| country.to_string()),
            _ => None,
        }
        .unwrap_or_else(|| field.say(value))
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        let picture = PICTURE.shown(form).zip(PICTURE.picture(&self.conference, form, form.get("name")));
        let same = self.same(form).map(|person| person.name.clone());
        PersonFields { form, errors, picture, same }.render()
    }

    fn pictures(&self, form: &Submitted) -> Vec<Picture> {
        PICTURE.picture(&self.conference, form, form.get("name")).into_iter().collect()
    }

    fn more(conference: &str, id: PersonId) -> Option<(&'static str, String)> {
        Some(("Entered twice?", urls::organisers::same_person(conference, id)))
    }

    async fn refused(&self, _: &App, _: &Site, _: (PersonId, &PersonContent), error: SaveError) -> Result<Refusal> {
        let mut refusal = Refusal::default();
        match error {
            SaveError::InUse => refusal.errors.add(STATUS, &ErrorMessage::InUse),
            SaveError::InPublicUse => refusal.errors.add(STATUS, &ErrorMessage::InPublicUse),
            SaveError::PictureGone => PICTURE.add_gone(&mut refusal.errors),
            error => return Err(failed(error)),
        }
        Ok(refusal)
    }
}

impl Person {
    /// Returns the person with whom the form says this one is the same.
    fn same(&self, form: &Submitted) -> Option<&ListedPerson> {
        let key = form.line(SAME).parse().ok()?;
        self.everybody.iter().find(|person| person.id == key)
    }
}
