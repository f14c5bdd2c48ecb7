//! The form of a mailing: its fields, what is wrong with them, and what some readers lack.

use askama::Template;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    domain::{Conference, Day, InsteadWord, MailSubject, MailText, MailingReaders, date_and_time},
    mail::{GAPS, Mailing, TextError, placeholders},
    store::mailings::{self, Instead, Lacking, Needed, Readers},
    web::{Errors, FieldMessage, Result, Submitted},
};

/// What is wrong with the form.
#[derive(Template)]
#[template(path = "staff/mailing_errors.txt")]
pub enum ErrorMessage {
    /// The subject is missing.
    NoSubject,
    /// The text is missing.
    NoText,
    /// There is no such placeholder; these exist.
    Unknown(String, String),
    /// A list of people shares its paragraph with other words.
    NotAlone(String),
    /// An address stands where only words may, or the other way round.
    Misplaced(String),
    /// The text cannot be used.
    Unusable,
    /// Nobody gets it.
    Nobody,
    /// The view does not say what is done for those who lack something.
    Undecided(String),
    /// The word that stands for what they lack is missing.
    NoWord(String),
    NotAMoment,
    NotOnce(Day),
    Past,
}

/// What some readers lack.
pub struct Gap {
    /// The placeholder.
    pub name: &'static str,
    /// What the desk calls it.
    pub words: &'static str,
    /// Who lacks it.
    pub lacking: Lacking,
}

impl Gap {
    /// Returns the name of the field with the choice.
    pub fn choice(&self) -> String {
        format!("gap_{}", self.name)
    }

    /// Returns the name of the field with the word.
    pub fn word(&self) -> String {
        format!("word_{}", self.name)
    }
}

/// A mailing that was validated.
pub struct Draft {
    /// The subject.
    pub subject: MailSubject,
    /// The text.
    pub text: MailText,
    /// Who reads it.
    pub mailing: Mailing,
    /// When it is sent; `None` for at once.
    pub due_at: Option<OffsetDateTime>,
}

impl Draft {
    /// Returns the draft and what some readers lack, after adding the errors of all fields.
    pub async fn validate(
        conn: &mut PgConnection,
        (form, attendees): (&Submitted, &[Uuid]),
        conference: &Conference,
        now: OffsetDateTime,
        errors: &mut Errors,
    ) -> Result<(Option<Self>, Vec<Gap>)> {
        let readers = MailingReaders::parse(form.get("readers")).ok_or(FieldMessage::NotOffered);
        let readers = errors.check("readers", readers);
        let (subject, text) = subject_and_text(form, errors);
        let (Some(readers), Some(subject), Some(text)) = (readers, subject, text) else {
            return Ok((None, Vec::new()));
        };
        let mut mailing = Mailing {
            readers,
            subject: subject.as_str().to_owned(),
            text: text.as_str().to_owned(),
            instead: Instead::default(),
        };
        if let Err(error) = mailing.check(conference) {
            add(&error, &mailing, errors);
            return Ok((None, Vec::new()));
        }
        let of = Readers {
            conference: conference.id,
            attendees,
            who: readers,
            with_cancelled: form.has("cancelled"),
            needed: mailing.needed(),
        };
        let gaps = gaps(conn, of).await?;
        mailing.instead = instead(form, &gaps, &mailing, errors);
        let due_at = if form.is("when", "later") { moment(form, conference, now, errors) } else { None };
        let draft = Self { subject, text, mailing, due_at };
        Ok((errors.is_empty().then_some(draft), gaps))
    }
}

/// Returns the subject and the text of a mailing, or of a text that is kept for mailings, or adds their errors.
pub fn subject_and_text(form: &Submitted, errors: &mut Errors) -> (Option<MailSubject>, Option<MailText>) {
    // Signs alone, such as ">", may be nothing that is read.
    let is_given = |field: &str| form.get(field).chars().any(char::is_alphanumeric);
    let subject = if is_given("subject") {
        errors.check("subject", MailSubject::parse(form.get("subject")))
    } else {
        errors.add("subject", &ErrorMessage::NoSubject);
        None
    };
    let text = if is_given("text") {
        errors.check("text", MailText::parse(form.get("text")))
    } else {
        errors.add("text", &ErrorMessage::NoText);
        None
    };
    (subject, text)
}

/// Lists what the text needs and some readers lack.
async fn gaps(conn: &mut PgConnection, readers: Readers<'_>) -> Result<Vec<Gap>> {
    let mut gaps = Vec::new();
    for (name, words) in GAPS {
        let needed = match name {
            "job_title" => Needed { job_title: readers.needed.job_title, purchase_order: false },
            _ => Needed { job_title: false, purchase_order: readers.needed.purchase_order },
        };
        let lacking = mailings::list_lacking(conn, Readers { needed, ..readers }).await?;
        if lacking.count > 0 {
            gaps.push(Gap { name, words, lacking });
        }
    }
    Ok(gaps)
}

/// Reads the words for what is lacking. A word that was given stays, even if nobody lacks it at the moment: when the mailing is due,
/// somebody may.
fn instead(form: &Submitted, gaps: &[Gap], mailing: &Mailing, errors: &mut Errors) -> Instead {
    let mut instead = Instead::default();
    for (name, words) in GAPS {
        let (choice, field) = (format!("gap_{name}"), format!("word_{name}"));
        let is_lacking = gaps.iter().any(|gap| gap.name == name);
        match form.get(&choice) {
            "word" if mailing.names(name) => match errors.check(&field, InsteadWord::parse(form.get(&field))) {
                Some(word) if word.as_str().is_empty() => errors.add(field, &ErrorMessage::NoWord(words.to_owned())),
                Some(word) => {
                    instead.insert(name.to_owned(), word.as_str().to_owned());
                }
                None => {}
            },
            "out" | "word" => {}
            _ if is_lacking => errors.add(choice, &ErrorMessage::Undecided(words.to_owned())),
            _ => {}
        }
    }
    instead
}

/// Adds what is wrong with the text, beside the field that it is in.
fn add(error: &TextError, mailing: &Mailing, errors: &mut Errors) {
    let (name, message) = match error {
        TextError::Value { name, .. } => {
            let known: Vec<_> = placeholders(mailing.readers).map(|(name, _)| format!("{{{name}}}")).collect();
            (name.as_str(), ErrorMessage::Unknown(format!("{{{name}}}"), known.join(", ")))
        }
        TextError::NotAlone(name) => (name.as_str(), ErrorMessage::NotAlone(format!("{{{name}}}"))),
        TextError::Misplaced(name) => (name.as_str(), ErrorMessage::Misplaced(format!("{{{name}}}"))),
        _ => ("", ErrorMessage::Unusable),
    };
    let is_in_subject = mailing.subject.contains(&format!("{{{name}}}"));
    errors.add(if is_in_subject { "subject" } else { "text" }, &message);
}

/// Reads the time, as the clocks at the venue show it, or adds its error.
fn moment(form: &Submitted, of: &Conference, now: OffsetDateTime, errors: &mut Errors) -> Option<OffsetDateTime> {
    let error = match date_and_time(&form.line("at")).map(|at| (at.date(), of.zone.instant(at.date(), at.time()))) {
        None => ErrorMessage::NotAMoment,
        Some((day, Err(_))) => ErrorMessage::NotOnce(Day(day)),
        Some((_, Ok(instant))) if instant <= now => ErrorMessage::Past,
        Some((_, Ok(instant))) => return Some(instant),
    };
    errors.add("at", &error);
    None
}
