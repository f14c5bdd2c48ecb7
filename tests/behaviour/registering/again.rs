//! A form that is sent again: by a second click, from the browser's history, or filled in once more.

use tokio::task::JoinSet;

use super::{count, filled, form, publishes_a_newer_notice, registers};
use crate::support::{Page, TestApp};

/// Returns the reference on the page after registering.
fn reference(page: &Page) -> String {
    page.must_be(200).must_say("You are registered");
    page.texts("h1 + p + p").remove(0)
}

/// Cancels the attendees whose name matches this pattern, directly in the database.
async fn cancel_attendees(app: &TestApp, name: &str) {
    sqlx::query("update attendee set state = 'cancelled', cancelled_at = now() where name like $1")
        .bind(name)
        .execute(&app.db)
        .await
        .expect("cancelled");
}

#[tokio::test]
async fn a_second_click_on_register_makes_no_second_registration() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna", "anna@graz.example");
    let (first, second) = tokio::join!(delegate.sends(sent.clone()), delegate.sends(sent.clone()));
    let later = delegate.sends(sent).await;
    for page in [&first, &second, &later] {
        page.must_be(200).must_say("You are registered");
    }
    assert_eq!(first.texts("h1 + p + p"), later.texts("h1 + p + p"), "the same reference");
    assert_ne!(first.path, later.path, "each response has its own link");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    assert_eq!(count(&app, "select count(*) from message").await, 2);
}

#[tokio::test]
async fn the_same_form_with_changed_content_asks_what_is_meant() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna", "anna@graz.example").fill("Purchase-order number", "PO 4711");
    delegate.sends(sent.clone()).await.must_say("You are registered");

    let asked =
        delegate.sends(sent.fill_in("You", "Name", "Boris").fill_in("You", "E-mail", "boris@graz.example")).await;
    asked.must_be(409).must_say("You have already registered with this form");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    delegate.follows(&asked, "See the first registration").await.must_say("Anna");

    let again = delegate.sends(asked.form("Go back to the form")).await;
    assert_eq!(again.attributes("#name", "value"), ["Boris"]);
    assert_eq!(again.attributes("#purchase-order", "value"), ["PO 4711"]);

    let both = delegate.sends(asked.form("Register them as well")).await;
    both.must_be(200).must_say("You are registered").must_say("Boris");
    assert_eq!(count(&app, "select count(*) from registration").await, 2);
}

#[tokio::test]
async fn a_form_from_before_a_colleague_was_added_counts_as_the_same_form() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let alone = filled(form(&anna).await, "Anna", "anna@graz.example");
    let page = anna.sends(alone.clone().forge("do", "add")).await;
    let two =
        page.form("Register").fill_in("Person 2", "Name", "Boris").fill_in("Person 2", "E-mail", "boris@graz.example");
    let removed = anna.sends(two.clone().forge("do", "remove-2")).await.form("Register");
    anna.sends(two).await.must_say("You are registered").must_say("Boris");
    for earlier in [alone, removed] {
        anna.sends(earlier).await.must_be(409).must_say("You have already registered with this form");
    }
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
}

#[tokio::test]
async fn a_form_from_before_its_errors_were_corrected_counts_as_the_same_form() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let wrong = filled(form(&anna).await, "Anna", "anna");
    let page = anna.sends(wrong.clone()).await;
    page.must_be(422);
    let right = page.form("Register").fill_in("You", "E-mail", "anna@graz.example");
    anna.sends(right).await.must_say("You are registered");
    let other = wrong.fill_in("You", "E-mail", "anna.gruber@graz.example");
    anna.sends(other).await.must_be(409).must_say("You have already registered with this form");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
}

#[tokio::test]
async fn a_new_form_that_repeated_a_registration_asks_before_it_makes_another() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let first = reference(&registers(&anna, "Anna", "anna@graz.example").await);
    let fresh = filled(form(&anna).await, "Anna", "anna@graz.example");
    assert_eq!(reference(&anna.sends(fresh.clone()).await), first);
    anna.sends(fresh.fill("City", "Wien")).await.must_be(409).must_say(&first);
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
}

#[tokio::test]
async fn a_form_keeps_its_registration_when_it_is_sent_with_the_content_of_another() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let first = reference(&registers(&anna, "Anna", "anna@graz.example").await);
    let sent = filled(form(&anna).await, "Boris", "boris@graz.example");
    let second = reference(&anna.sends(sent.clone()).await);
    let as_first = sent.clone().fill_in("You", "Name", "Anna").fill_in("You", "E-mail", "anna@graz.example");
    assert_eq!(reference(&anna.sends(as_first).await), first);
    assert_eq!(reference(&anna.sends(sent.clone()).await), second);
    anna.sends(sent.fill("City", "Wien")).await.must_be(409).must_say(&second);
}

#[tokio::test]
async fn the_same_people_in_capitals_are_the_same_content() {
    let app = TestApp::start().await;
    let rita = app.delegate();
    let first = reference(&registers(&rita, "Rita R", "rita@city.example").await);
    assert_eq!(reference(&registers(&rita, "rita r", "RITA@city.example").await), first);
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
}

#[tokio::test]
async fn the_same_content_from_a_new_form_leads_to_the_first_registration() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let first = registers(&anna, "Anna", "anna@graz.example").await;
    // Neither the consent box nor the version of the privacy notice is part of the content.
    publishes_a_newer_notice(&app).await;
    let fresh = filled(form(&anna).await, "Anna", "anna@graz.example").tick(&super::consent_words(1));
    let second = anna.sends(fresh).await;
    assert_eq!(second.redirected_by, Some(303));
    assert_eq!(reference(&second), reference(&first));
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    assert_eq!(count(&app, "select count(*) from message").await, 2, "no second mail");

    registers(&anna, "Anna Gruber", "anna@graz.example").await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from registration").await, 2, "other content is another registration");
}

#[tokio::test]
async fn the_same_content_from_many_forms_at_once_is_saved_once() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let mut forms = Vec::new();
    for _ in 0..8 {
        forms.push(filled(form(&anna).await, "Anna", "anna@graz.example"));
    }
    let mut sent = JoinSet::new();
    for form in forms {
        let anna = anna.clone();
        sent.spawn(async move { reference(&anna.sends(form).await) });
    }
    let mut references = sent.join_all().await;
    references.dedup();
    assert_eq!(references.len(), 1, "{references:?}");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    assert_eq!(count(&app, "select count(*) from message").await, 2);
}

#[tokio::test]
async fn the_same_content_from_another_network_does_not_lead_to_the_first_registration() {
    let app = TestApp::start().await;
    reference(&registers(&app.delegate(), "Anna", "anna@graz.example").await);
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("Check your e-mail");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
}

#[tokio::test]
async fn the_same_content_a_day_later_does_not_lead_to_the_first_registration() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example");
    let first = reference(&anna.sends(sent.clone()).await);
    let start = app.now();
    app.it_is(start + time::Duration::hours(23));
    assert_eq!(reference(&registers(&anna, "Anna", "anna@graz.example").await), first);
    app.it_is(start + time::Duration::hours(25));
    registers(&anna, "Anna", "anna@graz.example").await.must_say("Check your e-mail");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
}

#[tokio::test]
async fn the_same_content_for_another_conference_is_another_registration() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let first = registers(&anna, "Anna", "anna@graz.example").await;
    sqlx::raw_sql(VENICE).execute(&app.db).await.expect("a second conference");
    let venice = filled(anna.opens("/venice-2019/register").await.form("Register"), "Anna", "anna@graz.example");
    let second = anna.sends(venice).await;
    assert_ne!(reference(&second), reference(&first));
    assert!(second.path.starts_with("/venice-2019/registered/"), "{}", second.path);
}

/// A second conference, with a privacy notice and a category.
const VENICE: &str = "
    insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on, time_zone,
        contact_email, contact_telephone, contact_fax, registration_closes)
    select '0192f0c1-0000-7000-8000-000000000001', 'venice-2019', title, theme, 'Venice', 'IT', venue, venue_url, hosts,
        date '2019-06-13', date '2019-06-14', 'Europe/Rome', contact_email, contact_telephone, contact_fax, registration_closes from conference;
    insert into category (id, conference_id, slug, name, access)
    values (gen_random_uuid(), '0192f0c1-0000-7000-8000-000000000001', 'member-city', 'Member city', 'public');
    insert into edit (id, conference_id)
    values ('0192f0c1-0000-7000-8000-000000000004', '0192f0c1-0000-7000-8000-000000000001');
    begin;
    insert into slug (conference_id, kind, slug, item_id)
    values ('0192f0c1-0000-7000-8000-000000000001', 'page', 'privacy', '0192f0c1-0000-7000-8000-000000000002');
    insert into revision (id, conference_id, item_id, kind, number, slug, title, title_folded, status, edit_id)
    values ('0192f0c1-0000-7000-8000-000000000003', '0192f0c1-0000-7000-8000-000000000001',
        '0192f0c1-0000-7000-8000-000000000002', 'page', 1, 'privacy', 'Privacy notice',
        'privacy notice', 'confirmed', '0192f0c1-0000-7000-8000-000000000004');
    insert into page_content (revision_id, conference_id, text, draft)
    values ('0192f0c1-0000-7000-8000-000000000003', '0192f0c1-0000-7000-8000-000000000001', 'Words', false);
    insert into item (id, conference_id, kind, head_id, published_id)
    values ('0192f0c1-0000-7000-8000-000000000002', '0192f0c1-0000-7000-8000-000000000001', 'page',
        '0192f0c1-0000-7000-8000-000000000003', '0192f0c1-0000-7000-8000-000000000003');
    insert into release (id, conference_id, number)
    values ('0192f0c1-0000-7000-8000-000000000005', '0192f0c1-0000-7000-8000-000000000001', 1);
    insert into release_change (release_id, conference_id, item_id, after_id)
    values ('0192f0c1-0000-7000-8000-000000000005', '0192f0c1-0000-7000-8000-000000000001',
        '0192f0c1-0000-7000-8000-000000000002', '0192f0c1-0000-7000-8000-000000000003');
    commit;";

#[tokio::test]
async fn once_all_attendees_are_cancelled_the_same_content_registers_again() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example");
    let first = anna.sends(sent.clone()).await;
    cancel_attendees(&app, "%").await;
    anna.opens(&first.path).await.must_say("This registration was cancelled");
    let second = reference(&registers(&anna, "Anna", "anna@graz.example").await);
    assert_ne!(second, reference_of(&app, 1).await);
    assert_eq!(reference(&registers(&anna, "Anna", "anna@graz.example").await), second);

    // The first form, sent again from the browser's history, behaves the same. With changed content, it does not ask
    // about a registration that was cancelled.
    assert_eq!(reference(&anna.sends(sent.clone()).await), second);
    cancel_attendees(&app, "%").await;
    let third = reference(&anna.sends(sent.clone()).await);
    assert_ne!(third, second);
    cancel_attendees(&app, "%").await;
    anna.sends(sent.fill("City", "Wien")).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from registration").await, 4);
    assert_eq!(count(&app, "select count(*) from attendee where state = 'confirmed'").await, 1);
}

/// Returns the reference of a registration, counted from 1.
async fn reference_of(app: &TestApp, number: i64) -> String {
    sqlx::query_scalar("select reference from registration order by id offset $1 - 1 limit 1")
        .bind(number)
        .fetch_one(&app.db)
        .await
        .expect("a registration")
}

#[tokio::test]
async fn two_clicks_on_register_after_cancelling_make_one_registration() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let sent = filled(form(&anna).await, "Anna", "anna@graz.example");
    anna.sends(sent.clone()).await.must_say("You are registered");
    cancel_attendees(&app, "%").await;
    let (one, other) = tokio::join!(anna.sends(sent.clone()), anna.sends(sent));
    assert_eq!(reference(&one), reference(&other));
    assert_eq!(count(&app, "select count(*) from registration").await, 2);
}

#[tokio::test]
async fn a_form_sent_again_after_one_attendee_was_cancelled_says_who() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let page = anna.sends(filled(form(&anna).await, "Anna", "anna@graz.example").forge("do", "add")).await;
    let sent =
        page.form("Register").fill_in("Person 2", "Name", "Boris").fill_in("Person 2", "E-mail", "boris@graz.example");
    anna.sends(sent.clone()).await.must_say("You are registered").must_not_say("Cancelled:");
    cancel_attendees(&app, "Boris").await;
    let page = anna.sends(sent).await;
    page.must_say("You are registered").must_say("Cancelled: Boris.").must_not_say("Boris, Member city");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
}
