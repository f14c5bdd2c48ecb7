//! Two people use the same form without revisions: an attendee's data, a conference's settings, a category. Their
//! changes are merged as in the editors, and the second person decides conflicts.

use crate::{
    desk::{opened, two_from_graz},
    registering::count,
    support::{LEIPZIG, Page, Person, TestApp},
};

async fn correcting(staff: &Person) -> Page {
    staff.follows(&opened(staff, "Boris Maier").await, "Correct").await
}

async fn settings(person: &Person) -> Page {
    person.opens(&format!("/administration{LEIPZIG}")).await
}

#[tokio::test]
async fn corrections_of_different_fields_are_combined_in_the_form_and_both_are_saved() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    let (hers, his) = (correcting(&eva).await, correcting(&tom).await);
    eva.sends(hers.form("Save").fill_in("Attendee", "Job title", "Mayor")).await.must_say("Corrected.");
    let both = tom.sends(his.form("Save").fill_in("Attendee", "Name", "Boris Mayer")).await;
    both.must_be(409).must_say("Your changes and theirs are both in this form.");
    assert_eq!(both.row("Job title"), ["Job title", "Mayor", "none", "none", "somebody else"]);
    assert_eq!(both.row("Name"), ["Name", "Boris Maier", "Boris Mayer", "Boris Maier", "you"]);
    tom.sends(both.form("Save")).await.must_say("Corrected.");
    assert_eq!(
        count(&app, "select count(*) from attendee where name = 'Boris Mayer' and job_title = 'Mayor'").await,
        1
    );
}

#[tokio::test]
async fn saving_mine_reverts_nothing_that_only_a_colleague_changed() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    let (hers, his) = (correcting(&eva).await, correcting(&tom).await);
    let hers = hers.form("Save").fill_in("Attendee", "Job title", "Mayor").fill("Organisation", "Stadt Graz");
    eva.sends(hers).await.must_say("Corrected.");
    let both = tom.sends(his.form("Save").fill_in("Attendee", "Job title", "CIO")).await;
    both.must_be(409)
        .must_say("Job title: your value is in the form, and somebody else’s value is in the table above.");
    assert_eq!(both.row("Job title"), ["Job title", "Mayor", "CIO", "none", "both of you"]);
    assert_eq!(both.form("Save mine").value("Organisation"), "Stadt Graz");
    tom.sends(both.form("Save mine")).await.must_say("Corrected.");
    let kept = "select count(*) from attendee join registration on registration.id = registration_id
                where job_title = 'CIO' and organisation = 'Stadt Graz'";
    assert_eq!(count(&app, kept).await, 1);
}

#[tokio::test]
async fn after_an_error_in_a_decision_both_versions_are_shown_and_a_third_save_is_noticed() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    let (hers, his) = (correcting(&eva).await, correcting(&tom).await);
    eva.sends(hers.form("Save").fill_in("Attendee", "Job title", "Mayor")).await.must_say("Corrected.");
    let both = tom.sends(his.form("Save").fill_in("Attendee", "Job title", "CIO")).await;
    let wrong = tom.sends(both.form("Save mine").fill_in("Attendee", "E-mail", "boris@graz")).await;
    wrong.must_be(422);
    assert_eq!(wrong.row("Job title"), ["Job title", "Mayor", "CIO", "none", "both of you"]);
    assert!(wrong.error_beside("E-mail").is_some());

    let later = correcting(&eva).await.form("Save").fill_in("Attendee", "Job title", "Lady mayor");
    eva.sends(later.fill("Contact", "Anna Huber")).await.must_say("Corrected.");
    let again = tom.sends(wrong.form("Save mine").fill_in("Attendee", "E-mail", "boris@graz.example")).await;
    again.must_be(409);
    assert_eq!(again.row("Job title"), ["Job title", "Lady mayor", "CIO", "Mayor", "both of you"]);
    tom.sends(again.form("Save mine")).await.must_say("Corrected.").must_say("CIO").must_say("Anna Huber");
}

#[tokio::test]
async fn two_people_who_make_the_same_correction_have_no_conflict() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    let (eva, tom) = (app.staff().await, app.staff().await);
    let (hers, his) = (correcting(&eva).await, correcting(&tom).await);
    let mayor = |page: &Page| page.form("Save").fill_in("Attendee", "Job title", "Mayor");
    eva.sends(mayor(&hers)).await.must_say("Corrected.");
    tom.sends(mayor(&his)).await.must_be(200);
    assert_eq!(count(&app, "select count(*) from audit where kind = 'attendee_corrected'").await, 1);
}

#[tokio::test]
async fn changes_of_different_settings_by_two_people_are_both_saved() {
    let app = TestApp::start().await;
    let (ada, bea) = (app.administrator().await, app.administrator().await);
    let (hers, others) = (settings(&ada).await, settings(&bea).await);
    ada.sends(hers.form("Save and publish").fill("Hours to answer an offer", "71"))
        .await
        .must_be(200)
        .must_say("Saved");
    let both = bea.sends(others.form("Save and publish").fill("Places in all", "300")).await;
    both.must_be(409).must_say("Your changes and theirs are both in this form.");
    assert_eq!(both.form("Save and publish").value("Hours to answer an offer"), "71");
    bea.sends(both.form("Save and publish")).await.must_be(200).must_say("Saved");
    assert_eq!(settings(&ada).await.form("Save and publish").value("Hours to answer an offer"), "71");
    assert_eq!(count(&app, "select places::bigint from capacity where category_id is null").await, 300);
}

#[tokio::test]
async fn a_conflict_about_one_setting_reverts_no_other_setting() {
    let app = TestApp::start().await;
    let (ada, bea) = (app.administrator().await, app.administrator().await);
    let (hers, others) = (settings(&ada).await, settings(&bea).await);
    let hers = hers.form("Save and publish").fill("Places in all", "301").fill("Hours to answer an offer", "77");
    ada.sends(hers).await.must_be(200).must_say("Saved");
    let both = bea.sends(others.form("Save and publish").fill("Places in all", "302")).await;
    both.must_be(409)
        .must_say("Places in all: your value is in the form, and somebody else’s value is in the table above.");
    bea.sends(both.form("Save and publish")).await.must_be(200).must_say("Saved");
    let form = settings(&ada).await.form("Save and publish");
    assert_eq!([form.value("Places in all"), form.value("Hours to answer an offer")], ["302", "77"]);
}

#[tokio::test]
async fn of_ten_people_who_change_the_settings_at_once_nine_have_to_decide() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let page = settings(&ada).await;
    let mut saving = tokio::task::JoinSet::new();
    for number in 0..10 {
        let (ada, form) = (ada.clone(), page.form("Save and publish").fill("Places in all", &format!("30{number}")));
        saving.spawn(async move { ada.sends(form).await.status });
    }
    let mut answers = saving.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 409, 409, 409, 409, 409, 409, 409, 409, 409], "one was first, the others are asked");
}

#[tokio::test]
async fn changes_of_different_fields_of_a_category_are_both_saved() {
    let app = TestApp::start().await;
    let (ada, bea) = (app.administrator().await, app.administrator().await);
    let list = settings(&ada).await;
    let (hers, others) = (ada.follows(&list, "University").await, bea.follows(&list, "University").await);
    ada.sends(hers.form("Save").fill("Places", "12").choose("Who can choose it", "Only staff")).await.must_be(200);
    let both = bea.sends(others.form("Save").fill("Name", "Universities")).await;
    both.must_be(409).must_say("Your changes and theirs are both in this form.");
    bea.sends(both.form("Save")).await.must_be(200);
    assert_eq!(settings(&ada).await.row("Universities")[1..4], ["not on the form", "free", "12"]);

    let (hers, others) = (ada.follows(&settings(&ada).await, "Universities").await, both);
    ada.sends(hers.form("Save").fill("Places", "13")).await.must_be(200);
    let both = bea.sends(others.form("Save").fill("Places", "14")).await;
    assert_eq!(both.must_be(409).row("Places"), ["Places", "13", "14", "12", "both of you"]);
    bea.sends(both.form("Save")).await.must_be(200);
    assert_eq!(settings(&ada).await.row("Universities")[3], "14");
}
