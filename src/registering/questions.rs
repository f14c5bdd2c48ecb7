//! The questions that organisers have added, in the form.

use askama::Template;

use super::block::field;
use crate::{
    domain::{Answer, AnswerError, AskedOf, CategoryId, Question, QuestionId, QuestionVersionId},
    store::registrations::categories::Offer,
    web::{AskedQuestion, Errors, Submitted},
};

/// Returns the name of the question's field, within a block or outside.
fn name(question: &Question) -> String {
    name_of(question.id, false)
}

/// Returns the name of the question's field, in the first block if it is about a person.
pub fn name_of(question: QuestionId, is_of_person: bool) -> String {
    let name = format!("question-{question}");
    if is_of_person { field(1, &name) } else { name }
}

fn asked_of(offer: &Offer, whom: AskedOf) -> impl Iterator<Item = &Question> {
    offer.questions.iter().filter(move |question| question.asked_of == whom)
}

/// Returns the questions about the registration.
pub fn of_registration(offer: &Offer) -> Vec<AskedQuestion> {
    let asked = asked_of(offer, AskedOf::Registration);
    asked.map(|question| AskedQuestion::new(name(question), question, Vec::new())).collect()
}

/// Returns the questions about the person in this block: those of the chosen category, or before it is chosen all of them, with
/// their categories.
pub fn of_person(form: &Submitted, offer: &Offer, number: usize) -> Vec<AskedQuestion> {
    let chosen = form.get(&field(number, "category")).parse::<CategoryId>().ok();
    let asked = asked_of(offer, AskedOf::Attendee);
    let asked = asked.filter(|question| chosen.is_none_or(|category| question.concerns(category)));
    asked
        .map(|question| {
            let only_for = offer.public().filter(|category| question.categories.contains(&category.id));
            AskedQuestion::new(
                field(number, &name(question)),
                question,
                only_for.map(|one| one.name.as_str()).collect(),
            )
        })
        .collect()
}

/// Whether a question has changed since the form was opened, so that the answers might be to other words.
pub fn have_changed(form: &Submitted, offer: &Offer) -> bool {
    let mut sent: Vec<QuestionVersionId> = form.all("asked").filter_map(|version| version.parse().ok()).collect();
    let mut now: Vec<_> = offer.questions.iter().map(|question| question.version).collect();
    sent.sort_unstable();
    sent.dedup();
    now.sort_unstable();
    sent != now
}

/// Returns the answers about the registration, or adds their errors.
pub fn answers_of_registration<M: Template>(
    form: &Submitted,
    offer: &Offer,
    message: impl Fn(&str, AnswerError) -> M,
    errors: &mut Errors,
) -> Vec<Answer> {
    let asked = asked_of(offer, AskedOf::Registration);
    answers(form, asked.map(|question| (name(question), question)), message, errors)
}

/// Returns the answers about the person in this block, or adds their errors. Those of other categories are not asked.
pub fn answers_of_person<M: Template>(
    form: &Submitted,
    offer: &Offer,
    (number, category): (usize, Option<CategoryId>),
    message: impl Fn(&str, AnswerError) -> M,
    errors: &mut Errors,
) -> Vec<Answer> {
    let asked = asked_of(offer, AskedOf::Attendee);
    let is_asked = |question: &&Question| match category {
        Some(category) => question.concerns(category),
        // Without a category, the form is refused in any case. What everybody is asked can be checked already.
        None => question.categories.is_empty(),
    };
    let asked = asked.filter(is_asked);
    answers(form, asked.map(|question| (field(number, &name(question)), question)), message, errors)
}

fn answers<'a, M: Template>(
    form: &Submitted,
    asked: impl Iterator<Item = (String, &'a Question)>,
    message: impl Fn(&str, AnswerError) -> M,
    errors: &mut Errors,
) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (field, question) in asked {
        match question.answer(form.all(&field)) {
            Ok(answer) => answers.extend(answer),
            Err(error) => errors.add(field, &message(&question.text, error)),
        }
    }
    answers
}
