//! The facts of the conference, which organisers edit like sessions: what it is called, when and where it takes place, and whom to
//! ask.

use super::{
    editing::{SESSIONS, WORLD_CAFE, editor},
    mailing::app_with,
    registering::registers,
};
use crate::support::{Form, LEIPZIG, MailServer, Page, Person, TestApp};

/// The editor of the facts.
pub const FACTS: &str = "/organisers/leipzig-2018/facts";
/// What is not public yet.
pub const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";
const SETTINGS: &str = "/administration/leipzig-2018";

/// Changes the facts in their editor and presses this button.
pub async fn saves(person: &Person, button: &str, change: impl FnOnce(Form) -> Form) -> Page {
    person.sends(change(person.opens(FACTS).await.form(button))).await
}

/// Publishes everything that is unpublished, which is one change.
async fn publishes(person: &Person) {
    let page = person.opens(UNPUBLISHED).await;
    person.sends(page.form("Publish this change")).await.must_say("is public now");
}

#[tokio::test]
async fn new_facts_are_read_on_every_page_once_they_are_published() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let saved = saves(&olga, "Save without publishing", |form| {
        form.fill("Title", "Cities by the lake")
            .fill("Theme", "Are we there?")
            .fill("Last day", "2018-05-31")
            .fill("Venue", "Kongresshalle am Zoo")
            .fill("The venue’s website", "https://zoo.example/")
    })
    .await;
    saved.must_say("Saved. The public cannot read it yet.").must_say("Cities by the lake");
    assert!(olga.opens(SESSIONS).await.texts("h2").contains(&"Thursday 31 May".to_owned()));
    assert!(olga.opens(&format!("{SESSIONS}/new")).await.form("Save and publish").offers("Day", "Thursday 31 May"));
    let page = anna.opens(LEIPZIG).await;
    page.must_say("28–30 May 2018").must_not_say("Are we there?").must_not_say("Cities by the lake");

    olga.opens(UNPUBLISHED).await.must_say("Conference: Cities by the lake").must_say("Thursday 31 May 2018");
    publishes(&olga).await;
    let home = anna.opens(LEIPZIG).await;
    home.must_say("Are we there?").must_say("28–31 May 2018").must_say("Kongresshalle am Zoo");
    assert_eq!(home.link("Kongresshalle am Zoo"), "https://zoo.example/");
    assert!(home.title().contains("Cities by the lake"), "{}", home.title());
    for path in ["/programme", "/sessions/world-cafe", "/pages/imprint", "/changes"] {
        anna.opens(&format!("{LEIPZIG}{path}")).await.must_say("Kongresshalle am Zoo").must_say("28–31 May 2018");
    }
}

#[tokio::test]
async fn days_may_leave_sessions_outside_and_the_editor_names_them() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let facts = olga.opens(FACTS).await;
    facts.must_not_say("not on a day of the conference").must_not_say("Duplicate");
    let saved = saves(&olga, "Save and publish", |form| form.fill("Last day", "2018-05-29")).await;
    saved.must_say("Saved and published.").must_say("2 sessions are not on a day of the conference.");
    let session = olga.follows(&saved, "World Café").await;
    assert_eq!(session.form("Save and publish").value("Title"), "World Café");
    let programme = anna.opens(&format!("{LEIPZIG}/programme")).await;
    programme.must_say("28–29 May 2018").must_say("Wednesday 30 May").must_say("World Café");

    // They can be moved, and then nothing is said any more.
    for title in [WORLD_CAFE, "Topic 6: Internal and external skills: are local governments fit for the future?"] {
        let form = editor(&olga, title).await.form("Save and publish").choose("Day", "Monday 28 May");
        olga.sends(form.hours("08:00", "09:00")).await.must_say("Saved and published.");
    }
    let facts = olga.opens(FACTS).await;
    facts.must_not_say("not on a day of the conference").must_not_say("Duplicate");
}

/// Returns the instant at which the World Café begins on a side, from the table that keeps rooms free of clashes.
async fn begins(app: &TestApp, side: &str) -> String {
    let query = "select to_char(lower(during) at time zone 'UTC', 'HH24:MI') from slot
                 join revision on item_id = session_id and slug = 'world-cafe' where side = $1 limit 1";
    sqlx::query_scalar(query).bind(side).fetch_one(&app.db).await.expect("a slot")
}

#[tokio::test]
async fn in_another_time_zone_sessions_keep_their_hours_on_the_clock() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    super::editing::room(&olga, "Foyer").await;
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").in_room("Foyer");
    olga.sends(form).await.must_say("Saved and published.");
    saves(&olga, "Save without publishing", |form| form.fill("Time zone", "Europe/Helsinki")).await.must_say("Saved.");
    assert_eq!([begins(&app, "draft").await, begins(&app, "public").await], ["07:45", "08:45"]);
    assert_eq!(editor(&olga, WORLD_CAFE).await.form("Save and publish").value("Start"), "10:45");
    let calendar = format!("{LEIPZIG}/sessions/world-cafe.ics");
    let file = anna.opens(&calendar).await.body;
    assert!(file.contains("DTSTART:20180530T084500Z"), "{file}");

    publishes(&olga).await;
    assert_eq!(begins(&app, "public").await, "07:45");
    let file = anna.opens(&calendar).await.body;
    assert!(file.contains("DTSTART:20180530T074500Z"), "{file}");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("10:45–12:45").must_say("EEST");
    // A session that is saved in between keeps its hours, too.
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Text", "Six tables.");
    olga.sends(form).await.must_say("Saved and published.");
    assert_eq!(begins(&app, "public").await, "07:45");
}

#[tokio::test]
async fn registration_cannot_open_after_it_closes_with_the_last_day() {
    let app = TestApp::start().await;
    let (olga, ada) = (app.organiser().await, app.administrator().await);
    let opens = |at: &'static str| {
        let ada = &ada;
        async move {
            let form = ada.opens(SETTINGS).await.form("Save and publish");
            ada.sends(form.fill("Opens", at).fill("Closes", "")).await
        }
    };
    opens("2018-05-29T08:00").await.must_be(200).must_say("Saved");
    for button in ["Save and publish", "Save without publishing"] {
        let refused = saves(&olga, button, |form| form.fill("Last day", "2018-05-28").fill("Theme", "Short")).await;
        refused.must_be(422);
        let words = refused.error_beside("Last day").expect("an error");
        assert!(words.contains("registration closes at its end, and opens only after that"), "{words}");
        assert_eq!(refused.form(button).value("Theme"), "Short");
    }

    // Days that are not public yet count as well, so they can be published at any time.
    opens("").await.must_be(200).must_say("Saved");
    saves(&olga, "Save without publishing", |form| form.fill("Last day", "2018-05-28")).await.must_say("Saved.");
    let refused = opens("2018-05-29T08:00").await;
    refused.must_be(422);
    let words = refused.error_beside("Closes").expect("an error");
    assert!(words.contains("Give a closing time after the opening time"), "{words}");

    // Earlier days come back only if they go with today's settings.
    saves(&olga, "Save and publish", |form| form.fill("Last day", "2018-06-01")).await.must_say("Saved and published.");
    opens("2018-05-31T08:00").await.must_be(200).must_say("Saved");
    let release = olga.opens("/organisers/leipzig-2018/releases/2").await;
    let refused = olga.sends(release.form("Take back release 2")).await;
    refused.must_be(409).must_say("Not taken back.").must_say("registration opens only after them");
    opens("").await.must_be(200).must_say("Saved");
    olga.sends(refused.form("Take back release 2")).await.must_be(200);
    app.delegate().opens(LEIPZIG).await.must_say("28–30 May 2018");
}

#[tokio::test]
async fn wrong_facts_are_refused_beside_their_fields_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let refused = saves(&olga, "Save and publish", |form| {
        form.fill("Title", " ")
            .fill("First day", "")
            .fill("Last day", "30.5.2018")
            .fill("Time zone", "Europe/Leipzig")
            .fill("The venue’s website", "javascript:alert(1)")
            .fill("Hosts", "Graz")
    })
    .await;
    refused.must_be(422);
    for (label, words) in [
        ("Title", "Give the title"),
        ("First day", "Give the first day, as in 2018-05-28"),
        ("Last day", "Give the last day, as in 2018-05-30"),
        ("Time zone", "Give a time zone as a continent and a city, as in Europe/Berlin"),
        ("The venue’s website", "Give the address in the form https://www.venue.eu"),
    ] {
        assert_eq!(refused.error_beside(label).as_deref(), Some(words));
    }
    assert_eq!(refused.form("Save and publish").value("Hosts"), "Graz");
    let long = format!("https://venue.example/{}", "x".repeat(300));
    let refused = saves(&olga, "Save and publish", |form| form.fill("The venue’s website", &long)).await;
    assert_eq!(refused.error_beside("The venue’s website").as_deref(), Some("Use at most 300 characters"));
    for (last, words) in
        [("2018-05-27", "Give a last day that is not before the first"), ("2018-07-30", "at most 14 days")]
    {
        let refused = saves(&olga, "Save and publish", |form| form.fill("Last day", last)).await;
        refused.must_be(422);
        assert!(refused.error_beside("Last day").is_some_and(|said| said.contains(words)), "{last}");
    }
}

#[tokio::test]
async fn two_people_who_change_different_facts_lose_nothing() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let his = otto.opens(FACTS).await.form("Save and publish").fill("Hosts", "Graz");
    saves(&olga, "Save and publish", |form| form.fill("Venue", "Town hall")).await.must_say("Saved and published.");
    let both = otto.sends(his).await;
    both.must_be(409).must_say("Somebody saved this before you");
    let saved = otto.sends(both.form("Save and publish")).await;
    let form = saved.must_say("Saved and published.").form("Save and publish");
    assert_eq!(["Venue", "Hosts"].map(|label| form.value(label)), ["Town hall", "Graz"]);
}

#[tokio::test]
async fn facts_have_a_history_and_a_release_of_them_can_be_taken_back() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let saved = saves(&olga, "Save and publish", |form| form.fill("Venue", "Town hall")).await;
    let undone = olga.sends(saved.form("Undo this save")).await;
    assert_eq!(undone.form("Save and publish").value("Venue"), "Kongresshalle Leipzig");
    anna.opens(LEIPZIG).await.must_say("Kongresshalle Leipzig");
    assert_eq!(olga.opens(&format!("{FACTS}/revisions")).await.texts("tbody tr").len(), 3);
    let release = olga.opens("/organisers/leipzig-2018/releases/3").await;
    olga.sends(release.form("Take back release 3")).await.must_be(200);
    anna.opens(LEIPZIG).await.must_say("Town hall");
    // The first release is of the programme. The conference stays known, whatever is taken back.
    let release = olga.opens("/organisers/leipzig-2018/releases/1").await;
    olga.sends(release.form("Take back release 1")).await.must_be(200);
    anna.opens(LEIPZIG).await.must_say("Kongresshalle Leipzig");
}

#[tokio::test]
async fn nothing_but_a_release_changes_the_facts_that_the_public_reads() {
    let app = TestApp::start().await;
    let changed = sqlx::query("update conference set theme = 'Otherwise'").execute(&app.db).await;
    let error = changed.expect_err("refused").to_string();
    assert!(error.contains("only a release changes the facts of a conference"), "{error}");
}

/// In Leipzig, the clocks skip the hour from 02:00 on 25 March 2018; in Helsinki, the hour from 03:00.
#[tokio::test]
async fn a_time_zone_in_which_the_clocks_skip_the_start_of_a_session_is_refused_and_the_session_named() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let put = async |button: &str, title: &str, start: &str| {
        let form = olga.opens(&format!("{SESSIONS}/new?day=2018-03-25")).await.form(button).fill("Title", title);
        olga.sends(form.fill("Start", start)).await
    };
    put("Save and publish", "Night walk", "03:30").await.must_say("Saved and published.");
    for button in ["Save and publish", "Save without publishing"] {
        let refused =
            saves(&olga, button, |form| form.fill("Time zone", "Europe/Helsinki").fill("Hosts", "Turku")).await;
        refused.must_be(422).must_say("Night walk: begins on Sunday 25 March, 03:30.");
        let words = refused.error_beside("Time zone").expect("an error");
        assert!(words.contains("the clocks in this one skip the hour at which they begin"), "{words}");
        assert_eq!(refused.form(button).value("Hosts"), "Turku");
        assert_eq!(olga.follows(&refused, "Night walk").await.form("Save and publish").value("Start"), "03:30");
    }

    // What the public still reads counts when the zone is published.
    let form = editor(&olga, "Night walk").await.form("Save without publishing").fill("Start", "04:30");
    olga.sends(form).await.must_say("Saved.");
    let refused = saves(&olga, "Save and publish", |form| form.fill("Time zone", "Europe/Helsinki")).await;
    refused.must_be(422).must_say("Night walk: begins on Sunday 25 March, 03:30.");
    let words = refused.error_beside("Time zone").expect("an error");
    assert!(words.starts_with("Save without publishing, then publish everything together"), "{words}");
    olga.sends(refused.form("Save without publishing")).await.must_say("Saved.");

    // A session cannot be published alone if its start exists only in the zone of the draft.
    let refused = put("Save and publish", "Night run", "02:30").await;
    refused.must_be(422);
    let words = refused.error_beside("Start").expect("an error");
    assert!(words.contains("The public still reads another time zone, in which the clocks skip this hour"), "{words}");
    olga.sends(refused.form("Save without publishing")).await.must_say("Saved.");
    olga.sends(olga.opens(UNPUBLISHED).await.form("Publish all 3 changes")).await.must_say("is public now");
    for (slug, hour) in [("night-walk", "04:30"), ("night-run", "02:30")] {
        app.delegate().opens(&format!("{LEIPZIG}/sessions/{slug}")).await.must_say(hour).must_say("EE");
    }
}

/// In Leipzig, the clocks show the hour from 02:00 twice on 28 October 2018; in Helsinki, the hour from 03:00.
#[tokio::test]
async fn a_session_keeps_its_hour_on_the_clock_in_a_time_zone_in_which_the_clocks_show_it_twice() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = olga.opens(&format!("{SESSIONS}/new?day=2018-10-28")).await.form("Save and publish");
    olga.sends(form.fill("Title", "Night walk").fill("Start", "03:30")).await.must_say("Saved and published.");
    saves(&olga, "Save and publish", |form| form.fill("Time zone", "Europe/Helsinki"))
        .await
        .must_say("Saved and published.");
    assert_eq!(editor(&olga, "Night walk").await.form("Save and publish").value("Start"), "03:30");
    app.delegate().opens(&format!("{LEIPZIG}/sessions/night-walk")).await.must_say("Sunday 28 October 2018, 03:30");
    // Its status changes without a word about its time.
    let form = olga.opens(SESSIONS).await.form("Save and publish").tick("Select Night walk");
    let changed = olga.sends(form.choose_in("Change several", "Status", "Confirmed")).await;
    changed.must_say("Published. One session can be read by the public like this.");
}

#[tokio::test]
async fn a_time_zone_in_which_the_clocks_skip_an_hour_between_two_sessions_is_refused_with_words() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    super::editing::room(&olga, "Foyer").await;
    saves(&olga, "Save and publish", |form| form.fill("Time zone", "Europe/London")).await.must_say("published");
    for (title, hours) in [("Night walk", ("02:00", "04:00")), ("Night run", ("04:00", "05:00"))] {
        let form = olga.opens(&format!("{SESSIONS}/new?day=2018-03-25")).await.form("Save and publish");
        let form = form.fill("Title", title).hours(hours.0, hours.1).in_room("Foyer");
        olga.sends(form).await.must_say("Saved and published.");
    }
    let refused = saves(&olga, "Save and publish", |form| form.fill("Time zone", "Europe/Helsinki")).await;
    refused.must_be(422);
    let words = refused.error_beside("Time zone").expect("an error");
    assert!(words.ends_with("so they would overlap"), "{words}");
    refused.must_say("Night walk: Foyer is taken by “Night run”");
}

/// Returns the data of a page for search engines.
fn structured(html: &str) -> &str {
    let (_, data) = html.split_once("ld+json\">").expect("a page with data");
    data.split_once("</script>").expect("their end").0
}

#[tokio::test]
async fn where_the_conference_is_and_whom_to_ask_is_read_wherever_it_belongs_once_it_is_published() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    saves(&olga, "Save without publishing", |form| {
        form.fill("City", "Dresden")
            .choose("Country", "Austria")
            .fill("Street address of the venue", "Hauptplatz 1, 8010 Graz")
            .fill("The venue on a map", "https://map.example/?q=Hauptplatz&z=17")
            .fill("E-mail", "desk@graz.example")
            .fill("Telephone", "+43 (0)316 872-0")
            .fill("Fax", "+43 316 872-1")
    })
    .await
    .must_say("Saved. The public cannot read it yet.");
    let before = anna.opens(LEIPZIG).await;
    before.must_say("+43 1 7189476-33").must_not_say("Hauptplatz").must_not_say("desk@graz.example");
    publishes(&olga).await;
    let home = anna.opens(LEIPZIG).await;
    home.must_say("Hauptplatz 1, 8010 Graz").must_say("welcoming you to Dresden").must_not_say("7189476");
    assert_eq!(home.link("Show the venue on a map"), "https://map.example/?q=Hauptplatz&z=17");
    assert_eq!(home.link("+43 (0)316 872-0"), "tel:+433168720");
    assert_eq!(home.link("+43 316 872-1"), "tel:+433168721");
    let data: serde_json::Value = serde_json::from_str(structured(&home.body)).expect("JSON");
    let address = &data["location"]["address"];
    assert_eq!(address["streetAddress"], "Hauptplatz 1, 8010 Graz");
    assert_eq!((&address["addressLocality"], &address["addressCountry"]), (&"Dresden".into(), &"AT".into()));
    assert_eq!(data["location"]["hasMap"], "https://map.example/?q=Hauptplatz&z=17");
    assert_eq!(data["organizer"]["url"], "https://www.majorcities.eu/");
    assert_eq!(data["organizer"]["email"], "desk@graz.example");
    for path in ["/register", "/my-registration", "/changes", "/pages/accessibility", "/nowhere"] {
        anna.tries(&format!("{LEIPZIG}{path}")).await.must_say("desk@graz.example").must_not_say("7189476");
    }
    saves(&olga, "Save and publish", |form| form.fill("E-mail", "help@graz.example")).await;
    anna.opens(LEIPZIG).await.must_say("help@graz.example").must_say("Hauptplatz 1");
}

#[tokio::test]
async fn without_a_telephone_and_a_fax_no_page_and_no_mail_offers_them() {
    let mails = MailServer::start().await;
    let app = app_with(&mails).await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    saves(&olga, "Save and publish", |form| form.fill("Telephone", "").fill("Fax", "")).await.must_be(200);
    let registered = registers(&anna, "Anna Gruber", "anna@graz.example").await;
    registered.must_say("write to operations@majorcities.eu.").must_not_say("or call +");
    for path in ["", "/register", "/my-registration", "/check-your-mail", "/pages/travel-and-venue", "/nowhere"] {
        let page = anna.tries(&format!("{LEIPZIG}{path}")).await;
        page.must_say("operations@majorcities.eu")
            .must_not_say("call ")
            .must_not_say("Telephone +")
            .must_not_say("Fax");
        assert!(page.links().iter().all(|(_, link)| !link.starts_with("tel:")), "{path} has a number to call");
    }
    let mail = mails.mail_to("anna@graz.example").await;
    let text = mail.text();
    assert!(text.contains("Questions? Reply to this mail.") && !text.contains("or call +"), "{text}");
    saves(&olga, "Save and publish", |form| form.fill("Telephone", "call us").fill("Fax", "12")).await.must_be(422);
    anna.opens(LEIPZIG).await.must_not_say("call us");
}

#[tokio::test]
async fn facts_about_the_place_and_the_contact_are_checked() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let refused = saves(&olga, "Save and publish", |form| {
        form.fill("City", " ")
            .fill("Street address of the venue", &"x".repeat(301))
            .fill("The venue on a map", "Hauptplatz")
            .fill("E-mail", "operations")
            .fill("Telephone", "call us")
            .fill("Fax", "12")
    })
    .await;
    refused.must_be(422);
    for (label, words) in [
        ("City", "Give the city"),
        ("Street address of the venue", "Use at most 300 characters"),
        ("The venue on a map", "Give the address in the form https://www.venue.eu"),
        ("Telephone", "Give a number that can be dialled, such as +43 1 7189476-33"),
        ("Fax", "Give a number that can be dialled, such as +43 1 7189476-33"),
    ] {
        assert_eq!(refused.error_beside(label).as_deref(), Some(words));
    }
    assert!(refused.error_beside("E-mail").is_some());
    assert_eq!(refused.form("Save and publish").value("Telephone"), "call us");
    let form = olga.opens(FACTS).await.form("Save and publish").forge("country", "XX");
    let refused = olga.sends(form).await;
    assert_eq!(refused.must_be(422).error_beside("Country").as_deref(), Some("Choose a country"));
}
