//! A new password and its repetition, as two pages ask for them.

use askama::Template;

use crate::{
    domain::{NewPassword, PasswordError},
    store::sites::conference_names,
    web::{App, Errors, Result, Submitted},
};

/// The password, typed twice alike.
pub struct ChosenPassword(pub NewPassword);

/// The error messages of this form.
#[derive(Template)]
#[template(path = "access/password_errors.txt")]
enum ErrorMessage {
    Refused(PasswordError),
    NotRepeated,
}

impl ChosenPassword {
    /// Takes the fields `new-password` and `repeated-password`; `email` and `name` are the person's own, which make a
    /// password easy to guess, as the names of the conferences do.
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
