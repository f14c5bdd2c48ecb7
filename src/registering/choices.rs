//! What can be chosen again after registering: the category of an attendee, and the answers to the questions that organisers ask.

use std::collections::HashMap;

use askama::Template;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    fees::{self, FeeChange},
    field, questions,
    validate::ErrorMessage,
};
use crate::{
    domain::{Answer, AskedOf, CategoryId, Cents, QuestionId},
    store::registrations::{
        Registered, RegisteredAttendee,
        answers::{self, SavedAnswer},
        categories::{self, Offer, OfferedCategory},
        charges, choosing,
    },
    web::{AskedQuestion, Errors, Result, Submitted},
};

/// The hidden field that tells whether somebody else has changed something since the form was opened.
pub const SEEN: &str = "seen";

/// Who chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chooser {
    /// The contact of the registration, for themself or for somebody else.
    Contact {
        /// Whether it is for themself.
        is_own: bool,
    },
    /// The attendee. They can choose only categories that cost the same, because what is owed is the contact's.
    Attendee,
    /// Staff, for a caller. They can choose every category, even one that is full.
    Staff,
}

/// What can be chosen.
pub struct Choices {
    /// The attendee; `None` if it is about the registration.
    pub attendee: Option<RegisteredAttendee>,
    /// The other categories to which the attendee can change.
    pub others: Vec<Category>,
    /// What is offered.
    pub offer: Offer,
    /// The questions.
    pub asked: Vec<QuestionId>,
    /// The answers as they are saved.
    pub saved: Vec<SavedAnswer>,
}

/// A category to which an attendee can change.
pub struct Category {
    /// Its key.
    pub id: CategoryId,
    /// Its name and, if there are fees, what it costs them.
    pub label: String,
    name: String,
    fee: Cents,
}

impl Choices {
    /// Reads what can be chosen for an attendee, or about the registration.
    pub async fn read(
        conn: &mut PgConnection,
        registered: &Registered,
        attendee: Option<RegisteredAttendee>,
        chooser: Chooser,
        at: OffsetDateTime,
    ) -> Result<Self> {
        let mut offer = categories::offer(conn, registered.conference, at).await?;
        if chooser == Chooser::Staff {
            offer = offer.for_staff();
        }
        let whom = if attendee.is_some() { AskedOf::Attendee } else { AskedOf::Registration };
        let list = |offer: &Offer| -> Vec<_> {
            offer.questions.iter().filter(|one| one.asked_of == whom).map(|one| one.id).collect()
        };
        let about = (registered.id, attendee.as_ref().map(|one| one.id));
        let mut saved = answers::list_saved(conn, about, &list(&offer)).await?;
        // What only few may read stays hidden from staff, and from a contact who changes somebody else's answers, and stays as it is.
        let hides = match chooser {
            Chooser::Staff => true,
            Chooser::Contact { is_own } => attendee.is_some() && !is_own,
            Chooser::Attendee => false,
        };
        if hides {
            let hidden = |question| saved.iter().any(|answer| answer.is_for_few && answer.question == question);
            offer.questions.retain(|question| !hidden(question.id));
            saved.retain(|answer| !answer.is_for_few);
        }
        let asked = list(&offer);
        let others = match &attendee {
            Some(one) if one.is_coming() => others(conn, &offer, registered, chooser, one).await?,
            Some(one) if one.is_waiting() => queues(&offer, chooser, one),
            _ => Vec::new(),
        };
        Ok(Self { attendee, others, offer, asked, saved })
    }

    /// Returns the questions with what is in the form.
    pub fn questions(&self, form: &Submitted) -> Vec<AskedQuestion> {
        match self.attendee {
            Some(_) => questions::of_person(form, &self.offer, 1),
            None => questions::of_registration(&self.offer),
        }
    }

    /// Returns the form with what is saved.
    pub fn opened(&self) -> Submitted {
        let category = self.attendee.iter().map(|one| (field(1, "category"), one.category.to_string()));
        let name = |question| questions::name_of(question, self.attendee.is_some());
        let answers = self.saved.iter().flat_map(|answer| {
            let name = name(answer.question);
            answer.value.iter().map(move |value| (name.clone(), value.clone()))
        });
        Submitted::new(category.chain(answers).collect())
    }

    /// Returns what tells this state from others: the category, the answers, and what is asked.
    pub fn seen(&self) -> String {
        let category = self.attendee.iter().map(|one| one.category.to_string());
        let answers = self.saved.iter().map(|answer| answer.id.to_string());
        let asked = self.offer.questions.iter().filter(|one| self.asked.contains(&one.id));
        let asked = asked.map(|one| one.version.to_string());
        category.chain(answers).chain(asked).collect::<Vec<_>>().join(" ")
    }

    /// Returns the category to change to, or adds its error: `not_free` if it cannot be chosen.
    pub fn category(&self, form: &Submitted, not_free: &impl Template, errors: &mut Errors) -> Option<CategoryId> {
        let attendee = self.attendee.as_ref()?;
        let name = field(1, "category");
        if !form.has(&name) || form.is(&name, attendee.category) {
            return None;
        }
        let Some(chosen) = self.others.iter().find(|category| form.is(&name, category.id)) else {
            errors.add(name, not_free);
            return None;
        };
        let before = fees::shown_in(form, chosen.id);
        if before != chosen.fee {
            let say = |amount| self.offer.currency.fee(amount);
            let change = FeeChange { category: chosen.name.clone(), before: say(before), now: say(chosen.fee) };
            errors.add(name, &ErrorMessage::FeeChanged(change));
        }
        Some(chosen.id)
    }

    /// Returns the answers, or adds their errors.
    pub fn answers(&self, form: &Submitted, errors: &mut Errors) -> Vec<Answer> {
        let message = |question: &str, error| ErrorMessage::Answer(0, question.to_owned(), error);
        match &self.attendee {
            Some(attendee) => {
                let category = form.get(&field(1, "category")).parse().unwrap_or(attendee.category);
                questions::answers_of_person(form, &self.offer, (1, Some(category)), message, errors)
            }
            None => questions::answers_of_registration(form, &self.offer, message, errors),
        }
    }

    /// Returns the categories for the select, if there is a choice. `remark` is what is said of another one.
    pub fn options(&self, remark: impl Fn(CategoryId) -> &'static str) -> Vec<(String, String)> {
        if self.others.is_empty() {
            return Vec::new();
        }
        let kept =
            self.attendee.iter().map(|one| (one.category.to_string(), format!("{} (as now)", one.category_name)));
        let others = self.others.iter().map(|one| (one.id.to_string(), format!("{}{}", one.label, remark(one.id))));
        kept.chain(others).collect()
    }

    /// Returns the value of the hidden field with what the categories cost.
    pub fn fees(&self) -> String {
        let fees = self.others.iter().filter(|one| one.fee.is_positive());
        fees.map(|one| format!("{}:{}", one.id, one.fee.0)).collect::<Vec<_>>().join(" ")
    }
}

/// Returns the other categories with a free place, or all of them for staff, and what each costs an attendee who has a place.
async fn others(
    conn: &mut PgConnection,
    offer: &Offer,
    registered: &Registered,
    chooser: Chooser,
    attendee: &RegisteredAttendee,
) -> Result<Vec<Category>> {
    let full = match chooser {
        Chooser::Staff => Vec::new(),
        _ => choosing::list_without_places(conn, registered.conference).await?,
    };
    let only_same_fee = chooser == Chooser::Attendee;
    let agreed: HashMap<_, _> = charges::list_agreed(conn, attendee.id).await?;
    let owed = charges::owed(conn, attendee.id).await?;
    let other = |category: &OfferedCategory| {
        let fee = agreed.get(&category.id).copied().unwrap_or_else(|| category.fee.at(offer.at));
        let label = if !only_same_fee && offer.has_fees() {
            format!("{}: {}", category.name, difference(offer, owed, fee))
        } else {
            category.name.clone()
        };
        Category { id: category.id, name: category.name.clone(), label, fee }
    };
    let possible = offer.public().filter(|category| category.id != attendee.category && !full.contains(&category.id));
    Ok(possible.map(other).filter(|category| !only_same_fee || category.fee == owed).collect())
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

/// Returns the other categories, of whose queues somebody who waits can join the end.
fn queues(offer: &Offer, chooser: Chooser, attendee: &RegisteredAttendee) -> Vec<Category> {
    let fee_now = |category: &OfferedCategory| category.fee.at(offer.at);
    let present = offer.categories.iter().find(|category| category.id == attendee.category).map(fee_now);
    let others = offer.public().filter(|category| {
        category.id != attendee.category && (chooser != Chooser::Attendee || present == Some(fee_now(category)))
    });
    let queue = |category: &OfferedCategory| {
        let fee = category.fee.at(offer.at);
        let name = category.name.clone();
        let label = if offer.has_fees() { format!("{name}: {}", offer.currency.fee(fee)) } else { name.clone() };
        Category { id: category.id, name, label, fee }
    };
    others.map(queue).collect()
}
