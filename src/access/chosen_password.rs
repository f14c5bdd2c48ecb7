//! A new password and its repetition, as two pages ask for them.

use askama::Template;

use crate::{
    domain::{NewPassword, PasswordError},
    web::{Errors, Submitted},
};

/// The password, typed twice alike.
pub struct ChosenPassword(pub NewPassword);

/// What is wrong with it, in words.
#[derive(Template)]
#[template(path = "access/password_words.txt")]
enum PasswordWords {
    Refused(PasswordError),
    NotRepeated,
}

impl ChosenPassword {
    /// Takes the fields `new-password` and `repeated-password`; `email` and `name` are the person's own.
    pub fn judge(form: &Submitted, email: &str, name: &str) -> Result<Self, Errors> {
        let mut errors = Errors::default();
        let raw = form.get("new-password");
        match NewPassword::parse(raw, email, name) {
            Ok(password) if raw == form.get("repeated-password") => return Ok(Self(password)),
            Ok(_) => errors.add("repeated-password", &PasswordWords::NotRepeated),
            Err(error) => errors.add("new-password", &PasswordWords::Refused(error)),
        }
        Err(errors)
    }
}
