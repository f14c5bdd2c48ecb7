//! The people of the form: a block of fields for each, numbered from 1 without gaps.

use askama::Template;

use crate::{
    domain::{MOST_ATTENDEES, email, text::folded},
    store::categories::{Offer, OfferedCategory},
    web::{Errors, Submitted},
};

/// More blocks than this no page of ours ever showed; what follows them is dropped.
const MOST_BLOCKS: usize = 2 * MOST_ATTENDEES;

/// The name of a field of the block with this number.
pub fn field(number: usize, what: &str) -> String {
    format!("attendee-{number}-{what}")
}

/// The sentence that is agreed to, shown beside the needs and kept with them.
#[derive(Template)]
#[template(path = "delegates/register/consent.txt")]
struct Consent {
    perhaps_oneself: bool,
}

/// The sentence that stands in the block with this number.
pub fn consent(number: usize) -> String {
    let words = Consent { perhaps_oneself: number == 1 }.render();
    words.expect("a sentence needs nothing but text").trim().to_owned()
}

/// What a button of the form asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Keep it: the main button, and Enter in a field.
    Register,
    /// One block more.
    Add,
    /// One block less.
    Remove(usize),
    /// Show the form again as it is.
    Edit,
}

impl Action {
    /// What the pressed button says.
    pub fn of(form: &Submitted) -> Self {
        match form.get("do") {
            "add" => Self::Add,
            "edit" => Self::Edit,
            other => other.strip_prefix("remove-").and_then(|n| n.parse().ok()).map_or(Self::Register, Self::Remove),
        }
    }
}

/// The form with its blocks numbered from 1, in their order and without gaps; there is always one.
pub fn in_order(form: &Submitted) -> Submitted {
    renumbered(form, None)
}

/// The form without the block of this number.
pub fn without(form: &Submitted, number: usize) -> Submitted {
    renumbered(form, Some(number))
}

fn renumbered(form: &Submitted, dropped: Option<usize>) -> Submitted {
    let mut numbers: Vec<usize> = form.fields().iter().filter_map(|(name, _)| block(name)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() > 1 {
        numbers.retain(|number| Some(*number) != dropped);
    }
    numbers.truncate(MOST_BLOCKS);
    // Whatever stands in a block goes with it: a field that is new to the page needs no mention here.
    let new_name = |name: &str| {
        let Some((old, what)) = split(name) else { return Some(name.to_owned()) };
        let place = numbers.iter().position(|number| *number == old)?;
        Some(field(place + 1, what))
    };
    let moved = form.fields().iter().filter_map(|(name, value)| Some((new_name(name)?, value.clone())));
    let mut fields: Vec<_> = moved.collect();
    if !fields.iter().any(|(name, _)| block(name).is_some()) {
        fields.push((field(1, "name"), String::new()));
    }
    Submitted::new(fields)
}

/// The form, in order, with an empty block at its end. Colleagues are mostly of one kind, so the category is that of the
/// first.
pub fn with_one_more(form: &Submitted) -> Submitted {
    let number = count(form) + 1;
    let mut fields = form.fields().to_vec();
    fields.push((field(number, "name"), String::new()));
    fields.push((field(number, "category"), form.get(&field(1, "category")).to_owned()));
    Submitted::new(fields)
}

/// The form, in order, with a block for the contact in front: for a contact who attends while somebody else is named in
/// the first block, typed there before the choice was changed. Whoever is named there stays on the form as the next
/// person. `None` when nobody else is named.
pub fn with_oneself_first(form: &Submitted) -> Option<Submitted> {
    let (name, email) = (form.line(&field(1, "name")), form.line(&field(1, "email")));
    let names_contact = (name.is_empty() || folded(&name) == folded(&form.line("name")))
        && (email.is_empty() || email::is_same(&email, &form.line("email")));
    if form.get("attends") != "me" || names_contact {
        return None;
    }
    let mut fields: Vec<_> = form.fields().iter().map(|(name, value)| (moved_on(name), value.clone())).collect();
    fields.push((field(1, "name"), String::new()));
    fields.push((field(1, "category"), form.get(&field(1, "category")).to_owned()));
    Some(Submitted::new(fields))
}

/// The field's name in the next block, if it stands in a block.
fn moved_on(name: &str) -> String {
    split(name).map_or_else(|| name.to_owned(), |(number, what)| field(number + 1, what))
}

/// How many blocks a form in order has.
pub fn count(form: &Submitted) -> usize {
    form.fields().iter().filter_map(|(name, _)| block(name)).max().unwrap_or(1)
}

/// The number of the block that a field belongs to.
fn block(name: &str) -> Option<usize> {
    split(name).map(|(number, _)| number)
}

/// The number of the block that a field belongs to, and what it is there.
fn split(name: &str) -> Option<(usize, &str)> {
    let (number, what) = name.strip_prefix("attendee-")?.split_once('-')?;
    Some((number.parse().ok()?, what))
}

/// A block, as the page shows it: `name` to `consent` are the names of its fields.
pub struct Person {
    /// Its number.
    pub number: usize,
    pub name: String,
    pub email: String,
    pub job_title: String,
    pub category: String,
    pub dietary: String,
    pub access: String,
    pub consent: String,
    /// What browsers may offer for the name and the e-mail address (HTML, "autofill"): a section of its own for each
    /// person, so that what fits the contact is not filled in for everybody.
    pub name_token: String,
    pub email_token: String,
    /// The categories to choose from.
    pub categories: Vec<(String, String)>,
    /// The sentence to agree to.
    pub consent_words: String,
    /// Whether the needs are shown open: something stands in them, or is wrong with them.
    pub needs_open: bool,
    /// Whether it can be taken away.
    pub removable: bool,
    /// Whether it was just added; its first field takes focus.
    pub fresh: bool,
}

/// The blocks of a form in order.
pub fn blocks(form: &Submitted, errors: &Errors, offer: &Offer) -> Vec<Person> {
    let count = count(form);
    let block = |number| {
        let [dietary, access, consent_field] = ["dietary", "access", "consent"].map(|what| field(number, what));
        let needs = [&dietary, &access, &consent_field];
        let category = field(number, "category");
        let needs_open = needs.iter().any(|name| !form.get(name).is_empty() || errors.of(name).is_some());
        Person {
            number,
            name_token: format!("section-attendee-{number} name"),
            email_token: format!("section-attendee-{number} email"),
            categories: options(offer, form.get(&category)),
            consent_words: consent(number),
            needs_open,
            removable: count > 1,
            fresh: false,
            name: field(number, "name"),
            email: field(number, "email"),
            job_title: field(number, "job-title"),
            category,
            dietary,
            access,
            consent: consent_field,
        }
    };
    (1..=count).map(block).collect()
}

/// The categories that still have places, and the chosen one whatever has become of it.
fn options(offer: &Offer, chosen: &str) -> Vec<(String, String)> {
    let option = |category: &OfferedCategory| {
        let id = category.id.to_string();
        match category.capacity.is_full() {
            false => Some((id, category.name.clone())),
            true if id == chosen => Some((id, format!("{} (full)", category.name))),
            true => None,
        }
    };
    offer.public().filter_map(option).collect()
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
    fn a_removed_block_takes_nothing_else_along_and_the_last_one_stays() {
        let two = form(&[("attendee-1-name", "Anna"), ("attendee-2-name", "Boris"), ("city", "Graz")]);
        let one = without(&two, 1);
        assert_eq!((count(&one), one.get("attendee-1-name"), one.get("city")), (1, "Boris", "Graz"));
        assert_eq!(without(&one, 1).get("attendee-1-name"), "Boris");
    }

    #[test]
    fn whatever_a_block_holds_moves_with_its_person() {
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
    fn a_colleague_comes_with_the_category_of_the_first() {
        let two = with_one_more(&in_order(&form(&[("attendee-1-category", "member")])));
        assert_eq!((count(&two), two.get("attendee-2-category")), (2, "member"));
    }

    #[test]
    fn a_contact_who_attends_comes_before_whoever_was_typed_first() {
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
        let moved = with_oneself_first(&typed("me", "Boris")).expect("somebody else is named");
        let names = [1, 2, 3].map(|number| moved.get(&field(number, "name")));
        assert_eq!((count(&moved), names), (3, ["", "Boris", "Carla"]));
        assert_eq!((moved.get("attendee-1-category"), moved.get("attendee-2-category")), ("member", "member"));
        for (attends, name) in [("others", "Boris"), ("me", ""), ("me", " ANNA ")] {
            assert_eq!(with_oneself_first(&typed(attends, name)), None, "{attends} {name}");
        }
    }

    #[test]
    fn an_empty_form_has_one_block_and_a_forged_one_not_thousands() {
        assert_eq!(count(&in_order(&form(&[]))), 1);
        let fields = (0..5000).map(|n| (field(n * 7, "name"), "x".to_owned())).collect();
        assert_eq!(count(&in_order(&Submitted::new(fields))), MOST_BLOCKS);
    }

    #[test]
    fn the_pressed_button_says_what_is_asked_for() {
        for (value, action) in [
            ("", Action::Register),
            ("add", Action::Add),
            ("remove-3", Action::Remove(3)),
            ("edit", Action::Edit),
            ("remove-x", Action::Register),
        ] {
            assert_eq!(Action::of(&form(&[("do", value)])), action, "{value}");
        }
    }
}
