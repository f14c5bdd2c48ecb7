//! The editor of a person who takes part in sessions.

use askama::Template;
use axum::extract::Request;
use sqlx::PgConnection;

use super::{
    fields::{status, statuses},
    links::{self, LINKS},
    picture,
};
use crate::{
    documents::picture::{LARGEST_FILE, LONGEST_SIDE, MOST_PIXELS, PictureError, SHORTEST_SIDE},
    domain::{
        Affiliation, Conference, Country, HomeTown, JobTitle, PersonId, PersonName, PictureId, PictureSize,
        PictureText, SessionText, SortName, Status,
    },
    editing::{
        Addresses, Kind, Picture, Refusal, STATUS, TEXT, compare::Field, conflict::with, failed, merging::Layout, slug,
    },
    store::programme::{
        people::{self, ListedPerson, PersonContent},
        saving::SaveError,
    },
    urls,
    web::{App, DeskNav, Errors, FieldMessage, Missing, Result, Site, Submitted},
};

/// The field with the key of the picture.
pub const PICTURE: &str = "picture";

/// The box that is ticked to remove the picture.
pub const REMOVE_PICTURE: &str = "picture_remove";

/// The field for a file with a new picture.
const FILE: &str = "picture_file";

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
    /// The file is not accepted.
    Picture(PictureError),
    /// The picture was deleted in the meantime.
    PictureGone,
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
        Field::value(PICTURE, "Picture"),
        Field::value("picture_text", "Description of the picture"),
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
        let (form, uploaded) = picture::received(app, site, request).await?;
        Ok(match uploaded {
            None if form.has(REMOVE_PICTURE) => with(&form, PICTURE, ""),
            None => form,
            Some(Ok(picture)) => with(&form, PICTURE, picture),
            Some(Err(error)) => with(&form, PICTURE, refused_picture(error, &form)),
        })
    }

    async fn load(conn: &mut PgConnection, conference: &Conference) -> Result<Self> {
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
            (PICTURE, picture.map(|picture| picture.to_string()).unwrap_or_default()),
            ("picture_text", picture_text.to_string()),
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
        let picture = picture(form, &mut errors);
        let picture_text = errors.check("picture_text", PictureText::parse(form.get("picture_text")));
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
            PICTURE => {
                let uploaded = value.parse().ok().and_then(PictureId::uploaded_at);
                uploaded.map(|at| format!("uploaded on {}", self.conference.zone.zoned_moment(at)))
            }
            "country" => Country::parse(value).map(|country| country.to_string()),
            _ => None,
        }
        .unwrap_or_else(|| field.say(value))
    }

    fn fields(&self, form: &Submitted, errors: &Errors) -> askama::Result<String> {
        let picture = shown_picture(form).zip(self.picture(form));
        let same = self.same(form).map(|person| person.name.clone());
        PersonFields { form, errors, picture, same }.render()
    }

    fn picture(&self, form: &Submitted) -> Option<Picture> {
        let picture = shown_picture(form)?;
        let address = urls::organisers::picture(&self.conference.slug, picture, PictureSize::Medium);
        let text = [form.get("picture_text"), form.get("name")].into_iter().find(|text| !text.is_empty());
        Some(Picture { address, text: text.unwrap_or_default().to_owned() })
    }

    fn more(conference: &str, id: PersonId) -> Option<(&'static str, String)> {
        Some(("Entered twice?", urls::organisers::same_person(conference, id)))
    }

    async fn refused(&self, _: &App, _: &Site, _: (PersonId, &PersonContent), error: SaveError) -> Result<Refusal> {
        let mut refusal = Refusal::default();
        match error {
            SaveError::InUse => refusal.errors.add(STATUS, &ErrorMessage::InUse),
            SaveError::InPublicUse => refusal.errors.add(STATUS, &ErrorMessage::InPublicUse),
            SaveError::PictureGone => refusal.errors.add(FILE, &ErrorMessage::PictureGone),
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

/// The words for files that are refused, in the field of the picture: the word, a space and the key of the picture before.
const REFUSED: [(&str, PictureError); 6] = [
    ("empty", PictureError::Empty),
    ("file-too-large", PictureError::FileTooLarge),
    ("no-picture", PictureError::NoPicture),
    ("broken", PictureError::Broken),
    ("too-many-pixels", PictureError::TooManyPixels),
    ("too-few-pixels", PictureError::TooFewPixels),
];

/// Returns the value of the field of the picture for a form whose file was refused.
pub fn refused_picture(error: PictureError, form: &Submitted) -> String {
    let word = REFUSED.iter().find(|(_, one)| *one == error).map_or("broken", |(word, _)| word);
    let before = shown_picture(form).map(|picture| picture.to_string()).unwrap_or_default();
    format!("{word} {before}")
}

/// Returns the picture that the form shows.
fn shown_picture(form: &Submitted) -> Option<PictureId> {
    form.line(PICTURE).rsplit(' ').next()?.parse().ok()
}

/// Reads the picture, or adds the error of its file and returns no picture.
fn picture(form: &Submitted, errors: &mut Errors) -> Option<PictureId> {
    let value = form.line(PICTURE);
    let word = value.split(' ').next().unwrap_or_default();
    if let Some((_, error)) = REFUSED.iter().find(|(refused, _)| *refused == word) {
        errors.add(FILE, &ErrorMessage::Picture(*error));
        return None;
    }
    if value.is_empty() { None } else { errors.check(FILE, value.parse().map_err(|_| FieldMessage::NotOffered)) }
}
