//! From what was typed to a registration, or to every field's error at once.

use askama::Template;

use super::people::{self, field};
use crate::{
    domain::{
        AttendeeNeeds, Attendees, AttendeesError, CategoryId, Contact, Country, EmailAddress, InvoiceAddress, JobTitle,
        MOST_ATTENDEES, Needs, NewAttendee, Organisation, PersonName, PurchaseOrder, Registration, Telephone, Town,
    },
    store::categories::Offer,
    web::{Errors, Submitted, form::Words},
};

/// What only this form can say of a field (`templates/delegates/register/words.txt`).
#[derive(Template)]
#[template(path = "delegates/register/words.txt")]
pub enum Said {
    /// The words that all forms share, about the person of this number.
    Person(usize, Words),
    /// Needs without consent.
    Consent(usize),
    /// More people than one form holds.
    TooMany,
    /// The person of the second number stands at the first already.
    Twice(usize, usize),
    /// Fewer places are left at the conference than are asked for.
    PlacesLeft(i32),
    /// Fewer places are left in a category than are asked for, said beside the person of this number.
    CategoryLeft(usize, i32),
    /// Places were taken and given back while we looked.
    Moving,
    /// This address has had enough mails for now; after so many hours it goes again.
    MailedOften(u32),
}

/// What was sent, validated; the form's blocks are in order, and that of a contact who attends is the first.
pub fn validate(form: &Submitted, offer: &Offer) -> Result<Registration, Errors> {
    let mut errors = Errors::default();
    let contact = contact(form, &mut errors);
    let organisation =
        errors.keep("organisation", Organisation::parse(form.get("organisation")), Words::text("the organisation"));
    let city = errors.keep("city", Town::parse(form.get("city")), Words::text("the city"));
    let country = errors.keep("country", chosen_country(form.get("country")), |words| words);
    let attendees = attendees(form, contact.as_ref(), offer, &mut errors);
    let purchase_order = errors.keep(
        "purchase-order",
        PurchaseOrder::parse(form.get("purchase-order")),
        Words::text("the purchase-order number"),
    );
    let invoice_address = errors.keep(
        "invoice-address",
        InvoiceAddress::parse(form.get("invoice-address")),
        Words::text("the invoice address"),
    );
    let all = (|| {
        Some(Registration {
            contact: contact?,
            organisation: organisation?,
            country: country?,
            city: city?,
            purchase_order: purchase_order?,
            invoice_address: invoice_address?,
            attendees: attendees?,
        })
    })();
    match all {
        Some(registration) if errors.is_empty() => Ok(registration),
        _ => Err(errors),
    }
}

fn contact(form: &Submitted, errors: &mut Errors) -> Option<Contact> {
    let name = errors.keep("name", PersonName::parse(form.get("name")), Words::text("your name"));
    let email = errors.keep("email", EmailAddress::parse(form.get("email")), Words::email("your e-mail address"));
    let telephone =
        errors.keep("telephone", Telephone::parse(form.get("telephone")), Words::text("your telephone number"));
    Some(Contact { name: name?, email: email?, telephone: telephone? })
}

fn chosen_country(code: &str) -> Result<Country, Words> {
    if code.is_empty() {
        return Err(Words::Choose("a country"));
    }
    Country::parse(code).ok_or(Words::NotOffered)
}

fn attendees(form: &Submitted, contact: Option<&Contact>, offer: &Offer, errors: &mut Errors) -> Option<Attendees> {
    let attends = match form.get("attends") {
        "me" => true,
        "others" => false,
        _ => {
            errors.add("attends", &Words::Choose("whether you will attend"));
            return None;
        }
    };
    let count = people::count(form);
    if count > MOST_ATTENDEES {
        errors.add("people", &Said::TooMany);
    }
    let people: Vec<_> = (1..=count)
        .map(|number| {
            let who = if attends && number == 1 {
                contact.map(|contact| (contact.name.clone(), contact.email.clone()))
            } else {
                somebody(form, number, count, errors)
            };
            attendee(form, number, count, who, offer, errors)
        })
        .collect();
    let people = people.into_iter().collect::<Option<Vec<_>>>()?;
    match Attendees::new(people) {
        Ok(attendees) => Some(attendees),
        Err(AttendeesError::Twice { first, again }) => {
            errors.add(field(again + 1, "name"), &Said::Twice(first + 1, again + 1));
            None
        }
        Err(AttendeesError::None | AttendeesError::TooMany) => None,
    }
}

type Who = Option<(PersonName, EmailAddress)>;

fn somebody(form: &Submitted, number: usize, count: usize, errors: &mut Errors) -> Who {
    let (name, email) = (field(number, "name"), field(number, "email"));
    let of = |words: Words| person(number, count, words);
    let name = keep(errors, &name, PersonName::parse(form.get(&name)).map_err(Words::text("the name")), of);
    let email =
        keep(errors, &email, EmailAddress::parse(form.get(&email)).map_err(Words::email("the e-mail address")), of);
    Some((name?, email?))
}

fn attendee(
    form: &Submitted,
    number: usize,
    count: usize,
    who: Who,
    offer: &Offer,
    errors: &mut Errors,
) -> Option<NewAttendee> {
    let of = |words: Words| person(number, count, words);
    let at = |what| field(number, what);
    let job_title =
        keep(errors, &at("job-title"), JobTitle::parse(form.get(&at("job-title"))).map_err(Words::text("")), of);
    let category = keep(errors, &at("category"), chosen_category(form.get(&at("category")), offer), of);
    let dietary = keep(errors, &at("dietary"), Needs::parse(form.get(&at("dietary"))).map_err(Words::text("")), of);
    let access = keep(errors, &at("access"), Needs::parse(form.get(&at("access"))).map_err(Words::text("")), of);
    let needs = match (dietary?, access?) {
        (dietary, access) if dietary.as_str().is_empty() && access.as_str().is_empty() => None,
        (dietary, access) if form.has(&at("consent")) => {
            Some(AttendeeNeeds { dietary, access, consent: people::consent(number) })
        }
        _ => {
            errors.add(at("consent"), &Said::Consent(if count > 1 { number } else { 0 }));
            return None;
        }
    };
    let (name, email) = who?;
    Some(NewAttendee { name, email, job_title: job_title?, category: category?, needs })
}

fn chosen_category(id: &str, offer: &Offer) -> Result<CategoryId, Words> {
    if id.is_empty() {
        return Err(Words::Choose("a category"));
    }
    let id = id.parse().map_err(|_| Words::NotOffered)?;
    offer.public().find(|category| category.id == id).map(|category| category.id).ok_or(Words::NotOffered)
}

/// Where several people stand on the form, an error says whose it is.
fn person(number: usize, count: usize, words: Words) -> Said {
    Said::Person(if count > 1 { number } else { 0 }, words)
}

fn keep<T>(
    errors: &mut Errors,
    field: &str,
    validated: Result<T, Words>,
    said: impl FnOnce(Words) -> Said,
) -> Option<T> {
    validated.map_err(|words| errors.add(field, &said(words))).ok()
}

/// What is full, said beside those for whom no place is left. Empty when by now everybody would fit.
pub fn full(registration: &Registration, offer: &Offer) -> Errors {
    let mut errors = Errors::default();
    let count = registration.attendees.count();
    if let Some(left) = too_few(count, offer.whole.left()) {
        errors.add("people", &Said::PlacesLeft(left));
    }
    for category in offer.public() {
        let wanting: Vec<_> =
            (1..).zip(registration.attendees.iter()).filter(|(_, one)| one.category == category.id).collect();
        let Some(left) = too_few(wanting.len(), category.capacity.left()) else { continue };
        for (number, _) in wanting.iter().skip(usize::try_from(left).unwrap_or_default()) {
            errors.add(field(*number, "category"), &Said::CategoryLeft(if count > 1 { *number } else { 0 }, left));
        }
    }
    errors
}

fn too_few(wanted: usize, left: Option<i32>) -> Option<i32> {
    left.filter(|left| usize::try_from(*left).unwrap_or_default() < wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{domain::Capacity, store::categories::OfferedCategory};

    fn offer() -> Offer {
        let capacity = Capacity { places: None, taken: 0 };
        let category = OfferedCategory {
            id: "01900000-0000-7000-8000-000000000001".parse().expect("a key"),
            name: "University".to_owned(),
            public: true,
            capacity,
        };
        Offer { categories: vec![category], whole: capacity, privacy: None }
    }

    /// Mostly what people type, sometimes anything.
    fn typed() -> impl Strategy<Value = String> {
        prop_oneof![
            Just(String::new()),
            Just("anna@graz.example".to_owned()),
            Just("00000000-0000-0000-0000-000000000000".to_owned()),
            Just("me".to_owned()),
            Just("AT".to_owned()),
            "\\PC{0,20}",
            any::<String>(),
        ]
    }

    fn names() -> Vec<String> {
        const ONCE: [&str; 8] =
            ["name", "email", "telephone", "organisation", "city", "country", "purchase-order", "invoice-address"];
        const EACH: [&str; 7] = ["name", "email", "job-title", "category", "dietary", "access", "consent"];
        let each = (1..=3).flat_map(|number| EACH.map(|what| field(number, what)));
        ONCE.iter().map(|name| (*name).to_owned()).chain(["attends".to_owned()]).chain(each).collect()
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_kept_or_has_errors_at_fields_of_the_page(values in proptest::collection::vec(typed(), 30)) {
            let names = names();
            let form = people::in_order(&Submitted::new(names.iter().cloned().zip(values).collect()));
            match validate(&form, &offer()) {
                Ok(registration) => {
                    prop_assert_eq!(registration.attendees.count(), 3);
                    prop_assert!(full(&registration, &offer()).is_empty());
                }
                Err(errors) => {
                    prop_assert!(!errors.is_empty());
                    for error in errors.iter() {
                        prop_assert!(names.contains(&error.field) || error.field == "people", "{}", error.field);
                        prop_assert!(!error.words.is_empty() && !error.words.contains('\n'), "{:?}", error.words);
                    }
                }
            }
        }
    }
}
