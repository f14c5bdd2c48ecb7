//! Fees, what is owed and payments, for delegates and staff.

use super::{one, tour};
use crate::support::{
    LEIPZIG, TestApp,
    registration::{filled, form},
    secret,
};

/// Sets fees, and registers Anna, who pays, and Ben, who cancels.
async fn fees(app: &TestApp) {
    sqlx::raw_sql(
        "update registration_settings set account_holder = 'Major Cities of Europe', iban = 'DE89370400440532013000', bic = 'COBADEFFXXX',
             bank = 'Commerzbank', vat_rate = 1900, vat_wording = 'All fees include 19 % VAT.';
         update category set fee_cents = 45000, early_fee_cents = 39000, early_until = '2090-03-01', audience = 'Cities that are members',
             description = 'With the dinner and all materials' where slug = 'member-city';
         update category set fee_cents = 125000 where slug = 'private'",
    )
    .execute(&app.db)
    .await
    .expect("fees");
    for (name, email) in [("Anna Gruber", "anna@graz.example"), ("Ben Huber", "ben@graz.example")] {
        let delegate = app.delegate();
        let form = form(&delegate).await.fill_in("You", "Name", name).fill_in("You", "E-mail", email);
        let form = form.fill("Organisation", "City of Graz").fill("City", "Graz").choose("Country", "Austria");
        delegate.sends(form.choose("Category", "Member city: EUR 390.00")).await.must_say("You are registered");
    }
}

/// Creates the contact's manage link for the registration of this attendee, and returns its path.
async fn manage(app: &TestApp, name: &str) -> String {
    let (secret, hash) = secret();
    sqlx::query(
        "insert into link (id, conference_id, hash, purpose, registration_id)
         select gen_random_uuid(), conference_id, $1, 'manage', registration_id from attendee where name = $2",
    )
    .bind(hash)
    .bind(name)
    .execute(&app.db)
    .await
    .expect("a link");
    format!("/manage/{secret}")
}

#[tokio::test]
async fn the_pages_with_fees_pass_all_checks_for_delegates() {
    let app = TestApp::start().await;
    let before = filled(form(&app.delegate()).await, "Carla", "carla@graz.example");
    fees(&app).await;
    // Opened while nothing had a fee.
    app.delegate().sends(before).await.must_be(422).must_say("A fee has changed");
    let manage = manage(&app, "Ben Huber").await;
    let db = app.db.clone();
    tour(&app, None, async move |mut tour| {
        tour.opens("register-fees", &format!("{LEIPZIG}/register")).await;
        tour.browser.fills_in("You", "Name", "Dora Novak").await;
        tour.browser.fills_in("You", "E-mail", "dora@graz.example").await;
        tour.browser.fills("Organisation", "City of Graz").await;
        tour.browser.fills("City", "Graz").await;
        tour.browser.chooses("Country", "Austria").await;
        tour.browser.chooses("Category", "Member city: EUR 390.00").await;
        sqlx::raw_sql("update category set early_fee_cents = 40000 where early_fee_cents is not null")
            .execute(&db)
            .await
            .expect("a new fee");
        tour.browser.clicks("Register").await;
        tour.browser.sees("EUR 390.00 before").await;
        tour.checks("register-fee-changed").await;
        tour.browser.clicks("Register").await;
        tour.browser.sees("Please transfer EUR 400.00").await;
        tour.checks("registered-fees").await;
        tour.opens("terms", &format!("{LEIPZIG}/pages/terms")).await;
        tour.opens("manage-fees", &manage).await;
        tour.opens("manage-cancel-fees", &format!("{manage}/cancel")).await;
        tour.browser.clicks("Yes, cancel").await;
        tour.browser.sees("If a cancellation changes what you owe").await;
        tour.checks("manage-cancelled-fees").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn the_pages_with_amounts_pass_all_checks_at_the_desk() {
    let app = TestApp::start().await;
    fees(&app).await;
    let anna = one(&app, "select registration_id::text from attendee where name = 'Anna Gruber'").await;
    let ben = one(&app, "select id::text from attendee where name = 'Ben Huber'").await;
    let category = one(&app, "select id::text from category where slug = 'member-city'").await;
    let attendee = format!("/staff{LEIPZIG}/attendees/{ben}");
    let amounts = format!("/staff{LEIPZIG}/registrations/{anna}/amounts");
    let owed = format!("/staff{LEIPZIG}/owed");
    tour(&app, Some("administrator"), async move |mut tour| {
        tour.opens("owed-overpaid-none", &format!("{owed}?show=overpaid")).await;
        tour.opens("owed-open", &owed).await;
        tour.opens("amounts", &amounts).await;
        tour.browser.fills("Amount", "nothing").await;
        tour.browser.clicks("Record").await;
        tour.browser.sees("attention").await;
        tour.checks("amounts-wrong").await;
        tour.browser.fills("Amount", "400").await;
        tour.browser.fills("Note", "Statement 12").await;
        tour.browser.clicks("Record").await;
        tour.browser.sees("Recorded.").await;
        tour.checks("amounts-recorded").await;
        tour.opens("owed-overpaid", &format!("{owed}?show=overpaid")).await;
        tour.browser.opens(&amounts).await;
        tour.browser.clicks("Reverse the payment of 400.00 …").await;
        tour.browser.sees("Reverse the payment of EUR 400.00?").await;
        tour.checks("payment-reverse").await;
        tour.browser.clicks("Reverse").await;
        tour.browser.sees("Reversal of a mistaken payment").await;
        tour.checks("amounts-reversed").await;
        tour.opens("attendee-fees", &attendee).await;
        tour.opens("attendee-cancel-fees", &format!("{attendee}/cancel")).await;
        tour.browser.clicks("Cancel the place").await;
        tour.browser.sees("attention").await;
        tour.checks("attendee-cancel-fees-wrong").await;
        tour.browser.fills("Remains owed", "100").await;
        tour.browser.fills("Reason", "Ill").await;
        tour.browser.clicks("Cancel the place").await;
        tour.browser.sees("What remains owed was set").await;
        tour.checks("attendee-cancelled-fees").await;
        tour.presses("remaining-wrong", &format!("{attendee}/remaining"), "Save", "attention").await;
        tour.opens("category-remove-used", &format!("/administration{LEIPZIG}/categories/{category}/remove")).await;
        tour
    })
    .await;
}
