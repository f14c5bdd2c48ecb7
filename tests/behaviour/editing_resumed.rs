//! The login ends while somebody types, on every page with a form.

use conference::routes::{TABLE, Who};
use time::Duration;

use crate::{
    codes,
    editing::{self, room},
    questions,
    roles::filled,
    signing_in::{PASSWORD, signs_in, with_password},
    support::{TestApp, registration::registers},
};

/// Records a payment of the registration.
async fn pays(app: &TestApp) {
    sqlx::query(
        "insert into payment (id, conference_id, registration_id, amount_cents, paid_on, account_id, created_at)
         select gen_random_uuid(), conference_id, registration.id, 100, '2018-03-01', account.id, now()
         from registration, (select id from account limit 1) account",
    )
    .execute(&app.db)
    .await
    .expect("a payment");
}

/// Schedules a mailing and keeps a text for others.
async fn writes(app: &TestApp) {
    for statement in [
        "insert into mailing (id, conference_id, submission_id, view, readers, with_cancelled, subject, text, due_at, account_id, created_at)
         select gen_random_uuid(), conference_id, gen_random_uuid(), '', 'attendees', false, 'x', 'x', now() + interval '1 year', account.id, now()
         from registration, (select id from account limit 1) account",
        "insert into mail_template (id, conference_id, name, subject, text)
         select gen_random_uuid(), conference_id, 'x', 'x', 'x' from registration",
    ] {
        sqlx::query(statement).execute(&app.db).await.expect("it is kept");
    }
}

#[tokio::test]
async fn after_signing_in_again_every_form_shows_what_was_typed() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.must_say("You are registered");
    app.account_without_role().await;
    let account = with_password(&app, "administrator").await;
    let person = app.delegate();
    signs_in(&person, &account.email, PASSWORD).await;
    room(&person, "Saal 1").await;
    editing::person(&person, "Ada Zaun").await;
    pays(&app).await;
    writes(&app).await;
    questions::adds(&person, "Hobby", "One line", |form| form).await;
    codes::makes(&person, "GRAZ-2018", "University", |form| form).await;

    let mut tried = Vec::new();
    let has_page = |path: &str| TABLE.iter().any(|other| other.method == "GET" && other.path == path);
    let posts = TABLE.iter().filter(|route| route.method == "POST" && matches!(route.who, Who::May(_)));
    for route in posts.filter(|route| has_page(route.path)) {
        let (path, known) = filled(&app.db, route.path).await;
        // Nothing is typed on the page of a revision.
        if !known && route.path.contains("{revision}") {
            continue;
        }
        let page = person.opens(&path).await;
        for button in page.texts("main form button") {
            let (form, typed) = page.form(&button).type_everywhere();
            if typed.is_empty() || !form.is_post() || form.goes_to() != path {
                continue;
            }
            app.it_is(app.now() + Duration::hours(13));
            // The limit on sign-ins uses the database's clock, which does not move with the test's clock.
            sqlx::query("delete from rate_limit").execute(&app.db).await.expect("no limits");
            let asked = person.sends(form).await;
            asked.must_be(401);
            let back =
                person.sends(asked.form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
            assert_eq!(back.must_be(200).path.split('?').next(), Some(path.as_str()));
            assert_eq!(back.body.matches("Not saved yet.").count(), 1, "what is shown at {path} is not saved");
            for (name, words) in typed {
                assert_eq!(back.form(&button).hidden(&name), Some(words), "{name} at {path} after \"{button}\"");
            }
            tried.push((route.path, button));
        }
    }
    for (path, button) in [
        ("/staff/{c}/attendees/{attendee}/correct", "Save"),
        ("/staff/{c}/attendees/{attendee}/cancel", "Cancel the place"),
        ("/organisers/{c}/sessions/{session}", "Save and publish"),
        ("/organisers/{c}/pages/new", "Preview"),
        ("/organisers/{c}/rooms/new", "Save and publish"),
        ("/organisers/{c}/rooms/{room}", "Save without publishing"),
        ("/administration/{c}", "Save and publish"),
    ] {
        assert!(
            tried.iter().any(|one| *one == (path, button.to_owned())),
            "{button} at {path} is not among {tried:#?}"
        );
    }
}
