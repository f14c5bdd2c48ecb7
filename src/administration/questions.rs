//! `/administration/{c}/questions`: the questions that the registration form asks, as delegates see them.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};

use super::question_words::Words;
use crate::{
    access::Person,
    domain::{QuestionId, QuestionKind},
    store::{
        registrations::questions::{self, ListedQuestion},
        settings::{self, CategorySettings},
    },
    urls,
    web::{App, AskedQuestion, Current, Desk, DeskNav, Errors, Result, Site, Submitted, page},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/questions.html")]
struct QuestionsPage {
    desk: Desk,
    site: Arc<Site>,
    questions: Vec<ListedQuestion>,
    /// The questions that are asked, as fields.
    preview: Vec<AskedQuestion>,
    /// The preview has no values and no errors.
    form: Submitted,
    errors: Errors,
    categories: Vec<CategorySettings>,
    /// What was just done, from the address.
    done: String,
}

/// `GET /administration/{c}/questions`.
pub async fn get(State(app): State<App>, Person(person): Person, Current(site): Current, uri: Uri) -> Result {
    let mut conn = app.store.read().await?;
    let questions = questions::list(&mut conn, site.conference.id).await?;
    let categories = settings::list_categories(&mut conn, site.conference.id).await?;
    drop(conn);
    page(&QuestionsPage {
        desk: Desk::new(DeskNav::Settings, Some(&site), &person),
        site,
        preview: questions.iter().filter(|one| one.is_asked).map(|one| preview(one, &categories)).collect(),
        questions,
        form: Submitted::default(),
        errors: Errors::default(),
        categories,
        done: uri.query().and_then(|query| query.strip_prefix("done=")).unwrap_or_default().to_owned(),
    })
}

/// Shows a question as the form shows it before a category is chosen.
pub fn preview(one: &ListedQuestion, categories: &[CategorySettings]) -> AskedQuestion {
    let question = &one.question;
    let only_for = categories.iter().filter(|category| question.categories.contains(&category.id));
    let only_for = only_for.map(|category| category.details.name.as_str()).collect();
    AskedQuestion::new(format!("preview-{}", question.id), question, only_for)
}

impl QuestionsPage {
    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn question(&self, id: QuestionId) -> String {
        urls::administration::question(self.slug(), id)
    }

    /// Returns the names of the categories whose delegates are asked.
    fn asked_categories(&self, one: &ListedQuestion) -> Vec<&str> {
        let of_question = |category: &&CategorySettings| one.question.categories.contains(&category.id);
        self.categories.iter().filter(of_question).map(|category| category.details.name.as_str()).collect()
    }
}
