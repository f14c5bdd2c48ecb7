//! Mailings: the placeholders of what staff write, and how it becomes a mail for each reader.

use super::{
    conference,
    kind::Audience,
    registration::{About, row},
    text::{self, Link, Rendered, TextError, Values, source},
};
use crate::{
    domain::{AttendeeId, Conference, MailingReaders, placeholders::names},
    store::{
        mailings::{Instead, Needed},
        outbox::for_mails::Attendee,
    },
    urls,
};

/// The placeholders that some people lack, and what the desk calls them.
pub const GAPS: [(&str, &str); 2] = [("job_title", "job title"), ("purchase_order", "purchase-order number")];

/// The placeholders about the reader, and what they stand for.
const ABOUT_READER: [(&str, &str); 7] = [
    ("name", "the name of the reader"),
    ("reference", "the reference of the registration"),
    ("organisation", "the organisation"),
    ("town", "the organisation’s city"),
    ("country", "the organisation’s country"),
    ("purchase_order", "the purchase-order number"),
    ("manage_link", "a link to the registration, different for each reader"),
];
const ABOUT_ATTENDEE: [(&str, &str); 2] = [("category", "the category"), ("job_title", "the job title")];
const ABOUT_CONTACT: [(&str, &str); 1] =
    [("attendees", "the people of the view on this registration, alone in a paragraph")];
/// The placeholders about the conference. There are a few more that nobody needs in a mailing.
const ABOUT_CONFERENCE: [(&str, &str); 9] = [
    ("title", "the title of the conference"),
    ("dates", "its dates"),
    ("first_day", "its first day"),
    ("city", "its city"),
    ("venue", "its venue"),
    ("place", "its city and country"),
    ("telephone", "the telephone number of the operations desk"),
    ("programme", "a link to the programme"),
    ("home", "a link to the website"),
];

/// The placeholders that stand for addresses, and the words of their buttons.
const LINKS: [(&str, &str); 4] = [
    ("manage_link", "See your registration"),
    ("programme", "Read the programme"),
    ("home", "Go to the website"),
    ("register", "Register"),
];

/// Returns the placeholders for these readers, each with what it stands for.
pub fn placeholders(readers: MailingReaders) -> impl Iterator<Item = (&'static str, &'static str)> {
    let own: &[_] = match readers {
        MailingReaders::Attendees => &ABOUT_ATTENDEE,
        MailingReaders::Contacts => &ABOUT_CONTACT,
    };
    ABOUT_READER.into_iter().chain(own.iter().copied()).chain(ABOUT_CONFERENCE)
}

/// What staff write.
#[derive(Clone, Debug)]
pub struct Mailing {
    /// Who reads it.
    pub readers: MailingReaders,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The words for what people lack.
    pub instead: Instead,
}

/// Somebody who reads a mailing.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The registration.
    pub about: About,
    /// The attendee; `None` for the contact.
    pub attendee: Option<AttendeeId>,
    /// The attendees of the view, if the contact reads it.
    pub people: Vec<AttendeeId>,
    /// Where the link to the registration leads.
    pub link: Link,
}

impl Reader {
    /// Returns the attendees whom the mail is about.
    pub fn people(&self) -> impl Iterator<Item = &Attendee> {
        let ids = self.attendee.as_slice().iter().chain(&self.people);
        ids.filter_map(|id| self.about.find(Some(*id)))
    }

    /// Whether all of them are cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.people().all(Attendee::is_cancelled)
    }
}

impl Mailing {
    /// Checks that the text names only placeholders that exist, each where it may stand.
    pub fn check(&self, of: &Conference) -> Result<(), TextError> {
        text::check(&self.source(), &self.values(conference::values(of, |path| urls::absolute("", path)), None), &[])
    }

    /// Returns what the text needs of each reader and has no word for.
    pub fn needed(&self) -> Needed {
        let needs = |name| self.names(name) && !self.instead.contains_key(name);
        Needed {
            job_title: needs("job_title") && self.readers == MailingReaders::Attendees,
            purchase_order: needs("purchase_order"),
        }
    }

    /// Whether the text names this placeholder.
    pub fn names(&self, name: &str) -> bool {
        names(&self.subject).chain(names(&self.text)).any(|one| one == name)
    }

    /// Returns what this reader lacks, in words, if the text needs it.
    pub fn lacked_by(&self, reader: &Reader) -> Option<&'static str> {
        let needed = self.needed();
        let job_title = reader.people().next().is_some_and(|attendee| attendee.job_title.is_empty());
        let lacks = |name| match name {
            "job_title" => needed.job_title && job_title,
            _ => needed.purchase_order && reader.about.registration.purchase_order.is_empty(),
        };
        GAPS.into_iter().find(|(name, _)| lacks(name)).map(|(_, words)| words)
    }

    /// Renders the mail for this reader.
    pub fn render(&self, reader: &Reader) -> Result<Rendered, TextError> {
        text::render(&self.source(), Audience::Delegate.frame(), &self.values_for(reader), &[])
    }

    /// Returns the text of the mail.
    pub fn source(&self) -> String {
        source(&self.subject, &self.text, &LINKS)
    }

    /// Returns the values for this reader.
    pub fn values_for(&self, reader: &Reader) -> Values {
        self.values(reader.about.common.clone(), Some(reader))
    }

    /// Returns the values for this reader, or the same ones for nobody.
    fn values(&self, mut values: Values, reader: Option<&Reader>) -> Values {
        let registration = reader.map(|reader| &reader.about.registration);
        let attendee = reader.and_then(|reader| reader.about.find(reader.attendee));
        let name = attendee.map(|one| &*one.name).or(registration.map(|one| &*one.contact_name));
        values.typed("name", name.unwrap_or_default());
        values.words("reference", registration.map_or("", |one| &one.reference));
        values.typed("organisation", registration.map_or("", |one| &one.organisation));
        values.typed("town", registration.map_or("", |one| &one.city));
        values.words("country", &registration.map(|one| one.country.to_string()).unwrap_or_default());
        self.or_instead(&mut values, "purchase_order", registration.map_or("", |one| &one.purchase_order));
        let nowhere = || Link::open(String::new());
        values.link("manage_link", reader.map_or_else(nowhere, |reader| reader.link.clone()));
        match self.readers {
            MailingReaders::Attendees => {
                values.words("category", attendee.map_or("", |one| &one.category));
                self.or_instead(&mut values, "job_title", attendee.map_or("", |one| &one.job_title));
            }
            MailingReaders::Contacts => {
                values.rows("attendees", reader.map(|reader| reader.people().map(row).collect()).unwrap_or_default());
            }
        }
        values
    }

    fn or_instead(&self, values: &mut Values, name: &'static str, typed: &str) {
        match self.instead.get(name) {
            Some(word) if typed.is_empty() => values.words(name, word),
            _ => values.typed(name, typed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::samples::{about, leipzig, ludwig, manage, zeljka};

    fn mailing(readers: MailingReaders, text: &str) -> Mailing {
        Mailing { readers, subject: "x".to_owned(), text: text.to_owned(), instead: Instead::default() }
    }

    #[test]
    fn every_placeholder_that_the_page_offers_can_be_used() {
        let conference = leipzig();
        for readers in MailingReaders::ALL {
            let text =
                placeholders(readers).map(|(name, _)| ["{", name, "}\n\n"].concat()).collect::<Vec<_>>().concat();
            assert_eq!(mailing(readers, &text).check(&conference), Ok(()));
        }
        let unknown = mailing(MailingReaders::Contacts, "{job_title}").check(&conference);
        assert!(matches!(unknown, Err(TextError::Value { name, .. }) if name == "job_title"));
    }

    #[test]
    fn what_somebody_lacks_is_found_unless_a_word_stands_for_it() {
        let mut mailing = mailing(MailingReaders::Attendees, "Dear {job_title}");
        let reader = |attendee: Attendee| Reader {
            attendee: Some(attendee.id),
            about: about(&leipzig(), vec![attendee]),
            people: Vec::new(),
            link: manage("secret"),
        };
        assert_eq!(mailing.lacked_by(&reader(zeljka())), None);
        assert_eq!(mailing.lacked_by(&reader(ludwig())), Some("job title"));
        mailing.instead.insert("job_title".to_owned(), "colleague".to_owned());
        assert_eq!(mailing.lacked_by(&reader(ludwig())), None);
        assert!(mailing.render(&reader(ludwig())).expect("a mail").text.contains("Dear colleague"));
        assert!(mailing.render(&reader(zeljka())).expect("a mail").text.contains("Dear CIO"));
    }
}
