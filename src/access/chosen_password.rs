//! A new password and its repetition, which two pages ask for.

use askama::Template;

use crate::{
    domain::{NewPassword, PasswordError},
    store::sites::conference_names,
    web::{App, Errors, Result, Submitted},
};

/// A new password that was typed twice in the same way.
pub struct ChosenPassword(pub NewPassword);

/// The error messages of the two password fields.
#[derive(Template)]
#[template(path = "access/password_errors.txt")]
enum ErrorMessage {
    Refused(PasswordError),
    NotRepeated,
}

impl ChosenPassword {
    /// Validates the fields `new-password` and `repeated-password`. A password is too easy to guess if it consists of
    /// the person's `email` and `name`, or of the names of the conferences.
    pub async fn validate(app: &App, form: &Submitted, email: &str, name: &str) -> Result<Result<Self, Errors>> {
        let names = conference_names(&mut *app.store.read().await?).await?;
        let known: Vec<&str> = [email, name].into_iter().chain(names.iter().map(String::as_str)).collect();
        let mut errors = Errors::default();
        let raw = form.get("new-password");
        match NewPassword::parse(raw, &known) {
            Ok(password) if raw == form.get("repeated-password") => return Ok(Ok(Self(password))),
            Ok(_) => errors.add("repeated-password", &ErrorMessage::NotRepeated),
            Err(error) => errors.add("new-password", &ErrorMessage::Refused(error)),
        }
        Ok(Err(errors))
    }
}
