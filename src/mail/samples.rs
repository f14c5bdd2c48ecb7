//! Data for the examples of mails, which the editor of their texts shows. Only the people are invented: the rest is true of the
//! conference.

use time::{Duration, OffsetDateTime, Time};

use super::{account::Account, envelope::Attachment, registration::About, text::Link};
use crate::{
    domain::{
        AccountHolder, AccountId, AttendeeId, AttendeeState, BankName, Bic, Cents, Conference, Country, Currency, Iban,
        RegistrationId, Stored, VatRate, VatWording,
    },
    store::{
        outbox::{
            ChangedField,
            for_mails::{Attendee, Registration},
        },
        payment_settings::PaymentSettings,
        registrations::{
            amounts::{Amounts, Charge, Payment},
            charges::ChargeKind,
        },
    },
};

/// Returns the full address of a path in the examples.
pub fn absolute(path: &str) -> String {
    format!("https://conference.example{path}")
}

/// Returns when the people of the examples register: some three months before the conference.
fn early(of: &Conference) -> OffsetDateTime {
    of.first_day.0.with_time(Time::MIDNIGHT).assume_utc() - Duration::days(88) + Duration::hours(10)
}

/// Returns the moment that is so many days later, in words.
pub fn moment(of: &Conference, days: i64) -> String {
    of.zone.zoned_moment(early(of) + Duration::days(days))
}

/// Returns a link with this secret.
pub fn manage(secret: &str) -> Link {
    Link::secret(absolute(&format!("/manage/{secret}")))
}

/// Returns a link to an attendee on the desk's pages.
pub fn desk(of: &Conference) -> Link {
    Link::open(absolute(&format!("/staff/{}/attendees/0193", of.slug)))
}

/// Returns the account of Robin Staff.
pub fn account() -> Account {
    Account { id: AccountId::NOBODY, name: "Robin Staff".to_owned(), site: absolute("/") }
}

/// Returns the key of the attendee at this place.
pub fn key(place: u8) -> AttendeeId {
    format!("01932b6a-0000-7000-8000-{place:012}").parse().expect("a key")
}

/// Returns an attendee.
pub fn attendee(place: u8, name: &str, email: &str, category: &str) -> Attendee {
    Attendee {
        id: key(place),
        name: name.to_owned(),
        email: email.to_owned(),
        job_title: String::new(),
        category: category.to_owned(),
        state: Stored::Known(AttendeeState::Confirmed),
        queue_position: None,
    }
}

/// Returns the attendee, on the waiting list.
pub fn waiting(attendee: Attendee, position: i64) -> Attendee {
    Attendee { state: Stored::Known(AttendeeState::Waiting), queue_position: Some(position), ..attendee }
}

/// Returns the attendee, who has been offered a place.
pub fn offered(attendee: Attendee) -> Attendee {
    Attendee { state: Stored::Known(AttendeeState::Offered), ..attendee }
}

/// Returns the attendee, cancelled.
pub fn cancelled(attendee: Attendee) -> Attendee {
    Attendee { state: Stored::Known(AttendeeState::Cancelled), ..attendee }
}

/// Returns an attached file.
pub fn calendar() -> Attachment {
    Attachment { name: "conference.ics".to_owned(), media_type: "text/calendar", content: String::new() }
}

/// Returns a field that changed.
pub fn changed(field: &str, before: &str, after: &str) -> ChangedField {
    ChangedField { field: field.to_owned(), before: before.to_owned(), after: after.to_owned() }
}

/// Returns Željka Horvat, CIO in Graz.
pub fn zeljka() -> Attendee {
    Attendee { job_title: "CIO".to_owned(), ..attendee(1, "Željka Horvat", "zeljka@graz.example", "Member city") }
}

/// Returns Ludwig Maier, her colleague.
pub fn ludwig() -> Attendee {
    attendee(2, "Ludwig Maier", "ludwig@graz.example", "University")
}

/// Returns a registration of these attendees by Željka Horvat for this conference.
pub fn about(of: &Conference, attendees: Vec<Attendee>) -> About {
    let registration = Registration {
        id: RegistrationId::new(),
        conference: of.id,
        conference_slug: of.slug.clone(),
        reference: "K7P-3XQM".to_owned(),
        contact_attendee: attendees.iter().map(|attendee| attendee.id).find(|id| *id == key(1)),
        contact_name: "Željka Horvat".to_owned(),
        contact_email: "zeljka@graz.example".to_owned(),
        contact_telephone: "+43 316 872-0".to_owned(),
        organisation: "City of Graz".to_owned(),
        city: "Graz".to_owned(),
        country: Country::parse("AT").expect("a country"),
        purchase_order: "PO-2018.4711".to_owned(),
        invoice_address: "Finance office\nHauptplatz 1\n8010 Graz".to_owned(),
        created_at: early(of),
        attendees,
    };
    About::new(of.clone(), registration, absolute)
}

/// Returns the same registration without invoice data and without a telephone number.
pub fn about_without_invoice(of: &Conference, attendees: Vec<Attendee>) -> About {
    let mut about = about(of, attendees);
    about.registration.purchase_order.clear();
    about.registration.invoice_address.clear();
    about.registration.contact_telephone.clear();
    about
}

/// Returns what the registration of Željka Horvat and Ludwig Maier owes.
pub fn amounts(of: &Conference) -> Amounts {
    let charge = |place, name: &str, description: &str, amount| Charge {
        attendee: key(place),
        name: name.to_owned(),
        kind: Stored::Known(ChargeKind::Fee),
        description: description.to_owned(),
        amount: Cents(amount),
        is_reversed: false,
        created_at: early(of),
    };
    Amounts {
        charges: vec![
            charge(1, "Željka Horvat", "Fee, Member city", 45_000),
            charge(2, "Ludwig Maier", "Early fee, University", 35_000),
        ],
        payments: Vec::new(),
        settings: PaymentSettings {
            currency: Currency::Euro,
            vat_rate: VatRate::default(),
            vat_wording: VatWording::parse("All fees include 19 % VAT.").expect("words"),
            account_holder: AccountHolder::parse("Major Cities of Europe").expect("a name"),
            iban: Iban::parse("DE89 3704 0044 0532 0130 00").expect("a number"),
            bic: Bic::parse("COBADEFFXXX").expect("a code"),
            bank: BankName::default(),
            days_to_pay: 30,
        },
    }
}

/// Returns a payment of this amount in cents.
pub fn payment(of: &Conference, place: u8, amount: i64) -> Payment {
    Payment {
        id: format!("01932b6a-0000-7000-9000-{place:012}").parse().expect("a key"),
        amount: Cents(amount),
        paid_on: (early(of) + Duration::days(13)).date(),
        note: String::new(),
        recorded_by: "Robin Staff".to_owned(),
        is_reversed: false,
        is_reversal: false,
    }
}

/// Returns the conference in Leipzig, for tests.
#[cfg(test)]
pub fn leipzig() -> Conference {
    Conference {
        id: crate::domain::ConferenceId::new(),
        slug: "leipzig-2018".to_owned(),
        title: "Annual conference of Major Cities of Europe, 2018 Leipzig".to_owned(),
        theme: "Are we ready? Taking the digital city to the next level".to_owned(),
        city: "Leipzig".to_owned(),
        country: Country::parse("DE").expect("a country"),
        venue: "Kongresshalle Leipzig".to_owned(),
        venue_url: String::new(),
        address: String::new(),
        map_url: String::new(),
        hosts: String::new(),
        first_day: crate::domain::Day(time::macros::date!(2018 - 05 - 28)),
        last_day: crate::domain::Day(time::macros::date!(2018 - 05 - 30)),
        zone: crate::domain::Zone::parse("Europe/Berlin").expect("a zone"),
        contact_email: String::new(),
        contact_telephone: "+43 1 7189476-33".to_owned(),
        contact_fax: String::new(),
        hero: None,
        share: None,
        registration_opens: None,
        registration_closes: None,
        is_current: true,
        in_preparation: false,
        is_demonstration: false,
        changed: time::macros::datetime!(2018-01-15 9:00 UTC),
        revision: 1,
    }
}

/// Returns the conference in Venice, for tests.
#[cfg(test)]
pub fn venice() -> Conference {
    Conference {
        slug: "venice-2019".to_owned(),
        title: "Annual conference of Major Cities of Europe, 2019 Venice".to_owned(),
        theme: "Channeling Change".to_owned(),
        city: "Venice".to_owned(),
        country: Country::parse("IT").expect("a country"),
        venue: "Palazzo del Cinema".to_owned(),
        first_day: crate::domain::Day(time::macros::date!(2019 - 06 - 13)),
        last_day: crate::domain::Day(time::macros::date!(2019 - 06 - 14)),
        zone: crate::domain::Zone::parse("Europe/Rome").expect("a zone"),
        changed: time::macros::datetime!(2019-01-15 9:00 UTC),
        ..leipzig()
    }
}
