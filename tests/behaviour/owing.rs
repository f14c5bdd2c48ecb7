//! What is owed: lines on a registration, which are reversed and never changed.

use time::macros::datetime;

use super::{
    categories::{category, sets_account, sets_fee},
    desk::opened,
    registering::{count, form},
};
use crate::support::{Form, LEIPZIG, MailServer, Page, Person, TestApp};

/// The fee of a member city is 450, that of a university 350.
pub async fn app_with_fees(server: &MailServer) -> (TestApp, Person) {
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    let ada = app.administrator().await;
    sets_fee(&ada, "450").await;
    ada.sends(category(&ada, "University").await.form("Save").fill("Fee", "350")).await.must_be(200);
    (app, ada)
}

/// Fills in the form for Anna, a member city, and Boris, a university.
pub async fn two_filled(delegate: &Person) -> Form {
    let page = delegate.sends(form(delegate).await.forge("do", "add")).await;
    page.form("Register")
        .fill_in("You", "Name", "Anna Gruber")
        .fill_in("You", "E-mail", "anna@graz.example")
        .fill("Organisation", "City of Graz")
        .fill("City", "Graz")
        .choose("Country", "Austria")
        .fill("Purchase-order number", "PO 4711")
        .fill("Invoice address", "Town hall\nHauptplatz 1")
        .choose_in("Person 1:", "Category", "Member city: EUR 450.00")
        .fill_in("Person 2", "Name", "Boris Maier")
        .fill_in("Person 2", "E-mail", "boris@graz.example")
        .choose_in("Person 2", "Category", "University: EUR 350.00")
}

pub async fn two_from_graz(app: &TestApp) -> Page {
    let delegate = app.delegate();
    let page = delegate.sends(two_filled(&delegate).await).await;
    page.must_be(200).must_say("You are registered");
    page
}

/// Returns the lines: the attendee, the kind and the amount in cents.
async fn lines(app: &TestApp) -> Vec<(String, String, i64)> {
    sqlx::query_as("select attendee.name, kind, amount_cents from charge join attendee on attendee.id = attendee_id order by charge.id")
        .fetch_all(&app.db)
        .await
        .expect("the lines")
}

fn shown(lines: &[(String, String, i64)]) -> Vec<(&str, &str, i64)> {
    lines.iter().map(|(name, kind, amount)| (name.as_str(), kind.as_str(), *amount)).collect()
}

const BOTH: [(&str, &str, i64); 2] = [("Anna Gruber", "fee", 45_000), ("Boris Maier", "fee", 35_000)];

#[tokio::test]
async fn registering_writes_a_line_for_each_attendee_with_a_fee() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    assert_eq!(shown(&lines(&app).await), BOTH);
    let delegate = app.delegate();
    let free = form(&delegate).await;
    let free = free.fill_in("You", "Name", "Carla").fill_in("You", "E-mail", "carla@graz.example");
    let free = free.fill("Organisation", "City of Graz").fill("City", "Graz").choose("Country", "Austria");
    let page = delegate.sends(free.choose("Category", "Private organisation: free")).await;
    page.must_say("You are registered").must_not_say("EUR").must_not_say("IBAN");
    assert_eq!(count(&app, "select count(*) from charge").await, 2, "who owes nothing has no line");
}

#[tokio::test]
async fn the_contact_is_told_what_to_pay_and_attendees_see_no_amounts() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    let words = ["EUR 450.00", "EUR 350.00", "EUR 800.00", "DE89 3704 0044 0532 0130 00", "Major Cities of Europe"];
    let receipt = two_from_graz(&app).await;
    let contact = server.mail_to("anna@graz.example").await;
    let attendee = server.mail_to("boris@graz.example").await;
    let manage = app.delegate().opens(&contact.link("/manage/")).await;
    for words in words {
        assert!(contact.text().contains(words) && contact.html().contains(words), "{words}: {}", contact.text());
        manage.must_say(words);
        receipt.must_say(words);
    }
    for words in ["PO 4711", "Hauptplatz 1", "Please pay by:", "Quote:"] {
        assert!(contact.text().contains(words), "{words}: {}", contact.text());
    }
    manage.must_say("Please transfer EUR 800.00 by").must_say("Quote the reference");
    let own = app.delegate().opens(&attendee.link("/manage/")).await;
    for words in ["EUR", "IBAN", "owe"] {
        assert!(!attendee.text().contains(words), "{words}: {}", attendee.text());
        own.must_not_say(words);
    }
    let own = app.delegate().follows(&own, "Cancel for Boris Maier …").await;
    own.must_not_say("What you owe").must_say("What the terms say about cancelling");
}

#[tokio::test]
async fn a_fee_that_changes_while_somebody_fills_in_the_form_brings_it_back_with_both_amounts() {
    let server = MailServer::start().await;
    let (app, ada) = app_with_fees(&server).await;
    let delegate = app.delegate();
    let sent = two_filled(&delegate).await;
    ada.sends(category(&ada, "Member city").await.form("Save").fill("Fee", "480")).await.must_be(200);
    let page = delegate.sends(sent).await;
    page.must_be(422).must_say("A fee has changed").must_say("Member city: EUR 450.00 before, EUR 480.00 now");
    assert_eq!(page.form("Register").value_in("Person 2", "Name"), "Boris Maier", "everything is still there");
    assert_eq!(count(&app, "select count(*) from registration").await, 0);
    // Adding somebody does not hide the change.
    let added = delegate.sends(page.form("Add a colleague")).await;
    assert!(added.says("Person 3"));
    delegate.sends(page.form("Register")).await.must_say("You are registered");
    assert_eq!(lines(&app).await[0].2, 48_000);
}

#[tokio::test]
async fn a_change_is_told_even_if_the_form_was_shown_again_meanwhile() {
    let server = MailServer::start().await;
    let (app, ada) = app_with_fees(&server).await;
    let delegate = app.delegate();
    let first = form(&delegate).await;
    ada.sends(category(&ada, "Member city").await.form("Save").fill("Fee", "480")).await.must_be(200);
    let again = delegate.sends(first.forge("do", "add")).await;
    let again = delegate.sends(again.form("Remove person 2")).await.form("Register");
    let again = again.fill_in("You", "Name", "Anna").fill_in("You", "E-mail", "anna@graz.example");
    let again = again.fill("Organisation", "City of Graz").fill("City", "Graz").choose("Country", "Austria");
    let page = delegate.sends(again.choose("Category", "Member city: EUR 480.00")).await;
    page.must_be(422).must_say("Member city: EUR 450.00 before, EUR 480.00 now");
}

#[tokio::test]
async fn a_form_that_was_opened_while_nothing_had_a_fee_comes_back_with_the_fee() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let sent = crate::support::registration::filled(form(&app.delegate()).await, "Anna", "anna@graz.example");
    sets_fee(&ada, "450").await;
    let page = app.delegate().sends(sent).await;
    page.must_be(422).must_say("Member city: free before, EUR 450.00 now");
    assert_eq!(count(&app, "select count(*) from registration").await, 0);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_leads_to_its_registration_although_the_fee_has_changed() {
    let server = MailServer::start().await;
    let (app, ada) = app_with_fees(&server).await;
    let delegate = app.delegate();
    let sent = two_filled(&delegate).await;
    delegate.sends(sent.clone()).await.must_say("You are registered");
    ada.sends(category(&ada, "Member city").await.form("Save").fill("Fee", "480")).await.must_be(200);
    delegate.sends(sent).await.must_say("You are registered");
    assert_eq!(shown(&lines(&app).await), BOTH);
}

#[tokio::test]
async fn the_early_fee_is_owed_by_those_who_register_in_time_and_stays_agreed() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_account(&ada).await;
    let saved = category(&ada, "Member city").await.form("Save").fill("Fee", "450").fill("Early fee", "400");
    ada.sends(saved.fill("Early fee until", "2090-03-01T00:00")).await.must_be(200);
    let delegate = app.delegate();
    let sent = form(&delegate).await.fill_in("You", "Name", "Anna").fill_in("You", "E-mail", "anna@graz.example");
    let sent = sent.fill("Organisation", "City of Graz").fill("City", "Graz").choose("Country", "Austria");
    let sent = sent.choose("Category", "Member city: EUR 400.00");
    delegate.sends(sent.clone()).await.must_say("Early fee, Member city: EUR 400.00");
    let staff = app.staff().await;
    let page = staff.follows(&opened(&staff, "Anna").await, "Cancel …").await;
    let cancelling = page.form("Cancel the place").fill("Reason", "Ill").fill("Remains owed", "0");
    staff.sends(cancelling).await.must_say("Cancelled.");
    app.it_is(datetime!(2090-03-02 0:00 UTC));
    // The login of the staff has ended by then.
    let staff = app.staff().await;
    let page = staff.follows(&opened(&staff, "Anna").await, "Undo the cancellation …").await;
    staff.sends(page.form("Undo the cancellation")).await.must_say("The cancellation is undone.");
    let lines = lines(&app).await;
    assert_eq!(shown(&lines), [("Anna", "fee", 40_000), ("Anna", "reversal", -40_000), ("Anna", "fee", 40_000)]);
}

#[tokio::test]
async fn a_delegates_cancellation_leaves_what_is_owed_and_says_that_the_terms_apply() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let anna = app.delegate();
    let manage = server.mail_to("anna@graz.example").await.link("/manage/");
    let page = anna.follows(&anna.opens(&manage).await, "Cancel for Boris Maier …").await;
    page.must_say("What you owe stays as it is for now. The terms apply, and we tell you what remains owed.");
    page.must_say("What the terms say about cancelling").must_say("decides what remains owed");
    let page = anna.sends(page.form("Yes, cancel")).await;
    page.must_say("Cancelled.").must_say("EUR 800.00");
    assert_eq!(shown(&lines(&app).await), BOTH);
    // Three confirmations, then the contact's cancellation, Boris's and that of operations.
    let mails = server.received(6).await;
    let cancelled = |to: &str| {
        mails.iter().find(|mail| mail.to == [to] && mail.subject().starts_with("Cancelled")).expect("a mail").text()
    };
    assert!(cancelled("anna@graz.example").contains("we will tell you what remains owed"));
    assert!(!cancelled("boris@graz.example").contains("owe"));
}

#[tokio::test]
async fn staff_set_what_remains_owed_when_they_cancel() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let page = staff.follows(&opened(&staff, "Boris Maier").await, "Cancel …").await;
    page.must_say("From 0 to the fee, EUR 450.00 for each person who is cancelled");
    for (typed, error) in [
        ("", "If nothing remains owed, give 0"),
        ("half", "as in 450 or 450.00"),
        ("350.01", "at most the fee, EUR 350.00"),
    ] {
        let page = staff.sends(page.form("Cancel the place").fill("Reason", "Ill").fill("Remains owed", typed)).await;
        page.must_be(422);
        assert!(page.error_beside("Remains owed").is_some_and(|words| words.contains(error)), "{:?}", page.errors());
    }
    assert_eq!(shown(&lines(&app).await), BOTH);
    let page = staff.sends(page.form("Cancel the place").fill("Reason", "Ill").fill("Remains owed", "100")).await;
    page.must_say("Cancelled.").must_say("What remains owed was set").must_say("350.00");
    let after = [("Boris Maier", "reversal", -35_000), ("Boris Maier", "remaining", 10_000)];
    assert_eq!(shown(&lines(&app).await), [BOTH.as_slice(), &after].concat());
    let mails = server.received(6).await;
    let told = mails.iter().find(|mail| mail.to == ["anna@graz.example"] && mail.subject().starts_with("Cancelled"));
    let told = told.expect("a mail to the contact").text();
    assert!(told.contains("EUR 550.00") && !told.contains("we will tell you"), "{told}");
}

#[tokio::test]
async fn when_all_are_cancelled_each_owes_at_most_their_own_fee() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let page = staff.follows(&opened(&staff, "Boris Maier").await, "Cancel …").await;
    let all = page.form("Cancel the place").fill("Reason", "Ill").fill("Remains owed", "400").forge("who", "all");
    staff.sends(all).await.must_say("Cancelled.");
    let after = [("Anna Gruber", "reversal", -45_000), ("Anna Gruber", "remaining", 40_000)];
    let lines = lines(&app).await;
    assert_eq!(shown(&lines), [BOTH.as_slice(), &after].concat(), "Boris still owes his 350");
}

#[tokio::test]
async fn staff_set_what_remains_owed_afterwards_and_the_contact_is_told() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let page = opened(&staff, "Boris Maier").await;
    assert_eq!(page.find_link("Set what remains owed …"), None, "he is coming");
    let anna = app.delegate();
    let manage = server.mail_to("anna@graz.example").await.link("/manage/");
    let page = anna.follows(&anna.opens(&manage).await, "Cancel for Boris Maier …").await;
    anna.sends(page.form("Yes, cancel")).await.must_be(200);
    server.received(6).await;

    let page = staff.follows(&opened(&staff, "Boris Maier").await, "Set what remains owed …").await;
    let wrong = staff.sends(page.form("Save").fill("Remains owed", "400")).await;
    wrong.must_be(422);
    let labels: Vec<_> = wrong.errors().into_iter().map(|(label, _)| label).collect();
    assert_eq!(labels, ["Remains owed", "Reason"]);
    let filled = page.form("Save").fill("Remains owed", "0").fill("Reason", "He was ill.");
    let done = staff.sends(filled.clone()).await;
    done.must_say("The contact is told by e-mail what remains owed").must_say("EUR 450.00");
    let mails = server.received(7).await;
    let told = mails.iter().find(|mail| mail.subject().starts_with("What remains owed")).expect("a mail");
    assert_eq!(told.to, ["anna@graz.example"]);
    assert!(told.text().contains("Boris Maier, EUR 0.00") && told.text().contains("EUR 450.00"), "{}", told.text());
    let history = opened(&staff, "Boris Maier").await;
    history.must_say("What remains owed was set").must_say("He was ill.");
    // Sent twice, it changes nothing.
    staff.sends(filled).await.must_be(200);
    assert_eq!(count(&app, "select count(*) from message where kind = 'remaining_set'").await, 1);
    assert_eq!(count(&app, "select sum(amount_cents)::bigint from charge").await, 45_000);
}

#[tokio::test]
async fn undoing_a_cancellation_writes_what_was_agreed_again() {
    let server = MailServer::start().await;
    let (app, ada) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let staff = app.staff().await;
    let page = staff.follows(&opened(&staff, "Boris Maier").await, "Cancel …").await;
    staff.sends(page.form("Cancel the place").fill("Reason", "Ill").fill("Remains owed", "100")).await.must_be(200);
    ada.sends(category(&ada, "University").await.form("Save").fill("Fee", "500")).await.must_be(200);
    let page = staff.follows(&opened(&staff, "Boris Maier").await, "Undo the cancellation …").await;
    staff.sends(page.form("Undo the cancellation")).await.must_say("The cancellation is undone.");
    let lines = lines(&app).await;
    let after = [
        ("Boris Maier", "reversal", -35_000),
        ("Boris Maier", "remaining", 10_000),
        ("Boris Maier", "reversal", -10_000),
        ("Boris Maier", "fee", 35_000),
    ];
    assert_eq!(shown(&lines), [BOTH.as_slice(), &after].concat());
}

const PAYMENT: &str = "insert into payment (id, conference_id, registration_id, amount_cents, paid_on, account_id, created_at)
    select gen_random_uuid(), conference_id, registration_id, 100, current_date, account.id, now() from charge, account limit 1";

#[tokio::test]
async fn lines_and_payments_are_never_changed_and_a_reversal_ends_a_whole_line_once() {
    let server = MailServer::start().await;
    let (app, _) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let reversal =
        "insert into charge (id, conference_id, registration_id, attendee_id, kind, category_id, description,
            amount_cents, currency, vat_rate, reverses_id, created_at)
        select gen_random_uuid(), conference_id, registration_id, attendee_id, 'reversal', category_id, description,
            -amount_cents, currency, vat_rate, id, now() from charge where kind = 'fee' and amount_cents = 45000";
    for (statement, error) in [
        ("update charge set amount_cents = 1", "reversed, not changed"),
        ("delete from charge", "reversed, not deleted"),
        ("truncate charge", "reversed, not changed"),
        (PAYMENT, ""),
        ("delete from payment", "reversed, not deleted"),
        (&*reversal.replace("-amount_cents,", "-1,"), "charge_reverses"),
        (&*reversal.replace("'reversal'", "'fee'"), "charge_"),
        (&*reversal.replace("currency, vat_rate, id", "'CHF', vat_rate, id"), "charge_currency"),
        (reversal, ""),
        (reversal, "charge_reversed_once"),
    ] {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&app.db).await;
        let said = done.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(said.contains(error) && said.is_empty() == error.is_empty(), "{statement}: {said}");
    }
}

#[tokio::test]
async fn the_currency_stays_once_amounts_are_owed_in_it() {
    let server = MailServer::start().await;
    let (app, ada) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let page = ada.opens(&format!("/administration{LEIPZIG}/payments")).await;
    let page = ada.sends(page.form("Save").choose("Currency", "CHF")).await;
    page.must_be(422);
    assert!(page.error_beside("Currency").is_some_and(|words| words.contains("already owe")), "{:?}", page.errors());
}

#[tokio::test]
async fn a_category_for_which_somebody_owed_a_fee_is_not_removed() {
    let server = MailServer::start().await;
    let (app, ada) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let page = ada.follows(&category(&ada, "University").await, "Remove …").await;
    page.must_say("University cannot be removed");
}

#[tokio::test]
async fn a_conference_without_fees_shows_nobody_any_amounts() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    let page = crate::support::registration::registers(&app.delegate(), "Anna", "anna@graz.example").await;
    let mail = server.mail_to("anna@graz.example").await;
    let manage = app.delegate().opens(&mail.link("/manage/")).await;
    let between = app.delegate().follows(&manage, "Cancel the registration …").await;
    for words in ["EUR", "IBAN", "What you owe"] {
        page.must_not_say(words);
        manage.must_not_say(words);
        between.must_not_say(words);
        assert!(!mail.text().contains(words));
    }
    let staff = app.staff().await;
    let page = opened(&staff, "Anna").await;
    page.must_not_say("EUR").must_not_say("Payments");
    staff.follows(&page, "Cancel …").await.must_not_say("Remains owed");
}

#[tokio::test]
async fn a_person_who_is_added_later_owes_the_fee_that_the_form_showed() {
    let server = MailServer::start().await;
    let (app, ada) = app_with_fees(&server).await;
    two_from_graz(&app).await;
    let anna = app.delegate();
    let manage = server.mail_to("anna@graz.example").await.link("/manage/");
    let form = anna.follows(&anna.opens(&manage).await, "Add a person …").await.form("Add this person");
    let form = form.fill("Name", "Carla Huber").fill("E-mail", "carla@graz.example");
    let form = form.choose("Category", "University: EUR 350.00");
    ada.sends(category(&ada, "University").await.form("Save").fill("Fee", "380")).await.must_be(200);
    let page = anna.sends(form).await;
    page.must_be(422);
    let error = page.error_beside("Category").unwrap_or_default();
    assert!(error.contains("EUR 350.00 before, EUR 380.00 now"), "{error}");
    assert_eq!(count(&app, "select count(*) from attendee").await, 2);
    anna.sends(page.form("Add this person")).await.must_be(200).must_say("EUR 1,180.00");
    let lines = lines(&app).await;
    assert_eq!(shown(&lines), [BOTH.as_slice(), &[("Carla Huber", "fee", 38_000)]].concat());
}
