//! Validates the form: returns a registration, or the errors of all fields at once.

use askama::Template;

use super::{block::field, code, fees::FeeChange, people, questions};
use crate::{
    domain::{
        AnswerError, AttendeeDetails, AttendeeNeeds, Attendees, AttendeesError, CategoryId, Contact, Country,
        EmailAddress, InvoiceAddress, JobTitle, MOST_ATTENDEES, Needs, NewAttendee, Organisation, PersonName,
        PurchaseOrder, Registration, Telephone, Town,
    },
    store::registrations::categories::Offer,
    web::{Errors, FieldMessage, Missing, Submitted},
};

/// The error messages of the registration form (`templates/registering/errors.txt`).
#[derive(Template)]
#[template(path = "registering/errors.txt")]
pub enum ErrorMessage {
    /// A message that all forms share, for the person with this number.
    Person(usize, FieldMessage),
    /// An answer of the person with this number to this question has an error.
    Answer(usize, String, AnswerError),
    /// The person with this number has needs, but no consent was given.
    Consent(usize),
    /// The form has too many people.
    TooMany,
    /// The second person has the same name and e-mail address as the first.
    SamePerson(usize, usize),
    /// The conference has only this many places left.
    PlacesLeft(i32),
    /// The category of the person with the first number has only the second number of places left.
    CategoryLeft(usize, i32),
    /// The category of the person with this number cannot be chosen yet.
    CategoryNotOpen(usize),
    /// The category of the person with this number cannot be chosen any more.
    CategoryClosed(usize),
    /// The fee of the category has changed since the form was opened.
    FeeChanged(FeeChange),
    /// Places became free while the form was being checked.
    PlacesChanged,
    /// No privacy notice is published, so nobody can be registered.
    NoNotice,
    /// This address has been sent too many mails; the hours to wait.
    TooManyMails(u32),
}

/// Validates a form about one person, who is the contact unless the form names somebody else. `consent` is what the form says about
/// the needs.
pub fn one(form: &Submitted, offer: &Offer, consent: String) -> Result<Registration, Errors> {
    let mut errors = Errors::default();
    let attendee = person(form, offer, consent, &mut errors);
    let contact = if ["name", "email"].iter().any(|name| !form.line(name).is_empty()) {
        other_contact(form, &mut errors)
    } else {
        let telephone = errors.check("telephone", Telephone::parse(form.get("telephone")));
        let is_them = |(one, telephone): (&NewAttendee, Telephone)| {
            let AttendeeDetails { name, email, job_title: _ } = one.details.clone();
            Contact { name, email, telephone }
        };
        attendee.as_ref().zip(telephone).map(is_them)
    };
    let attendees = attendee.and_then(|one| Attendees::new(vec![one]).ok());
    let origin = origin(form, &mut errors);
    registration(form, offer, (contact, origin), attendees, errors)
}

/// Validates a form whose people are in order. A contact who attends is person 1.
pub fn validate(form: &Submitted, offer: &Offer) -> Result<Registration, Errors> {
    let mut errors = Errors::default();
    let contact = contact(form, &mut errors);
    let origin = origin(form, &mut errors);
    let attendees = attendees(form, contact.as_ref(), offer, &mut errors);
    registration(form, offer, (contact, origin), attendees, errors)
}

/// Returns the registration of this contact and these attendees with what else is in the form, or the errors.
fn registration(
    form: &Submitted,
    offer: &Offer,
    (contact, origin): (Option<Contact>, Option<Origin>),
    attendees: Option<Attendees>,
    mut errors: Errors,
) -> Result<Registration, Errors> {
    let code = code::validate(offer, attendees.as_ref(), &mut errors);
    let answers = questions::answers_of_registration(
        form,
        offer,
        |question: &str, error| ErrorMessage::Answer(0, question.to_owned(), error),
        &mut errors,
    );
    let invoice = invoice(form, &mut errors);
    let registration = (|| {
        let (organisation, city, country) = origin?;
        let (purchase_order, invoice_address) = invoice?;
        Some(Registration {
            contact: contact?,
            organisation,
            country,
            city,
            purchase_order,
            invoice_address,
            answers,
            code,
            attendees: attendees?,
        })
    })();
    match registration {
        Some(registration) if errors.is_empty() => Ok(registration),
        _ => Err(errors),
    }
}

fn contact(form: &Submitted, errors: &mut Errors) -> Option<Contact> {
    let name = errors.check_required("name", PersonName::parse(form.get("name")), Missing::YourName);
    let email = errors.check_required("email", EmailAddress::parse(form.get("email")), Missing::YourEmail);
    let telephone = errors.check("telephone", Telephone::parse(form.get("telephone")));
    Some(Contact { name: name?, email: email?, telephone: telephone? })
}

/// Where attendees come from.
type Origin = (Organisation, Town, Country);

/// Validates the contact whom staff name.
fn other_contact(form: &Submitted, errors: &mut Errors) -> Option<Contact> {
    let name = errors.check_required("name", PersonName::parse(form.get("name")), Missing::ContactName);
    let email = errors.check_required("email", EmailAddress::parse(form.get("email")), Missing::ContactEmail);
    let telephone = errors.check("telephone", Telephone::parse(form.get("telephone")));
    Some(Contact { name: name?, email: email?, telephone: telephone? })
}

/// Validates where the attendees come from.
pub fn origin(form: &Submitted, errors: &mut Errors) -> Option<Origin> {
    let organisation =
        errors.check_required("organisation", Organisation::parse(form.get("organisation")), Missing::Organisation);
    let city = errors.check_required("city", Town::parse(form.get("city")), Missing::City);
    let country = errors.check("country", chosen_country(form.get("country")));
    Some((organisation?, city?, country?))
}

/// Validates what the invoice needs.
pub fn invoice(form: &Submitted, errors: &mut Errors) -> Option<(PurchaseOrder, InvoiceAddress)> {
    let purchase_order = errors.check("purchase-order", PurchaseOrder::parse(form.get("purchase-order")));
    let invoice_address = errors.check("invoice-address", InvoiceAddress::parse(form.get("invoice-address")));
    Some((purchase_order?, invoice_address?))
}

/// Validates a form about one person, who is person 1. `consent` is what the form says about the needs.
pub fn person(form: &Submitted, offer: &Offer, consent: String, errors: &mut Errors) -> Option<NewAttendee> {
    let identity = identity(form, 1, 1, errors);
    let added = attendee(form, 1, 1, identity, offer, errors).filter(|_| errors.is_empty())?;
    let needs = added.needs.map(|needs| AttendeeNeeds { consent, ..needs });
    Some(NewAttendee { needs, ..added })
}

/// Validates a form about several people, of whom none is the contact.
pub fn people(form: &Submitted, offer: &Offer, errors: &mut Errors) -> Option<Attendees> {
    attendees(form, None, offer, errors)
}

/// Validates a form with the name, the e-mail address and the job title of one person, who is person 1.
pub fn details(form: &Submitted, errors: &mut Errors) -> Option<AttendeeDetails> {
    let identity = identity(form, 1, 1, errors);
    let job_title = job_title(form, 1, 1, errors);
    let (name, email) = identity?;
    Some(AttendeeDetails { name, email, job_title: job_title? })
}

/// Validates a form with the name and the job title of one person, who is person 1.
pub fn name_and_job_title(form: &Submitted, errors: &mut Errors) -> Option<(PersonName, JobTitle)> {
    let name = errors.check_required(&field(1, "name"), PersonName::parse(form.get(&field(1, "name"))), Missing::Name);
    let job_title = job_title(form, 1, 1, errors);
    Some((name?, job_title?))
}

fn chosen_country(code: &str) -> Result<Country, FieldMessage> {
    if code.is_empty() {
        return Err(FieldMessage::Missing(Missing::Country));
    }
    Country::parse(code).ok_or(FieldMessage::NotOffered)
}

fn attendees(form: &Submitted, contact: Option<&Contact>, offer: &Offer, errors: &mut Errors) -> Option<Attendees> {
    let attends = match form.get("attends") {
        "me" => true,
        "others" => false,
        _ => {
            errors.add("attends", &FieldMessage::Missing(Missing::Attends));
            return None;
        }
    };
    let count = people::count(form);
    if count > MOST_ATTENDEES {
        errors.add("people", &ErrorMessage::TooMany);
    }
    let people: Vec<_> = (1..=count)
        .map(|number| {
            let identity = if attends && number == 1 {
                contact.map(|contact| (contact.name.clone(), contact.email.clone()))
            } else {
                identity(form, number, count, errors)
            };
            attendee(form, number, count, identity, offer, errors)
        })
        .collect();
    let people = people.into_iter().collect::<Option<Vec<_>>>()?;
    match Attendees::new(people) {
        Ok(attendees) => Some(attendees),
        Err(AttendeesError::Twice { first, again }) => {
            errors.add(field(again + 1, "name"), &ErrorMessage::SamePerson(first + 1, again + 1));
            None
        }
        Err(AttendeesError::None | AttendeesError::TooMany) => None,
    }
}

type Identity = Option<(PersonName, EmailAddress)>;

fn identity(form: &Submitted, number: usize, count: usize, errors: &mut Errors) -> Identity {
    let (name, email) = (field(number, "name"), field(number, "email"));
    let for_person = |message: FieldMessage| person_message(number, count, message);
    let name = keep(
        errors,
        &name,
        PersonName::parse(form.get(&name)).map_err(|error| FieldMessage::required(error, Missing::Name)),
        for_person,
    );
    let email = keep(
        errors,
        &email,
        EmailAddress::parse(form.get(&email)).map_err(|error| FieldMessage::required(error, Missing::Email)),
        for_person,
    );
    Some((name?, email?))
}

fn attendee(
    form: &Submitted,
    number: usize,
    count: usize,
    identity: Identity,
    offer: &Offer,
    errors: &mut Errors,
) -> Option<NewAttendee> {
    let field = |what| field(number, what);
    let job_title = job_title(form, number, count, errors);
    let category = chosen_category(form.get(&field("category")), offer, if count > 1 { number } else { 0 });
    let category = category.map_err(|message| errors.add(field("category"), &message)).ok();
    let shown_number = if count > 1 { number } else { 0 };
    let wrong_answer = |question: &str, error| ErrorMessage::Answer(shown_number, question.to_owned(), error);
    let answers = questions::answers_of_person(form, offer, (number, category), wrong_answer, errors);
    let needs = needs(form, number, count, errors, people::consent(number)).ok()?;
    let (name, email) = identity?;
    let details = AttendeeDetails { name, email, job_title: job_title? };
    Some(NewAttendee { details, category: category?, needs, answers })
}

fn job_title(form: &Submitted, number: usize, count: usize, errors: &mut Errors) -> Option<JobTitle> {
    let name = field(number, "job-title");
    let validated = JobTitle::parse(form.get(&name)).map_err(FieldMessage::from);
    keep(errors, &name, validated, |message| person_message(number, count, message))
}

/// What was typed is not valid. The errors say why.
#[derive(Clone, Copy, Debug)]
pub struct Invalid;

/// Validates the needs of a person, which are kept only with this consent. Returns `Ok(None)` if there are none.
pub fn needs(
    form: &Submitted,
    number: usize,
    count: usize,
    errors: &mut Errors,
    consent: String,
) -> Result<Option<AttendeeNeeds>, Invalid> {
    let mut read = |what| {
        let name = field(number, what);
        let validated = Needs::parse(form.get(&name)).map_err(FieldMessage::from);
        keep(errors, &name, validated, |message| person_message(number, count, message))
    };
    let (dietary, access) = (read("dietary"), read("access"));
    match (dietary.ok_or(Invalid)?, access.ok_or(Invalid)?) {
        (dietary, access) if dietary.as_str().is_empty() && access.as_str().is_empty() => Ok(None),
        (dietary, access) if form.has(&field(number, "consent")) => {
            Ok(Some(AttendeeNeeds { dietary, access, consent }))
        }
        _ => {
            errors.add(field(number, "consent"), &ErrorMessage::Consent(if count > 1 { number } else { 0 }));
            Err(Invalid)
        }
    }
}

/// Returns the chosen category. `number` is the person's, or 0 if there is only one.
fn chosen_category(id: &str, offer: &Offer, number: usize) -> Result<CategoryId, ErrorMessage> {
    if id.is_empty() {
        return Err(ErrorMessage::Person(number, FieldMessage::Missing(Missing::Category)));
    }
    let chosen = id.parse().ok().and_then(|id| offer.at_some_time().find(|category| category.id == id));
    match chosen {
        None => Err(ErrorMessage::Person(number, FieldMessage::NotOffered)),
        Some(category) if category.period.opens_after(offer.at).is_some() => Err(ErrorMessage::CategoryNotOpen(number)),
        Some(category) if category.period.closed_by(offer.at).is_some() => Err(ErrorMessage::CategoryClosed(number)),
        Some(category) => Ok(category.id),
    }
}

/// Returns the message with the person's number, if the form has several people.
fn person_message(number: usize, count: usize, message: FieldMessage) -> ErrorMessage {
    ErrorMessage::Person(if count > 1 { number } else { 0 }, message)
}

fn keep<T>(
    errors: &mut Errors,
    field: &str,
    validated: Result<T, FieldMessage>,
    message: impl FnOnce(FieldMessage) -> ErrorMessage,
) -> Option<T> {
    validated.map_err(|error| errors.add(field, &message(error))).ok()
}

/// Returns the errors for people who have no place. They are empty if enough places have become free in the meantime.
pub fn full(registration: &Registration, offer: &Offer) -> Errors {
    let mut errors = Errors::default();
    let count = registration.attendees.count();
    let is_kept = |category| offer.public().any(|one| one.id == category && one.is_kept);
    let others = registration.attendees.iter().filter(|one| !is_kept(one.category)).count();
    if let Some(left) = if_too_few(others, offer.whole.left()) {
        errors.add("people", &ErrorMessage::PlacesLeft(left));
    }
    for category in offer.public().filter(|category| !category.is_kept) {
        let in_category: Vec<_> =
            (1..).zip(registration.attendees.iter()).filter(|(_, one)| one.category == category.id).collect();
        let Some(left) = if_too_few(in_category.len(), category.capacity.left()) else { continue };
        for (number, _) in in_category.iter().skip(usize::try_from(left).unwrap_or_default()) {
            errors.add(
                field(*number, "category"),
                &ErrorMessage::CategoryLeft(if count > 1 { *number } else { 0 }, left),
            );
        }
    }
    errors
}

/// Returns the places left if they are fewer than wanted.
fn if_too_few(wanted: usize, left: Option<i32>) -> Option<i32> {
    left.filter(|left| usize::try_from(*left).unwrap_or_default() < wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::example::offer, *};

    /// Generates mostly plausible values and sometimes arbitrary text.
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
        fn any_input_is_valid_or_has_errors_at_fields_of_the_page(values in proptest::collection::vec(typed(), 30)) {
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
                        prop_assert!(!error.message.is_empty() && !error.message.contains('\n'), "{:?}", error.message);
                    }
                }
            }
        }
    }
}
