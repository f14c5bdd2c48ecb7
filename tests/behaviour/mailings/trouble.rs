//! Writing while the login ends, people disappear, or the form is forged.

use time::Duration;

use super::{count, execute, form, people, previewed};
use crate::{
    signing_in::{PASSWORD, signs_in, with_password},
    support::{LEIPZIG, TestApp},
};

#[tokio::test]
async fn a_text_survives_a_login_that_ends_while_somebody_writes_and_so_does_the_view() {
    let app = TestApp::start().await;
    people(&app.db, 3).await;
    let account = with_password(&app, "staff").await;
    let staff = app.delegate();
    signs_in(&staff, &account.email, PASSWORD).await;
    let written = form(&staff, "?q=0002").await.fill("Subject", "Bus").fill("Text", "Hello {name}, a long text");
    app.it_is(app.now() + Duration::hours(13));
    let asked = staff.sends(written).await;
    asked.must_be(401);
    let back = staff.sends(asked.form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
    back.must_be(200).must_say("Not saved yet.").must_say("Write to 1 person");
    assert_eq!(back.form("Preview").value("Text"), "Hello {name}, a long text");
    let page = staff.sends(back.form("Preview")).await;
    page.must_be(200).must_say("Hello Person 0002, a long text");
    staff.sends(page.form("Send one e-mail")).await.must_say("On its way.");
}

#[tokio::test]
async fn huge_and_forged_forms_get_an_answer_and_send_nothing() {
    let app = TestApp::start().await;
    people(&app.db, 2).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", &"a".repeat(10_001)).await;
    assert_eq!(page.must_be(422).error_beside("Text").as_deref(), Some("Use at most 10000 characters"));
    let page = previewed(&staff, "", "Hello").await;
    for (field, value, status) in [
        ("readers", "everybody", 422),
        ("subject", "a\r\nBcc: x@evil.example", 422),
        ("seen", "attendees 7 ", 409),
        ("submission", "none", 400),
    ] {
        staff.sends(page.form("Send 2 e-mails").forge(field, value)).await.must_be(status);
    }
    assert_eq!(count(&app.db, "select count(*) from mailing").await, 0);
    staff.tries(&format!("/staff{LEIPZIG}/mailings/01900000-0000-7000-8000-000000000001")).await.must_be(404);
    staff.tries(&format!("/staff{LEIPZIG}/messages/01900000-0000-7000-8000-000000000001/correct")).await.must_be(404);
}

#[tokio::test]
async fn a_reader_who_was_shown_may_leave_the_view() {
    let app = TestApp::start().await;
    people(&app.db, 3).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", "Hello {name}").await;
    let second = staff.sends(page.form("Next reader")).await;
    second.must_say("What Person 0002 gets");
    execute(&app.db, "update attendee set state = 'cancelled', cancelled_at = now(), cancel_cause = 'staff' where name = 'Person 0002'").await;
    staff
        .sends(second.form("Next reader"))
        .await
        .must_be(200)
        .must_say("What Person 0001 gets")
        .must_say("E-mail 1 of 2");
}

#[tokio::test]
async fn nothing_is_sent_that_differs_from_the_preview() {
    let app = TestApp::start().await;
    people(&app.db, 2).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", "Hello").await;
    let changed = staff.sends(page.form("Send 2 e-mails").fill("Text", "Something else")).await;
    changed.must_be(409).must_say("Nothing was sent yet.").must_say("Something else");
    // One joins and another leaves, so that their number stays the same.
    let page = previewed(&staff, "?state=confirmed", "Hello").await;
    execute(&app.db, "update attendee set state = 'cancelled', cancelled_at = now(), cancel_cause = 'staff' where name = 'Person 0002'").await;
    people_besides(&app.db).await;
    staff.sends(page.form("Send 2 e-mails")).await.must_be(409);
    assert_eq!(count(&app.db, "select count(*) from mailing").await, 0);
    let page = previewed(&staff, "?state=confirmed", "Hello").await;
    staff.sends(page.form("Send 2 e-mails")).await.must_say("On its way.");
}

/// Gives the first person's registration a second one.
async fn people_besides(db: &sqlx::PgPool) {
    let statement =
        "insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised,
             job_title, category_id, state, created_at)
         select gen_random_uuid(), conference_id, registration_id, 2, 'Zoe', 'zoe', 'zoe@city.example', 'zoe@city.example', 'CIO',
             category_id, 'confirmed', created_at
         from attendee where name = 'Person 0001'";
    sqlx::query(statement).execute(db).await.expect("somebody besides");
}

#[tokio::test]
async fn headings_of_every_kind_are_sent_and_signs_alone_are_no_text() {
    let app = TestApp::start().await;
    people(&app.db, 1).await;
    let staff = app.staff().await;
    let page = previewed(&staff, "", "#\tThe bus\n\nIt leaves at nine.\n\n- # The boat\n").await;
    page.must_be(200).must_say("The bus").must_say("The boat");
    for text in ["> > >", "---", "#", "* \n* "] {
        let page = previewed(&staff, "", text).await;
        assert_eq!(page.must_be(422).error_beside("Text").as_deref(), Some("Write the text"), "{text}");
    }
}
