//! `/staff/{c}/attendees/{attendee}/choices`: changes the category of an attendee and the answers for a caller, or the answers about
//! the registration. The list says what each category costs more or less; if a rule stands against it, the page says which and asks
//! for a reason.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;
use sqlx::PgConnection;

use super::{
    attendee_of,
    rules::{self, Decision, Doing, Rules},
};
use crate::{
    access::{Person, ResumedForm},
    domain::{Answer, AttendeeId, CategoryId, QuestionKind, SignedIn},
    registering::{
        choices::{Choices, Chooser, SEEN},
        field,
        validate::ErrorMessage,
    },
    store::{
        outbox::{self, ChangeData},
        registrations::{
            answers::SavedAnswer,
            attendees::{self, Detail},
            categories::{self, Offer},
            choosing::{self, ChooseError, Choosing},
        },
    },
    urls,
    web::{
        App, AppError, AskedQuestion, Current, Desk, DeskNav, Errors, FieldMessage, Named, Result, Site, Submitted,
        page, reply, see_other, unprocessable,
    },
};

/// The query of the address.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct ChoicesQuery {
    about: About,
}

/// What is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum About {
    /// The category and answers of the attendee.
    #[default]
    Attendee,
    /// The answers about the registration.
    Registration,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/choices.html")]
struct ChoicesPage {
    desk: Desk,
    site: Arc<Site>,
    detail: Detail,
    about: About,
    choices: Choices,
    /// What delegates are offered.
    public: Offer,
    questions: Vec<AskedQuestion>,
    rules: Rules,
    /// Whether the form was sent, and not just opened.
    sent: bool,
    /// What is saved, if it has changed since the form was opened.
    now: Option<Vec<SavedAnswer>>,
    form: Submitted,
    errors: Errors,
}

/// `GET /staff/{c}/attendees/{attendee}/choices`.
pub async fn get(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    Query(ChoicesQuery { about }): Query<ChoicesQuery>,
    resumed: ResumedForm,
) -> Result {
    let detail = attendee_of(&app, &site, attendee).await?;
    let mut conn = app.store.read().await?;
    let mut again = ChoicesPage::of(&app, &mut conn, (&person, &site), (detail, about), None).await?;
    if let Some(form) = resumed.shown_in(&mut again.desk).filter(|_| again.is_active()) {
        again.questions = again.choices.questions(&form);
        again.form = form;
    }
    again.rules = Rules::read(&app, &mut conn, &site, (Doing::Choosing, None), &again.public).await?;
    page(&again)
}

/// `POST /staff/{c}/attendees/{attendee}/choices`.
pub async fn post(
    State(app): State<App>,
    Person(person): Person,
    Current(site): Current,
    Named(attendee): Named<AttendeeId>,
    Query(query): Query<ChoicesQuery>,
    form: Submitted,
) -> Result {
    let about = (site.conference.id, attendee_of(&app, &site, attendee).await?.registration.id);
    let mut tx = app.store.begin().await?;
    // What is saved is compared with what the form was opened with, so nobody may change it from here on.
    choosing::lock(&mut tx, about).await?;
    let detail = attendees::find(&mut tx, about.0, attendee).await?.ok_or(AppError::NotFound)?;
    let mut again = ChoicesPage::of(&app, &mut tx, (&person, &site), (detail, query.about), Some(form)).await?;
    let Some(chosen) = again.examine(&app, &mut tx).await? else { return again.refused() };
    let choosing = Choosing {
        conference: about.0,
        registration: about.1,
        attendee: again.whom(),
        category: chosen.category,
        asked: &again.choices.asked,
        answers: &chosen.answers,
        at: app.clock.now(),
        operations: &app.settings.operations_address,
        authority: chosen.decision.authority(&person, again.form.has("mail")),
    };
    match choosing::choose(&mut tx, choosing).await {
        Ok(done) if done.is_nothing() => Ok(see_other(&urls::staff::attendee(again.slug(), attendee))),
        Ok(done) => {
            let changes = done.changes.iter().map(Into::into).collect();
            let answers = done.answers;
            let data = ChangeData { attendee: again.whom(), changes, answers, by_staff: true, ..ChangeData::default() };
            let told = (&app.settings.operations_address, again.form.has("mail"));
            outbox::tell_of_change(&mut tx, about, &data, told).await?;
            tx.commit().await?;
            app.outbox.notify_one();
            Ok(see_other(&urls::staff::attendee_done(again.slug(), attendee, "chosen")))
        }
        Err(ChooseError::Full | ChooseError::Changed) => {
            drop(tx);
            again.errors.add(field(1, "category"), &ErrorMessage::PlacesChanged);
            again.refused()
        }
        Err(ChooseError::Database(error)) => Err(error.into()),
    }
}

/// What was chosen, and what was decided about the rules that stand against it.
struct Chosen {
    category: Option<CategoryId>,
    answers: Vec<Answer>,
    decision: Decision,
}

impl ChoicesPage {
    async fn of(
        app: &App,
        conn: &mut PgConnection,
        (person, site): (&SignedIn, &Arc<Site>),
        (detail, about): (Detail, About),
        form: Option<Submitted>,
    ) -> Result<Self> {
        let now = app.clock.now();
        let attendee = (about == About::Attendee).then(|| detail.attendee.clone());
        let choices = Choices::read(conn, &detail.registration, attendee, Chooser::Staff, now).await?;
        let form = form.unwrap_or_else(|| {
            let saved = choices.opened();
            let ticked = ("mail".to_owned(), "on".to_owned());
            Submitted::new(saved.fields().iter().cloned().chain([ticked]).collect())
        });
        Ok(Self {
            desk: Desk::new(DeskNav::Attendees, Some(site), person),
            site: site.clone(),
            detail,
            about,
            public: categories::offer(conn, site.conference.id, now).await?,
            questions: choices.questions(&form),
            choices,
            rules: Rules::default(),
            sent: false,
            now: None,
            form,
            errors: Errors::default(),
        })
    }

    /// Validates the form. `None` if the page has to say or ask something first.
    async fn examine(&mut self, app: &App, conn: &mut PgConnection) -> Result<Option<Chosen>> {
        self.sent = true;
        self.rules = Rules::read(app, conn, &self.site, (Doing::Choosing, None), &self.public).await?;
        if !self.is_active() {
            return Ok(None);
        }
        let category = self.choices.category(&self.form, &FieldMessage::NotOffered, &mut self.errors);
        let answers = self.choices.answers(&self.form, &mut self.errors);
        if self.form.get(SEEN) != self.choices.seen() {
            self.now = Some(self.choices.saved.clone());
            return Ok(None);
        }
        if !self.errors.is_empty() {
            return Ok(None);
        }
        let doing = if self.detail.attendee.is_waiting() { Doing::ChoosingToWait } else { Doing::Choosing };
        self.rules = Rules::read(app, conn, &self.site, (doing, category), &self.public).await?;
        let decision = self.rules.decide(&self.form, &mut self.errors);
        Ok(decision.map(|decision| Chosen { category, answers, decision }))
    }

    /// Shows the page because nothing was changed.
    fn refused(&self) -> Result {
        if self.now.is_some() || !self.is_active() { reply::conflict(self) } else { unprocessable(self) }
    }

    /// Returns the categories to choose from, with what each costs more or less and what stands against it.
    fn categories(&self) -> Vec<(String, String)> {
        self.choices.options(|category| rules::remark(&self.public, category))
    }

    fn is_active(&self) -> bool {
        self.detail.attendee.is_active()
    }

    /// Whether the field with the reason has the focus.
    fn asks_reason(&self) -> bool {
        self.sent && self.errors.is_empty()
    }

    /// Returns the attendee, unless it is about the registration.
    fn whom(&self) -> Option<AttendeeId> {
        self.choices.attendee.as_ref().map(|one| one.id)
    }

    fn title(&self) -> String {
        match self.about {
            About::Attendee => format!("Category and answers of {}", self.detail.attendee.name),
            About::Registration => format!("Answers about registration {}", self.detail.registration.reference),
        }
    }

    fn here(&self) -> String {
        match self.about {
            About::Attendee => urls::staff::choices(self.slug(), self.detail.attendee.id),
            About::Registration => urls::staff::registration_choices(self.slug(), self.detail.attendee.id),
        }
    }

    fn slug(&self) -> &str {
        &self.site.conference.slug
    }

    fn back(&self) -> String {
        urls::staff::attendee(self.slug(), self.detail.attendee.id)
    }
}
