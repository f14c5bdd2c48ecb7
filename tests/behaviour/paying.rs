//! Staff record payments and see what is open.

use super::{
    desk::opened,
    owing::{app_with_fees, two_filled, two_from_graz},
    registering::count,
};
use crate::support::{LEIPZIG, MailServer, Page, Person};

async fn amounts(staff: &Person) -> Page {
    staff.follows(&opened(staff, "Anna Gruber").await, "Lines and payments").await
}

async fn owed(staff: &Person, tab: &str) -> Page {
    let list = staff.follows(&staff.opens(&format!("/staff{LEIPZIG}/attendees")).await, "Payments").await;
    staff.follows(&list, tab).await
}

async fn records(staff: &Person, amount: &str) -> Page {
    let form = amounts(staff).await.form("Record").fill("Amount", amount).fill("Note", "Statement 12");
    staff.sends(form).await
}

#[tokio::test]
async fn staff_record_a_payment_and_the_contact_is_told() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    server.received(3).await;
    let staff = app.staff().await;
    let form = amounts(&staff).await.form("Record");
    assert_eq!(form.value("Amount"), "800.00", "what is open");
    let page = records(&staff, "300,50").await;
    page.must_say("Recorded.").must_say("EUR 499.50").must_say("Statement 12");
    let name = staff.account.clone().expect("an account").name;
    assert!(page.row("Statement 12").contains(&name), "{:?}", page.rows());
    let mails = server.received(4).await;
    let told = mails.iter().find(|mail| mail.subject().starts_with("We have received")).expect("a mail");
    assert_eq!(told.to, ["anna@graz.example"]);
    for words in ["EUR 300.50", "EUR 499.50", "DE89 3704 0044 0532 0130 00"] {
        assert!(told.text().contains(words), "{words}: {}", told.text());
    }
    assert!(!told.text().contains("Statement 12"), "the note is for staff");
    app.delegate().opens(&told.link("/manage/")).await.must_say("EUR 499.50").must_not_say("Statement 12");
    opened(&staff, "Anna Gruber").await.must_say("Payment recorded").must_say("EUR 300.50");
}

#[tokio::test]
async fn a_payment_form_that_is_sent_twice_records_one_payment() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let form = amounts(&staff).await.form("Record");
    staff.sends(form.clone()).await.must_say("Recorded.");
    staff.sends(form).await.must_say("Recorded.");
    assert_eq!(count(&app, "select count(*) from payment").await, 1);
    assert_eq!(count(&app, "select count(*) from message where kind = 'payment_recorded'").await, 1);
}

#[tokio::test]
async fn wrong_payments_get_their_errors() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let form = amounts(&staff).await.form("Record");
    let page = staff.sends(form.fill("Amount", "0").fill("Day", "2199-01-01").fill("Note", &"a".repeat(301))).await;
    page.must_be(422);
    let labels: Vec<_> = page.errors().into_iter().map(|(label, _)| label).collect();
    assert_eq!(labels, ["Amount", "Day", "Note"]);
    assert_eq!(page.form("Record").value("Amount"), "0");
    assert_eq!(count(&app, "select count(*) from payment").await, 0);
    staff
        .sends(page.form("Record").fill("Amount", "5").fill("Day", &app.today().to_string()).fill("Note", ""))
        .await
        .must_be(200);
}

#[tokio::test]
async fn a_mistaken_payment_is_reversed_by_another_row_and_the_contact_is_told() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let page = records(&staff, "800").await;
    page.must_say("EUR 0.00");
    let between = staff.follows(&page, "Reverse the payment of 800.00 …").await;
    between.must_say("Reverse the payment of EUR 800.00?");
    let reversing = between.form("Reverse");
    let page = staff.sends(reversing.clone()).await;
    page.must_say("Reversed.").must_say("Reversal of a mistaken payment");
    assert!(page.find_link("Reverse the payment of 800.00 …").is_none());
    let mails = server.received(5).await;
    let told = mails.iter().find(|mail| mail.subject().starts_with("Correction")).expect("a mail");
    assert!(told.text().contains("recorded by mistake") && told.text().contains("Open: EUR 800.00"), "{}", told.text());
    // Sent twice, it changes nothing.
    staff.sends(reversing).await.must_be(200);
    let rows: Vec<i64> = sqlx::query_scalar("select amount_cents from payment order by created_at")
        .fetch_all(&app.db)
        .await
        .expect("the payments");
    assert_eq!(rows, [80_000, -80_000]);
}

#[tokio::test]
async fn money_that_was_paid_back_counts_against_what_was_paid() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    records(&staff, "900").await.must_be(200);
    let form = amounts(&staff).await.form("Record").fill("Amount", "100").choose("Which way", "Paid back");
    staff.sends(form).await.must_say("EUR 800.00");
    assert_eq!(count(&app, "select paid_cents from balance").await, 80_000);
}

#[tokio::test]
async fn the_list_shows_what_is_open_what_was_paid_too_much_and_totals() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    let staff = app.staff().await;
    owed(&staff, "Open").await.must_say("Nobody has to pay anything");
    two_from_graz(&app).await;
    let vienna = app.delegate();
    let other = two_filled(&vienna).await.fill("Organisation", "City of Vienna");
    let other = other.fill_in("You", "E-mail", "anna@vienna.example");
    let other = other.fill_in("You", "Name", "Zora Wien").fill_in("Person 2", "Name", "Dora Huber");
    vienna.sends(other).await.must_say("You are registered");
    records(&staff, "300").await.must_be(200);
    let list = owed(&staff, "Open").await;
    list.must_say("2 registrations. Amounts are in EUR.");
    assert_eq!(list.row("City of Graz")[2..5], ["800.00", "300.00", "500.00"]);
    assert_eq!(list.row("City of Vienna")[2..5], ["800.00", "0.00", "800.00"]);
    assert_eq!(list.texts("tfoot td"), ["", "1,600.00", "300.00", "1,300.00", ""]);
    records(&staff, "600").await.must_be(200);
    assert!(!owed(&staff, "Open").await.says("City of Graz"));
    let list = owed(&staff, "Paid too much").await;
    assert_eq!(list.row("City of Graz")[2..5], ["800.00", "900.00", "−100.00"]);
    list.must_not_say("City of Vienna");
    assert_eq!(owed(&staff, "All").await.rows().len(), 2);
}

#[tokio::test]
async fn a_long_list_goes_on_on_the_next_page() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    sqlx::raw_sql(
        "with copies as (
             insert into registration (id, conference_id, reference, contact_name, contact_email, contact_telephone, organisation,
                 country, city, purchase_order, invoice_address, privacy_revision_id, submission_id, submission_hash, created_at)
             select gen_random_uuid(), conference_id, 'ABC-' || translate(lpad(n::text, 4, '0'), '01', 'XY'), 'Eva', 'eva@city.example', '', 'City ' || n,
                 country, city, '', '', privacy_revision_id, gen_random_uuid(), '\\x00', created_at
             from registration, generate_series(2, 106) n returning id, conference_id
         ), people as (
             insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised, job_title,
                 category_id, state, created_at)
             select copies.id, copies.conference_id, copies.id, 1, 'Eva', 'eva', copies.id || '@city.example', copies.id || '@city.example', '', category_id,
                 'confirmed', created_at from copies, attendee where name = 'Anna Gruber' returning id
         )
         insert into charge (id, conference_id, registration_id, attendee_id, kind, category_id, description, amount_cents, currency,
             vat_rate, created_at)
         select gen_random_uuid(), charge.conference_id, people.id, people.id, 'fee', category_id, description, 45000, currency, 0, created_at
         from people, charge where amount_cents = 45000",
    )
    .execute(&app.db)
    .await
    .expect("many registrations");
    let staff = app.staff().await;
    let first = owed(&staff, "Open").await;
    first.must_say("106 registrations");
    let second = staff.follows(&first, "Next page").await;
    assert_eq!((first.rows().len(), second.rows().len()), (100, 6));
    assert!(first.rows().iter().all(|row| !second.rows().contains(row)));
}

#[tokio::test]
async fn what_belongs_to_another_conference_is_not_found() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let path = amounts(&staff).await.path;
    sqlx::raw_sql(
        "insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on, time_zone,
             contact_email, contact_telephone, contact_fax)
         select gen_random_uuid(), 'venice-2019', 'Venice', theme, 'Venice', 'IT', venue, venue_url, hosts, '2019-06-13',
             '2019-06-14', time_zone, contact_email, contact_telephone, contact_fax from conference",
    )
    .execute(&app.db)
    .await
    .expect("a second conference");
    staff.tries(&path.replace("leipzig-2018", "venice-2019")).await.must_be(404);
}

#[tokio::test]
async fn a_form_that_has_recorded_a_payment_does_not_pass_another_one_over() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let form = amounts(&staff).await.form("Record");
    staff.sends(form.clone().fill("Amount", "10")).await.must_say("Recorded.");
    // As after the button Back.
    let page = staff.sends(form.fill("Amount", "20")).await;
    page.must_be(422).must_say("This form has already recorded a payment");
    staff.sends(page.form("Record")).await.must_say("Recorded.");
    assert_eq!(count(&app, "select sum(amount_cents)::bigint from payment").await, 3_000);
}

#[tokio::test]
async fn no_more_is_paid_back_than_was_paid() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    records(&staff, "100").await.must_say("Recorded.");
    let form = amounts(&staff).await.form("Record").choose("Which way", "Paid back").fill("Amount", "100.01");
    let page = staff.sends(form).await;
    page.must_be(422).must_say("EUR 100.01 cannot be paid back, because EUR 100.00 was paid");
    staff.sends(page.form("Record").fill("Amount", "100")).await.must_say("Recorded.");
    assert_eq!(count(&app, "select sum(amount_cents)::bigint from payment").await, 0);
}

#[tokio::test]
async fn whoever_cancels_after_somebody_else_is_told_that_nothing_was_changed() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let (staff, other) = (app.staff().await, app.staff().await);
    let ask = async |staff: &Person| {
        let page = staff.follows(&opened(staff, "Boris Maier").await, "Cancel …").await;
        page.form("Cancel the place").fill("Reason", "Ill").fill("Remains owed", "100")
    };
    let (first, second) = (ask(&staff).await, ask(&other).await.fill("Remains owed", "0"));
    staff.sends(first).await.must_say("Cancelled.");
    other.sends(second).await.must_say("Nothing was changed.").must_not_say("The mails about it");
    assert_eq!(count(&app, "select sum(amount_cents)::bigint from charge").await, 55_000);
}
