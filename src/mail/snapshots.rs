//! Every mail as it reads, held to the words in `tests/snapshots/mail`.

use super::letters::{
    AccountChanged, AttendeeConfirmation, Cancellation, ContactConfirmation, Edition, Guest, House, Letter,
    OperationsCancellation, OperationsConfirmation, Person, Reinstated, SetPassword,
};
use crate::domain::AccountChange;

fn holds(name: &str, letter: Result<Letter, askama::Error>) {
    let letter = letter.expect("a letter");
    assert!(!letter.html.contains("{{") && !letter.text.contains("{{"));
    insta::with_settings!({ snapshot_path => "../../tests/snapshots/mail", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}.txt"), format!("Subject: {}\n\n{}", letter.subject, letter.text));
        insta::assert_snapshot!(format!("{name}.html"), letter.html);
    });
}

fn edition() -> Edition {
    let at = |path: &str| format!("https://conference.example{path}");
    Edition {
        site: at("/"),
        title: "Annual conference of Major Cities of Europe, 2018 Leipzig".to_owned(),
        theme: "Are we ready? Taking the digital city to the next level".to_owned(),
        dates: "28–30 May 2018".to_owned(),
        days: "Monday 28 May to Wednesday 30 May 2018".to_owned(),
        city: "Leipzig".to_owned(),
        place: "Leipzig, Germany".to_owned(),
        venue: "Kongresshalle Leipzig".to_owned(),
        home: at("/leipzig-2018"),
        programme: at("/leipzig-2018/programme"),
        register: at("/leipzig-2018/register"),
        telephone: "+43 1 7189476-33".to_owned(),
    }
}

fn person(name: &str, category: &str, secret: &str) -> Person {
    Person {
        name: name.to_owned(),
        category: category.to_owned(),
        cancelled: false,
        manage: if secret.is_empty() { String::new() } else { format!("https://conference.example/manage/{secret}") },
    }
}

fn guest(name: &str, email: &str, job_title: &str) -> Guest {
    Guest {
        name: name.to_owned(),
        email: email.to_owned(),
        job_title: job_title.to_owned(),
        category: "Member city".to_owned(),
        cancelled: false,
    }
}

#[test]
fn contact_confirmation() {
    let letter = ContactConfirmation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        contact: "Željka Horvat".to_owned(),
        people: vec![person("Željka Horvat", "Member city", ""), person("Ludwig O’Neill <b>", "University", "")],
        comes: true,
        others: true,
        purchase_order: "PO-2018.4711".to_owned(),
        invoice_address: vec!["Finance office".to_owned(), "Hauptplatz 1".to_owned(), "8010 Graz".to_owned()],
        reinstated: None,
        manage: "https://conference.example/manage/contact-secret".to_owned(),
    };
    holds("contact_confirmation", letter.letter());
}

#[test]
fn contact_confirmation_of_somebody_who_stays_at_home() {
    let letter = ContactConfirmation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        contact: "Željka Horvat".to_owned(),
        people: vec![person("Ludwig Maier", "University", "")],
        comes: false,
        others: true,
        purchase_order: String::new(),
        invoice_address: Vec::new(),
        reinstated: None,
        manage: "https://conference.example/manage/contact-secret".to_owned(),
    };
    holds("contact_confirmation_for_others", letter.letter());
}

#[test]
fn contact_confirmation_when_all_is_cancelled_meanwhile() {
    let gone = Person { cancelled: true, ..person("Željka Horvat", "Member city", "") };
    let letter = ContactConfirmation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        contact: "Željka Horvat".to_owned(),
        people: vec![gone],
        comes: false,
        others: false,
        purchase_order: String::new(),
        invoice_address: Vec::new(),
        reinstated: None,
        manage: "https://conference.example/manage/contact-secret".to_owned(),
    };
    holds("contact_confirmation_cancelled", letter.letter());
}

#[test]
fn attendee_confirmation() {
    let letter = AttendeeConfirmation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        greeting: "Ludwig Maier".to_owned(),
        contact: "Željka Horvat".to_owned(),
        organisation: "City of Graz".to_owned(),
        people: vec![person("Ludwig Maier", "University", "ludwigs-secret")],
        standing: true,
        reinstated: None,
    };
    holds("attendee_confirmation", letter.letter());
}

#[test]
fn attendee_confirmation_for_a_shared_mailbox() {
    let letter = AttendeeConfirmation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        greeting: "everybody".to_owned(),
        contact: "Željka Horvat".to_owned(),
        organisation: "City of Graz".to_owned(),
        people: vec![
            person("Ludwig Maier", "University", "ludwigs-secret"),
            Person { cancelled: true, ..person("Anna Nagy", "Member city", "annas-secret") },
        ],
        standing: true,
        reinstated: None,
    };
    holds("attendee_confirmation_shared", letter.letter());
}

#[test]
fn attendee_confirmation_when_the_place_is_cancelled_by_then() {
    let letter = AttendeeConfirmation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        greeting: "Ludwig Maier".to_owned(),
        contact: "Željka Horvat".to_owned(),
        organisation: "City of Graz".to_owned(),
        people: vec![Person { cancelled: true, ..person("Ludwig Maier", "University", "ludwigs-secret") }],
        standing: false,
        reinstated: None,
    };
    holds("attendee_confirmation_cancelled", letter.letter());
}

#[test]
fn cancellation() {
    let letter = Cancellation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        greeting: "Željka Horvat".to_owned(),
        names: vec!["Ludwig Maier".to_owned()],
        reason: vec!["Registered twice.".to_owned(), "Robin".to_owned()],
        remaining: 1,
        can_register: true,
    };
    holds("cancellation", letter.letter());
    holds("cancellation_when_closed", Cancellation { can_register: false, ..letter }.letter());
}

#[test]
fn operations_confirmation() {
    let letter = OperationsConfirmation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        registered: "Thursday 1 March 2018, 11:00 CET".to_owned(),
        organisation: "City of Graz".to_owned(),
        city: "Graz".to_owned(),
        country: "Austria".to_owned(),
        contact: "Željka Horvat".to_owned(),
        contact_email: "zeljka@graz.example".to_owned(),
        contact_telephone: "+43 316 872-0".to_owned(),
        purchase_order: "PO-2018.4711".to_owned(),
        invoice_address: vec!["Finance office".to_owned(), "Hauptplatz 1".to_owned(), "8010 Graz".to_owned()],
        people: vec![
            guest("Željka Horvat", "zeljka@graz.example", "CIO"),
            Guest { cancelled: true, ..guest("Ludwig Maier", "ludwig@graz.example", "") },
        ],
        categories: vec![("Member city".to_owned(), 1)],
        reinstated: String::new(),
        taken_apart: false,
        desk: "https://conference.example/staff/leipzig-2018/attendees/0193".to_owned(),
    };
    holds("operations_confirmation", letter.letter());
}

#[test]
fn operations_confirmation_without_invoice_data() {
    let letter = OperationsConfirmation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        registered: "Thursday 1 March 2018, 11:00 CET".to_owned(),
        organisation: "City of Graz".to_owned(),
        city: "Graz".to_owned(),
        country: "Austria".to_owned(),
        contact: "Željka Horvat".to_owned(),
        contact_email: "zeljka@graz.example".to_owned(),
        contact_telephone: String::new(),
        purchase_order: String::new(),
        invoice_address: Vec::new(),
        people: vec![guest("Željka Horvat", "zeljka@graz.example", "CIO")],
        categories: vec![("Member city".to_owned(), 1)],
        reinstated: String::new(),
        taken_apart: false,
        desk: "https://conference.example/staff/leipzig-2018/attendees/0193".to_owned(),
    };
    holds("operations_confirmation_plain", letter.letter());
}

#[test]
fn operations_cancellation() {
    let letter = OperationsCancellation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        organisation: "City of Graz".to_owned(),
        city: "Graz".to_owned(),
        country: "Austria".to_owned(),
        people: vec![guest("Ludwig Maier", "ludwig@graz.example", "")],
        reason: vec!["Registered twice.".to_owned()],
        remaining: 1,
        desk: "https://conference.example/staff/leipzig-2018/attendees/0193".to_owned(),
    };
    holds("operations_cancellation", letter.letter());
}

#[test]
fn set_password() {
    let letter = |invited, by: Option<&str>| SetPassword {
        frame: House { site: "https://conference.example/".to_owned() },
        name: "Robin Staff".to_owned(),
        invited,
        link: "https://conference.example/set-password/one-time-secret".to_owned(),
        valid_until: "Thursday 8 March 2018, 11:00 CET".to_owned(),
        by: by.map(str::to_owned),
    };
    holds("set_password_invited", letter(true, Some("Ada Administrator")).letter());
    holds("set_password_forgotten", letter(false, None).letter());
    holds("set_password_by_administrator", letter(false, Some("Ada Administrator")).letter());
}

#[test]
fn account_changed() {
    let by = || "Ada Administrator".to_owned();
    let password = |by_link| AccountChange::Password {
        by_link,
        browser: "Firefox on Windows".to_owned(),
        network: "198.51.100.7".to_owned(),
    };
    let roles = AccountChange::Roles {
        before: "staff".to_owned(),
        after: "organiser (Leipzig 2018), staff".to_owned(),
        by: by(),
    };
    for (name, change) in [
        ("password", password(false)),
        ("password_by_link", password(true)),
        ("link", AccountChange::Link),
        ("roles", roles),
        ("deactivated", AccountChange::Deactivated { by: by() }),
        ("reactivated", AccountChange::Reactivated { by: by() }),
    ] {
        let letter = AccountChanged {
            frame: House { site: "https://conference.example/".to_owned() },
            name: "Robin Staff".to_owned(),
            change,
            at: "Thursday 1 March 2018, 11:00 CET".to_owned(),
            forgotten: "https://conference.example/forgotten-password".to_owned(),
        };
        holds(&format!("account_changed_{name}"), letter.letter());
    }
}

#[test]
fn confirmations_when_a_cancellation_was_undone() {
    let contact = ContactConfirmation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        contact: "Anna Nagy".to_owned(),
        people: vec![person("Anna Nagy", "Member city", ""), person("Boris Godunov", "University", "")],
        comes: true,
        others: true,
        purchase_order: String::new(),
        invoice_address: Vec::new(),
        reinstated: Some(Reinstated::Other("Boris Godunov".to_owned())),
        manage: "https://conference.example/manage/contact-secret".to_owned(),
    };
    holds("contact_confirmation_reinstated", contact.letter());
    let attendee = AttendeeConfirmation {
        frame: edition(),
        reference: "K7P-3XQM".to_owned(),
        greeting: "Boris Godunov".to_owned(),
        contact: "Anna Nagy".to_owned(),
        organisation: "City of Graz".to_owned(),
        people: vec![person("Boris Godunov", "University", "boris-secret")],
        standing: true,
        reinstated: Some(Reinstated::Reader),
    };
    holds("attendee_confirmation_reinstated", attendee.letter());
}
