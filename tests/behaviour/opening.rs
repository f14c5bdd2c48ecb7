//! Opening another conference, from nothing or as a copy, and who sees it while it is in preparation.

use reqwest::Method;
use time::macros::datetime;

use super::{
    editing::{SESSIONS, WORLD_CAFE, editor},
    registering::registers,
};
use crate::support::{Form, LEIPZIG, Page, Person, TestApp, registration::filled};

const NEW: &str = "/administration/conferences/new";
const VENICE: &str = "/venice-2019";
const SETTINGS: &str = "/administration/venice-2019";
/// The settings after Venice was opened.
const OPENED: &str = "/administration/venice-2019?done=opened";

/// Fills in the facts of Venice.
pub fn venice(form: Form) -> Form {
    form.fill("Title", "Annual conference of Major Cities of Europe, 2019 Venice")
        .fill("Theme", "Channeling Change")
        .fill("First day", "2019-06-13")
        .fill("Last day", "2019-06-14")
        .fill("Time zone", "Europe/Rome")
        .fill("City", "Venice")
        .choose("Country", "Italy")
        .fill("Venue", "Palazzo del Cinema")
        .fill("The venue’s website", "https://venue.example/")
        .fill("E-mail", "operations@majorcities.eu")
}

/// Opens the form for a copy of Leipzig, or for a conference from nothing.
pub async fn form(ada: &Person, as_copy: bool) -> Form {
    let words = if as_copy { "Copy … Leipzig 2018" } else { "Open a new conference" };
    ada.follows(&ada.opens("/administration").await, words).await.form("Open the conference")
}

/// Opens Venice.
async fn opens(ada: &Person, as_copy: bool) -> Page {
    let page = ada.sends(venice(form(ada, as_copy).await)).await;
    assert_eq!(page.path, OPENED);
    page
}

/// Chooses who sees Venice.
pub async fn sets_state(ada: &Person, words: &str) -> Page {
    let form = ada.opens(&format!("{SETTINGS}/state")).await.form("Save and publish");
    ada.sends(form.choose("State", words)).await
}

const IN_PREPARATION: &str = "In preparation: only people who are signed in see it";
pub const OPEN: &str = "Open: everybody sees it, at /venice-2019";
pub const CURRENT: &str = "Open and current: the start page of this site shows it, too";

#[tokio::test]
async fn a_conference_in_preparation_is_seen_by_people_who_are_signed_in_only() {
    let app = TestApp::start().await;
    let (ada, olga, anna) = (app.administrator().await, app.organiser().await, app.delegate());
    app.it_is(datetime!(2019-01-15 12:00 UTC));
    let settings = opens(&ada, true).await;
    settings.must_say("Venice 2019 exists now.").must_say("Only people who are signed in.");
    let paths = ["", "/programme", "/speakers", "/changes", "/pages/privacy", "/register", "/my-registration"];
    for path in paths.map(|path| format!("{VENICE}{path}")) {
        // Also after somebody who may see it has opened it.
        let seen = olga.opens(&path).await;
        seen.must_say("This conference is in preparation. Only people who are signed in can see its pages.");
        assert_eq!(seen.header("cache-control"), "no-store", "{path}");
        assert_eq!(seen.attributes("meta[name=robots]", "content"), ["noindex"], "{path}");
        let hidden = anna.tries(&path).await;
        hidden.must_be(404).must_not_say("Venice").must_not_say("Channeling");
    }
    for path in ["/programme.ics", "/changes.atom"].map(|path| format!("{VENICE}{path}")) {
        assert_eq!(olga.opens(&path).await.header("cache-control"), "no-store");
        anna.tries(&path).await.must_be(404);
    }
    for path in ["/conferences", "/sitemap.xml", "/"] {
        anna.opens(path).await.must_not_say("enice");
    }
    sets_state(&ada, OPEN).await.must_say("Saved.").must_say("Everybody, at /venice-2019.");
    let open = anna.opens(VENICE).await;
    open.must_say("Channeling Change").must_not_say("in preparation");
    assert!(anna.opens("/conferences").await.says("Venice 2019"));
    anna.opens("/").await.must_say("Are we ready?");
    // And back.
    sets_state(&ada, IN_PREPARATION).await.must_say("Only people who are signed in.");
    anna.tries(VENICE).await.must_be(404);
}

#[tokio::test]
async fn nobody_registers_for_a_conference_in_preparation() {
    let app = TestApp::start().await;
    let (ada, anna) = (app.administrator().await, app.delegate());
    app.it_is(datetime!(2019-01-15 12:00 UTC));
    opens(&ada, true).await;
    ada.opens(&format!("{VENICE}/register")).await.must_say("This conference is still in preparation.");
    ada.opens(VENICE).await.must_say("Registration has not opened yet.").must_not_say("Register now!");
    sets_state(&ada, OPEN).await.must_be(200);
    let form = anna.opens(&format!("{VENICE}/register")).await.form("Register");
    let filled = filled(form, "Anna Nagy", "anna@city.example");
    sets_state(&ada, IN_PREPARATION).await.must_be(200);
    anna.sends(filled.clone()).await.must_be(404);
    // Somebody who is signed in and sees the pages cannot register either, and loses nothing.
    let refused = ada.sends(filled).await;
    refused.must_be(422).must_say("You are not registered.").must_say("still in preparation");
    let registered: i64 =
        sqlx::query_scalar("select count(*) from registration").fetch_one(&app.db).await.expect("a count");
    assert_eq!(registered, 0);
}

#[tokio::test]
async fn neither_the_current_conference_nor_one_with_registrations_goes_back_into_preparation() {
    let app = TestApp::start().await;
    let (ada, anna) = (app.administrator().await, app.delegate());
    app.it_is(datetime!(2019-01-15 12:00 UTC));
    opens(&ada, true).await;
    sets_state(&ada, CURRENT).await.must_be(200);
    let refused = sets_state(&ada, IN_PREPARATION).await;
    refused.must_be(422);
    refused.must_say("Venice 2019 is the current conference, which the start page shows. Make another conference");
    assert!(refused.error_beside("State").is_some());
    let form = anna.opens("/register").await.form("Register");
    anna.sends(filled(form, "Anna Nagy", "anna@city.example")).await.must_say("Anna Nagy");
    let leipzig = ada.opens("/administration/leipzig-2018/state").await;
    let current = leipzig.form("Save and publish").choose("State", CURRENT);
    ada.sends(current).await.must_be(200);
    let refused = sets_state(&ada, IN_PREPARATION).await;
    refused.must_be(422).must_say("People have registered, who must be able to read the pages.");
    anna.opens(VENICE).await.must_say("Channeling Change");
}

#[tokio::test]
async fn what_was_saved_without_publishing_stays_unpublished_in_a_copy_and_a_renamed_privacy_notice_is_found() {
    let app = TestApp::start().await;
    let (ada, olga, anna) = (app.administrator().await, app.organiser().await, app.delegate());
    let texts = olga.opens("/organisers/leipzig-2018/texts").await;
    let who = olga.follows(&texts, "Home page: who attends").await.form("Save without publishing");
    olga.sends(who.fill("Text", "Everybody who is curious")).await.must_be(200);
    let pages = olga.opens("/organisers/leipzig-2018/pages").await;
    let privacy = olga.follows(&pages, "Privacy notice").await.form("Save and publish");
    olga.sends(privacy.fill("Address of the page", "data-protection")).await.must_be(200);
    let pages = olga.opens("/organisers/leipzig-2018/pages").await;
    let terms = olga.follows(&pages, "Terms").await.form("Save without publishing");
    olga.sends(terms.fill("Title", "Terms to come").fill("Text", "See https://archive.example/leipzig-2018/a.pdf."))
        .await
        .must_be(200);
    opens(&ada, true).await.must_say("Publish: 2 changes are not published yet");
    sets_state(&ada, OPEN).await.must_be(200);
    anna.opens(VENICE).await.must_say("Who attends CIOs, IT managers").must_not_say("curious");
    anna.opens(&format!("{VENICE}/pages/terms")).await.must_say("These terms apply").must_not_say("archive");
    anna.opens(&format!("{VENICE}/pages/data-protection")).await.must_say("Who is responsible");
    anna.opens(&format!("{VENICE}/register")).await.must_say("Privacy notice");
    let pages = ada.opens("/organisers/venice-2019/pages").await;
    let terms = ada.follows(&pages, "Terms to come").await.form("Save and publish").value("Text");
    assert_eq!(terms, "See https://archive.example/leipzig-2018/a.pdf.", "an address of another site");
}

#[tokio::test]
async fn a_copy_of_a_demonstration_has_the_shipped_pages_and_takes_registrations() {
    let app = TestApp::start().await;
    let (ada, anna) = (app.administrator().await, app.delegate());
    for statement in [
        "update conference set is_demonstration = true, is_current = false",
        "update revision set status = 'withdrawn' where kind = 'page' and slug <> 'privacy'",
    ] {
        sqlx::query(statement).execute(&app.db).await.expect(statement);
    }
    ada.opens_until("/administration", |page| page.says("demonstration")).await;
    opens(&ada, true).await;
    sets_state(&ada, OPEN).await.must_be(200);
    anna.opens(&format!("{VENICE}/register")).await.must_say("Privacy notice");
}

#[tokio::test]
async fn a_copy_has_everything_that_is_not_about_people_or_dates() {
    let app = TestApp::start().await;
    let (ada, anna) = (app.administrator().await, app.delegate());
    registers(&anna, "Anna Nagy", "anna@city.example").await;
    sqlx::raw_sql(
        "update registration_settings set offer_hours = 24, iban = 'DE02120300000000202051', account_holder = 'MCE', days_to_pay = 14,
             changes_until = '2018-05-20 12:00Z';
         update category set fee_cents = 45000, early_fee_cents = 39000, early_until = '2018-03-31 22:00Z'
         where slug = 'member-city';
         update category set closes = '2018-05-01 22:00Z', description = 'Universities of Leipzig and others' where slug = 'university';
         update capacity set places = 250 where category_id is null;
         update capacity set places = 40 from category where category.id = category_id and slug = 'university';
         update conference set registration_opens = '2018-01-15 08:00Z';
         insert into mail_off (conference_id, kind) select id, 'reminder' from conference;",
    )
    .execute(&app.db)
    .await
    .expect("settings");
    let question = ada.opens("/administration/leipzig-2018/questions/new").await;
    let question = question
        .form("Save")
        .fill("Question", "How do you travel to Leipzig?")
        .fill("We use this to …", "plan buses")
        .choose("Answer", "One line")
        .choose("Asked of", "Each attendee")
        .choose("Answers are seen by", "Everybody at the desk")
        .fill("Place in the order", "1");
    ada.sends(question).await.must_be(200);
    let texts = ada.opens("/organisers/leipzig-2018/texts").await;
    let why = ada.follows(&texts, "Home page: why you should attend").await.form("Save and publish");
    ada.sends(why.fill("Text", "- **Leipzig** in spring\n- [What it costs](/leipzig-2018/pages/terms)"))
        .await
        .must_be(200);
    let copied = ada.sends(venice(form(&ada, true).await)).await;
    copied.must_say("To complete").must_say("Conference: its days are in the past, so nobody could register");
    for words in [
        "Dates of registration and of the last changes: some are not set",
        "Member city: the early fee was not copied",
        "University: the dates between which delegates can choose it were not copied",
        "Conference: the street address and the map of the venue are missing",
        "Sessions: there are none yet",
        "Pages: 5 say that they are drafts",
        "Home page: why you should attend: still names",
        "How do you travel to Leipzig?: still names the city, the venue or the year",
    ] {
        copied.must_say(words);
    }
    let settings = copied.form("Save and publish");
    for label in ["Opens", "Closes", "Changes until"] {
        assert_eq!(settings.value(label), "", "{label}");
    }
    assert_eq!([settings.value("Places in all"), settings.value("Hours to answer an offer")], ["250", "24"]);
    assert_eq!(copied.row("Member city")[1..=4], ["on the form", "450.00", "no limit", "0"]);
    assert_eq!(copied.row("University")[3], "40");
    let payments = ada.opens(&format!("{SETTINGS}/payments")).await.form("Save");
    assert_eq!([payments.value("Account holder"), payments.value("Days to pay")], ["MCE", "14"]);
    assert!(!ada.opens(&format!("{SETTINGS}/mails")).await.form("Save").body().contains("reminder"));
    ada.opens("/organisers/venice-2019/topics").await.must_say("World Café").must_not_say("not published");
    ada.opens("/organisers/venice-2019/session-kinds").await.must_say("Panel discussion");
    ada.opens("/organisers/venice-2019/sessions").await.must_not_say("Draft not published");
    ada.opens("/staff/venice-2019/attendees").await.must_not_say("Anna Nagy");
    ada.opens(&format!("{VENICE}/pages/imprint")).await.must_say("non-profit");
    let home = ada.opens(VENICE).await;
    assert_eq!(home.link("What it costs"), "/venice-2019/pages/terms");
    let opened: (String, String, String) = sqlx::query_as(
        "select kind, before, after from audit join audit_value on audit_value.audit_id = audit.id where field = 'from'",
    )
    .fetch_one(&app.db)
    .await
    .expect("the audit log");
    assert_eq!(opened, ("conference_opened".to_owned(), "leipzig-2018".to_owned(), "venice-2019".to_owned()));
    // Nothing of the other one has changed.
    anna.opens(LEIPZIG).await.must_say("28–30 May 2018").must_not_say("Venice");
    ada.opens("/administration/leipzig-2018").await.must_not_say("To complete");
}

#[tokio::test]
async fn people_and_sessions_are_copied_if_wanted_as_drafts_without_times() {
    let app = TestApp::start().await;
    let (ada, olga) = (app.administrator().await, app.organiser().await);
    let person = olga.opens("/organisers/leipzig-2018/people/new").await.form("Save and publish");
    olga.sends(person.fill("Name", "Ludwig Stein").fill("Text", "See [his page](/leipzig-2018/pages/terms).")).await;
    let cafe = editor(&olga, WORLD_CAFE).await.form("Save and publish");
    olga.sends(cafe.choose_in("People", "Person 1", "Ludwig Stein")).await.must_be(200);
    let both = form(&ada, true).await.tick("The people who take part in sessions");
    ada.sends(venice(both.tick("The sessions, as drafts without times and rooms"))).await.must_be(200);
    let sessions = ada.opens("/organisers/venice-2019/sessions").await;
    for title in ["World Café", "Internal and external skills: are local governments fit for the future?"] {
        sessions.must_say(title);
    }
    sessions.must_say("Draft not published").must_not_say("10:45");
    let cafe = ada.follows(&sessions, WORLD_CAFE).await;
    cafe.must_say("not public").must_say("Ludwig Stein");
    let people = ada.opens("/organisers/venice-2019/people").await;
    let ludwig = ada.follows(&people, "Ludwig Stein").await.form("Save and publish");
    assert!(ludwig.value("Text").contains("(/venice-2019/pages/terms)"), "{}", ludwig.value("Text"));
    ada.opens(&format!("{VENICE}/programme")).await.must_not_say("World Café workshop").must_not_say("Ludwig");
    ada.opens(SETTINGS).await.must_say("Sessions: 7 have no time yet");
    // Without people, nobody is named.
    let other = venice(form(&ada, true).await).fill("City", "Larissa").fill("First day", "2020-06-13");
    let other = other.fill("Last day", "2020-06-14").tick("The sessions, as drafts without times and rooms");
    assert_eq!(ada.sends(other).await.path, "/administration/larissa-2020?done=opened");
    ada.opens("/organisers/larissa-2020/people").await.must_not_say("Ludwig");
    assert_eq!(SESSIONS, "/organisers/leipzig-2018/sessions");
    ada.opens(SESSIONS).await.must_say("10:45");
}

#[tokio::test]
async fn a_conference_from_nothing_has_what_is_shipped_and_takes_registrations_once_it_is_open() {
    let app = TestApp::start().await;
    let (ada, anna) = (app.administrator().await, app.delegate());
    app.it_is(datetime!(2019-03-01 12:00 UTC));
    let settings = opens(&ada, false).await;
    assert_eq!(settings.row("Member city")[2], "free");
    settings.must_say("Pages: 5 say that they are drafts").must_not_say("still names");
    ada.opens("/organisers/venice-2019/session-kinds").await.must_say("World Café");
    sets_state(&ada, CURRENT).await.must_be(200);
    let form = anna.opens("/register").await.form("Register");
    anna.sends(filled(form, "Anna Nagy", "anna@city.example")).await.must_say("Anna Nagy");
    let home = anna.opens("/").await;
    home.must_say("13–14 June 2019").must_say("Spend two days");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_opens_one_conference() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let form = venice(form(&ada, true).await);
    let (first, second, third) = tokio::join!(ada.sends(form.clone()), ada.sends(form.clone()), ada.sends(form));
    let mut paths = [first.path, second.path, third.path];
    paths.sort();
    let already = OPENED.replace("opened", "already");
    assert_eq!(paths, [already.as_str(), already.as_str(), OPENED]);
    let slugs: Vec<String> =
        sqlx::query_scalar("select slug from conference order by slug").fetch_all(&app.db).await.expect("conferences");
    assert_eq!(slugs, ["leipzig-2018", "venice-2019"]);
    let opened: i64 = sqlx::query_scalar("select count(*) from audit where kind = 'conference_opened'")
        .fetch_one(&app.db)
        .await
        .expect("a count");
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn what_cannot_be_opened_is_explained_beside_the_field_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    opens(&ada, true).await;
    let again = ada.sends(venice(form(&ada, true).await).tick("The people who take part in sessions")).await;
    again.must_be(422);
    let error = again.error_beside("Address").expect("an error");
    assert!(error.contains("There is already a conference at /venice-2019. Give another address"), "{error}");
    let kept = again.form("Open the conference");
    assert_eq!([kept.value("Theme"), kept.value("City")], ["Channeling Change", "Venice"]);
    assert_eq!(kept.ticked_in("Copy also"), ["The people who take part in sessions"]);
    again.must_say("as a copy of Leipzig 2018");
    for (label, text, words) in [
        ("Address", "Venice 2019!", "Give an address of small letters and hyphens that ends with the year"),
        ("City", "Bezirk 9", "none can be made from the name of this city"),
        ("Last day", "2019-06-12", "Give a last day that is not before the first"),
        ("Last day", "2020-07-17", "a conference lasts at most"),
        ("Time zone", "Mars/Olympus", "Give a time zone"),
        ("Title", "", "Give"),
    ] {
        let refused = ada.sends(venice(form(&ada, false).await).fill(label, text)).await;
        refused.must_be(422);
        let beside = if label == "City" { "Address" } else { label };
        let error = refused.error_beside(beside).unwrap_or_else(|| panic!("no error beside {beside}"));
        assert!(error.contains(words), "{error}");
        assert_eq!(refused.form("Open the conference").value(label), text);
    }
    let other = ada.sends(venice(form(&ada, true).await).fill("Address", "venezia-2019")).await;
    assert_eq!(other.path, "/administration/venezia-2019?done=opened");
    ada.tries(&format!("{NEW}?from=atlantis-2018")).await.must_be(404);
}

#[tokio::test]
async fn a_conference_is_copied_as_a_whole_while_somebody_edits_it() {
    let app = TestApp::start().await;
    let (ada, olga) = (app.administrator().await, app.organiser().await);
    let topics = olga.opens("/organisers/leipzig-2018/topics").await;
    let cafe = olga.follows(&topics, "World Café").await.form("Save and publish");
    let copy = venice(form(&ada, true).await);
    let (saved, copied) = tokio::join!(olga.sends(cafe.fill("Title", "World Tea")), ada.sends(copy));
    saved.must_be(200);
    assert_eq!(copied.path, OPENED);
    let titles: Vec<String> = sqlx::query_scalar(
        "select revision.title from item join revision on revision.id = head_id
         join conference on conference.id = item.conference_id where item.kind = 'topic' and conference.slug = 'venice-2019'",
    )
    .fetch_all(&app.db)
    .await
    .expect("topics");
    assert_eq!(titles.len(), 7);
    assert_eq!(titles.iter().filter(|title| title.starts_with("World ")).count(), 1);
    olga.opens("/organisers/leipzig-2018/topics").await.must_say("World Tea");
}

#[tokio::test]
async fn only_administrators_open_conferences_and_choose_who_sees_them() {
    let app = TestApp::start().await;
    let (ada, olga) = (app.administrator().await, app.organiser().await);
    opens(&ada, true).await;
    olga.opens("/administration").await.must_not_say("Copy …").must_not_say("Open a new");
    for path in [NEW, "/administration/venice-2019/state"] {
        olga.tries(path).await.must_be(403);
        let sent = olga.asks(Method::POST, path, &[], Some(String::new())).await;
        assert_eq!(sent.status(), 403, "{path}");
    }
    olga.opens(SETTINGS).await.must_say("Only people who are signed in.").must_not_say("Open it to the public");
}

#[tokio::test]
async fn every_page_of_the_desk_says_which_conference_it_is_about_and_leads_to_the_same_page_of_another() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    opens(&ada, true).await;
    for path in ["/staff/{c}/attendees", "/organisers/{c}/pages", "/administration/{c}/payments", "/staff/{c}/export"] {
        let page = ada.opens(&path.replace("{c}", "leipzig-2018")).await;
        page.must_say("Conference: Leipzig 2018");
        let there = ada.follows(&page, "Venice 2019 in preparation").await;
        assert_eq!(there.path, path.replace("{c}", "venice-2019"));
        there.must_say("Conference: Venice 2019 in preparation");
    }
    // What only one of them has leads to the list.
    let cafe = editor(&ada, WORLD_CAFE).await;
    assert_eq!(ada.follows(&cafe, "Venice 2019 in preparation").await.path, "/organisers/venice-2019/sessions");
    // Somebody with a role at one conference is led to no other.
    let leipzig: uuid::Uuid = sqlx::query_scalar("select id from conference where slug = 'leipzig-2018'")
        .fetch_one(&app.db)
        .await
        .expect("Leipzig");
    let account = app.account_without_role().await;
    account.also_is(&app.db, "organiser", Some(leipzig)).await;
    let secret = account.login(&app.db, app.now()).await;
    let otto = app.delegate().signed_in(account, &secret);
    let pages = otto.opens("/organisers/leipzig-2018/pages").await;
    pages.must_say("Leipzig 2018").must_not_say("Venice");
    otto.tries("/organisers/venice-2019/pages").await.must_be(403);
}
