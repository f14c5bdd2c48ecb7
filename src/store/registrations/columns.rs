//! The attendees and answers of a new registration as arrays, one for each column.

use uuid::Uuid;

use crate::domain::{
    Answer, AnswerId, AttendeeDetails, AttendeeId, AttendeeNeeds, Attendees, NewAttendee, PlaceId, text::folded,
};

/// The attendees as arrays, one for each column.
#[derive(Default)]
pub(super) struct People<'a> {
    pub ids: Vec<Uuid>,
    pub names: Vec<&'a str>,
    pub names_folded: Vec<String>,
    pub emails: Vec<&'a str>,
    pub emails_normalised: Vec<&'a str>,
    pub job_titles: Vec<&'a str>,
    pub categories: Vec<Uuid>,
    pub places: Vec<Uuid>,
    pub in_need: Vec<Uuid>,
    pub dietary: Vec<&'a str>,
    pub access: Vec<&'a str>,
    pub consents: Vec<&'a str>,
}

impl<'a> People<'a> {
    pub fn of(attendees: &'a Attendees) -> Self {
        let mut people = Self::default();
        for NewAttendee { details, category, needs, answers: _ } in attendees.iter() {
            let AttendeeDetails { name, email, job_title } = details;
            let id = AttendeeId::new().0;
            people.ids.push(id);
            people.names.push(name.as_str());
            people.names_folded.push(folded(name.as_str()));
            people.emails.push(email.as_str());
            people.emails_normalised.push(email.normalised());
            people.job_titles.push(job_title.as_str());
            people.categories.push(category.0);
            people.places.push(PlaceId::new().0);
            if let Some(AttendeeNeeds { dietary, access, consent }) = needs {
                people.in_need.push(id);
                people.dietary.push(dietary.as_str());
                people.access.push(access.as_str());
                people.consents.push(consent);
            }
        }
        people
    }
}

/// The answers as arrays, one for each column.
#[derive(Default)]
pub(super) struct Answers {
    pub ids: Vec<Uuid>,
    pub attendees: Vec<Option<Uuid>>,
    pub questions: Vec<Uuid>,
    pub asked_of: Vec<&'static str>,
    pub versions: Vec<Uuid>,
    pub values: Vec<serde_json::Value>,
}

impl Answers {
    pub fn of(of_registration: &[Answer], attendees: &Attendees, people: &[Uuid]) -> Self {
        let mut answers = Self::default();
        answers.add(None, of_registration);
        for (attendee, id) in attendees.iter().zip(people) {
            answers.add(Some(*id), &attendee.answers);
        }
        answers
    }

    fn add(&mut self, attendee: Option<Uuid>, given: &[Answer]) {
        for Answer { question, version, asked_of, value } in given {
            self.ids.push(AnswerId::new().0);
            self.attendees.push(attendee);
            self.questions.push(question.0);
            self.asked_of.push(asked_of.as_str());
            self.versions.push(version.0);
            self.values.push(value.clone().into());
        }
    }
}
