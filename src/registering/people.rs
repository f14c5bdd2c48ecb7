//! The people on the form. Each has a block of fields; blocks are numbered from 1 without gaps.

use askama::Template;

use super::{block::field, questions};
use crate::{
    domain::{MOST_ATTENDEES, email, text::folded},
    store::registrations::categories::{Offer, OfferedCategory},
    web::{AskedQuestion, Errors, Submitted},
};

/// The largest number of blocks that is read from a form; further ones are dropped. The form itself never has as many.
const MOST_BLOCKS: usize = 2 * MOST_ATTENDEES;

/// The largest number of people whose fields are all shown. On a longer form, those that are complete are folded.
const MOST_UNFOLDED: usize = 5;

/// The field into which people are pasted from a spreadsheet.
pub const PASTED: &str = "pasted";

/// The statement of consent, which is shown beside the needs and stored with them.
#[derive(Template)]
#[template(path = "registering/consent.txt")]
struct Consent {
    may_be_contact: bool,
    is_own: bool,
    is_said: bool,
}

/// Returns the statement of consent in the block with this number.
pub fn consent(number: usize) -> String {
    statement(&Consent { may_be_contact: number == 1, is_own: false, is_said: false })
}

/// Returns the statement of consent of somebody who gives their own needs.
pub fn own_consent() -> String {
    statement(&Consent { may_be_contact: false, is_own: true, is_said: false })
}

/// Returns the statement of consent that somebody gave to staff.
pub fn said_consent() -> String {
    statement(&Consent { may_be_contact: false, is_own: false, is_said: true })
}

fn statement(consent: &Consent) -> String {
    consent.render().expect("rendering the statement cannot fail").trim().to_owned()
}

/// The action of a button on the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Store the registration: the main button, and Enter in a field.
    Register,
    /// Add a block.
    Add,
    /// Add the people who were pasted. The main button does this first if the field is not empty, so that nobody is forgotten.
    Paste,
    /// Remove the block with this number.
    Remove(usize),
    /// Show the form again with what the code changes.
    Apply,
    /// Show the form again unchanged.
    Edit,
}

impl Action {
    /// Returns the action of the button that was pressed.
    pub fn of(form: &Submitted) -> Self {
        match form.get("do") {
            "" if form.line(PASTED).is_empty() => Self::Register,
            "" | "paste" => Self::Paste,
            "add" => Self::Add,
            "apply" => Self::Apply,
            // An unknown button changes nothing.
            other => other.strip_prefix("remove-").and_then(|n| n.parse().ok()).map_or(Self::Edit, Self::Remove),
        }
    }
}

/// Returns the form with its blocks numbered from 1 without gaps, in the same order. It always has at least one block.
pub fn in_order(form: &Submitted) -> Submitted {
    renumbered(form, None)
}

/// Returns the form without the block with this number. The last block cannot be removed.
pub fn without(form: &Submitted, number: usize) -> Submitted {
    renumbered(form, Some(number))
}

fn renumbered(form: &Submitted, removed: Option<usize>) -> Submitted {
    let mut numbers: Vec<usize> = form.fields().iter().filter_map(|(name, _)| block(name)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() > 1 {
        numbers.retain(|number| Some(*number) != removed);
    }
    numbers.truncate(MOST_BLOCKS);
    let mut fields = of_blocks(form, &numbers);
    if !fields.iter().any(|(name, _)| block(name).is_some()) {
        fields.push((field(1, "name"), String::new()));
    }
    Submitted::new(fields)
}

/// Returns the form, which is in order, with only the block with this number, which becomes the first.
pub fn with_only(form: &Submitted, number: usize) -> Submitted {
    Submitted::new(of_blocks(form, &[number]))
}

/// Returns the fields outside blocks and those of these blocks, which are numbered anew.
fn of_blocks(form: &Submitted, numbers: &[usize]) -> Vec<(String, String)> {
    // All fields of a block move with it, so a new field on the page needs no change here.
    let new_name = |name: &str| {
        let Some((old, what)) = split(name) else { return Some(name.to_owned()) };
        let index = numbers.iter().position(|number| *number == old)?;
        Some(field(index + 1, what))
    };
    form.fields().iter().filter_map(|(name, value)| Some((new_name(name)?, value.clone()))).collect()
}

/// Returns the form, which is in order, without the blocks in which nothing was typed. It may have no block then. The block of
/// a contact who attends stays.
pub fn without_empty(form: &Submitted) -> Submitted {
    let is_kept = |number: &usize| {
        let is_contact = *number == 1 && form.is("attends", "me");
        let category = field(*number, "category");
        let mut fields = form.fields().iter().filter(|(name, _)| block(name) == Some(*number) && *name != category);
        is_contact || fields.any(|(_, value)| !value.trim().is_empty())
    };
    let numbers: Vec<_> = (1..=count(form)).filter(is_kept).collect();
    Submitted::new(of_blocks(form, &numbers))
}

/// Returns the number of blocks of a form that may have none.
pub fn count_blocks(form: &Submitted) -> usize {
    form.fields().iter().filter_map(|(name, _)| block(name)).max().unwrap_or_default()
}

/// Returns the form, which is in order, with another block at the end. Its category is that of person 1, because
/// colleagues usually share a category.
pub fn with_one_more(form: &Submitted) -> Submitted {
    let number = count(form) + 1;
    let mut fields = form.fields().to_vec();
    fields.push((field(number, "name"), String::new()));
    fields.push((field(number, "category"), form.get(&field(1, "category")).to_owned()));
    Submitted::new(fields)
}

/// Returns the form, which is in order, with a block for the contact added in front. This happens when the contact
/// chose to attend after typing somebody else's name into the first block: that person becomes person 2. Returns `None`
/// if the contact does not attend, or if the first block does not name anybody else.
pub fn with_contact_first(form: &Submitted) -> Option<Submitted> {
    let (name, email) = (form.line(&field(1, "name")), form.line(&field(1, "email")));
    let names_contact = (name.is_empty() || folded(&name) == folded(&form.line("name")))
        && (email.is_empty() || email::is_same(&email, &form.line("email")));
    if form.get("attends") != "me" || names_contact {
        return None;
    }
    let mut fields: Vec<_> = form.fields().iter().map(|(name, value)| (in_next_block(name), value.clone())).collect();
    fields.push((field(1, "name"), String::new()));
    fields.push((field(1, "category"), form.get(&field(1, "category")).to_owned()));
    Some(Submitted::new(fields))
}

/// Returns the name of the same field in the next block. Names of fields outside blocks are returned unchanged.
fn in_next_block(name: &str) -> String {
    split(name).map_or_else(|| name.to_owned(), |(number, what)| field(number + 1, what))
}

/// Returns the number of blocks of a form that is in order.
pub fn count(form: &Submitted) -> usize {
    count_blocks(form).max(1)
}

/// Returns the number of the field's block, if it is in one.
fn block(name: &str) -> Option<usize> {
    split(name).map(|(number, _)| number)
}

/// Splits a field's name into the number of its block and its name within the block.
fn split(name: &str) -> Option<(usize, &str)> {
    let (number, what) = name.strip_prefix("attendee-")?.split_once('-')?;
    Some((number.parse().ok()?, what))
}

/// A block as the page shows it.
pub struct Person {
    /// The number of the block, counted from 1.
    pub number: usize,
    /// The `autocomplete` values for the name and the e-mail address. Each person is a section of its own, so that
    /// browsers do not fill in the contact's details for everybody.
    pub name_token: String,
    pub email_token: String,
    /// The categories to choose from.
    pub categories: Vec<(String, String)>,
    /// The questions about the person.
    pub questions: Vec<AskedQuestion>,
    /// The statement of consent.
    pub consent_statement: String,
    /// Whether the needs are shown open: if a field has a value or an error.
    pub needs_open: bool,
    /// Whether the block can be removed.
    pub removable: bool,
    /// Whether the block was just added. Then its first field gets focus.
    pub is_new: bool,
    /// What stands for the fields of a person who is complete on a long form: the name, and the address with the category.
    pub folded: Option<(String, String)>,
}

impl Person {
    /// Returns the name of a field in this block.
    pub fn field(&self, what: &str) -> String {
        field(self.number, what)
    }
}

/// Returns the blocks of a form that is in order.
pub fn blocks(form: &Submitted, errors: &Errors, offer: &Offer) -> Vec<Person> {
    let count = count(form);
    let block = |number| {
        let person = Person {
            number,
            name_token: format!("section-attendee-{number} name"),
            email_token: format!("section-attendee-{number} email"),
            categories: options(offer, form.get(&field(number, "category"))),
            questions: questions::of_person(form, offer, number),
            consent_statement: consent(number),
            needs_open: needs_open(form, errors, number),
            removable: count > 1,
            is_new: false,
            folded: None,
        };
        let folded = if count > MOST_UNFOLDED { folded_to(&person, form, errors) } else { None };
        Person { folded, ..person }
    };
    (1..=count).map(block).collect()
}

/// Returns what stands for the fields of this person, if they are complete and none has an error. The fields of the contact, who
/// is the first person, are not in the block.
fn folded_to(person: &Person, form: &Submitted, errors: &Errors) -> Option<(String, String)> {
    let is_contact = person.number == 1 && !form.is("attends", "others");
    let [name, email, chosen] = ["name", "email", "category"].map(|what| form.line(&person.field(what)));
    let (_, category) = person.categories.iter().find(|(id, _)| *id == chosen)?;
    let is_wrong = errors.iter().any(|error| block(&error.field) == Some(person.number));
    let is_answered =
        |asked: &AskedQuestion| asked.is_optional() || form.all(&asked.field).any(|answer| !answer.trim().is_empty());
    let is_complete = !name.is_empty() && !email.is_empty() && person.questions.iter().all(is_answered);
    (is_complete && !is_contact && !is_wrong).then(|| (name, format!("{email}, {category}")))
}

/// Whether the needs in a block are shown open.
fn needs_open(form: &Submitted, errors: &Errors, number: usize) -> bool {
    let needs = ["dietary", "access", "consent"].map(|what| field(number, what));
    needs.iter().any(|name| !form.get(name).is_empty() || errors.of(name).is_some())
}

/// Returns the only block of a form about one person, with this statement of consent. `offer` gives the categories, if the
/// form asks for one.
pub fn only(form: &Submitted, errors: &Errors, offer: Option<&Offer>, consent_statement: String) -> Person {
    Person {
        number: 1,
        name_token: "off".to_owned(),
        email_token: "off".to_owned(),
        categories: offer.map(|offer| options(offer, form.get(&field(1, "category")))).unwrap_or_default(),
        questions: offer.map(|offer| questions::of_person(form, offer, 1)).unwrap_or_default(),
        consent_statement,
        needs_open: needs_open(form, errors, 1),
        removable: false,
        is_new: false,
        folded: None,
    }
}

/// Returns the categories that can be chosen and still have places or a waiting list, and the chosen one even if it is full or
/// closed by now.
pub fn options(offer: &Offer, chosen: &str) -> Vec<(String, String)> {
    let option = |category: &OfferedCategory| {
        let id = category.id.to_string();
        let why_not = match (category.period.contains(offer.at), category.is_full()) {
            (true, _) if offer.waits_in(category) => {
                return Some((id, format!("{} (waiting list)", named(offer, category))));
            }
            (true, false) => return Some((id, named(offer, category))),
            (true, true) => "full",
            (false, _) if category.period.opens_after(offer.at).is_some() => "not open yet",
            (false, _) => "closed",
        };
        (id == chosen).then(|| (id, format!("{} ({why_not})", category.name)))
    };
    offer.at_some_time().filter_map(option).collect()
}

/// Returns the text of a category in the list: its name and, if the conference has fees, its fee now.
fn named(offer: &Offer, category: &OfferedCategory) -> String {
    let name = &category.name;
    if offer.has_fees() { format!("{name}: {}", offer.currency.fee(category.fee.at(offer.at))) } else { name.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Submitted {
        Submitted::new(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn blocks_are_numbered_without_gaps_and_keep_their_order() {
        let form = in_order(&form(&[
            ("attendee-7-name", "Carla"),
            ("email", "anna@city.example"),
            ("attendee-3-name", "Boris"),
            ("attendee-3-consent", "on"),
        ]));
        assert_eq!((form.get("attendee-1-name"), form.get("attendee-2-name")), ("Boris", "Carla"));
        assert!(form.has("attendee-1-consent") && !form.has("attendee-2-consent"));
        assert_eq!((count(&form), form.get("email")), (2, "anna@city.example"));
    }

    #[test]
    fn removing_a_block_removes_nothing_else_and_the_last_block_stays() {
        let two = form(&[("attendee-1-name", "Anna"), ("attendee-2-name", "Boris"), ("city", "Graz")]);
        let one = without(&two, 1);
        assert_eq!((count(&one), one.get("attendee-1-name"), one.get("city")), (1, "Boris", "Graz"));
        assert_eq!(without(&one, 1).get("attendee-1-name"), "Boris");
    }

    #[test]
    fn all_fields_of_a_block_move_with_their_person() {
        let three = form(&[
            ("attendee-1-name", "Anna"),
            ("attendee-2-shirt-size", "L"),
            ("attendee-2-name", "Boris"),
            ("attendee-3-name", "Carla"),
        ]);
        let two = without(&three, 1);
        assert_eq!((two.get("attendee-1-shirt-size"), two.get("attendee-1-name")), ("L", "Boris"));
        assert!(!two.has("attendee-2-shirt-size") && !two.has("attendee-3-name"));
    }

    #[test]
    fn an_added_colleague_has_the_category_of_person_1() {
        let two = with_one_more(&in_order(&form(&[("attendee-1-category", "member")])));
        assert_eq!((count(&two), two.get("attendee-2-category")), (2, "member"));
    }

    #[test]
    fn a_contact_who_attends_is_put_before_the_person_typed_first() {
        let typed = |attends, name| {
            in_order(&form(&[
                ("attends", attends),
                ("name", "Anna"),
                ("email", "anna@city.example"),
                ("attendee-1-name", name),
                ("attendee-1-category", "member"),
                ("attendee-2-name", "Carla"),
            ]))
        };
        let moved = with_contact_first(&typed("me", "Boris")).expect("somebody else is named");
        let names = [1, 2, 3].map(|number| moved.get(&field(number, "name")));
        assert_eq!((count(&moved), names), (3, ["", "Boris", "Carla"]));
        assert_eq!((moved.get("attendee-1-category"), moved.get("attendee-2-category")), ("member", "member"));
        for (attends, name) in [("others", "Boris"), ("me", ""), ("me", " ANNA ")] {
            assert_eq!(with_contact_first(&typed(attends, name)), None, "{attends} {name}");
        }
    }

    #[test]
    fn an_empty_form_has_one_block_and_a_forged_form_has_a_limited_number() {
        assert_eq!(count(&in_order(&form(&[]))), 1);
        let fields = (0..5000).map(|n| (field(n * 7, "name"), "x".to_owned())).collect();
        assert_eq!(count(&in_order(&Submitted::new(fields))), MOST_BLOCKS);
    }

    #[test]
    fn the_pressed_button_determines_the_action() {
        for (value, action) in [
            ("", Action::Register),
            ("add", Action::Add),
            ("paste", Action::Paste),
            ("apply", Action::Apply),
            ("remove-3", Action::Remove(3)),
            ("edit", Action::Edit),
            ("remove-x", Action::Edit),
            ("register", Action::Edit),
        ] {
            assert_eq!(Action::of(&form(&[("do", value)])), action, "{value}");
        }
    }
}
