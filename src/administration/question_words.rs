//! What questions say of themselves, in words.

use askama::Template;

use crate::domain::{AnswerReaders, AskedOf, QuestionKind};

/// How a question is answered, by whom, and who sees the answers.
#[derive(Template)]
#[template(path = "administration/question_words.txt")]
pub enum Words {
    /// How it is answered.
    Kind(QuestionKind),
    /// Who answers it.
    AskedOf(AskedOf),
    /// Who sees the answers.
    Readers(AnswerReaders),
}

impl Words {
    /// Returns the words.
    pub fn text(&self) -> String {
        self.render().expect("rendering words cannot fail")
    }
}
