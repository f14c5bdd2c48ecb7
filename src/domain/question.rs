//! Questions that organisers add to the registration form, and answers to them.

use time::{Date, macros::format_description};

use super::{
    CategoryId, Day, QuestionId, QuestionVersionId,
    text::{TextError, clean_line, folded, texts},
    text_enum,
};

texts! {
    /// What a question asks: 1 to 200 characters, one line.
    QuestionText(200, REQUIRED, LINE);
    /// Help for answering: up to 300 characters, one line, may be empty.
    QuestionHelp(300, OPTIONAL, LINE);
    /// What the answers are used for: 1 to 200 characters, one line. It completes the sentence "We use this to …".
    QuestionPurpose(200, REQUIRED, LINE);
    /// One of the answers to choose from: 1 to 100 characters, one line.
    Choice(100, REQUIRED, LINE);
    /// A short answer: up to 200 characters, one line.
    ShortAnswer(200, OPTIONAL, LINE);
    /// A long answer: up to 2,000 characters, several lines.
    LongAnswer(2000, OPTIONAL, LINES);
}

text_enum! {
    /// How a question is answered.
    pub enum QuestionKind {
        /// With one line.
        ShortText = "short_text",
        /// With several lines.
        LongText = "long_text",
        /// With one of the choices.
        OneOf = "one_of",
        /// With any number of the choices.
        SomeOf = "some_of",
        /// With a number.
        Number = "number",
        /// With a day.
        Date = "date",
        /// With yes or no.
        YesNo = "yes_no",
    }
}

impl QuestionKind {
    /// Whether a question of this kind has choices.
    pub fn has_choices(self) -> bool {
        matches!(self, Self::OneOf | Self::SomeOf)
    }

    /// Returns a stored answer as people read it.
    pub fn in_words(self, value: &[String]) -> String {
        match (self, value) {
            (Self::YesNo, [answer]) if answer == "yes" => "Yes".to_owned(),
            (Self::YesNo, [answer]) if answer == "no" => "No".to_owned(),
            (Self::Date, [answer]) => match parsed_day(answer) {
                Ok(day) => format!("{} {}", Day(day).long(), day.year()),
                Err(_) => answer.clone(),
            },
            _ => value.join("; "),
        }
    }
}

text_enum! {
    /// Who answers a question.
    pub enum AskedOf {
        /// Each attendee.
        Attendee = "attendee",
        /// The contact, once for the registration.
        Registration = "registration",
    }
}

text_enum! {
    /// Who sees the answers.
    pub enum AnswerReaders {
        /// Everybody who may read attendees.
        Desk = "desk",
        /// Only those who may read needs; each time is recorded.
        Needs = "needs",
    }
}

/// The choices of a question: 2 to 50 different ones, in their order; none for a question that offers none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices(Vec<String>);

/// Why choices were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoicesError {
    /// There are fewer than two or more than [`Choices::MOST`].
    #[error("{0} choices")]
    Number(usize),
    /// Two are the same; the number of the second, from 1.
    #[error("choice {0} twice")]
    Twice(usize),
    /// One has an error; its number, from 1.
    #[error("choice {0}: {1}")]
    Text(usize, TextError),
}

impl Choices {
    /// The most choices that a question can have.
    pub const MOST: usize = 50;

    /// Reads one choice from each line. Empty lines are ignored.
    pub fn parse(raw: &str) -> Result<Self, ChoicesError> {
        let lines = raw.lines().filter(|line| !clean_line(line).is_empty());
        let mut choices: Vec<String> = Vec::new();
        for (number, line) in (1..).zip(lines) {
            let choice = Choice::parse(line).map_err(|error| ChoicesError::Text(number, error))?;
            if choices.iter().any(|other| folded(other) == folded(choice.as_str())) {
                return Err(ChoicesError::Twice(number));
            }
            choices.push(choice.to_string());
        }
        if !(2..=Self::MOST).contains(&choices.len()) {
            return Err(ChoicesError::Number(choices.len()));
        }
        Ok(Self(choices))
    }

    /// Returns the choices that are stored.
    pub fn kept(choices: Vec<String>) -> Self {
        Self(choices)
    }

    /// Returns them in their order.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// A question as it is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its key.
    pub id: QuestionId,
    /// The key of the version that is asked now.
    pub version: QuestionVersionId,
    /// Who answers it.
    pub asked_of: AskedOf,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What it asks.
    pub text: String,
    /// Help for answering; may be empty.
    pub help: String,
    /// What the answers are used for.
    pub purpose: String,
    /// Whether it has to be answered.
    pub required: bool,
    /// Who sees the answers.
    pub readers: AnswerReaders,
    /// The choices.
    pub choices: Choices,
    /// The categories whose delegates are asked; empty if everybody is.
    pub categories: Vec<CategoryId>,
}

/// An answer, not saved yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The question.
    pub question: QuestionId,
    /// The version that was answered.
    pub version: QuestionVersionId,
    /// Who answers.
    pub asked_of: AskedOf,
    /// One text, or each choice.
    pub value: Vec<String>,
}

/// Why an answer was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// It is required.
    #[error("missing")]
    Missing,
    /// The text has an error.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It is not one of the choices.
    #[error("not offered")]
    NotOffered,
    /// It is not a number.
    #[error("not a number")]
    NotANumber,
    /// It is not a day.
    #[error("not a day")]
    NotADay,
}

impl Question {
    /// Whether delegates of this category are asked.
    pub fn concerns(&self, category: CategoryId) -> bool {
        self.categories.is_empty() || self.categories.contains(&category)
    }

    /// Validates what was sent. Returns `None` for an optional question without an answer.
    pub fn answer<'a>(&self, sent: impl Iterator<Item = &'a str>) -> Result<Option<Answer>, AnswerError> {
        let mut sent: Vec<&str> = sent.collect();
        if self.kind != QuestionKind::SomeOf {
            sent.truncate(1);
        }
        let first = sent.first().copied().unwrap_or_default();
        let one = |text: String| if text.is_empty() { Vec::new() } else { vec![text] };
        let value = match self.kind {
            QuestionKind::ShortText => one(ShortAnswer::parse(first)?.as_str().to_owned()),
            QuestionKind::LongText => one(LongAnswer::parse(first)?.as_str().to_owned()),
            QuestionKind::OneOf | QuestionKind::SomeOf => self.chosen(&sent)?,
            QuestionKind::Number => number(first)?,
            QuestionKind::Date => day(first)?,
            QuestionKind::YesNo if ["", "yes", "no"].contains(&first) => one(first.to_owned()),
            QuestionKind::YesNo => return Err(AnswerError::NotOffered),
        };
        match value.is_empty() {
            true if self.required => Err(AnswerError::Missing),
            true => Ok(None),
            false => Ok(Some(Answer { question: self.id, version: self.version, asked_of: self.asked_of, value })),
        }
    }

    /// Returns the chosen ones in the order of the choices.
    fn chosen(&self, sent: &[&str]) -> Result<Vec<String>, AnswerError> {
        let choices = self.choices.as_slice();
        if sent.iter().any(|one| !one.is_empty() && !choices.iter().any(|choice| choice == one)) {
            return Err(AnswerError::NotOffered);
        }
        Ok(choices.iter().filter(|choice| sent.contains(&choice.as_str())).cloned().collect())
    }
}

/// Reads a number with up to 12 digits before the decimal sign and up to 6 after it. A comma counts as a decimal sign.
fn number(sent: &str) -> Result<Vec<String>, AnswerError> {
    let text = clean_line(sent).replace(',', ".");
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let (sign, digits) = text.strip_prefix(['-', '−']).map_or(("", &*text), |digits| ("-", digits));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str, most| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole, 12) || !is_digits(rest, 6) || digits.ends_with('.') {
        return Err(AnswerError::NotANumber);
    }
    let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    let rest = rest.trim_end_matches('0');
    Ok(vec![match (whole, rest) {
        ("0", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        (whole, rest) => format!("{sign}{whole}.{rest}"),
    }])
}

/// Reads a day as browsers send it (ISO 8601).
fn day(sent: &str) -> Result<Vec<String>, AnswerError> {
    let text = clean_line(sent);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    parsed_day(&text)?;
    Ok(vec![text])
}

fn parsed_day(text: &str) -> Result<Date, AnswerError> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).map_err(|_| AnswerError::NotADay)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn question(kind: QuestionKind, required: bool) -> Question {
        let choices = if kind.has_choices() { "Bus\nTram, line 11\nOn foot" } else { "" };
        Question {
            id: QuestionId::new(),
            version: QuestionVersionId::new(),
            asked_of: AskedOf::Attendee,
            kind,
            text: "How do you come?".to_owned(),
            help: String::new(),
            purpose: "plan the buses".to_owned(),
            required,
            readers: AnswerReaders::Desk,
            choices: if choices.is_empty() { Choices::default() } else { Choices::parse(choices).expect("choices") },
            categories: Vec::new(),
        }
    }

    fn value(kind: QuestionKind, sent: &[&str]) -> Result<Vec<String>, AnswerError> {
        question(kind, false).answer(sent.iter().copied()).map(|answer| answer.map_or_else(Vec::new, |one| one.value))
    }

    #[test]
    fn each_kind_takes_its_answers_and_refuses_others() {
        use QuestionKind::{Date, LongText, Number, OneOf, ShortText, SomeOf, YesNo};
        for (kind, sent, kept) in [
            (ShortText, " by  bus ", "by bus"),
            (LongText, "by bus\r\nand on foot", "by bus\nand on foot"),
            (OneOf, "Tram, line 11", "Tram, line 11"),
            (Number, "007,50", "7.5"),
            (Number, "−3", "-3"),
            (Date, "2018-05-28", "2018-05-28"),
            (YesNo, "no", "no"),
        ] {
            assert_eq!(value(kind, &[sent]), Ok(vec![kept.to_owned()]), "{kind} {sent}");
        }
        for (kind, sent, error) in [
            (ShortText, "a\nb", AnswerError::Text(TextError::ControlCharacter)),
            (OneOf, "bus", AnswerError::NotOffered),
            (Number, "1e3", AnswerError::NotANumber),
            (Number, "1.", AnswerError::NotANumber),
            (Number, "1234567890123", AnswerError::NotANumber),
            (Date, "2018-02-29", AnswerError::NotADay),
            (Date, "28.5.2018", AnswerError::NotADay),
            (YesNo, "on", AnswerError::NotOffered),
        ] {
            assert_eq!(value(kind, &[sent]), Err(error), "{kind} {sent}");
        }
        assert_eq!(value(SomeOf, &["On foot", "Bus", "Bus"]), Ok(vec!["Bus".to_owned(), "On foot".to_owned()]));
        assert_eq!(value(SomeOf, &["Bus", "Plane"]), Err(AnswerError::NotOffered));
    }

    #[test]
    fn answers_are_read_as_people_say_them() {
        let words = |kind: QuestionKind, value: &[&str]| {
            kind.in_words(&value.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(words(QuestionKind::Date, &["2018-05-28"]), "Monday 28 May 2018");
        assert_eq!(words(QuestionKind::YesNo, &["no"]), "No");
        assert_eq!(words(QuestionKind::SomeOf, &["Bus", "On foot"]), "Bus; On foot");
    }

    #[test]
    fn only_a_required_question_needs_an_answer() {
        for kind in QuestionKind::ALL {
            assert_eq!(question(kind, true).answer([" "].into_iter().filter(|_| false)), Err(AnswerError::Missing));
            assert_eq!(question(kind, true).answer([""].into_iter()), Err(AnswerError::Missing), "{kind}");
            assert_eq!(question(kind, false).answer([""].into_iter()), Ok(None), "{kind}");
        }
    }

    #[test]
    fn choices_are_two_to_fifty_different_lines() {
        assert_eq!(Choices::parse(" Bus \n\nTram").map(|choices| choices.0), Ok(vec!["Bus".into(), "Tram".into()]));
        assert_eq!(Choices::parse("Bus"), Err(ChoicesError::Number(1)));
        assert_eq!(Choices::parse("Bus\n\n BUS"), Err(ChoicesError::Twice(2)));
        let long = format!("Bus\n{}", "x".repeat(101));
        assert_eq!(Choices::parse(&long), Err(ChoicesError::Text(2, TextError::TooLong(100))));
        let many: Vec<_> = (0..51).map(|number| number.to_string()).collect();
        assert_eq!(Choices::parse(&many.join("\n")), Err(ChoicesError::Number(51)));
    }

    proptest! {
        #[test]
        fn a_number_that_was_kept_is_kept_unchanged_again(sent in "-?[0-9]{1,12}([.,][0-9]{1,6})?") {
            let kept = number(&sent).expect("a number");
            prop_assert_eq!(number(&kept[0]), Ok(kept.clone()));
            let (one, other): (f64, f64) = (sent.replace(',', ".").parse().expect("it"), kept[0].parse().expect("it"));
            prop_assert!((one - other).abs() < 1e-3);
        }
    }
}
