//! `/administration/{c}/questions/{question}/remove`: removes a question that nobody has answered.

use askama::Template;
use axum::extract::State;

use super::question::find;
use crate::{
    access::Person,
    domain::{AuditKind, QuestionId, SignedIn},
    store::{
        audit::{self, Actor, Change, Entry},
        registrations::questions::{self, ListedQuestion, QuestionError},
    },
    urls,
    web::{App, Current, Desk, DeskNav, Named, Result, Site, page, reply, see_other},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/remove_question.html")]
struct RemovePage {
    desk: Desk,
    slug: String,
    question: ListedQuestion,
}

/// `GET /administration/{c}/questions/{question}/remove`: asks for confirmation, or says why it cannot be removed.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<QuestionId>,
) -> Result {
    page(&RemovePage::of(&app, &person, &site, id).await?)
}

/// `POST /administration/{c}/questions/{question}/remove`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(id): Named<QuestionId>,
) -> Result {
    let again = RemovePage::of(&app, &person, &site, id).await?;
    let mut tx = app.store.begin().await?;
    match questions::remove(&mut tx, site.conference.id, id).await {
        Ok(()) => {}
        // Somebody has answered it since.
        Err(QuestionError::Answered | QuestionError::Changed) => {
            drop(tx);
            return reply::conflict(&RemovePage::of(&app, &person, &site, id).await?);
        }
        Err(QuestionError::Database(error)) => return Err(error.into()),
    }
    let changes = Change::list([("text", again.question.question.text.as_str(), "")]);
    let entry = Entry::of(AuditKind::QuestionRemoved, Actor::Account(person.account));
    let entry = Entry { conference: Some(site.conference.id), subject: Some(id.0), changes: &changes, ..entry };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    app.published().await;
    Ok(see_other(&urls::administration::questions_done(&site.conference.slug, "removed")))
}

impl RemovePage {
    async fn of(app: &App, person: &SignedIn, site: &std::sync::Arc<Site>, id: QuestionId) -> Result<Self> {
        let (question, _) = find(app, site, id).await?;
        let desk = Desk::new(DeskNav::Settings, Some(site), person);
        Ok(Self { desk, slug: site.conference.slug.clone(), question })
    }

    fn back(&self) -> String {
        urls::administration::question(&self.slug, self.question.question.id)
    }
}
