//! `/manage/{token}/choices`: changes the category of an attendee and the answers to the questions that organisers ask, or the
//! answers about the registration.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use sqlx::PgConnection;

use super::manage::{self, AttendeeQuery, ErrorMessage, Managed};
use crate::{
    domain::QuestionKind,
    registering::{
        choices::{Choices, Chooser, SEEN},
        field,
    },
    store::{
        outbox::{self, ChangeData, ChangeOf},
        registrations::{
            Authority, RegisteredAttendee,
            answers::SavedAnswer,
            choosing::{self, ChooseError, Choosing},
        },
    },
    urls,
    web::{
        App, AskedQuestion, Errors, Frame, Named, Nav, Result, Site, Submitted, Token, Visitor, page, reply, see_other,
        unprocessable,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "delegates/choose.html")]
struct ChoosePage {
    frame: Frame,
    token: String,
    /// The attendee; `None` if it is about the registration.
    attendee: Option<RegisteredAttendee>,
    /// The categories to choose from, if there is a choice.
    categories: Vec<(String, String)>,
    /// Whether the link is an attendee's, for whom only categories with the same fee are offered.
    is_only_same_fee: bool,
    /// What the categories cost, for the hidden field.
    fees: String,
    questions: Vec<AskedQuestion>,
    /// What is saved, if it has changed since the form was opened.
    now: Option<Vec<SavedAnswer>>,
    seen: String,
    form: Submitted,
    errors: Errors,
}

/// `GET /manage/{token}/choices?attendee=…`.
pub async fn get(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<AttendeeQuery>,
) -> Result {
    let mut conn = app.store.read().await?;
    let managed = manage::find(&mut conn, &token).await?;
    let choices = read(&app, &mut conn, &managed, query).await?;
    if managed.is_frozen(app.clock.now()) || is_none(&choices) {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    page(&ChoosePage::of((&app, &site, token), (&managed, &choices), choices.opened(), Errors::default()))
}

/// `POST /manage/{token}/choices?attendee=…`.
pub async fn post(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<AttendeeQuery>,
    visitor: Visitor,
    form: Submitted,
) -> Result {
    let now = app.clock.now();
    let (mut tx, managed) = manage::begin(&app, visitor, &token).await?;
    if managed.is_frozen(now) {
        return Ok(manage::frozen(&token));
    }
    // What is saved is compared with what the form was opened with, so nobody may change it from here on.
    choosing::lock(&mut tx, (managed.registered.conference, managed.registered.id)).await?;
    let managed = manage::find(&mut tx, &token).await?;
    let choices = read(&app, &mut tx, &managed, query).await?;
    if is_none(&choices) {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let mut errors = Errors::default();
    let chosen = choices.category(&form, &ErrorMessage::NotFree, &mut errors);
    let given = choices.answers(&form, &mut errors);
    if form.get(SEEN) != choices.seen() {
        let again = ChoosePage::of((&app, &site, token), (&managed, &choices), form, errors);
        return reply::conflict(&ChoosePage { now: Some(choices.saved.clone()), ..again });
    }
    if !errors.is_empty() {
        return unprocessable(&ChoosePage::of((&app, &site, token), (&managed, &choices), form, errors));
    }
    let about = (managed.registered.conference, managed.registered.id);
    let attendee = choices.attendee.as_ref().map(|one| one.id);
    let choosing = Choosing {
        conference: about.0,
        registration: about.1,
        attendee,
        category: chosen,
        asked: &choices.asked,
        answers: &given,
        at: now,
        operations: &app.settings.operations_address,
        authority: Authority::DELEGATE,
    };
    match choosing::choose(&mut tx, choosing).await {
        Ok(done) if done.is_nothing() => Ok(see_other(&urls::public::manage(&token))),
        Ok(done) => {
            let changes = done.changes.iter().map(Into::into).collect();
            let by = managed.link.subject.attendee;
            let of = ChangeOf::Details;
            let data = ChangeData { of, attendee, changes, answers: done.answers, by, ..ChangeData::default() };
            outbox::tell_of_change(&mut tx, about, &data, (&app.settings.operations_address, true)).await?;
            tx.commit().await?;
            app.outbox.notify_one();
            Ok(see_other(&urls::public::manage_done(&token, "corrected", attendee)))
        }
        Err(ChooseError::Full | ChooseError::Changed) => {
            drop(tx);
            let mut conn = app.store.read().await?;
            let managed = manage::find(&mut conn, &token).await?;
            let choices = read(&app, &mut conn, &managed, query).await?;
            errors.add(field(1, "category"), &ErrorMessage::NotFree);
            unprocessable(&ChoosePage::of((&app, &site, token), (&managed, &choices), form, errors))
        }
        Err(ChooseError::Database(error)) => Err(error.into()),
    }
}

impl ChoosePage {
    /// Returns the hint for somebody who has a place.
    fn hint(&self) -> &'static str {
        if self.attendee.as_ref().is_some_and(|one| one.code.is_some()) {
            "Only categories with a free place can be chosen. The place in the present category goes to somebody else, and the code no longer counts."
        } else {
            "Only categories with a free place can be chosen. The place in the present category goes to somebody else."
        }
    }

    fn here(&self) -> String {
        urls::public::choose(&self.token, self.attendee.as_ref().map(|one| one.id))
    }
}

impl ChoosePage {
    fn of(
        (app, site, token): (&App, &Arc<Site>, String),
        (managed, choices): (&Managed, &Choices),
        form: Submitted,
        errors: Errors,
    ) -> Self {
        let title = match &choices.attendee {
            Some(one) if choices.questions(&choices.opened()).is_empty() => format!("Category of {}", one.name),
            Some(one) => format!("Category and answers of {}", one.name),
            None => "Answers about the registration".to_owned(),
        };
        Self {
            frame: Frame::of(app, site, Nav::None).titled(title),
            token,
            categories: choices.options(|_| ""),
            is_only_same_fee: !managed.is_contact() && choices.offer.has_fees(),
            fees: choices.fees(),
            questions: choices.questions(&form),
            now: None,
            seen: choices.seen(),
            attendee: choices.attendee.clone(),
            form,
            errors,
        }
    }
}

/// Reads what can be chosen with this link.
async fn read(app: &App, conn: &mut PgConnection, managed: &Managed, query: AttendeeQuery) -> Result<Choices> {
    let is_about_all = managed.is_contact() && query.attendee.is_none();
    let attendee = if is_about_all { None } else { Some(managed.one(query)?.clone()) };
    let is_own = attendee.as_ref().is_some_and(|one| managed.is_own(one.id));
    let chooser = if managed.is_contact() { Chooser::Contact { is_own } } else { Chooser::Attendee };
    Choices::read(conn, &managed.registered, attendee, chooser, app.clock.now()).await
}

/// Whether there is nothing to choose.
fn is_none(choices: &Choices) -> bool {
    !manage::can_choose(&choices.offer, choices.attendee.as_ref())
}
