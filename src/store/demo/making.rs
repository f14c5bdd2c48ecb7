//! Making invented people: who they are, whether they come, what they owe, need, answer and were sent.

use uuid::Uuid;

use super::{
    choices::{FULL, Settings, answer},
    invented::{ACCESS, DIETARY, JOB_TITLES, Origin, dice, email, telephone},
    rows::{AnswerRow, AttendeeRow, Batch, ChargeRow, MessageRow, NeedsRow, PaymentRow, PlaceRow, RegistrationRow},
};
use crate::{
    domain::{
        AnswerId, AttendeeId, AttendeeState, ChargeId, EmailAddress, MessageId, Needs, OfferId, Organisation,
        PaymentId, PersonName, PlaceId, RegistrationId, SubmissionId, text::folded,
    },
    store::shipped_pages::SHIPPED,
};

/// How many people were made, of how many.
pub struct Made {
    /// So many.
    pub people: usize,
    /// Of so many.
    pub of: usize,
}

/// What an attendee's rows have in common.
struct Person {
    number: usize,
    registration: Uuid,
    id: Uuid,
    category: Uuid,
    code: Option<Uuid>,
    state: AttendeeState,
    fee: i64,
    created: i64,
    /// When something happened to the attendee later.
    later: i64,
}

impl Batch {
    /// Adds a registration of this many people.
    pub fn register(
        &mut self,
        settings: &Settings,
        (number, reference): (usize, String),
        origin: &Origin,
        size: usize,
        made: &mut Made,
    ) {
        let id = RegistrationId::new().0;
        let (city, organisation) = origin.organisation(number);
        let created = created(settings, number, made);
        let first = self.attendees.len();
        let mut owed = 0;
        for position in 1..=size {
            owed += self.attend(settings, (number, id), (origin, city), (position, created), made.people);
            made.people += 1;
        }
        let (contact, name, email) = {
            let contact = &self.attendees[first];
            (contact.id, contact.name.clone(), contact.email.clone())
        };
        // One in ten is registered by somebody who does not come.
        let comes = dice(number, 30, 10) > 0;
        let domain = email.rsplit('@').next().unwrap_or_default();
        let office = (!comes).then(|| format!("office.{number}@{domain}"));
        self.pay(number, id, owed, (created, settings.until.unix_timestamp()));
        self.write(number, id, office.as_ref().unwrap_or(&email), (&name, &reference), created);
        self.registrations.push(RegistrationRow {
            id,
            reference,
            contact_attendee_id: comes.then_some(contact),
            contact_name: (!comes).then(|| origin.name(number + 7_000_000)),
            contact_email: office,
            contact_telephone: telephone(number),
            purchase_order: match dice(number, 31, 4) {
                0 => format!("00{}", 70_000 + number),
                1 => format!("PO {}/{number}", dice(number, 32, 90) + 10),
                _ => String::new(),
            },
            invoice_address: if dice(number, 33, 3) == 0 {
                format!("{organisation}\nAccounts payable, \"Room 2\"; 3rd floor\n{city}")
            } else {
                String::new()
            },
            organisation: Organisation::parse(&organisation).expect(SHIPPED).to_string(),
            country: origin.country,
            city,
            submission_id: SubmissionId::new().0,
            created,
        });
    }

    /// Adds an attendee, and returns what is owed for them.
    fn attend(
        &mut self,
        settings: &Settings,
        (registration_number, registration): (usize, Uuid),
        (origin, city): (&Origin, &'static str),
        (position, created): (usize, i64),
        number: usize,
    ) -> i64 {
        let (category, slug, fee) = settings.category(registration_number, number);
        let state = state(number, slug);
        let code = settings.code(slug).filter(|_| state == AttendeeState::Confirmed && dice(number, 40, 30) == 0);
        let until = settings.until.unix_timestamp();
        let person = Person {
            number,
            registration,
            id: AttendeeId::new().0,
            category: category.0,
            code: code.map(|(id, _)| id.0),
            state,
            fee: code.map_or(fee, |(_, fee)| fee),
            created,
            later: between(number, 41, created, until),
        };
        let name = PersonName::parse(&origin.name(number)).expect(SHIPPED);
        let email = EmailAddress::parse(&email(name.as_str(), number, city)).expect(SHIPPED);
        let is_cancelled = state == AttendeeState::Cancelled;
        let by_staff = dice(number, 42, 3) == 0;
        self.attendees.push(AttendeeRow {
            id: person.id,
            registration_id: registration,
            position,
            name: name.to_string(),
            name_folded: folded(name.as_str()),
            email: email.to_string(),
            email_normalised: email.normalised().to_owned(),
            job_title: JOB_TITLES[dice(number, 43, JOB_TITLES.len() as u64)],
            category_id: person.category,
            code_id: person.code,
            state: state.as_str(),
            cancelled: is_cancelled.then_some(person.later),
            cancel_cause: is_cancelled.then_some(if by_staff { "staff" } else { "delegate" }),
            cancel_reason: (is_cancelled && by_staff).then_some("Told us on the telephone;\n\"cannot travel\""),
            created,
        });
        self.seat(&person, until);
        self.need(&person);
        self.answer(settings, &person, position == 1);
        self.charge(&person)
    }

    /// Adds the place of a person who has one or is offered one.
    fn seat(&mut self, person: &Person, until: i64) {
        let state = match person.state {
            AttendeeState::Confirmed => "held",
            AttendeeState::Offered => "offered",
            AttendeeState::Cancelled => "given_back",
            AttendeeState::Waiting => return,
        };
        let offer = person.state == AttendeeState::Offered;
        self.places.push(PlaceRow {
            id: PlaceId::new().0,
            attendee_id: person.id,
            category_id: person.category,
            code_id: person.code,
            state,
            since: if offer { until } else { person.created },
            offer_id: offer.then(|| OfferId::new().0),
        });
    }

    /// Adds the needs of one person in eight.
    fn need(&mut self, person: &Person) {
        let (eats, moves) = (dice(person.number, 44, 9) == 0, dice(person.number, 45, 40) == 0);
        if person.state == AttendeeState::Cancelled || !(eats || moves) {
            return;
        }
        let one = |of: &[&str], needs| {
            let text = if needs { of[dice(person.number, 46, of.len() as u64)] } else { "" };
            Needs::parse(text).expect(SHIPPED).to_string()
        };
        self.needs.push(NeedsRow {
            attendee_id: person.id,
            dietary: one(&DIETARY, eats),
            access: one(&ACCESS, moves),
            consented: person.created,
        });
    }

    /// Adds the answers of half of all people, and those of the contact, who is the first.
    fn answer(&mut self, settings: &Settings, person: &Person, is_first: bool) {
        for (index, (question, version)) in settings.questions.iter().enumerate() {
            let of_registration = index + 1 == settings.questions.len();
            if dice(person.number, 47 + index as u64, 2) == 0 || of_registration && !is_first {
                continue;
            }
            self.answers.push(AnswerRow {
                id: AnswerId::new().0,
                registration_id: person.registration,
                attendee_id: (!of_registration).then_some(person.id),
                question_id: question.0,
                asked_of: if of_registration { "registration" } else { "attendee" },
                version_id: version.0,
                value: answer(index, person.number),
                created: person.created,
            });
        }
    }

    /// Adds what is owed for a person, and what remains owed for some who were cancelled. Returns the sum.
    fn charge(&mut self, person: &Person) -> i64 {
        let is_cancelled = person.state == AttendeeState::Cancelled;
        if person.fee == 0 || !(is_cancelled || person.state == AttendeeState::Confirmed) {
            return 0;
        }
        let mut add = |kind, amount_cents, reverses_id, created| {
            let id = ChargeId::new().0;
            self.charges.push(ChargeRow {
                id,
                registration_id: person.registration,
                attendee_id: person.id,
                kind,
                category_id: person.category,
                code_id: person.code,
                description: "Fee of the demonstration",
                amount_cents,
                reverses_id,
                created,
            });
            id
        };
        let fee = add("fee", person.fee, None, person.created);
        if !is_cancelled {
            return person.fee;
        }
        add("reversal", -person.fee, Some(fee), person.later);
        if dice(person.number, 50, 4) > 0 {
            return 0;
        }
        add("remaining", person.fee / 2, None, person.later);
        person.fee / 2
    }

    /// Adds the payment of a registration: mostly all that is owed, sometimes a part or too much, often nothing yet.
    fn pay(&mut self, number: usize, registration: Uuid, owed: i64, (created, until): (i64, i64)) {
        let amount_cents = match dice(number, 51, 20) {
            0..11 => owed,
            11 | 12 => owed / 2,
            13 => owed + 1_050,
            _ => 0,
        };
        if owed > 0 && amount_cents > 0 {
            let paid = between(number, 52, created, until);
            self.payments.push(PaymentRow {
                id: PaymentId::new().0,
                registration_id: registration,
                amount_cents,
                paid,
            });
        }
    }

    /// Adds the confirmation for the contact. One in fifty has failed.
    fn write(
        &mut self,
        number: usize,
        registration: Uuid,
        recipient: &str,
        (name, reference): (&str, &str),
        created: i64,
    ) {
        let failed = dice(number, 53, 50) == 0;
        self.messages.push(MessageRow {
            id: MessageId::new().0,
            recipient: recipient.to_owned(),
            registration_id: registration,
            state: if failed { "failed" } else { "sent" },
            reply: if failed { "550 5.1.1 no such mailbox" } else { "250 2.0.0 Ok" },
            sent: (!failed).then_some(created + 5),
            sent_subject: (!failed).then(|| format!("You are registered ({reference})")),
            sent_text: (!failed).then(|| format!("Dear {name},\n\nThis mail is invented and was never sent.")),
            created,
        });
    }
}

/// Returns a moment from one to the other, in seconds.
fn between(number: usize, purpose: u64, from: i64, until: i64) -> i64 {
    let seconds = u64::try_from(until - from).unwrap_or_default();
    from + i64::try_from(dice(number, purpose, seconds + 1)).unwrap_or_default()
}

/// Returns when people registered: more and more often until now.
fn created(settings: &Settings, number: usize, made: &Made) -> i64 {
    let (from, until) = (settings.from.unix_timestamp(), settings.until.unix_timestamp());
    let (done, all) = (made.people as u64, made.of.max(1) as u64);
    // The square root, in thousandths.
    let share = i64::try_from((done * 1_000_000 / all).isqrt()).unwrap_or_default();
    let at = from + (until - from) / 1000 * share.min(999);
    between(number, 54, at, (at + 20_000).min(until))
}

/// Returns the state of a person. People wait only for categories that are full.
fn state(number: usize, category: &str) -> AttendeeState {
    let is_full = FULL.contains(&category);
    match dice(number, 55, 1000) {
        0..60 => AttendeeState::Cancelled,
        60..110 if is_full => AttendeeState::Waiting,
        110..116 if is_full => AttendeeState::Offered,
        _ => AttendeeState::Confirmed,
    }
}
