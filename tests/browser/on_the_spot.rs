//! Staff register a caller with the keyboard alone, in less than a minute and with few keys besides what they type.

use std::time::{Duration, Instant};

use thirtyfour::Key;

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp},
};

#[tokio::test]
async fn staff_register_a_caller_with_ten_keys_besides_the_text() {
    let app = TestApp::start().await;
    let (account, now) = (app.account("staff").await, app.now());
    let secret = account.login(&app.db, now).await;
    let db = app.db.clone();
    browse(app.url(), Options::default(), async move |eva: Browser| {
        eva.signs_in_with(&secret).await;
        eva.opens(&format!("/staff{LEIPZIG}/attendees/new")).await;
        let begun = Instant::now();
        let mut keys = 0;
        assert_eq!(eva.focused().await, "Name", "the first field has the focus");
        let fields = [
            ("Name", "Anna Gruber"),
            ("E-mail", "anna@graz.example"),
            ("Organisation", "City of Graz"),
            ("City", "Graz"),
            ("Country", "Austria"),
            ("Category", "Member"),
        ];
        for (label, text) in fields {
            assert_eq!(eva.focused().await, label);
            eva.presses(text).await;
            eva.presses(Key::Tab).await;
            keys += 1;
        }
        // Over the box for the mails and the fields that are seldom needed, to the link and the button.
        while eva.focused().await != "Register" {
            eva.presses(Key::Tab).await;
            keys += 1;
            assert!(keys < 20, "{}", eva.focused().await);
        }
        eva.presses(Key::Enter).await;
        eva.sees("Tell the caller the reference").await;
        let took = begun.elapsed();
        keys += 1;
        let typed: usize = fields.iter().map(|(_, text)| text.len()).sum();
        println!("registered on the spot: {keys} keys besides {typed} letters, {:.1} s by machine", took.as_secs_f64());
        assert!(keys <= 10, "{keys} keys");
        // Somebody who types five letters a second needs less than half a minute.
        assert!(took < Duration::from_secs(30));
        // The notice has the focus, so that Enter pressed twice does not skip the reference.
        eva.tabs_to("Register another").await;
        eva.enters().await;
        eva.sees("Back without registering").await;
        assert_eq!(eva.focused().await, "Name");
        // The same person once more: the question has the focus, and nothing that was typed is lost.
        for (_, text) in fields {
            eva.presses(text).await;
            eva.presses(Key::Tab).await;
        }
        eva.tabs_to("Register").await;
        eva.presses(Key::Enter).await;
        eva.sees("Is this the same person?").await;
        assert_eq!(eva.focused().await, "Is this the same person?");
        eva.tabs_to("It is somebody else").await;
        eva.presses(Key::Enter).await;
        eva.sees("Tell the caller the reference").await;
        // Somebody for whom there is no place: the reason has the focus, and Enter registers.
        sqlx::query("update capacity set places = taken where category_id is null").execute(&db).await.expect("full");
        eva.tabs_to("Register another").await;
        eva.enters().await;
        eva.sees("Back without registering").await;
        for (label, text) in fields {
            eva.presses(if label == "Name" { "Boris Maier" } else { text }).await;
            eva.presses(Key::Tab).await;
        }
        eva.tabs_to("Register").await;
        eva.presses(Key::Enter).await;
        eva.sees("A rule stands against this").await;
        if eva.focused().await != "Reason" {
            // Enter was held so long that it sent the form once more.
            eva.tabs_to("Reason").await;
        }
        eva.presses("The mayor of Graz").await;
        eva.presses(Key::Enter).await;
        eva.sees("Tell the caller the reference").await;
    })
    .await;
}
