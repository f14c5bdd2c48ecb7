//! A delegate registers and everything goes well.

mod abuse;
mod again;
mod no_place;
mod shown;
mod wrongly;

use reqwest::Method;
use serde_json::json;
use sqlx::Row;

use crate::support::{LEIPZIG, TestApp, programme};

const REGISTER: &str = "/leipzig-2018/register";

pub use crate::support::registration::{filled, form, registers};

/// Lists the kinds and recipients of all mails in the outbox, in order.
pub async fn mails(app: &TestApp) -> Vec<(String, String)> {
    let rows = sqlx::query("select kind, recipient from message order by id").fetch_all(&app.db).await;
    rows.expect("the outbox").iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Reads one number from the database.
pub async fn count(app: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&app.db).await.expect("a number")
}

/// Publishes a new version of the privacy notice, as an organiser may do while forms with the first version are open.
async fn publishes_a_newer_notice(app: &TestApp) {
    programme::releases_anew(&app.db, "page", "privacy", json!({ "text": "New words", "draft": false })).await;
}

/// Checks that no table contains any part of a registration.
async fn nothing_is_saved(app: &TestApp) {
    for table in ["registration", "attendee", "place", "link", "message", "audit"] {
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&app.db)
            .await
            .expect("a number");
        assert_eq!(rows, 0, "{table}");
    }
    assert_eq!(count(app, "select sum(taken) from capacity").await, 0);
}

fn pairs(mails: &[(String, String)]) -> Vec<(&str, &str)> {
    mails.iter().map(|(kind, recipient)| (kind.as_str(), recipient.as_str())).collect()
}

#[tokio::test]
async fn a_delegate_registers_and_sees_the_reference_and_what_happens_next() {
    let app = TestApp::start().await;
    let page = registers(&app.delegate(), "Željka Horvat", "zeljka@graz.example").await;

    page.must_be(200).must_say("You are registered").must_say("zeljka@graz.example").must_say("Željka Horvat");
    assert_eq!(page.redirected_by, Some(303));
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
    let reference: String =
        sqlx::query_scalar("select reference from registration").fetch_one(&app.db).await.expect("a registration");
    page.must_say(&reference);
}

#[tokio::test]
async fn a_delegate_can_add_the_days_of_the_conference_to_a_calendar() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = registers(&delegate, "Anna", "anna@graz.example").await;
    let file = delegate.follows(&page, "Add to calendar").await;
    assert!(file.header("content-type").starts_with("text/calendar"));
    assert!(file.body.contains("DTSTART;VALUE=DATE:20180528\r\n"), "{}", file.body);
    assert!(file.body.contains("DTEND;VALUE=DATE:20180531\r\n"), "{}", file.body);
}

#[tokio::test]
async fn everything_that_a_delegate_enters_is_saved_with_the_registration() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna Gruber", "anna@graz.example")
        .fill("Telephone", "+43 316 872-0")
        .fill_in("Person 1", "Job title", "CIO")
        .fill("Purchase-order number", "PO 4711")
        .fill("Invoice address", "Town hall\nHauptplatz 1")
        .fill("Dietary needs", "no nuts")
        .fill("Access needs", "step-free");
    let sent = sent.tick(&consent_words(1));
    delegate.sends(sent).await.must_say("You are registered");

    let row = sqlx::query(
        "select contact.name as contact_name, contact_telephone, organisation, country, city, purchase_order,
             invoice_address, (select number from revision where id = privacy_revision_id)
         from registration join contact on registration_id = id",
    )
    .fetch_one(&app.db)
    .await
    .expect("the registration");
    let texts: Vec<String> = (0..7).map(|column| row.get(column)).collect();
    assert_eq!(
        texts,
        ["Anna Gruber", "+43 316 872-0", "City of Graz", "AT", "Graz", "PO 4711", "Town hall\nHauptplatz 1"]
    );
    assert_eq!(row.get::<i32, _>(7), 1, "the version of the privacy notice");

    let row = sqlx::query(
        "select a.name, a.email, a.job_title, a.state, c.slug, p.state, n.dietary, n.access, n.consent_wording
         from attendee a join category c on c.id = a.category_id join place p on p.attendee_id = a.id
         join attendee_needs n on n.attendee_id = a.id",
    )
    .fetch_one(&app.db)
    .await
    .expect("the attendee with a place and needs");
    let texts: Vec<String> = (0..9).map(|column| row.get(column)).collect();
    assert_eq!(
        texts[..8],
        ["Anna Gruber", "anna@graz.example", "CIO", "confirmed", "member-city", "held", "no nuts", "step-free"]
    );
    assert_eq!(texts[8], consent_words(1), "the exact words of the consent are saved");

    assert_eq!(
        pairs(&mails(&app).await),
        [("operations_confirmation", "operations@majorcities.eu"), ("contact_confirmation", "anna@graz.example")]
    );
    assert_eq!(count(&app, "select count(*) from audit where kind = 'registration_kept'").await, 1);
    assert_eq!(
        count(&app, "select sum(taken) from capacity").await,
        2,
        "one place at the conference and one in the category"
    );
    assert_eq!(count(&app, "select count(*) from message where data::text ~ 'nuts|step-free|Anna'").await, 0);
}

/// Returns the sentence of consent beside this person's needs.
pub fn consent_words(person: usize) -> String {
    let (who, withdraw) = match person {
        1 => ("I agree, or the person I am registering agrees,", "You can withdraw your consent at any time."),
        _ => ("This person agrees", "They can withdraw their consent at any time."),
    };
    format!(
        "{who} that the conference staff may use this information to arrange food and access, and for nothing else. {withdraw}"
    )
}

#[tokio::test]
async fn colleagues_are_added_one_by_one_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = delegate.opens(&format!("{LEIPZIG}/register")).await;
    let sent = filled(page.form("Add a colleague"), "Anna", "anna@graz.example")
        .fill("Invoice address", "Town hall")
        .fill_in("Person 1", "Access needs", "step-free");
    let page = delegate.sends(sent).await;
    page.must_be(200);
    assert_eq!(page.errors(), [], "adding a colleague validates nothing");
    assert_eq!(page.attributes("[autofocus]", "id"), ["attendee-2-name"]);

    let sent = page.form("Add a colleague").fill_in("Person 2", "Name", "Boris").fill_in(
        "Person 2",
        "E-mail",
        "boris@graz.example",
    );
    let page = delegate.sends(sent).await;
    let sent = page
        .form("Register")
        .fill_in("Person 3", "Name", "Carla")
        .fill_in("Person 3", "E-mail", "carla@graz.example")
        .choose_in("Person 3", "Category", "University")
        .tick_in("Person 1", &consent_words(1));
    let page = delegate.sends(sent).await;
    page.must_say("You are registered").must_say("Boris, Member city").must_say("Carla, University");

    let invoice: String = sqlx::query_scalar("select invoice_address from registration")
        .fetch_one(&app.db)
        .await
        .expect("a registration");
    assert_eq!(invoice, "Town hall");
    assert_eq!(
        pairs(&mails(&app).await),
        [
            ("operations_confirmation", "operations@majorcities.eu"),
            ("contact_confirmation", "anna@graz.example"),
            ("attendee_confirmation", "boris@graz.example"),
            ("attendee_confirmation", "carla@graz.example"),
        ]
    );
}

#[tokio::test]
async fn a_colleague_is_removed_and_the_others_stay_as_typed() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = delegate.sends(form(&delegate).await.forge("do", "add")).await;
    let sent = page.form("Add a colleague").fill_in("Person 2", "Name", "Boris");
    let page = delegate.sends(sent).await;
    let sent = page.form("Remove person 2").fill_in("Person 3", "Name", "Carla").fill_in(
        "Person 3",
        "E-mail",
        "carla@graz.example",
    );
    let page = delegate.sends(sent).await;
    let sent = filled(page.form("Register"), "Anna", "anna@graz.example");
    let page = delegate.sends(sent.choose_in("Person 2", "Category", "University")).await;
    page.must_say("You are registered").must_say("Carla, University").must_not_say("Boris");
}

#[tokio::test]
async fn an_assistant_registers_others_and_does_not_attend() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Assistant", "office@graz.example")
        .choose("Will you attend?", "I am only registering others")
        .fill_in("Person 1", "Name", "The Mayor")
        .fill_in("Person 1", "E-mail", "mayor@graz.example");
    let page = delegate.sends(sent).await;
    page.must_say("Your colleague is registered").must_say("The Mayor");
    assert_eq!(
        pairs(&mails(&app).await),
        [
            ("operations_confirmation", "operations@majorcities.eu"),
            ("contact_confirmation", "office@graz.example"),
            ("attendee_confirmation", "mayor@graz.example"),
        ]
    );
}

#[tokio::test]
async fn people_who_share_a_mailbox_get_one_mail() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = delegate
        .sends(form(&delegate).await.choose("Will you attend?", "I am only registering others").forge("do", "add"))
        .await;
    let sent = filled(page.form("Register"), "Assistant", "assistant@graz.example")
        .fill_in("Person 1", "Name", "Anna")
        .fill_in("Person 1", "E-mail", "office@graz.example")
        .fill_in("Person 2", "Name", "Boris")
        .fill_in("Person 2", "E-mail", "Office@graz.example")
        .choose_in("Person 2", "Category", "Member city");
    delegate.sends(sent).await.must_say("Your colleagues are registered");
    let rows = sqlx::query("select recipient, jsonb_array_length(data->'attendees') from message order by id")
        .fetch_all(&app.db)
        .await
        .expect("the outbox");
    let seen: Vec<(String, i32)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(
        seen,
        [
            ("operations@majorcities.eu".to_owned(), 2),
            ("assistant@graz.example".to_owned(), 0),
            ("office@graz.example".to_owned(), 2),
        ]
    );
}

#[tokio::test]
async fn categories_that_are_not_public_are_not_offered() {
    let app = TestApp::start().await;
    let offered = form(&app.delegate()).await.choices("Category");
    assert_eq!(
        offered,
        [
            "Choose one",
            "Member city",
            "Non-member city",
            "University",
            "Other public organisation",
            "Private organisation"
        ]
    );
}

#[tokio::test]
async fn pressing_enter_in_a_field_sends_the_registration() {
    let app = TestApp::start().await;
    let page = app.delegate().opens(&format!("{LEIPZIG}/register")).await;
    // The first submit button of a form is the one that Enter presses (HTML, "implicit submission").
    let buttons = page.texts("main form button");
    assert_eq!(buttons.first().map(String::as_str), Some("Register"));
    assert!(buttons.contains(&"Add a colleague".to_owned()));
}

#[tokio::test]
async fn registering_sets_no_cookie() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    registers(&delegate, "Anna", "anna@graz.example").await;
    assert_eq!(delegate.cookies(), "");
}

#[tokio::test]
async fn a_receipt_opens_only_at_its_own_link() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    for token in ["x", &"A".repeat(43)] {
        delegate.tries(&format!("{LEIPZIG}/registered/{token}")).await.must_be(404);
        delegate.tries(&format!("/manage/{token}")).await.must_be(404);
    }
    let receipt = registers(&delegate, "Anna", "anna@graz.example").await.path;
    let token = receipt.rsplit('/').next().expect("the token");
    delegate.tries(&format!("/manage/{token}")).await.must_be(404);
    let bare = delegate.asks(Method::GET, &receipt, &[], None).await;
    assert_eq!(bare.status(), 200);
}

#[tokio::test]
async fn the_form_offers_each_country_once_and_european_ones_first() {
    let app = TestApp::start().await;
    let page = app.delegate().opens(REGISTER).await;
    assert_eq!(page.attributes("select[autocomplete=country] optgroup", "label"), ["Europe", "Other countries"]);
    let [europe, others] = [1, 2].map(|group| page.texts(&format!("optgroup:nth-of-type({group}) option")));
    for (group, first, last) in [(&europe, "Åland Islands", "United Kingdom"), (&others, "Afghanistan", "Zimbabwe")] {
        assert_eq!((group[0].as_str(), group[group.len() - 1].as_str()), (first, last));
    }
    assert!(["Kosovo", "Belarus", "Türkiye"].iter().all(|name| europe.iter().any(|country| country == name)));
    let all: std::collections::BTreeSet<_> = europe.iter().chain(&others).collect();
    assert_eq!((all.len(), europe.len() + others.len()), (250, 250));
}

#[tokio::test]
async fn a_delegate_from_kosovo_finds_the_country_and_lists_and_mails_name_it() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Arta Krasniqi", "arta@prishtina.example");
    let sent = sent.fill("City", "Prishtina").choose("Country", "Kosovo");
    let page = delegate.sends(sent).await;
    page.must_say("You are registered");
    let staff = app.staff().await;
    let file = staff.opens("/staff/leipzig-2018/attendees.csv").await;
    assert!(file.body.contains("Kosovo") && !file.body.contains("XK"), "{}", file.body);
    let mail = crate::signing_in::mails(&app, "operations@majorcities.eu", "Kosovo").await.concat();
    assert!(mail.contains("City of Graz, Prishtina, Kosovo"), "{mail}");
}
