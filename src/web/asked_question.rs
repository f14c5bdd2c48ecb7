//! A question that organisers have added to the registration form, as a field (`templates/parts/question.html`).

use askama::Template;

use crate::domain::Question;

/// A question as the page shows it.
pub struct AskedQuestion {
    /// The name of its field.
    pub field: String,
    /// The question.
    pub question: Question,
    /// The help, for whom it is, and what the answers are used for.
    pub hint: String,
}

/// The hint below a question.
#[derive(Template)]
#[template(path = "parts/question_hint.txt")]
struct Hint<'a> {
    question: &'a Question,
    /// The categories whose delegates are asked, if the page cannot know whether this person is in one of them.
    only_for: Vec<&'a str>,
}

impl AskedQuestion {
    /// Shows a question. `only_for` names the categories whose delegates are asked, where the form asks others, too.
    pub fn new(field: String, question: &Question, only_for: Vec<&str>) -> Self {
        let hint = Hint { question, only_for }.render().expect("rendering a hint cannot fail");
        Self { field, question: question.clone(), hint: hint.trim().to_owned() }
    }

    /// Whether it need not be answered.
    pub fn is_optional(&self) -> bool {
        !self.question.required
    }

    /// Returns the choices, each with its words as its value.
    pub fn choices(&self) -> impl Iterator<Item = (&str, &str)> {
        self.question.choices.as_slice().iter().map(|choice| (choice.as_str(), choice.as_str()))
    }
}
