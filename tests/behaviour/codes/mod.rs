//! Codes: invitations to a category, reduced fees, and places that are kept for an organisation.

mod applying;
mod at_once;
mod at_random;
mod organisers;
mod reserving;
mod wrongly;

use crate::{
    support::{Form, Page, Person, TestApp},
    waiting::{filled, open_form},
};

pub const CODES: &str = "/administration/leipzig-2018/codes";
const REGISTER: &str = "/leipzig-2018/register";

/// Adds a code for a category and returns the list of codes.
pub async fn makes(ada: &Person, code: &str, category: &str, change: impl FnOnce(Form) -> Form) -> Page {
    let new = ada.follows(&ada.opens(CODES).await, "New codes").await.form("Save");
    let page = ada.sends(change(new.fill("Code", code).choose("Category", category))).await;
    page.must_be(200).must_say("Saved.");
    page
}

/// Opens the settings of a code.
async fn code(ada: &Person, code: &str) -> Page {
    ada.follows(&ada.opens(CODES).await, code).await
}

/// Opens the form with the link of a code, fills it in for one person in this category, and sends it.
async fn sends_with(delegate: &Person, code: &str, name: &str, category: &str) -> Page {
    let page = delegate.opens(&format!("{REGISTER}?code={code}")).await;
    delegate.sends(filled(open_form(&page), name, category)).await
}

/// Lets only delegates with a code choose a category.
async fn invites_only(app: &TestApp, slug: &str) {
    sqlx::query("update category set access = 'code' where slug = $1").bind(slug).execute(&app.db).await.expect("it");
}

/// Returns the descriptions and amounts of what is owed for somebody.
async fn owed(app: &TestApp, name: &str) -> Vec<(String, i64)> {
    sqlx::query_as(
        "select description, amount_cents from charge join attendee on attendee.id = attendee_id where name = $1 order by charge.id",
    )
    .bind(name)
    .fetch_all(&app.db)
    .await
    .expect("the lines")
}

/// Returns the number of places that are taken in a category, those included that are kept.
async fn taken(app: &TestApp, slug: &str) -> i32 {
    sqlx::query_scalar("select taken from capacity join category on category.id = category_id where slug = $1")
        .bind(slug)
        .fetch_one(&app.db)
        .await
        .expect("a number")
}
