//! The registration form of somebody who is registered already.

use time::Duration;

use super::{CHECK, Site, again, named, people, to, two};
use crate::{
    registering::{count, filled, form, registers},
    support::{Mail, Page, TestApp},
};

#[tokio::test]
async fn the_same_content_on_a_later_day_gets_a_mail_with_the_existing_link_and_one_for_another_person() {
    let mut site = Site::with_anna().await;
    site.app.it_is(site.app.now() + Duration::hours(25));
    let page = registers(&site.app.delegate(), "Anna", "anna@graz.example").await;
    assert_eq!(page.redirected_by, Some(303));
    page.must_be(200).must_say(CHECK).must_not_say("already").must_not_say("anna@");
    assert_eq!(people(&site.app).await, named(&[("Anna", false)]));
    let told = site.told(1).await;
    let mail = to(&told, "anna@graz.example");
    assert!(mail.subject().starts_with("A second registration with your name"), "{}", mail.subject());
    let anna = site.app.delegate();
    anna.opens(&mail.link("/manage/")).await.must_say("Your registration").must_say("Anna");
    anna.opens(&mail.link("/another-person/")).await.must_be(200).must_say("Another Anna?");
}

#[tokio::test]
async fn capitals_and_other_ways_to_write_the_same_letters_make_no_other_person() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Željka Horvat", "zeljka@graz.example").await.must_say("You are registered");
    for (name, email) in [
        ("ŽELJKA  horvat", "Zeljka@GRAZ.example"),
        ("Z\u{30c}eljka Horvat", "zeljka@graz.example"),
        ("Ｚ\u{30c}eljka Horvat", "zeljka@graz.example"),
    ] {
        let delegate = app.delegate();
        delegate.sends(again(&delegate, name, email).await).await.must_say(CHECK);
    }
    assert_eq!(count(&app, "select count(*) from attendee").await, 1);
    for (name, email) in [("Željka Horvat", "zh@graz.example"), ("Željko Horvat", "zeljka@graz.example")] {
        let delegate = app.delegate();
        delegate.sends(again(&delegate, name, email).await).await.must_say("You are registered");
    }
}

#[tokio::test]
async fn a_colleague_who_is_registered_already_is_asked_and_the_others_are_registered() {
    let mut site = Site::with_anna().await;
    let boris = site.app.delegate();
    let form = two(&boris, ("Boris", "boris@graz.example"), ("Anna", "anna@graz.example")).await;
    let page = boris.sends(form.clone()).await;
    page.must_say("You are registered").must_say("Boris, Member city").must_not_say("Anna, Member city");
    page.must_say("We have sent an e-mail to anna@graz.example. Please open it to complete the registration of Anna.");
    assert_eq!(people(&site.app).await, named(&[("Anna", false), ("Boris", false)]));
    let told = site.told(3).await;
    assert!(to(&told, "boris@graz.example").subject().starts_with("You are registered"));
    assert!(to(&told, "boris@graz.example").text().contains("They are registered once it is answered"));
    // The same form again leads to the same registration and sends nothing.
    let repeated = boris.sends(form).await;
    assert_eq!(repeated.texts("h1 + p + p"), page.texts("h1 + p + p"));
    repeated.must_say("complete the registration of Anna");
    assert_eq!(count(&site.app, "select count(*) from message").await, 5);
    // The other Anna is registered by Boris, who is the contact of a second registration and does not attend with it.
    let button = boris.opens(&to(&told, "anna@graz.example").link("/another-person/")).await;
    // Whoever reads Anna's mail learns nothing of what Boris gave.
    let done = boris.sends(button.form(super::BUTTON)).await;
    done.must_say("The other person is registered.").must_not_say("boris@graz.example").must_not_say("Linz");
    assert_eq!(people(&site.app).await, named(&[("Anna", false), ("Boris", false), ("Anna", true)]));
    boris.opens(&page.path).await.must_not_say("complete the registration of Anna");
}

#[tokio::test]
async fn a_contact_who_is_registered_already_registers_colleagues() {
    let mut site = Site::with_anna().await;
    let anna = site.app.delegate();
    let form = two(&anna, ("Anna", "anna@graz.example"), ("Boris", "boris@graz.example")).await;
    let page = anna.sends(form).await;
    page.must_say("Your colleague is registered").must_say("complete the registration of Anna");
    let contact: (Option<String>, Option<String>) = sqlx::query_as(
        "select contact_name, contact_email from registration order by created_at desc, id desc limit 1",
    )
    .fetch_one(&site.app.db)
    .await
    .expect("the registration");
    assert_eq!(contact, (Some("Anna".to_owned()), Some("anna@graz.example".to_owned())));
    let told = site.told(4).await;
    let to_anna: Vec<_> = told.iter().filter(|mail| mail.to == ["anna@graz.example"]).map(Mail::subject).collect();
    assert_eq!(to_anna.len(), 2, "{to_anna:?}");
    assert!(to_anna.iter().any(|subject| subject.starts_with("A second registration with your name")), "{to_anna:?}");
}

#[tokio::test]
async fn when_everybody_on_the_form_is_registered_already_only_the_questions_are_kept() {
    let mut site = Site::with_anna().await;
    registers(&site.app.delegate(), "Boris", "boris@graz.example").await.must_say("You are registered");
    site.told(2).await;
    let anna = site.app.delegate();
    let form = two(&anna, ("Anna", "anna@graz.example"), ("Boris", "boris@graz.example")).await;
    anna.sends(form.clone()).await.must_say(CHECK);
    anna.sends(form).await.must_say(CHECK);
    let told = site.told(2).await;
    to(&told, "anna@graz.example");
    to(&told, "boris@graz.example");
    assert_eq!(count(&site.app, "select count(*) from registration").await, 2);
    assert_eq!(count(&site.app, "select count(*) from pending_registration").await, 2);
    assert_eq!(count(&site.app, "select count(*) from message").await, 6, "no second mail for the same form");
    assert_eq!(count(&site.app, "select count(*) from audit where kind = 'registration_repeated'").await, 2);
}

/// Returns what a page shows, without the menus.
fn shown(page: &Page) -> String {
    page.texts("main").concat()
}

#[tokio::test]
async fn the_page_is_the_same_whoever_is_known_and_names_nobody() {
    let site = Site::with_anna().await;
    let (one, other) = (site.app.delegate(), site.app.delegate());
    registers(&site.app.delegate(), "Boris", "boris@graz.example").await.must_say("You are registered");
    let anna = one.sends(again(&one, "Anna", "anna@graz.example").await).await;
    let boris = other.sends(again(&other, "Boris", "boris@graz.example").await).await;
    let nobody = site.app.delegate().opens("/leipzig-2018/check-your-mail").await;
    assert_eq!((anna.body.clone(), anna.path.clone()), (boris.body, boris.path));
    assert_eq!((anna.body.clone(), anna.path.clone()), (nobody.body, nobody.path));
    let words = shown(&anna);
    assert!(!words.contains("already") && !words.contains("Anna") && !words.contains("reference"), "{words}");
}

#[tokio::test]
async fn beside_others_the_page_says_no_more_than_that_a_mail_was_sent() {
    let site = Site::with_anna().await;
    let boris = site.app.delegate();
    let known = boris.sends(two(&boris, ("Boris", "boris@graz.example"), ("Anna", "anna@graz.example")).await).await;
    let reference: String = sqlx::query_scalar("select reference from registration order by created_at, id limit 1")
        .fetch_one(&site.app.db)
        .await
        .expect("Anna's registration");
    known.must_not_say(&reference).must_not_say("already registered");
    let carla = site.app.delegate();
    let alone = carla.sends(filled(form(&carla).await, "Carla", "boris@graz.example")).await;
    let said = |page: &Page| shown(page).replace(&page.texts("h1 + p + p").concat(), "").replace("Carla", "Boris");
    let held_back =
        "We have sent an e-mail to anna@graz.example. Please open it to complete the registration of Anna. ";
    assert_eq!(said(&known).replace(held_back, ""), said(&alone));
}

#[tokio::test]
async fn an_address_gets_no_more_than_ten_mails_from_such_forms() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
    for _ in 0..9 {
        let stranger = app.delegate();
        stranger.sends(again(&stranger, "Anna", "anna@graz.example").await).await.must_say(CHECK);
    }
    let stranger = app.delegate();
    let page = stranger.sends(again(&stranger, "Anna", "anna@graz.example").await).await;
    page.must_be(422);
    let words = "We have already sent several e-mails to this address. Try again in 2 hours, or contact us";
    assert_eq!(page.errors(), [("E-mail".to_owned(), words.to_owned())]);
    assert_eq!(count(&app, "select count(*) from pending_registration").await, 9);
}

#[tokio::test]
async fn what_is_corrected_in_the_same_form_is_what_waits() {
    let mut site = Site::with_anna().await;
    let anna = site.app.delegate();
    let form = again(&anna, "Anna", "anna@graz.example").await;
    anna.sends(form.clone()).await.must_say(CHECK);
    anna.sends(form.fill("City", "Wels")).await.must_say(CHECK);
    let told = site.told(1).await;
    let button = anna.opens(&to(&told, "anna@graz.example").link("/another-person/")).await;
    anna.sends(button.form(super::BUTTON)).await.must_say("You are registered");
    assert_eq!(count(&site.app, "select count(*) from registration where city = 'Wels'").await, 1);
}

#[tokio::test]
async fn somebody_who_is_cancelled_registers_again_without_a_question() {
    let site = Site::with_anna().await;
    let manage = to(&site.seen, "anna@graz.example").link("/manage/");
    let anna = site.app.delegate();
    let page = anna.opens(&manage).await;
    crate::managing::cancels(&anna, &page, "Cancel the registration …", "Yes, cancel").await;
    registers(&site.app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
}
