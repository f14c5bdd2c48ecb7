//! `/manage/{token}/choices`: changes the category of an attendee and the answers to the questions that organisers ask, or the
//! answers about the registration.

use std::{collections::HashMap, sync::Arc};

use askama::Template;
use axum::extract::{Query, State};
use sqlx::PgConnection;

use super::manage::{self, AttendeeQuery, ErrorMessage, Managed};
use crate::{
    domain::{Answer, AskedOf, CategoryId, Cents, QuestionId, QuestionKind},
    registering::{
        fees::{self, FeeChange},
        field, questions, validate,
    },
    store::{
        outbox::{self, ChangeData, ChangeOf},
        registrations::{
            RegisteredAttendee,
            answers::{self, SavedAnswer},
            categories::{self, Offer, OfferedCategory},
            charges,
            choosing::{self, ChooseError, Choosing},
        },
    },
    urls,
    web::{
        App, AskedQuestion, Errors, Frame, Named, Nav, Result, Site, Submitted, Token, Visitor, page, reply, see_other,
        unprocessable,
    },
};

/// The hidden field that tells whether somebody else has changed something since the form was opened.
const SEEN: &str = "seen";

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

/// What can be chosen.
struct Choices {
    attendee: Option<RegisteredAttendee>,
    /// The other categories to which the attendee can change.
    others: Vec<Category>,
    is_only_same_fee: bool,
    offer: Offer,
    asked: Vec<QuestionId>,
    saved: Vec<SavedAnswer>,
}

/// A category to which an attendee can change.
struct Category {
    id: CategoryId,
    name: String,
    label: String,
    /// What it costs them.
    fee: Cents,
}

/// `GET /manage/{token}/choices?attendee=…`.
pub async fn get(
    State(app): State<App>,
    Named(Token(token)): Named<Token>,
    Query(query): Query<AttendeeQuery>,
) -> Result {
    let mut conn = app.store.read().await?;
    let managed = manage::find(&mut conn, &token).await?;
    let choices = Choices::read(&app, &mut conn, &managed, query).await?;
    if managed.is_frozen(app.clock.now()) || choices.is_none() {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    page(&choices.page(&app, &site, token, choices.opened(), Errors::default()))
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
    let choices = Choices::read(&app, &mut tx, &managed, query).await?;
    if choices.is_none() {
        return Ok(see_other(&urls::public::manage(&token)));
    }
    let site = app.sites.named(&app.store, &managed.link.slug).await?;
    let mut errors = Errors::default();
    let chosen = choices.category(&form, &mut errors);
    let given = choices.answers(&form, &mut errors);
    if form.get(SEEN) != choices.seen() {
        let again = choices.page(&app, &site, token, form, errors);
        return reply::conflict(&ChoosePage { now: Some(choices.saved.clone()), ..again });
    }
    if !errors.is_empty() {
        return unprocessable(&choices.page(&app, &site, token, form, errors));
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
    };
    match choosing::choose(&mut tx, choosing).await {
        Ok(done) if done.is_nothing() => Ok(see_other(&urls::public::manage(&token))),
        Ok(done) => {
            let changes = done.changes.iter().map(Into::into).collect();
            let by = managed.link.subject.attendee;
            let of = ChangeOf::Details;
            let data = ChangeData { of, attendee, changes, answers: done.answers, by, ..ChangeData::default() };
            outbox::tell_of_change(&mut tx, about, &data, &app.settings.operations_address).await?;
            tx.commit().await?;
            app.outbox.notify_one();
            Ok(see_other(&urls::public::manage_done(&token, "corrected", attendee)))
        }
        Err(ChooseError::Full | ChooseError::Changed) => {
            drop(tx);
            let mut conn = app.store.read().await?;
            let managed = manage::find(&mut conn, &token).await?;
            let choices = Choices::read(&app, &mut conn, &managed, query).await?;
            errors.add(field(1, "category"), &ErrorMessage::NotFree);
            unprocessable(&choices.page(&app, &site, token, form, errors))
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

impl Choices {
    async fn read(app: &App, conn: &mut PgConnection, managed: &Managed, query: AttendeeQuery) -> Result<Self> {
        let is_about_all = managed.is_contact() && query.attendee.is_none();
        let attendee = if is_about_all { None } else { Some(managed.one(query)?.clone()) };
        let mut offer = categories::offer(conn, managed.registered.conference, app.clock.now()).await?;
        let whom = if is_about_all { AskedOf::Registration } else { AskedOf::Attendee };
        let list = |offer: &Offer| -> Vec<_> {
            offer.questions.iter().filter(|one| one.asked_of == whom).map(|one| one.id).collect()
        };
        let about = (managed.registered.id, attendee.as_ref().map(|one| one.id));
        let mut saved = answers::list_saved(conn, about, &list(&offer)).await?;
        // What only few may read stays hidden from a contact who changes somebody else's answers, and stays as it is.
        if attendee.as_ref().is_some_and(|one| !managed.is_own(one.id)) {
            let hidden = |question| saved.iter().any(|answer| answer.is_for_few && answer.question == question);
            offer.questions.retain(|question| !hidden(question.id));
            saved.retain(|answer| !answer.is_for_few);
        }
        let asked = list(&offer);
        let others = match &attendee {
            Some(one) if one.is_coming() => others(conn, &offer, managed, one).await?,
            Some(one) if one.is_waiting() => queues(&offer, managed, one),
            _ => Vec::new(),
        };
        let is_only_same_fee = !managed.is_contact() && offer.has_fees();
        Ok(Self { attendee, others, is_only_same_fee, offer, asked, saved })
    }

    /// Whether there is nothing to choose.
    fn is_none(&self) -> bool {
        !manage::can_choose(&self.offer, self.attendee.as_ref())
    }

    fn questions(&self, form: &Submitted) -> Vec<AskedQuestion> {
        match self.attendee {
            Some(_) => questions::of_person(form, &self.offer, 1),
            None => questions::of_registration(&self.offer),
        }
    }

    /// Returns the form with what is saved.
    fn opened(&self) -> Submitted {
        let category = self.attendee.iter().map(|one| (field(1, "category"), one.category.to_string()));
        let name = |question| questions::name_of(question, self.attendee.is_some());
        let answers = self.saved.iter().flat_map(|answer| {
            let name = name(answer.question);
            answer.value.iter().map(move |value| (name.clone(), value.clone()))
        });
        Submitted::new(category.chain(answers).collect())
    }

    /// Returns what tells this state from others: the category, the answers, and what is asked.
    fn seen(&self) -> String {
        let category = self.attendee.iter().map(|one| one.category.to_string());
        let answers = self.saved.iter().map(|answer| answer.id.to_string());
        let asked = self.offer.questions.iter().filter(|one| self.asked.contains(&one.id));
        let asked = asked.map(|one| one.version.to_string());
        category.chain(answers).chain(asked).collect::<Vec<_>>().join(" ")
    }

    /// Returns the category to change to, or adds its error.
    fn category(&self, form: &Submitted, errors: &mut Errors) -> Option<CategoryId> {
        let attendee = self.attendee.as_ref()?;
        let name = field(1, "category");
        if !form.has(&name) || form.is(&name, attendee.category) {
            return None;
        }
        let Some(chosen) = self.others.iter().find(|category| form.is(&name, category.id)) else {
            errors.add(name, &ErrorMessage::NotFree);
            return None;
        };
        let before = fees::shown_in(form, chosen.id);
        if before != chosen.fee {
            let say = |amount| self.offer.currency.fee(amount);
            let change = FeeChange { category: chosen.name.clone(), before: say(before), now: say(chosen.fee) };
            errors.add(name, &validate::ErrorMessage::FeeChanged(change));
        }
        Some(chosen.id)
    }

    fn answers(&self, form: &Submitted, errors: &mut Errors) -> Vec<Answer> {
        let message = |question: &str, error| validate::ErrorMessage::Answer(0, question.to_owned(), error);
        match &self.attendee {
            Some(attendee) => {
                let category = form.get(&field(1, "category")).parse().unwrap_or(attendee.category);
                questions::answers_of_person(form, &self.offer, (1, Some(category)), message, errors)
            }
            None => questions::answers_of_registration(form, &self.offer, message, errors),
        }
    }

    fn page(&self, app: &App, site: &Arc<Site>, token: String, form: Submitted, errors: Errors) -> ChoosePage {
        let title = match &self.attendee {
            Some(one) if self.questions(&self.opened()).is_empty() => format!("Category of {}", one.name),
            Some(one) => format!("Category and answers of {}", one.name),
            None => "Answers about the registration".to_owned(),
        };
        let kept =
            self.attendee.iter().map(|one| (one.category.to_string(), format!("{} (as now)", one.category_name)));
        let others = self.others.iter().map(|category| (category.id.to_string(), category.label.clone()));
        let fees =
            self.others.iter().filter(|one| one.fee.is_positive()).map(|one| format!("{}:{}", one.id, one.fee.0));
        ChoosePage {
            frame: Frame::of(app, site, Nav::None).titled(title),
            token,
            categories: if self.others.is_empty() { Vec::new() } else { kept.chain(others).collect() },
            is_only_same_fee: self.is_only_same_fee,
            fees: fees.collect::<Vec<_>>().join(" "),
            questions: self.questions(&form),
            now: None,
            seen: self.seen(),
            attendee: self.attendee.clone(),
            form,
            errors,
        }
    }
}

/// Returns the other categories with a free place, and what each costs an attendee who has a place. With an attendee's own link,
/// only those that cost the same, because what is owed is the contact's.
async fn others(
    conn: &mut PgConnection,
    offer: &Offer,
    managed: &Managed,
    attendee: &RegisteredAttendee,
) -> Result<Vec<Category>> {
    let full = choosing::list_without_places(conn, managed.registered.conference).await?;
    let agreed: HashMap<_, _> = charges::list_agreed(conn, attendee.id).await?;
    let owed = charges::owed(conn, attendee.id).await?;
    let other = |category: &OfferedCategory| {
        let fee = agreed.get(&category.id).copied().unwrap_or_else(|| category.fee.at(offer.at));
        let label = if managed.is_contact() && offer.has_fees() {
            format!("{}: {}", category.name, difference(offer, owed, fee))
        } else {
            category.name.clone()
        };
        Category { id: category.id, name: category.name.clone(), label, fee }
    };
    let possible = offer.public().filter(|category| category.id != attendee.category && !full.contains(&category.id));
    Ok(possible.map(other).filter(|category| managed.is_contact() || category.fee == owed).collect())
}

/// Returns the fee, and how much more or less it is.
fn difference(offer: &Offer, owed: Cents, fee: Cents) -> String {
    let now = offer.currency.fee(fee);
    let apart = fee - owed;
    if apart.is_positive() {
        format!("{now} ({} more)", offer.currency.of(apart))
    } else if apart < Cents::ZERO {
        format!("{now} ({} less)", offer.currency.of(-apart))
    } else {
        format!("{now} (no difference)")
    }
}

/// Returns the other categories, of whose queues somebody who waits can join the end. With an attendee's own link, only those that
/// cost the same.
fn queues(offer: &Offer, managed: &Managed, attendee: &RegisteredAttendee) -> Vec<Category> {
    let fee_now = |category: &OfferedCategory| category.fee.at(offer.at);
    let present = offer.categories.iter().find(|category| category.id == attendee.category).map(fee_now);
    let others = offer.public().filter(|category| {
        category.id != attendee.category && (managed.is_contact() || present == Some(fee_now(category)))
    });
    let queue = |category: &OfferedCategory| {
        let fee = category.fee.at(offer.at);
        let name = category.name.clone();
        let label = if offer.has_fees() { format!("{name}: {}", offer.currency.fee(fee)) } else { name.clone() };
        Category { id: category.id, name, label, fee }
    };
    others.map(queue).collect()
}
