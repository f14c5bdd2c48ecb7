//! The button "This is another person".

use reqwest::Method;
use time::Duration;

use super::{BUTTON, CHECK, Site, again, named, people, to};
use crate::{instances::House, registering::count, support::TestApp};

async fn changes(app: &TestApp, sql: &'static str) {
    sqlx::query(sql).execute(&app.db).await.expect("a change");
}

#[tokio::test]
async fn only_the_button_registers_the_other_person_and_only_once() {
    let mut site = Site::with_anna().await;
    let delegate = site.app.delegate();
    let page = site.asked(&delegate).await;
    page.must_say("Another Anna?").must_say("anna@graz.example");
    for method in [Method::GET, Method::HEAD] {
        let answer = delegate.asks(method, &page.path, &[("sec-fetch-site", "none")], None).await;
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(people(&site.app).await, named(&[("Anna", false)]));

    let (one, other) = tokio::join!(delegate.sends(page.form(BUTTON)), delegate.sends(page.form(BUTTON)));
    for answer in [&one, &other] {
        let is_done = answer.says("You are registered") || answer.says("This registration is complete");
        assert!(is_done, "{}", answer.text());
    }
    assert_eq!(people(&site.app).await, named(&[("Anna", false), ("Anna", true)]));
    let told = site.told(2).await;
    assert!(to(&told, "anna@graz.example").subject().starts_with("You are registered"));
    delegate.sends(page.form(BUTTON)).await.must_be(410).must_say("This registration is complete");
    delegate.tries(&page.path).await.must_be(410).must_say("This registration is complete");
    assert_eq!(people(&site.app).await.len(), 2);
    let kept: (String, String, i32) =
        sqlx::query_as("select name, email, jsonb_array_length(fields) from pending_registration")
            .fetch_one(&site.app.db)
            .await
            .expect("it");
    assert_eq!(kept, (String::new(), String::new(), 0), "what was entered is deleted");

    // A third one is asked again.
    delegate.sends(again(&delegate, "Anna", "anna@graz.example").await.fill("City", "Wels")).await.must_say(CHECK);
}

#[tokio::test]
async fn after_three_days_it_is_too_late_and_what_was_entered_is_deleted() {
    let mut site = Site::with_anna().await;
    let delegate = site.app.delegate();
    let page = site.asked(&delegate).await;
    site.app.it_is(site.app.now() + Duration::days(3) + Duration::minutes(1));
    delegate.sends(page.form(BUTTON)).await.must_be(410).must_say("this time is over");
    delegate.tries(&page.path).await.must_be(410).must_say("This link no longer works").must_say("Register");
    assert_eq!(people(&site.app).await.len(), 1);
}

/// The job looks when a program starts, and then once an hour.
#[tokio::test]
async fn a_job_deletes_what_was_entered_when_the_time_is_over() {
    let house = House::new().await;
    let instance = house.program(&[]).await;
    for (number, expected) in [(0, "You are registered"), (1, CHECK), (2, CHECK)] {
        let delegate = instance.delegate(number);
        let form = again(&delegate, "Anna", "anna@graz.example").await.fill("City", &format!("City {number}"));
        delegate.sends(form).await.must_say(expected);
    }
    sqlx::query(
        "update pending_registration set expires_at = now() - interval '1 second'
         where id = (select id from pending_registration order by id limit 1)",
    )
    .execute(&house.db)
    .await
    .expect("its time is over");
    let _other = house.program(&[]).await;
    let kept = async || {
        let kept = sqlx::query_as("select name, email, fields <> '[]' from pending_registration order by id");
        kept.fetch_all(&house.db).await.expect("the rows")
    };
    let expected = [("", "", false), ("Anna", "anna@graz.example", true)]
        .map(|(name, email, fields)| (name.to_owned(), email.to_owned(), fields));
    let mut found: Vec<(String, String, bool)> = kept().await;
    for _ in 0..300 {
        if found == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        found = kept().await;
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn if_it_can_no_longer_be_the_form_comes_up_filled_in_and_completes_it() {
    let mut site = Site::with_anna().await;
    let delegate = site.app.delegate();
    let page = site.asked(&delegate).await;
    changes(&site.app, "update category set closes = now() - interval '1 day' where slug = 'member-city'").await;
    let form = delegate.sends(page.form(BUTTON)).await;
    form.must_be(422);
    let words = "Registration in this category has closed. Choose another one, or contact us";
    assert_eq!(form.errors(), [("Category".to_owned(), words.to_owned())]);
    let filled_in = form.form("Register");
    assert_eq!((filled_in.value_in("You", "Name"), filled_in.value("City")), ("Anna".to_owned(), "Linz".to_owned()));
    let done = delegate.sends(filled_in.clone().choose_in("Person 1", "Category", "University")).await;
    done.must_say("You are registered").must_say("Anna, University");
    assert_eq!(people(&site.app).await, named(&[("Anna", false), ("Anna", true)]));
    delegate.sends(filled_in.choose_in("Person 1", "Category", "University")).await.must_say("You are registered");
    assert_eq!(people(&site.app).await.len(), 2);
}

#[tokio::test]
async fn a_fee_that_has_changed_and_a_closed_registration_are_said_as_by_the_form() {
    let mut site = Site::with_anna().await;
    let delegate = site.app.delegate();
    let page = site.asked(&delegate).await;
    let account = "update registration_settings set account_holder = 'MCE', iban = 'DE89370400440532013000'";
    changes(&site.app, account).await;
    changes(&site.app, "update category set fee_cents = 45000 where slug = 'member-city'").await;
    let form = delegate.sends(page.form(BUTTON)).await;
    form.must_be(422).must_say("A fee has changed");
    changes(&site.app, "update category set fee_cents = 0").await;
    site.app.it_is(site.app.now() + Duration::days(1));
    changes(&site.app, "update conference set registration_closes = '2018-01-01'").await;
    let closed = delegate.opens_until("/leipzig-2018/register", |page| page.says("Registration is closed")).await;
    assert_eq!(closed.status, 200);
    delegate.sends(page.form(BUTTON)).await.must_say("Registration is closed").must_say("You are not registered.");
    assert_eq!(people(&site.app).await.len(), 1);
}

#[tokio::test]
async fn when_all_places_are_taken_the_other_person_is_offered_the_waiting_list() {
    let mut site = Site::with_anna().await;
    let delegate = site.app.delegate();
    let page = site.asked(&delegate).await;
    changes(&site.app, "update capacity set places = taken where category_id is null").await;
    let form = delegate.sends(page.form(BUTTON)).await;
    form.must_be(422).must_say("No place is left for Anna");
    delegate.sends(form.form("Join the waiting list")).await.must_say("You are on the waiting list");
    assert_eq!(people(&site.app).await, named(&[("Anna", false), ("Anna", true)]));
    assert_eq!(count(&site.app, "select count(*) from attendee where state = 'waiting'").await, 1);
}

#[tokio::test]
async fn the_secret_is_only_for_the_person_it_was_made_for() {
    let mut site = Site::with_anna().await;
    let boris = site.app.delegate();
    boris.sends(again(&boris, "Boris", "boris@graz.example").await).await.must_say("You are registered");
    site.told(2).await;
    let delegate = site.app.delegate();
    let page = site.asked(&delegate).await;
    let token = page.path.rsplit('/').next().expect("the secret").to_owned();
    let forged = again(&delegate, "Boris", "boris@graz.example").await.fill("City", "Wels").forge("another", &token);
    delegate.sends(forged).await.must_say(CHECK);
    assert_eq!(people(&site.app).await, named(&[("Anna", false), ("Boris", false)]));
    delegate.sends(page.form(BUTTON)).await.must_say("You are registered");
    for invented in ["x", &"A".repeat(43)] {
        delegate.tries(&format!("/another-person/{invented}")).await.must_be(404).must_say("This link does not work");
    }
    let manage = to(&site.seen, "anna@graz.example").link("/manage/").replace("/manage/", "/another-person/");
    delegate.tries(&manage).await.must_be(404);
    delegate.tries(&format!("/manage/{token}")).await.must_be(404);
}

#[tokio::test]
async fn colleagues_are_added_to_the_form_that_completes_it() {
    let mut site = Site::with_anna().await;
    let delegate = site.app.delegate();
    let page = site.asked(&delegate).await;
    changes(&site.app, "update category set closes = now() - interval '1 day' where slug = 'member-city'").await;
    let form = delegate.sends(page.form(BUTTON)).await.form("Add a colleague");
    let form = form.choose_in("Person 1", "Category", "University");
    let form = delegate.sends(form).await.form("Register");
    let form = form.fill_in("Person 2", "Name", "Boris").fill_in("Person 2", "E-mail", "boris@graz.example");
    delegate.sends(form).await.must_say("Anna, University").must_say("Boris, University");
    assert_eq!(people(&site.app).await, named(&[("Anna", false), ("Anna", true), ("Boris", false)]));
}

#[tokio::test]
async fn a_form_that_somebody_else_sent_is_not_shown_to_whoever_reads_the_mail() {
    let mut site = Site::with_anna().await;
    let boris = site.app.delegate();
    let form = super::two(&boris, ("Boris", "boris@graz.example"), ("Anna", "anna@graz.example")).await;
    boris.sends(form.fill("Telephone", "+43 316 872")).await.must_say("You are registered");
    let told = site.told(3).await;
    let anna = site.app.delegate();
    let page = anna.opens(&super::to(&told, "anna@graz.example").link("/another-person/")).await;
    changes(&site.app, "update category set closes = now() - interval '1 day' where slug = 'member-city'").await;
    let page = anna.sends(page.form(BUTTON)).await;
    page.must_be(409).must_say("cannot be completed as it was sent").must_not_say("Boris").must_not_say("872");
    assert_eq!(people(&site.app).await, named(&[("Anna", false), ("Boris", false)]));
}
