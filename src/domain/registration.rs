//! A registration: a contact, an organisation, invoice details and one to fifty attendees.

use sha2::{Digest, Sha256};

use super::{
    Answer, CategoryId, CodeId, Country, EmailAddress, InvoiceAddress, Organisation, PersonName, PurchaseOrder,
    Telephone, Town,
    text::{folded, texts},
};

texts! {
    /// A job title: up to 200 characters, one line, may be empty.
    JobTitle(200, OPTIONAL, LINE);
    /// Dietary or access needs: up to 500 characters, several lines, may be empty.
    Needs(500, OPTIONAL, LINES);
}

/// The most attendees that one registration can have.
pub const MOST_ATTENDEES: usize = 50;

/// A registration as a delegate sent it: validated but not saved yet.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The person who fills in the form and gets the manage link.
    pub contact: Contact,
    /// The organisation that all attendees come from.
    pub organisation: Organisation,
    /// That organisation's country.
    pub country: Country,
    /// That organisation's city.
    pub city: Town,
    /// The finance office's purchase-order number.
    pub purchase_order: PurchaseOrder,
    /// The address for the invoice.
    pub invoice_address: InvoiceAddress,
    /// The answers to the questions about the registration.
    pub answers: Vec<Answer>,
    /// The code that was given. It is used by the attendees who are in its category.
    pub code: Option<CodeId>,
    /// The people who will attend.
    pub attendees: Attendees,
}

/// The person who fills in the form.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The name.
    pub name: PersonName,
    /// The address that the confirmation and the manage link go to.
    pub email: EmailAddress,
    /// A telephone number for questions.
    pub telephone: Telephone,
}

/// What an attendee says about themself. The desk can correct all of it. A new field does not compile until it is saved,
/// corrected, shown at the desk and exported (or left out on purpose).
#[derive(Clone, Debug)]
pub struct AttendeeDetails {
    /// The name, as it is printed on the badge.
    pub name: PersonName,
    /// The address for the person's own confirmation.
    pub email: EmailAddress,
    /// The person's job title.
    pub job_title: JobTitle,
}

/// A person who will attend, not saved yet.
#[derive(Clone, Debug)]
pub struct NewAttendee {
    /// What they say about themself.
    pub details: AttendeeDetails,
    /// The category of delegate.
    pub category: CategoryId,
    /// The person's dietary and access needs, if any.
    pub needs: Option<AttendeeNeeds>,
    /// The answers to the questions about the attendee.
    pub answers: Vec<Answer>,
}

/// A person's dietary and access needs. They may reveal health or belief, so they are kept only with consent.
#[derive(Clone, Debug)]
pub struct AttendeeNeeds {
    /// Dietary needs.
    pub dietary: Needs,
    /// Access needs, at the door and in the venue.
    pub access: Needs,
    /// The exact sentence that the delegate agreed to.
    pub consent: String,
}

/// One to [`MOST_ATTENDEES`] attendees without duplicates.
#[derive(Clone, Debug)]
pub struct Attendees(Vec<NewAttendee>);

/// Why a list of attendees was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttendeesError {
    /// The list is empty.
    #[error("no attendee")]
    None,
    /// There are more than [`MOST_ATTENDEES`].
    #[error("more than {MOST_ATTENDEES} attendees")]
    TooMany,
    /// Two attendees have the same name and the same address. People with different names may share a mailbox.
    #[error("the same person twice")]
    Twice {
        /// The index of the first of the two, from 0.
        first: usize,
        /// The index of the second.
        again: usize,
    },
}

impl Attendees {
    /// Checks the attendees and keeps their order.
    pub fn new(attendees: Vec<NewAttendee>) -> Result<Self, AttendeesError> {
        match attendees.len() {
            0 => return Err(AttendeesError::None),
            1..=MOST_ATTENDEES => {}
            _ => return Err(AttendeesError::TooMany),
        }
        let people: Vec<_> =
            attendees.iter().map(|one| (folded(one.details.name.as_str()), one.details.email.normalised())).collect();
        for (again, person) in people.iter().enumerate() {
            if let Some(first) = people[..again].iter().position(|earlier| earlier == person) {
                return Err(AttendeesError::Twice { first, again });
            }
        }
        Ok(Self(attendees))
    }

    /// Returns the attendees in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, NewAttendee> {
        self.0.iter()
    }

    /// Returns the number of attendees.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl Registration {
    /// Returns a SHA-256 hash that is the same for two submissions with the same content. Every field is hashed with
    /// its length, so that moving text from one field to the next changes the hash. Upper and lower case in names and
    /// addresses make no difference.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text);
        };
        // Every field is named, so that a new field does not compile until it is hashed here.
        let Self { contact, organisation, country, city, purchase_order, invoice_address, answers, code, attendees } =
            self;
        let Contact { name, email, telephone } = contact;
        for text in [
            &*folded(name.as_str()),
            email.normalised(),
            telephone.as_str(),
            organisation.as_str(),
            country.code(),
            city.as_str(),
            purchase_order.as_str(),
            invoice_address.as_str(),
        ] {
            add(text);
        }
        let add_answers = |add: &mut dyn FnMut(&str), answers: &[Answer]| {
            for Answer { question, version: _, asked_of: _, value } in answers {
                add(&question.to_string());
                for text in value {
                    add(text);
                }
            }
        };
        add_answers(&mut add, answers);
        if let Some(code) = code {
            add(&code.to_string());
        }
        for NewAttendee { details, category, needs, answers } in attendees.iter() {
            let AttendeeDetails { name, email, job_title } = details;
            add(&folded(name.as_str()));
            add(email.normalised());
            add(job_title.as_str());
            add(&category.to_string());
            if let Some(AttendeeNeeds { dietary, access, consent: _ }) = needs {
                add(dietary.as_str());
                add(access.as_str());
            }
            add_answers(&mut add, answers);
        }
        hash.finalize().into()
    }

    /// Returns a hash that is the same when the same content comes from the same network: it covers the fingerprint and
    /// two bytes of the hash of the network. Two bytes are enough to tell strangers apart, and since one network in
    /// 65,536 has the same two, nobody can work out from the stored hash which network it was.
    pub fn repeat_hash(&self, network: &str) -> [u8; 32] {
        let network = Sha256::digest(network);
        Sha256::new().chain_update(self.fingerprint()).chain_update(&network[..2]).finalize().into()
    }

    /// Returns the registration without the people with these indices, from 0; `None` if nobody would be left.
    pub fn without(&self, people: &[usize]) -> Option<Self> {
        let stay = self.attendees.iter().enumerate().filter(|(number, _)| !people.contains(number));
        let stay: Vec<_> = stay.map(|(_, one)| one.clone()).collect();
        (!stay.is_empty()).then(|| Self { attendees: Attendees(stay), ..self.clone() })
    }

    /// Returns the index of the attendee who is the contact, from 0; `None` if the contact does not attend.
    pub fn contact_attendee(&self) -> Option<usize> {
        let Contact { name, email, telephone: _ } = &self.contact;
        let (name, email) = (folded(name.as_str()), email.normalised());
        self.attendees.iter().position(|NewAttendee { details, .. }| {
            folded(details.name.as_str()) == name && details.email.normalised() == email
        })
    }

    /// Lists the confirmations to send: one for each address. The contact's comes first and is also for every attendee
    /// with the contact's address. Attendees who share a mailbox share one mail.
    pub fn confirmations(&self) -> Vec<Confirmation<'_>> {
        let contact = Confirmation { to: &self.contact.email, contact: true, attendees: Vec::new() };
        let mut mails = vec![contact];
        for (number, attendee) in self.attendees.iter().enumerate() {
            let email = &attendee.details.email;
            let address = email.normalised();
            match mails.iter_mut().find(|mail| mail.to.normalised() == address) {
                Some(mail) => mail.attendees.push(number),
                None => {
                    mails.push(Confirmation { to: email, contact: false, attendees: vec![number] });
                }
            }
        }
        mails
    }
}

/// A confirmation to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation<'a> {
    /// The address, as it was typed for the first person who uses it.
    pub to: &'a EmailAddress,
    /// Whether it goes to the contact and covers the whole registration.
    pub contact: bool,
    /// The attendees with this address, by their index from 0.
    pub attendees: Vec<usize>,
}

super::text_enum! {
    /// The state of an attendee. Lists offer the states in this order.
    pub enum AttendeeState {
        /// Waits for a place.
        Waiting = "waiting",
        /// Has been offered a place, which is kept until the offer ends.
        Offered = "offered",
        /// Has a place.
        Confirmed = "confirmed",
        /// Does not come; the place, if there was one, was given back.
        Cancelled = "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attendee(name: &str, email: &str) -> NewAttendee {
        NewAttendee {
            details: AttendeeDetails {
                name: PersonName::parse(name).expect("a name"),
                email: EmailAddress::parse(email).expect("an address"),
                job_title: JobTitle::default(),
            },
            category: "01900000-0000-7000-8000-000000000001".parse().expect("a key"),
            needs: None,
            answers: Vec::new(),
        }
    }

    fn registration(contact: &str, attendees: Vec<NewAttendee>) -> Registration {
        Registration {
            contact: Contact {
                name: PersonName::parse("Anna").expect("a name"),
                email: EmailAddress::parse(contact).expect("an address"),
                telephone: Telephone::default(),
            },
            organisation: Organisation::parse("City of Graz").expect("a name"),
            country: Country::parse("AT").expect("a country"),
            city: Town::parse("Graz").expect("a name"),
            purchase_order: PurchaseOrder::default(),
            invoice_address: InvoiceAddress::default(),
            answers: Vec::new(),
            code: None,
            attendees: Attendees::new(attendees).expect("attendees"),
        }
    }

    #[test]
    fn the_same_person_twice_is_refused_in_capitals_too() {
        let twice = vec![
            attendee("Željka Horvat", "office@graz.example"),
            attendee("Anna Gruber", "office@graz.example"),
            attendee("ŽELJKA HORVAT", "Office@Graz.example"),
        ];
        assert_eq!(Attendees::new(twice).err(), Some(AttendeesError::Twice { first: 0, again: 2 }));
    }

    #[test]
    fn two_people_may_share_a_mailbox() {
        let two = vec![attendee("Anna", "office@graz.example"), attendee("Boris", "office@graz.example")];
        assert_eq!(Attendees::new(two).map(|two| two.count()).ok(), Some(2));
    }

    #[test]
    fn an_empty_list_and_51_attendees_are_refused() {
        assert_eq!(Attendees::new(Vec::new()).err(), Some(AttendeesError::None));
        let many = |count| (0..count).map(|n| attendee(&format!("Person {n}"), "office@graz.example")).collect();
        assert!(Attendees::new(many(50)).is_ok());
        assert_eq!(Attendees::new(many(51)).err(), Some(AttendeesError::TooMany));
    }

    #[test]
    fn a_contact_who_attends_gets_one_mail_and_a_shared_mailbox_gets_one() {
        let people = vec![
            attendee("Anna", "anna@graz.example"),
            attendee("Boris", "office@graz.example"),
            attendee("Carla", "Office@graz.example"),
        ];
        let registration = registration("Anna@graz.example", people);
        let mails = registration.confirmations();
        let seen: Vec<_> = mails.iter().map(|mail| (mail.to.as_str(), mail.contact, mail.attendees.clone())).collect();
        assert_eq!(seen, [("Anna@graz.example", true, vec![0]), ("office@graz.example", false, vec![1, 2])]);
    }

    #[test]
    fn moving_text_from_one_field_to_the_next_changes_the_fingerprint() {
        let one = registration("anna@graz.example", vec![attendee("Anna", "anna@graz.example")]);
        let mut other = one.clone();
        assert_eq!(one.fingerprint(), other.fingerprint());
        other.organisation = Organisation::parse("City of GrazG").expect("a name");
        other.city = Town::parse("raz").expect("a name");
        assert_ne!(one.fingerprint(), other.fingerprint());
    }

    #[test]
    fn capitals_in_names_and_addresses_do_not_change_the_fingerprint() {
        let one = registration("rita@city.example", vec![attendee("Rita R", "rita@city.example")]);
        let mut other = registration("RITA@City.example", vec![attendee("rita r", "Rita@city.example")]);
        assert_eq!(one.fingerprint(), other.fingerprint());
        other.contact.name = PersonName::parse("ANNA").expect("a name");
        assert_eq!(one.fingerprint(), other.fingerprint());
        other.contact.name = PersonName::parse("Hannah").expect("a name");
        assert_ne!(one.fingerprint(), other.fingerprint());
    }

    #[test]
    fn the_same_content_counts_as_repeated_only_from_the_same_network() {
        let one = registration("anna@graz.example", vec![attendee("Anna", "anna@graz.example")]);
        let other = registration("anna@graz.example", vec![attendee("Boris", "boris@graz.example")]);
        assert_eq!(one.repeat_hash("203.0.113.9"), one.clone().repeat_hash("203.0.113.9"));
        assert_ne!(one.repeat_hash("203.0.113.9"), one.repeat_hash("203.0.113.10"));
        assert_ne!(one.repeat_hash("203.0.113.9"), other.repeat_hash("203.0.113.9"));
    }

    #[test]
    fn the_hash_does_not_reveal_the_network_to_somebody_who_knows_the_content() {
        let registration = registration("anna@graz.example", vec![attendee("Anna", "anna@graz.example")]);
        // Several of the networks have the same hash.
        let networks = (0..=255_u8).flat_map(|a| (0..=7_u8).map(move |b| format!("203.0.{b}.{a}")));
        let hashes: std::collections::HashSet<_> = networks.map(|network| registration.repeat_hash(&network)).collect();
        assert!(hashes.len() < 2048, "{} hashes of 2048 networks", hashes.len());
    }

    proptest! {
        #[test]
        fn every_attendee_is_in_exactly_one_mail_and_no_address_gets_two(
            contact in 0..4_usize, boxes in proptest::collection::vec(0..4_usize, 1..=10),
        ) {
            let address = |n: usize| ["a@x.example", "b@x.example", "c@x.example", "D@x.example"][n];
            let people = boxes.iter().enumerate().map(|(n, at)| attendee(&format!("Person {n}"), address(*at))).collect();
            let registration = registration(address(contact), people);
            let mails = registration.confirmations();
            let mut addresses: Vec<_> = mails.iter().map(|mail| mail.to.normalised()).collect();
            let mut numbers: Vec<_> = mails.iter().flat_map(|mail| mail.attendees.clone()).collect();
            addresses.sort_unstable();
            addresses.dedup();
            numbers.sort_unstable();
            prop_assert_eq!(addresses.len(), mails.len());
            prop_assert_eq!(numbers, (0..boxes.len()).collect::<Vec<_>>());
            prop_assert_eq!(mails.iter().filter(|mail| mail.contact).count(), 1);
        }
    }
}
