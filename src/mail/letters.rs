//! What the mails say. A letter has three templates in `templates/mail`: its subject, its text, and the same in HTML.

use askama::Template;

use crate::{
    domain::{AccountChange, Conference, Day},
    urls,
};

/// A letter in words, before it has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same in HTML.
    pub html: String,
}

impl Letter {
    fn of(subject: &impl Template, text: &impl Template, html: &impl Template) -> Result<Self, askama::Error> {
        let subject = subject.render()?.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Self { subject, text: text.render()?.trim().to_owned() + "\n", html: html.render()? })
    }
}

/// What every mail about an edition says of it.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The site's address.
    pub site: String,
    /// "Annual conference of Major Cities of Europe, 2018 Leipzig".
    pub title: String,
    /// Its theme.
    pub theme: String,
    /// `28–30 May 2018`.
    pub dates: String,
    /// `Monday 28 May to Wednesday 30 May 2018`.
    pub days: String,
    /// The city alone.
    pub city: String,
    /// City and country.
    pub place: String,
    /// The house it is held in.
    pub venue: String,
    /// Its home page.
    pub home: String,
    /// Its programme.
    pub programme: String,
    /// Its registration form.
    pub register: String,
    /// The operations' telephone number.
    pub telephone: String,
}

impl Edition {
    /// What mails say of this conference; `absolute` makes whole addresses of paths.
    pub fn of(conference: &Conference, absolute: impl Fn(&str) -> String) -> Self {
        let slug = &conference.slug;
        Self {
            site: absolute(&urls::public::root()),
            title: conference.title.clone(),
            theme: conference.theme.clone(),
            dates: conference.dates(),
            days: days(conference.first_day, conference.last_day),
            city: conference.city.clone(),
            place: format!("{}, {}", conference.city, conference.country),
            venue: conference.venue.clone(),
            home: absolute(&urls::public::home(slug)),
            programme: absolute(&urls::public::programme(slug)),
            register: absolute(&urls::public::register(slug)),
            telephone: conference.contact_telephone.clone(),
        }
    }
}

fn days(first: Day, last: Day) -> String {
    if first == last {
        format!("{} {}", last.long(), last.0.year())
    } else {
        format!("{} to {} {}", first.long(), last.long(), last.0.year())
    }
}

/// What the mail about an account says of the site.
#[derive(Clone, Debug)]
pub struct House {
    /// The site's address.
    pub site: String,
}

/// Somebody on a registration, as mails to delegates name them: made safe by [`super::unlinked()`].
#[derive(Clone, Debug)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The category's name.
    pub category: String,
    /// Whether they are cancelled.
    pub cancelled: bool,
    /// Their own manage link; empty where the mail has none.
    pub manage: String,
}

/// Somebody on a registration, with all that operations need.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// What they do.
    pub job_title: String,
    /// The category's name.
    pub category: String,
    /// Whether they are cancelled.
    pub cancelled: bool,
}

/// A cancellation that was undone, as it is told to somebody on the registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reinstated {
    /// The reader's own.
    Reader,
    /// That of the person with this name.
    Other(String),
}

macro_rules! letters {
    ($($(#[$doc:meta])* $name:ident(path = $subject:literal, path = $text:literal, path = $html:literal) {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)+
    })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)+ }

        impl $name {
            /// The letter in words.
            pub fn letter(&self) -> Result<Letter, askama::Error> {
                #[derive(Template)]
                #[template(path = $subject)]
                struct Subject<'a> { m: &'a $name }
                #[derive(Template)]
                #[template(path = $text)]
                struct Text<'a> { m: &'a $name }
                #[derive(Template)]
                #[template(path = $html)]
                struct Html<'a> { m: &'a $name }
                Letter::of(&Subject { m: self }, &Text { m: self }, &Html { m: self })
            }
        }
    )+};
}

letters! {
    /// To the operations address: who, from where, which category, how many, the invoice data, where to look.
    OperationsConfirmation(
        path = "mail/operations_confirmation.subject.txt",
        path = "mail/operations_confirmation.txt",
        path = "mail/operations_confirmation.html"
    ) {
        /// The conference.
        frame: Edition,
        /// The short code.
        reference: String,
        /// When it was made, as a person says it.
        registered: String,
        /// The organisation.
        organisation: String,
        /// Its city.
        city: String,
        /// Its country.
        country: String,
        /// Who registered.
        contact: String,
        /// That person's address.
        contact_email: String,
        /// That person's telephone, or nothing.
        contact_telephone: String,
        /// The finance office's number, or nothing.
        purchase_order: String,
        /// The lines of the invoice address, or none.
        invoice_address: Vec<String>,
        /// Who is on the registration.
        people: Vec<Guest>,
        /// How many come in each category.
        categories: Vec<(String, usize)>,
        /// Whose cancellation was undone, if the mail tells of that.
        reinstated: String,
        /// Whether a word that was typed would have become a link, and stands here with spaces.
        taken_apart: bool,
        /// The registration at the desk.
        desk: String,
    }
    /// To the contact of a registration.
    ContactConfirmation(
        path = "mail/contact_confirmation.subject.txt",
        path = "mail/contact_confirmation.txt",
        path = "mail/contact_confirmation.html"
    ) {
        /// The conference.
        frame: Edition,
        /// The short code.
        reference: String,
        /// The contact's name.
        contact: String,
        /// Who is registered.
        people: Vec<Person>,
        /// Whether the contact is one of those who come.
        comes: bool,
        /// Whether somebody who comes gets a mail of their own.
        others: bool,
        /// The finance office's number, or nothing.
        purchase_order: String,
        /// The lines of the invoice address, or none.
        invoice_address: Vec<String>,
        /// Whose cancellation was undone, if the mail tells of that.
        reinstated: Option<Reinstated>,
        /// The contact's manage link.
        manage: String,
    }
    /// To an attendee, or to several who share an address.
    AttendeeConfirmation(
        path = "mail/attendee_confirmation.subject.txt",
        path = "mail/attendee_confirmation.txt",
        path = "mail/attendee_confirmation.html"
    ) {
        /// The conference.
        frame: Edition,
        /// The short code.
        reference: String,
        /// Whom it greets.
        greeting: String,
        /// Who registered them.
        contact: String,
        /// The organisation.
        organisation: String,
        /// The people of this address, each with a link of their own.
        people: Vec<Person>,
        /// Whether any of them is still expected.
        standing: bool,
        /// Whose cancellation was undone, if the mail tells of that.
        reinstated: Option<Reinstated>,
    }
    /// To whom a cancellation concerns.
    Cancellation(path = "mail/cancellation.subject.txt", path = "mail/cancellation.txt", path = "mail/cancellation.html") {
        /// The conference.
        frame: Edition,
        /// The short code.
        reference: String,
        /// Whom it greets.
        greeting: String,
        /// Who was cancelled.
        names: Vec<String>,
        /// The lines of what staff said about it, or none.
        reason: Vec<String>,
        /// How many others on the registration are still expected; told to its contact only.
        remaining: usize,
        /// Whether somebody can register now.
        can_register: bool,
    }
    /// A cancellation, to the operations address.
    OperationsCancellation(
        path = "mail/operations_cancellation.subject.txt",
        path = "mail/operations_cancellation.txt",
        path = "mail/operations_cancellation.html"
    ) {
        /// The conference.
        frame: Edition,
        /// The short code.
        reference: String,
        /// The organisation.
        organisation: String,
        /// Its city.
        city: String,
        /// Its country.
        country: String,
        /// Who was cancelled.
        people: Vec<Guest>,
        /// The lines of what staff said about it, or none.
        reason: Vec<String>,
        /// How many on the registration are still expected.
        remaining: usize,
        /// Who was cancelled, or the first of them, at the desk.
        desk: String,
    }
    /// To somebody with an account: a link to set a password.
    SetPassword(path = "mail/set_password.subject.txt", path = "mail/set_password.txt", path = "mail/set_password.html") {
        /// The site.
        frame: House,
        /// The person's name.
        name: String,
        /// Whether this is the first password.
        invited: bool,
        /// The one-time link.
        link: String,
        /// Until when it works, as a person says it.
        valid_until: String,
        /// The administrator who made the link, if the person did not ask for it.
        by: Option<String>,
    }
    /// To the owner of an account: what was changed in it.
    AccountChanged(
        path = "mail/account_changed.subject.txt",
        path = "mail/account_changed.txt",
        path = "mail/account_changed.html"
    ) {
        /// The site.
        frame: House,
        /// The person's name.
        name: String,
        /// What was changed.
        change: AccountChange,
        /// When, as a person says it.
        at: String,
        /// Where somebody asks for a new password.
        forgotten: String,
    }
}

impl OperationsConfirmation {
    /// How many come.
    fn coming(&self) -> usize {
        self.people.iter().filter(|person| !person.cancelled).count()
    }

    /// How many were cancelled.
    fn cancelled(&self) -> usize {
        self.people.len() - self.coming()
    }
}

impl ContactConfirmation {
    /// How many come.
    fn coming(&self) -> usize {
        self.people.iter().filter(|person| !person.cancelled).count()
    }
}
