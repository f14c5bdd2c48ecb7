//! A form that comes again: by a second click or from the browser's history.

use super::{count, filled, form};
use crate::support::TestApp;

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
    assert_ne!(first.path, later.path, "each answer has a link of its own");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    assert_eq!(count(&app, "select count(*) from message").await, 2);
}

#[tokio::test]
async fn the_same_form_with_other_words_asks_what_was_meant() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna", "anna@graz.example").fill("Purchase-order number", "PO 4711");
    delegate.sends(sent.clone()).await.must_say("You are registered");

    let asked =
        delegate.sends(sent.fill_in("You", "Name", "Boris").fill_in("You", "E-mail", "boris@graz.example")).await;
    asked.must_be(409).must_say("You have registered with this form already");
    assert_eq!(count(&app, "select count(*) from registration").await, 1);
    delegate.follows(&asked, "See the first registration").await.must_say("Anna");

    let again = delegate.sends(asked.form("Look at the form again")).await;
    assert_eq!(again.attributes("#name", "value"), ["Boris"]);
    assert_eq!(again.attributes("#purchase-order", "value"), ["PO 4711"]);

    let both = delegate.sends(asked.form("Register them as well")).await;
    both.must_be(200).must_say("You are registered").must_say("Boris");
    assert_eq!(count(&app, "select count(*) from registration").await, 2);
}
