//! Organisers say what a category is, who it is for, what it costs, and when and by whom it can be chosen.

use time::macros::datetime;

use crate::support::{
    LEIPZIG, Page, Person, TestApp,
    registration::{filled, form, registers},
};

fn settings() -> String {
    format!("/administration{LEIPZIG}")
}

/// Opens the settings of a category.
pub async fn category(person: &Person, name: &str) -> Page {
    person.follows(&person.opens(&settings()).await, name).await
}

/// Sets the account that fees are paid to.
pub async fn sets_account(person: &Person) {
    let form = person.opens(&format!("{}/payments", settings())).await.form("Save");
    let form = form.fill("Account holder", "Major Cities of Europe").fill("IBAN", "DE89 3704 0044 0532 0130 00");
    person.sends(form).await.must_be(200).must_say("Saved");
}

/// Sets the account and the fee of member cities.
pub async fn sets_fee(person: &Person, fee: &str) {
    sets_account(person).await;
    person.sends(category(person, "Member city").await.form("Save").fill("Fee", fee)).await.must_be(200);
}

async fn run_sql(app: &TestApp, statement: &'static str) -> Result<(), String> {
    sqlx::raw_sql(statement).execute(&app.db).await.map(|_| ()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_form_says_what_a_category_is_and_who_it_is_for() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = category(&olga, "University").await.form("Save");
    let form = form.fill("Description", "With a ticket for the dinner").fill("Who it is for", "Teachers and students");
    olga.sends(form).await.must_be(200).must_say("Saved");
    let page = app.delegate().opens(&format!("{LEIPZIG}/register")).await;
    page.must_say("For: Teachers and students").must_say("With a ticket for the dinner");
    page.must_not_say("EUR").must_not_say("free");
    let form = category(&olga, "University").await.form("Save").fill("Description", &"a".repeat(301));
    let page = olga.sends(form).await;
    assert_eq!(page.error_beside("Description").as_deref(), Some("Use at most 300 characters"));
}

#[tokio::test]
async fn a_fee_is_read_as_people_type_it_and_shown_on_the_form() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_account(&ada).await;
    for typed in ["450", "450.00", "450,00"] {
        ada.sends(category(&ada, "Member city").await.form("Save").fill("Fee", typed)).await.must_be(200);
        assert_eq!(category(&ada, "Member city").await.form("Save").value("Fee"), "450.00", "{typed}");
    }
    assert_eq!(ada.opens(&settings()).await.row("Member city")[2], "450.00");
    let page = app.delegate().opens(&format!("{LEIPZIG}/register")).await;
    let choices = page.form("Register").choices("Category");
    assert!(choices.contains(&"Member city: EUR 450.00".to_owned()), "{choices:?}");
    assert!(choices.contains(&"University: free".to_owned()), "{choices:?}");
    page.must_say("Categories and fees");
}

#[tokio::test]
async fn the_early_fee_holds_until_its_date() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_account(&ada).await;
    let form = category(&ada, "Member city").await.form("Save").fill("Fee", "450").fill("Early fee", "350");
    ada.sends(form.fill("Early fee until", "2030-03-01T00:00")).await.must_be(200);
    app.it_is(datetime!(2030-02-28 22:59 UTC));
    let page = app.delegate().opens(&format!("{LEIPZIG}/register")).await;
    page.must_say("EUR 350.00 up to Thursday 28 February 2030, then EUR 450.00");
    assert!(page.form("Register").offers("Category", "Member city: EUR 350.00"));
    app.it_is(datetime!(2030-02-28 23:00:01 UTC));
    let page = app.delegate().opens(&format!("{LEIPZIG}/register")).await;
    assert!(page.form("Register").offers("Category", "Member city: EUR 450.00"));
}

#[tokio::test]
async fn wrong_amounts_and_times_of_a_category_get_their_errors() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sets_account(&ada).await;
    let form = || async { category(&ada, "Member city").await.form("Save") };
    for (fields, label, words) in [
        (vec![("Fee", "free")], "Fee", "as in 450 or 450.00"),
        (vec![("Fee", "-5")], "Fee", "as in 450 or 450.00"),
        (
            vec![("Fee", "450"), ("Early fee", "450"), ("Early fee until", "2030-03-01T00:00")],
            "Early fee",
            "lower than the fee",
        ),
        (vec![("Fee", "450"), ("Early fee", "350")], "Early fee until", "until which the early fee holds"),
        (vec![("Fee", "450"), ("Early fee until", "2030-03-01T00:00")], "Early fee", "or leave its date empty"),
        (vec![("Opens", "2030-03-01T00:00"), ("Closes", "2030-03-01T00:00")], "Closes", "after the opening time"),
    ] {
        let filled = fields.iter().fold(form().await, |form, (label, text)| form.fill(label, text));
        let page = ada.sends(filled).await;
        page.must_be(422);
        assert!(page.error_beside(label).is_some_and(|error| error.contains(words)), "{label}: {:?}", page.errors());
        assert_eq!(page.errors().len(), 1);
        for (label, text) in fields {
            assert_eq!(page.form("Save").value(label), text, "what was typed is still there");
        }
    }
}

#[tokio::test]
async fn the_database_refuses_wrong_fees_and_times_itself() {
    let app = TestApp::start().await;
    sets_account(&app.administrator().await).await;
    for (statement, constraint) in [
        ("update category set fee_cents = -1", "category_fee_range"),
        (
            "update category set fee_cents = 100, early_fee_cents = 100, early_until = now()",
            "category_early_fee_below_fee",
        ),
        (
            "update category set fee_cents = 100, early_fee_cents = -1, early_until = now()",
            "category_early_fee_not_negative",
        ),
        ("update category set fee_cents = 100, early_fee_cents = 50", "category_early_fee_has_date"),
        ("update category set fee_cents = 100, early_until = now()", "category_early_fee_has_date"),
        ("update category set opens = now(), closes = now()", "category_window_in_order"),
        ("update category set access = 'nobody'", "category_access_known"),
        ("update registration_settings set iban = null; ", ""),
        ("update category set fee_cents = 100", "fee_needs_account"),
    ] {
        let error = run_sql(&app, statement).await.err().unwrap_or_default();
        assert!(
            error.contains(constraint) || constraint == "fee_needs_account" && error.contains("could not pay"),
            "{statement}: {error}"
        );
        assert_eq!(error.is_empty(), constraint.is_empty(), "{statement}");
    }
}

#[tokio::test]
async fn a_category_is_on_the_form_only_between_its_opening_and_its_closing() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let saved = category(&ada, "Member city").await.form("Save");
    ada.sends(saved.fill("Opens", "2030-03-01T09:00").fill("Closes", "2030-04-01T09:00")).await.must_be(200);
    let offered = || async {
        app.delegate().opens(&format!("{LEIPZIG}/register")).await.form("Register").offers("Category", "Member city")
    };
    app.it_is(datetime!(2030-03-01 7:59:59 UTC));
    assert!(!offered().await);
    app.it_is(datetime!(2030-03-01 8:00:01 UTC));
    assert!(offered().await);
    let late = filled(form(&app.delegate()).await, "Anna", "anna@graz.example");
    let early = late.clone();
    // Somebody whose form was opened in time and is sent too late.
    app.it_is(datetime!(2030-04-01 7:00:01 UTC));
    assert!(!offered().await);
    let page = app.delegate().sends(late).await;
    page.must_be(422);
    assert!(
        page.error_beside("Category").is_some_and(|words| words.contains("in this category has closed")),
        "{:?}",
        page.errors()
    );
    assert_eq!(page.form("Register").value("Category"), "Member city (closed)", "the choice is still there");
    app.it_is(datetime!(2030-03-01 7:00 UTC));
    let page = app.delegate().sends(early).await;
    assert!(
        page.error_beside("Category").is_some_and(|words| words.contains("cannot be chosen yet")),
        "{:?}",
        page.errors()
    );
}

#[tokio::test]
async fn while_every_category_is_closed_the_page_says_when_registration_opens_or_closed() {
    let app = TestApp::start().await;
    run_sql(&app, "update category set opens = '2030-03-01 08:00+00', closes = '2030-04-01 08:00+00'")
        .await
        .expect("times");
    app.it_is(datetime!(2030-02-01 8:00 UTC));
    let page = app.delegate().opens(&format!("{LEIPZIG}/register")).await;
    page.must_say("Registration opens on Friday 1 March 2030, 09:00");
    app.it_is(datetime!(2030-05-01 8:00 UTC));
    let page = app.delegate().opens(&format!("{LEIPZIG}/register")).await;
    page.must_say("Registration closed on Monday 1 April 2030, 10:00");
}

#[tokio::test]
async fn a_category_that_nobody_is_in_can_be_removed() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let page = olga.follows(&category(&olga, "University").await, "Remove …").await;
    page.must_say("Nobody is in this category");
    olga.sends(page.form("Remove")).await.must_be(200).must_say("The category is removed");
    olga.opens(&settings()).await.must_not_say("University");
    assert!(!form(&app.delegate()).await.offers("Category", "University"));
    let audited: i64 = sqlx::query_scalar("select count(*) from audit where kind = 'category_removed'")
        .fetch_one(&app.db)
        .await
        .expect("a count");
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn a_category_that_somebody_is_in_says_so_and_stays() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let page = ada.follows(&category(&ada, "Member city").await, "Remove …").await;
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_be(200);
    let page = ada.sends(page.form("Remove")).await;
    page.must_be(409).must_say("Member city cannot be removed").must_say("One attendee is in this category");
    ada.follows(&page, "See the attendees").await.must_say("Anna");
    run_sql(&app, "update attendee set state = 'cancelled', cancelled_at = now()").await.expect("a cancellation");
    let page = ada.follows(&category(&ada, "Member city").await, "Remove …").await;
    page.must_say("also after the cancellation");
    assert!(!page.has_form("Remove"));
}

#[tokio::test]
async fn a_form_with_a_category_that_was_removed_meanwhile_gets_a_clear_error() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example");
    let page = ada.follows(&category(&ada, "Member city").await, "Remove …").await;
    ada.sends(page.form("Remove")).await.must_be(200);
    let page = app.delegate().sends(sent).await;
    page.must_be(422);
    assert_eq!(page.error_beside("Category").as_deref(), Some("Choose one of the entries in the list"));
}

#[tokio::test]
async fn two_people_who_change_a_category_at_once_lose_nothing() {
    let app = TestApp::start().await;
    let (ada, olga) = (app.administrator().await, app.organiser().await);
    let slow = category(&olga, "University").await.form("Save").fill("Who it is for", "Students");
    let quick = category(&ada, "University").await.form("Save").fill("Places", "20");
    ada.sends(quick).await.must_be(200);
    let page = olga.sends(slow).await;
    page.must_be(409).must_say("while you were typing");
    olga.sends(page.form("Save")).await.must_be(200);
    let form = category(&ada, "University").await.form("Save");
    assert_eq!((form.value("Places").as_str(), form.value("Who it is for").as_str()), ("20", "Students"));
}

#[tokio::test]
async fn organisers_set_categories_and_see_no_accounts() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let page = olga.opens("/administration").await;
    page.must_not_say("Accounts and roles").must_not_say("Invite somebody");
    assert_eq!(page.find_link("Attendees of Leipzig 2018"), None);
    olga.follows(&page, "Leipzig 2018").await.must_say("Categories");
}

#[tokio::test]
async fn an_organiser_of_one_conference_is_shown_no_other() {
    let app = TestApp::start().await;
    let olga = app.account_without_role().await;
    let leipzig = sqlx::query_scalar("select id from conference").fetch_one(&app.db).await.expect("a conference");
    olga.also_is(&app.db, "organiser", Some(leipzig)).await;
    let secret = olga.login(&app.db, app.now()).await;
    let olga = app.delegate().signed_in(olga, &secret);
    run_sql(
        &app,
        "insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on, time_zone,
             contact_email, contact_telephone, contact_fax)
         select gen_random_uuid(), 'venice-2019', 'Venice', theme, 'Venice', 'IT', venue, venue_url, hosts, '2019-06-13',
             '2019-06-14', time_zone, contact_email, contact_telephone, contact_fax from conference",
    )
    .await
    .expect("a second conference");
    olga.opens("/administration").await.must_say("Leipzig 2018").must_not_say("Venice");
}
