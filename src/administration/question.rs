//! `/administration/{c}/questions/{question}`: adds or changes a question of the registration form.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};

use super::{question_words::Words, questions::preview};
use crate::{
    access::{Person, ResumedForm},
    domain::{
        AnswerReaders, AskedOf, AuditKind, CategoryId, Choices, ChoicesError, QuestionHelp, QuestionId, QuestionKind,
        QuestionPurpose, QuestionText, SignedIn,
    },
    editing::{
        compare::Field,
        conflict::Conflict,
        shared_form::{self, Merged},
    },
    store::{
        audit::{self, Actor, Entry},
        registrations::questions::{self, ListedQuestion, NewQuestion, QuestionError},
        settings::{self, CategorySettings},
    },
    urls,
    web::{
        App, AppError, AskedQuestion, Current, Desk, DeskNav, Errors, FieldMessage, Missing, Named, Result, Site,
        Submitted, page, reply, see_other, unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "administration/question.html")]
struct QuestionPage {
    desk: Desk,
    site: Arc<Site>,
    /// `None` for a new question.
    question: Option<ListedQuestion>,
    categories: Vec<CategorySettings>,
    form: Submitted,
    errors: Errors,
    /// The conflict that this person has to decide, if somebody else has saved since the form was opened.
    conflict: Option<Conflict>,
    /// Whether the conflict is new, so that the form contains the merged versions as the program made them.
    is_fresh: bool,
}

/// The error messages of a question.
#[derive(Template)]
#[template(path = "administration/question_errors.txt")]
enum ErrorMessage {
    /// There are too few or too many choices.
    NoChoices(usize),
    /// The choice on this line is there already.
    ChoiceTwice(usize),
    /// The choice on this line has an error.
    WrongChoice(usize, FieldMessage),
    /// A question of this kind has no choices.
    ChoicesUnused,
    /// A question about the registration has no category.
    CategoriesOfRegistration,
    /// It was answered, so it cannot be asked of others.
    Answered,
    /// The text is not a place in the order.
    NoPlace,
}

/// The fields, in the order of the form.
const FIELDS: [Field; 11] = [
    Field::line("text", "Question"),
    Field::line("help", "Help"),
    Field::line("purpose", "We use this to …"),
    Field::value("kind", "Answer"),
    Field::value("choices", "Choices"),
    Field::tick("required", "An answer is required"),
    Field::value("asked_of", "Asked of"),
    Field::list("categories", "Only of these categories", categories_entered),
    Field::value("readers", "Answers are seen by"),
    Field::value("place", "Place in the order"),
    Field::tick("is_asked", "The form asks it"),
];

/// Reads the chosen categories, in the order of their keys.
fn categories_entered(values: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = values.iter().flat_map(|value| value.split_whitespace()).map(str::to_owned).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// `GET /administration/{c}/questions/new`.
pub async fn get_new(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    resumed: ResumedForm,
) -> Result {
    let (listed, categories) = read(&app, &site).await?;
    let next = listed.last().map_or(1, |last| last.place.saturating_add(1).min(999));
    let form = Submitted::of([
        ("place", next.to_string()),
        ("kind", QuestionKind::ShortText.to_string()),
        ("asked_of", AskedOf::Attendee.to_string()),
        ("readers", AnswerReaders::Desk.to_string()),
        ("is_asked", "on".to_owned()),
    ]);
    page(&QuestionPage::of(&person, &site, None, categories, Merged::alone(form)).with(resumed))
}

/// `POST /administration/{c}/questions/new`.
pub async fn post_new(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    form: Submitted,
) -> Result {
    let (_, categories) = read(&app, &site).await?;
    let added = save(&app, QuestionPage::of(&person, &site, None, categories, Merged::alone(form)), &person).await?;
    added.ok_or_else(|| AppError::internal("a new question was changed by somebody"))
}

/// `GET /administration/{c}/questions/{question}`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<QuestionId>,
    resumed: ResumedForm,
) -> Result {
    let (question, categories) = find(&app, &site, id).await?;
    let form = shared_form::opened(&FIELDS, &present(&question));
    page(&QuestionPage::of(&person, &site, Some(question), categories, Merged::alone(form)).with(resumed))
}

/// `POST /administration/{c}/questions/{question}`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<QuestionId>,
    form: Submitted,
) -> Result {
    // Somebody else may save between reading and saving. Then the loop reads the question again.
    loop {
        let (question, categories) = find(&app, &site, id).await?;
        let merged =
            Merged::said(&FIELDS, &present(&question), form.clone(), |field, value| say(&categories, field, value));
        let again = QuestionPage::of(&person, &site, Some(question), categories, merged);
        if let Some(answer) = save(&app, again, &person).await? {
            return Ok(answer);
        }
    }
}

async fn read(app: &App, site: &Site) -> Result<(Vec<ListedQuestion>, Vec<CategorySettings>)> {
    let mut conn = app.store.read().await?;
    let categories = settings::list_categories(&mut conn, site.conference.id).await?;
    Ok((questions::list(&mut conn, site.conference.id).await?, categories))
}

/// Returns the question and the categories of the conference.
pub async fn find(app: &App, site: &Site, id: QuestionId) -> Result<(ListedQuestion, Vec<CategorySettings>)> {
    let (listed, categories) = read(app, site).await?;
    let question = listed.into_iter().find(|one| one.question.id == id).ok_or(AppError::NotFound)?;
    Ok((question, categories))
}

/// Saves a question or shows its form again. Returns `None` if somebody else has changed it since it was read.
async fn save(app: &App, mut again: QuestionPage, person: &SignedIn) -> Result<Option<Response>> {
    let Some(new) = validate(&again.form, &again.categories, &mut again.errors) else {
        return unprocessable(&again).map(Some);
    };
    if again.is_fresh {
        return reply::conflict(&again).map(Some);
    }
    let conference = again.site.conference.id;
    let mut tx = app.store.begin().await?;
    let kept = match &again.question {
        Some(before) => questions::change(&mut tx, conference, before, &new).await.map(|()| before.question.id),
        None => questions::add(&mut tx, conference, &new).await.map_err(QuestionError::from),
    };
    let id = match kept {
        Ok(id) => id,
        Err(QuestionError::Changed) => return Ok(None),
        Err(QuestionError::Answered) => {
            again.errors.add("asked_of", &ErrorMessage::Answered);
            return unprocessable(&again).map(Some);
        }
        Err(QuestionError::Database(error)) => return Err(error.into()),
    };
    let before = again.question.as_ref().map(present).unwrap_or_default();
    let categories = &again.categories;
    let changes =
        shared_form::changes_said(&FIELDS, &before, &shown(&new), |field, value| say(categories, field, value));
    let kind = if again.question.is_some() { AuditKind::QuestionChanged } else { AuditKind::QuestionAdded };
    let entry = Entry::of(kind, Actor::Account(person.account));
    let entry = Entry { conference: Some(conference), subject: Some(id.0), changes: &changes, ..entry };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    app.published().await;
    Ok(Some(see_other(&urls::administration::questions_done(&again.site.conference.slug, "saved"))))
}

fn validate(form: &Submitted, categories: &[CategorySettings], errors: &mut Errors) -> Option<NewQuestion> {
    let text = errors.check_required("text", QuestionText::parse(form.get("text")), Missing::Answer);
    let help = errors.check("help", QuestionHelp::parse(form.get("help")));
    let purpose = errors.check_required("purpose", QuestionPurpose::parse(form.get("purpose")), Missing::Answer);
    let kind = errors.check("kind", QuestionKind::parse(form.get("kind")).ok_or(FieldMessage::NotOffered));
    let choices = kind.and_then(|kind| choices(form, kind, errors));
    let asked_of = errors.check("asked_of", AskedOf::parse(form.get("asked_of")).ok_or(FieldMessage::NotOffered));
    let chosen = chosen_categories(form, categories);
    if chosen.is_none() {
        errors.add("categories", &FieldMessage::NotOffered);
    }
    if asked_of == Some(AskedOf::Registration) && chosen.as_ref().is_some_and(|chosen| !chosen.is_empty()) {
        errors.add("categories", &ErrorMessage::CategoriesOfRegistration);
    }
    let readers = errors.check("readers", AnswerReaders::parse(form.get("readers")).ok_or(FieldMessage::NotOffered));
    let place = form.line("place").parse::<i16>().ok().filter(|place| (1..=999).contains(place));
    if place.is_none() {
        errors.add("place", &ErrorMessage::NoPlace);
    }
    if !errors.is_empty() {
        return None;
    }
    Some(NewQuestion {
        place: place?,
        is_asked: form.has("is_asked"),
        asked_of: asked_of?,
        categories: chosen?,
        kind: kind?,
        text: text?,
        help: help?,
        purpose: purpose?,
        required: form.has("required"),
        readers: readers?,
        choices: choices?,
    })
}

fn choices(form: &Submitted, kind: QuestionKind, errors: &mut Errors) -> Option<Choices> {
    let typed = form.get("choices");
    if !kind.has_choices() {
        if !typed.trim().is_empty() {
            errors.add("choices", &ErrorMessage::ChoicesUnused);
        }
        return Some(Choices::default());
    }
    let message = match Choices::parse(typed) {
        Ok(choices) => return Some(choices),
        Err(ChoicesError::Number(number)) => ErrorMessage::NoChoices(number),
        Err(ChoicesError::Twice(number)) => ErrorMessage::ChoiceTwice(number),
        Err(ChoicesError::Text(number, error)) => ErrorMessage::WrongChoice(number, error.into()),
    };
    errors.add("choices", &message);
    None
}

/// Returns the chosen categories, or `None` if one of them is not of this conference.
fn chosen_categories(form: &Submitted, categories: &[CategorySettings]) -> Option<Vec<CategoryId>> {
    let chosen = categories_entered(&form.all("categories").collect::<Vec<_>>());
    let known = |id: &String| categories.iter().map(|category| category.id).find(|known| known.to_string() == *id);
    chosen.iter().map(known).collect()
}

/// Returns a question in the fields of its form.
fn present(listed: &ListedQuestion) -> Submitted {
    let question = &listed.question;
    fields(
        [&question.text, &question.help, &question.purpose],
        (question.kind, question.choices.as_slice()),
        (question.asked_of, question.readers, &question.categories),
        (listed.place, question.required, listed.is_asked),
    )
}

fn shown(new: &NewQuestion) -> Submitted {
    fields(
        [new.text.as_str(), new.help.as_str(), new.purpose.as_str()],
        (new.kind, new.choices.as_slice()),
        (new.asked_of, new.readers, &new.categories),
        (new.place, new.required, new.is_asked),
    )
}

fn fields(
    [text, help, purpose]: [&str; 3],
    (kind, choices): (QuestionKind, &[String]),
    (asked_of, readers, categories): (AskedOf, AnswerReaders, &[CategoryId]),
    (place, required, is_asked): (i16, bool, bool),
) -> Submitted {
    let fields = [
        ("text", text.to_owned()),
        ("help", help.to_owned()),
        ("purpose", purpose.to_owned()),
        ("kind", kind.to_string()),
        ("choices", choices.join("\n")),
        ("asked_of", asked_of.to_string()),
        ("readers", readers.to_string()),
        ("place", place.to_string()),
    ];
    let ticked = [("required", required), ("is_asked", is_asked)].into_iter().filter(|(_, ticked)| *ticked);
    let categories = categories.iter().map(|category| ("categories", category.to_string()));
    Submitted::of(fields.into_iter().chain(ticked.map(|(name, _)| (name, "on".to_owned()))).chain(categories))
}

/// Returns a value in words.
fn say(categories: &[CategorySettings], field: &Field, value: &str) -> String {
    let words = match field.name {
        "kind" => QuestionKind::parse(value).map(Words::Kind),
        "asked_of" => AskedOf::parse(value).map(Words::AskedOf),
        "readers" => AnswerReaders::parse(value).map(Words::Readers),
        "categories" => {
            let name =
                |id: &str| categories.iter().find(|one| one.id.to_string() == id).map(|one| one.details.name.as_str());
            return value.lines().filter_map(name).collect::<Vec<_>>().join(", ");
        }
        _ => None,
    };
    words.map_or_else(|| field.say(value), |words| words.text())
}

impl QuestionPage {
    fn of(
        person: &SignedIn,
        site: &Arc<Site>,
        question: Option<ListedQuestion>,
        categories: Vec<CategorySettings>,
        Merged { form, conflict, is_fresh }: Merged,
    ) -> Self {
        let desk = Desk::new(DeskNav::Settings, Some(site), person);
        Self { desk, site: site.clone(), question, categories, form, errors: Errors::default(), conflict, is_fresh }
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    /// Returns the address of the form as it was saved last.
    fn here(&self) -> String {
        match &self.question {
            Some(one) => urls::administration::question(self.slug(), one.question.id),
            None => urls::administration::new_question(self.slug()),
        }
    }

    /// Returns the saved question as delegates see it.
    fn preview(&self) -> Option<AskedQuestion> {
        self.question.as_ref().map(|one| preview(one, &self.categories))
    }

    fn kinds() -> impl Iterator<Item = (String, String)> {
        QuestionKind::ALL.into_iter().map(|kind| (kind.to_string(), Words::Kind(kind).text()))
    }

    fn askable() -> impl Iterator<Item = (String, String)> {
        AskedOf::ALL.into_iter().map(|whom| (whom.to_string(), Words::AskedOf(whom).text()))
    }

    fn readers() -> impl Iterator<Item = (String, String)> {
        AnswerReaders::ALL.into_iter().map(|readers| (readers.to_string(), Words::Readers(readers).text()))
    }

    fn offered_categories(&self) -> impl Iterator<Item = (String, &str)> {
        self.categories.iter().map(|category| (category.id.to_string(), category.details.name.as_str()))
    }

    /// Shows the form that was sent after the login had ended, if there is one.
    fn with(mut self, resumed: ResumedForm) -> Self {
        self.form = resumed.shown_in(&mut self.desk).unwrap_or(self.form);
        self
    }
}
