//! Registering as most tests do it: one person who attends alone.

use super::{Form, LEIPZIG, Page, Person};

/// Opens the registration form.
pub async fn form(delegate: &Person) -> Form {
    delegate.opens(&format!("{LEIPZIG}/register")).await.form("Register")
}

/// Fills in all required fields for one person who attends alone.
pub fn filled(form: Form, name: &str, email: &str) -> Form {
    form.fill_in("You", "Name", name)
        .fill_in("You", "E-mail", email)
        .fill("Organisation", "City of Graz")
        .fill("City", "Graz")
        .choose("Country", "Austria")
        .choose_in("Person 1:", "Category", "Member city")
}

/// Registers one person and returns the next page.
pub async fn registers(delegate: &Person, name: &str, email: &str) -> Page {
    delegate.sends(filled(form(delegate).await, name, email)).await
}
