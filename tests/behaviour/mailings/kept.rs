//! The texts that staff keep.

use super::{count, people};
use crate::support::{LEIPZIG, Page, Person, TestApp};

async fn adds(staff: &Person, name: &str) -> Page {
    let page = staff.opens(&format!("/staff{LEIPZIG}/mail-templates")).await;
    let form = staff.follows(&page, "New text").await.form("Save");
    staff.sends(form.fill("Name", name).fill("Subject", "See you in {city}").fill("Text", "Dear {name},\n\nbye.")).await
}

#[tokio::test]
async fn a_text_is_kept_changed_used_and_removed() {
    let app = TestApp::start().await;
    people(&app.db, 1).await;
    let staff = app.staff().await;
    let list = adds(&staff, "Goodbye").await;
    list.must_say("Saved.").must_say("See you in {city}");
    assert_eq!(
        adds(&staff, "Goodbye").await.must_be(422).error_beside("Name").as_deref(),
        Some("Another text has this name. Choose another one")
    );
    let text = staff.follows(&list, "Goodbye").await;
    staff.sends(text.form("Save").fill("Subject", "Goodbye from {city}")).await.must_say("Goodbye from {city}");
    let form = staff.opens(&format!("/staff{LEIPZIG}/messages/new?q=person")).await.form("Use this text");
    let page = staff.sends(form.choose("Begin with a kept text", "Goodbye")).await;
    page.must_say("Write to 1 person");
    assert_eq!(page.form("Preview").value("Subject"), "Goodbye from {city}");
    staff.sends(page.form("Preview")).await.must_be(200).must_say("Goodbye from Leipzig").must_say("Dear Person 0001,");
    let text = staff.follows(&list, "Goodbye").await;
    let asked = staff.follows(&text, "Remove …").await;
    staff
        .sends(asked.form("Yes, remove it"))
        .await
        .must_say("The text is removed.")
        .must_say("There are no texts yet.");
    staff.sends(asked.form("Yes, remove it")).await.must_be(200);
    staff.sends(text.form("Save")).await.must_be(404);
    let noted = "select count(*) from audit where kind in ('mail_template_added', 'mail_template_changed', 'mail_template_removed')";
    assert_eq!(count(&app.db, noted).await, 3);
}

#[tokio::test]
async fn a_text_with_a_placeholder_that_nobody_has_is_refused() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let form = staff.opens(&format!("/staff{LEIPZIG}/mail-templates/new")).await.form("Save");
    let refused = staff.sends(form.fill("Name", "x").fill("Subject", "x").fill("Text", "{nmae}")).await;
    assert!(refused.must_be(422).error_beside("Text").expect("an error").contains("{name}"));
    let for_contacts = refused.form("Save").fill("Text", "{attendees}");
    staff.sends(for_contacts).await.must_be(200).must_say("Saved.");
}

#[tokio::test]
async fn changes_of_two_people_to_one_text_are_combined() {
    let app = TestApp::start().await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    let list = adds(&eva, "Goodbye").await;
    let (hers, his) = (eva.follows(&list, "Goodbye").await, tom.follows(&list, "Goodbye").await);
    eva.sends(hers.form("Save").fill("Subject", "Bye")).await.must_say("Saved.");
    let both = tom.sends(his.form("Save").fill("Text", "Dear {name},\n\nsee you.")).await;
    both.must_be(409).must_say("Your changes and theirs are both in this form.");
    assert_eq!(both.form("Save").value("Subject"), "Bye");
    tom.sends(both.form("Save")).await.must_say("Saved.").must_say("Bye");
    assert_eq!(
        count(&app.db, "select count(*) from mail_template where subject = 'Bye' and text like '%see you.'").await,
        1
    );
}
