//! The fields of an attendee and a registration at the desk: labels, the form for corrections and the attendee's page. Structs
//! are destructured with every field named, so that a new field does not compile until each use is decided. The columns of
//! files are in `export/columns.rs`.

use crate::{
    domain::{
        AttendeeDetails, Contact, Country, EmailAddress, InvoiceAddress, JobTitle, Organisation, PersonName,
        PurchaseOrder, SortName, Telephone, Town,
    },
    editing::compare::Field,
    registering::{people, validate},
    store::registrations::{
        RegisteredAttendee,
        attendees::{AttendeeCorrection, Correction, Detail, SharedCorrection, SharedDetails},
    },
    web::{Errors, FieldMessage, Missing, Submitted},
};

const NAME: Field = Field::value("name", "Name");
const SORT_NAME: Field = Field::value("sort_name", "Sort name");
const EMAIL: Field = Field::value("email", "E-mail");
const JOB_TITLE: Field = Field::value("job_title", "Job title");
const ORGANISATION: Field = Field::value("organisation", "Organisation");
const CITY: Field = Field::value("city", "City");
const COUNTRY: Field = Field::named("country", "Country", Country::name_of);
const PURCHASE_ORDER: Field = Field::value("purchase_order", "Purchase-order number");
const INVOICE_ADDRESS: Field = Field::value("invoice_address", "Invoice address");
const CONTACT_NAME: Field = Field::value("contact_name", "Contact");
const CONTACT_EMAIL: Field = Field::value("contact_email", "Contact’s e-mail");
const CONTACT_TELEPHONE: Field = Field::value("contact_telephone", "Contact’s telephone");

/// The fields that the desk can correct and that are merged, in the order of the form. Needs are not merged: they are never shown, and
/// what is written replaces all of them.
pub const FIELDS: [Field; 12] = [
    NAME,
    SORT_NAME,
    EMAIL,
    JOB_TITLE,
    ORGANISATION,
    CITY,
    COUNTRY,
    CONTACT_NAME,
    CONTACT_EMAIL,
    CONTACT_TELEPHONE,
    PURCHASE_ORDER,
    INVOICE_ADDRESS,
];

/// Returns the label of a field in the history.
pub fn label(name: &str) -> String {
    match FIELDS.iter().find(|field| field.name == name) {
        Some(field) => field.label.to_owned(),
        None if name == "cancel_reason" => "Reason it was cancelled".to_owned(),
        None if matches!(name, "move_reason" | "override_reason") => "Reason".to_owned(),
        None if name == "override_rules" => "Against it".to_owned(),
        None if name == "places_of_conference" => "Places at the conference".to_owned(),
        None if name == "places_of_category" => "Places in the category".to_owned(),
        None if name == "category" => "Category".to_owned(),
        None if name == "queue_position" => "Number in the queue".to_owned(),
        None => name.replace('_', " "),
    }
}

/// Returns the optional texts of an attendee.
pub fn optional_texts(attendee: &RegisteredAttendee) -> [(Field, &str); 1] {
    let RegisteredAttendee {
        id: _,
        registration: _,
        name: _,
        sort_name: _,
        email: _,
        job_title,
        category: _,
        category_name: _,
        code: _,
        state: _,
        queue_position: _,
        offered_until: _,
        cancelled_at: _,
        cancel_cause: _,
        cancel_reason: _,
        revision: _,
    } = attendee;
    [(JOB_TITLE, job_title)]
}

/// Returns the saved values as the form has them.
pub fn saved(Detail { attendee, registration }: &Detail) -> Submitted {
    let [job_title] = optional_texts(attendee);
    let values: [(Field, &str); FIELDS.len()] = [
        (NAME, &attendee.name),
        (SORT_NAME, attendee.sort_name.as_deref().unwrap_or_default()),
        (EMAIL, &attendee.email),
        job_title,
        (ORGANISATION, &registration.organisation),
        (CITY, &registration.city),
        (COUNTRY, registration.country.code()),
        (CONTACT_NAME, &registration.contact_name),
        (CONTACT_EMAIL, &registration.contact_email),
        (CONTACT_TELEPHONE, &registration.contact_telephone),
        (PURCHASE_ORDER, &registration.purchase_order),
        (INVOICE_ADDRESS, &registration.invoice_address),
    ];
    Submitted::of(values.map(|(field, value)| (field.name, value.to_owned())))
}

/// Returns the correction, or `None` after adding the errors of all fields.
pub fn validate(form: &Submitted, saved: &Detail, errors: &mut Errors) -> Option<Correction> {
    let value = |field: Field| form.get(field.name);
    let name = errors.check_required(NAME.name, PersonName::parse(value(NAME)), Missing::Name);
    let sort_name = errors.check(SORT_NAME.name, SortName::parse(value(SORT_NAME)));
    let email = errors.check_required(EMAIL.name, EmailAddress::parse(value(EMAIL)), Missing::Email);
    let job_title = errors.check(JOB_TITLE.name, JobTitle::parse(value(JOB_TITLE)));
    let organisation =
        errors.check_required(ORGANISATION.name, Organisation::parse(value(ORGANISATION)), Missing::Organisation);
    let city = errors.check_required(CITY.name, Town::parse(value(CITY)), Missing::City);
    let country = Country::parse(value(COUNTRY)).ok_or(FieldMessage::NotOffered);
    let country = errors.check(COUNTRY.name, country);
    let contact_name =
        errors.check_required(CONTACT_NAME.name, PersonName::parse(value(CONTACT_NAME)), Missing::ContactName);
    let contact_email =
        errors.check_required(CONTACT_EMAIL.name, EmailAddress::parse(value(CONTACT_EMAIL)), Missing::ContactEmail);
    let telephone = errors.check(CONTACT_TELEPHONE.name, Telephone::parse(value(CONTACT_TELEPHONE)));
    let purchase_order = errors.check(PURCHASE_ORDER.name, PurchaseOrder::parse(value(PURCHASE_ORDER)));
    let invoice_address = errors.check(INVOICE_ADDRESS.name, InvoiceAddress::parse(value(INVOICE_ADDRESS)));
    let needs = validate::needs(form, 1, 1, errors, people::said_consent());
    let (attendee, registration) = (&saved.attendee, &saved.registration);
    Some(Correction {
        registration: registration.id,
        attendee: Some(AttendeeCorrection {
            id: attendee.id,
            revision: attendee.revision,
            details: AttendeeDetails { name: name?, email: email?, job_title: job_title? },
            sort_name: Some(sort_name?),
            needs: needs.ok()?,
        }),
        shared: Some(SharedCorrection {
            revision: registration.revision,
            details: SharedDetails {
                organisation: organisation?,
                city: city?,
                country: country?,
                contact: Contact { name: contact_name?, email: contact_email?, telephone: telephone? },
                purchase_order: purchase_order?,
                invoice_address: invoice_address?,
            },
        }),
    })
}
