//! A delegate registers with the keyboard alone, and with a browser that does not run scripts.

use thirtyfour::{By, Key};

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp},
};

#[tokio::test]
async fn a_delegate_registers_by_keyboard_alone() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |anna: Browser| {
        anna.opens(LEIPZIG).await;
        anna.tabs_to("Register now!").await;
        anna.presses(Key::Enter).await;
        anna.sees("It takes about three minutes").await;

        // Sent too early: the summary has the focus, and its first link leads to the field.
        anna.tabs_to("Name").await;
        anna.presses(Key::Enter).await;
        anna.sees("need your attention").await;
        assert!(anna.focused().await.contains("need your attention"), "{}", anna.focused().await);
        anna.presses(Key::Tab).await;
        anna.presses(Key::Enter).await;
        assert_eq!(anna.focused().await, "Name", "the first entry of the summary leads to its field");

        anna.presses("Anna Gruber").await;
        anna.tabs_to("E-mail").await;
        anna.presses("anna@graz.example").await;
        anna.tabs_to("Organisation").await;
        anna.presses("City of Graz").await;
        anna.tabs_to("City").await;
        anna.presses("Graz").await;
        anna.tabs_to("Country").await;
        anna.presses("Austria").await;
        anna.tabs_to("Category").await;
        anna.presses("Member").await;
        // Enter in a field presses the main button.
        anna.tabs_to("Job title").await;
        anna.presses("CIO").await;
        anna.presses(Key::Enter).await;
        anna.sees("You are registered").await;
        assert!(anna.path().await.contains("/registered/"));
    })
    .await;
    assert_eq!(registered(&app).await, [("Anna Gruber".to_owned(), "CIO".to_owned())]);
}

#[tokio::test]
async fn on_a_phone_one_person_registers_with_at_most_seven_fields_and_thirteen_taps() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |anna: Browser| {
        anna.set_screen(390, false).await;
        let begun = std::time::Instant::now();
        let (mut fields, mut taps) = (0, 0);
        anna.opens(LEIPZIG).await;
        anna.clicks("Register now!").await;
        taps += 1;
        anna.sees("It takes about three minutes").await;
        // A tap into each field, and another on the entry of a list.
        for (label, text) in [
            ("Name", "Anna Gruber"),
            ("E-mail", "anna@graz.example"),
            ("Organisation", "City of Graz"),
            ("City", "Graz"),
        ] {
            anna.fills(label, text).await;
            (fields, taps) = (fields + 1, taps + 1);
        }
        for (label, words) in [("Country", "Austria"), ("Category", "Member city")] {
            anna.chooses(label, words).await;
            (fields, taps) = (fields + 1, taps + 2);
        }
        anna.clicks("Register").await;
        taps += 1;
        anna.sees("You are registered").await;
        println!("{fields} fields, {taps} taps, {:.1} s for the browser", begun.elapsed().as_secs_f64());
        assert!(fields <= 7 && taps <= 13, "{fields} fields, {taps} taps");
    })
    .await;
    assert_eq!(registered(&app).await, [("Anna Gruber".to_owned(), String::new())]);
}

#[tokio::test]
async fn a_delegate_registers_a_colleague_too_without_any_script() {
    let app = TestApp::start().await;
    let options = Options { without_script: true, ..Options::default() };
    browse(app.url(), options, async |anna: Browser| {
        anna.opens(&format!("{LEIPZIG}/register")).await;
        anna.fills("Name", "Anna Gruber").await;
        anna.fills("E-mail", "anna@graz.example").await;
        anna.fills("Organisation", "City of Graz").await;
        anna.fills("City", "Graz").await;
        anna.chooses("Country", "Austria").await;
        anna.chooses("Category", "Member city").await;
        anna.clicks("Add a colleague").await;
        anna.sees("Person 2").await;
        anna.clicks("Register").await;
        anna.sees("need your attention").await;
        anna.fills_in("Person 2", "Name", "Ben Huber").await;
        anna.fills_in("Person 2", "E-mail", "ben@graz.example").await;
        anna.chooses_in("Person 2", "Category", "Member city").await;
        anna.clicks("Register").await;
        anna.sees("You are registered").await;
    })
    .await;
    let people = registered(&app).await;
    assert_eq!(people.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Anna Gruber", "Ben Huber"]);
}

#[tokio::test]
async fn going_back_and_registering_again_leads_to_the_first_registration() {
    for without_script in [false, true] {
        let app = TestApp::start().await;
        browse(app.url(), Options { without_script, ..Options::default() }, async |anna: Browser| {
            fills_the_form_in(&anna).await;
            anna.clicks("Register").await;
            anna.sees("You are registered").await;
            let reference = reference(&anna).await;
            anna.goes_back().await;
            anna.sees("It takes about three minutes").await;
            assert_eq!(anna.value_in("You", "E-mail").await, "anna@graz.example");
            anna.clicks("Register").await;
            anna.sees("You are registered").await;
            assert_eq!(self::reference(&anna).await, reference);

            // The form that Back brings is the same one. Once something in it is changed, the site asks.
            anna.goes_back().await;
            anna.sees("It takes about three minutes").await;
            anna.fills("City", "Wien").await;
            anna.clicks("Register").await;
            anna.sees("You have already registered with this form").await;

            // Filling in a new form once more is treated the same.
            fills_the_form_in(&anna).await;
            anna.clicks("Register").await;
            anna.sees("You are registered").await;
            assert_eq!(self::reference(&anna).await, reference);
        })
        .await;
        assert_eq!(registered(&app).await.len(), 1, "without script: {without_script}");
    }
}

#[tokio::test]
async fn going_back_to_before_a_colleague_was_added_asks_before_making_another_registration() {
    for without_script in [false, true] {
        let app = TestApp::start().await;
        browse(app.url(), Options { without_script, ..Options::default() }, async |anna: Browser| {
            fills_the_form_in(&anna).await;
            adds_ben(&anna).await;
            anna.clicks("Register").await;
            anna.sees("You are registered").await;
            anna.goes_back().await;
            anna.sees("Person 2").await;
            anna.goes_back().await;
            anna.sees("It takes about three minutes").await;
            assert_eq!(anna.value_in("You", "E-mail").await, "anna@graz.example");
            anna.clicks("Register").await;
            anna.sees("You have already registered with this form").await;
        })
        .await;
        assert_eq!(registered(&app).await.len(), 2, "without script: {without_script}");
    }
}

#[tokio::test]
async fn everything_typed_is_still_there_after_reading_the_privacy_notice() {
    for without_script in [false, true] {
        let app = TestApp::start().await;
        browse(app.url(), Options { without_script, ..Options::default() }, async |anna: Browser| {
            fills_the_form_in(&anna).await;
            adds_ben(&anna).await;
            anna.clicks("I am only registering others").await;
            anna.fills_in("Person 1", "Name", "Carla").await;
            anna.clicks("Invoice details (optional)").await;
            anna.fills("Purchase-order number (optional)", "PO 4711").await;
            anna.fills("Invoice address (optional)", "Town hall").await;

            anna.driver
                .find(By::LinkText("Privacy notice"))
                .await
                .expect("in the footer")
                .click()
                .await
                .expect("a link");
            anna.sees("Who is responsible").await;
            assert_eq!(anna.path().await, format!("{LEIPZIG}/pages/privacy"), "in the same window");
            anna.goes_back().await;
            anna.sees("Person 2").await;
            for (group, label, typed) in [
                ("You", "Name", "Anna Gruber"),
                ("", "City", "Graz"),
                ("Person 1", "Name", "Carla"),
                ("Person 2", "Name", "Ben Huber"),
                ("Person 2", "E-mail", "ben@graz.example"),
            ] {
                assert_eq!(anna.value_in(group, label).await, typed, "{group} {label}");
            }
            anna.fills_in("Person 1", "E-mail", "carla@graz.example").await;
            anna.clicks("Register").await;
            anna.sees("Your colleagues are registered").await;
        })
        .await;
        let kept: (String, String) = sqlx::query_as("select purchase_order, invoice_address from registration")
            .fetch_one(&app.db)
            .await
            .expect("a registration");
        assert_eq!(kept, ("PO 4711".to_owned(), "Town hall".to_owned()), "without script: {without_script}");
    }
}

#[tokio::test]
async fn a_contact_who_decides_to_attend_after_all_sees_every_person_in_the_form() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |anna: Browser| {
        fills_the_form_in(&anna).await;
        anna.clicks("I am only registering others").await;
        anna.fills_in("Person 1", "Name", "Ben Huber").await;
        anna.fills_in("Person 1", "E-mail", "ben@graz.example").await;
        anna.clicks("I will attend, alone or with colleagues").await;
        anna.clicks("Register").await;
        anna.sees("you are now person 1 and Ben Huber is person 2").await;
        assert_eq!(anna.value_in("Person 2", "Name").await, "Ben Huber");
        anna.clicks("Register").await;
        anna.sees("You are registered").await;
    })
    .await;
    let people = registered(&app).await;
    assert_eq!(people.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Anna Gruber", "Ben Huber"]);
}

async fn fills_the_form_in(anna: &Browser) {
    anna.opens(&format!("{LEIPZIG}/register")).await;
    anna.fills("Name", "Anna Gruber").await;
    anna.fills("E-mail", "anna@graz.example").await;
    anna.fills("Organisation", "City of Graz").await;
    anna.fills("City", "Graz").await;
    anna.chooses("Country", "Austria").await;
    anna.chooses("Category", "Member city").await;
}

async fn adds_ben(anna: &Browser) {
    anna.clicks("Add a colleague").await;
    anna.sees("Person 2").await;
    anna.fills_in("Person 2", "Name", "Ben Huber").await;
    anna.fills_in("Person 2", "E-mail", "ben@graz.example").await;
}

/// Returns the reference on the page after registering.
async fn reference(anna: &Browser) -> String {
    let words = anna.text().await;
    let lines = words.lines().skip_while(|line| !line.starts_with("This is your reference"));
    lines.skip(1).find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()
}

async fn registered(app: &TestApp) -> Vec<(String, String)> {
    sqlx::query_as("select name, job_title from attendee order by position")
        .fetch_all(&app.db)
        .await
        .expect("attendees")
}
