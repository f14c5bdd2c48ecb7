//! Several organisers edit at the same time, or a login ends while somebody writes. Nobody loses any text.

use reqwest::Method;
use time::Duration;

use crate::{
    editing::{PAGES, ROOMS, SESSIONS, WORLD_CAFE, editor, room},
    signing_in::{PASSWORD, signs_in, with_password},
    support::{LEIPZIG, Page, TestApp},
};

#[tokio::test]
async fn the_second_person_sees_both_texts_and_decides() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let public = format!("{LEIPZIG}/sessions/world-cafe");
    let start = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Text", "Bring one hard question.");
    olga.sends(start).await.must_say("Saved and published.");

    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").fill("Text", "Bring two hard questions.").fill("Start", "11:00"))
        .await
        .must_say("Saved and published.");
    let mine = his.form("Save and publish").fill("Text", "Bring one easy answer.").fill("Subtitle", "Otto's friends");
    let conflict = otto.sends(mine).await;
    conflict.must_be(409).must_say("Somebody saved this before you").must_say("Nothing of yours is lost.");
    conflict.must_say("[removed: one] [added: two] hard").must_say("[removed: hard question.] [added: easy answer.]");
    let name = &olga.account.as_ref().expect("an account").name;
    assert_eq!(conflict.row("Start"), ["Start", "11:00", "10:45", "10:45", name.as_str()]);
    anna.opens(&public).await.must_say("Bring two hard questions.");

    let form = conflict.form("Save and publish");
    let both = format!(
        "Bring one easy answer.\n\n▼▼▼ {name} wrote here:\n\nBring two hard questions.\n\n▲▲▲ End of what {name} wrote"
    );
    assert_eq!(form.value("Text"), both);
    assert_eq!(form.value("Subtitle"), "Otto's friends");
    assert_eq!(form.value("Start"), "11:00");
    let decided = otto.sends(form.fill("Text", "Bring two hard questions and one easy answer.")).await;
    decided.must_say("Saved and published.").must_say("Revision 4");
    anna.opens(&public).await.must_say("Bring two hard questions and one easy answer.").must_say("11:00–13:00");
}

#[tokio::test]
async fn the_second_person_can_keep_their_version_and_the_other_stays_a_revision() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").fill("Text", "Hers")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").fill("Text", "His\n\nown words")).await;
    let saved = otto.sends(conflict.form("Save mine over theirs and publish")).await;
    saved.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("His own words");
    let list = otto.follows(&saved, "Revisions").await;
    otto.follows(&list, "Revision 2").await.must_say("Hers");
}

#[tokio::test]
async fn the_second_person_can_keep_their_version_without_publishing_it() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").fill("Text", "Hers")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save without publishing").fill("Text", "His")).await;
    let saved = otto.sends(conflict.form("Save mine over theirs without publishing")).await;
    saved.must_say("The public cannot read it yet.").must_say("Revision 3");
    assert_eq!(saved.form("Save and publish").value("Text"), "His");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("Hers");

    // The same with a page.
    let imprint = olga.opens(PAGES).await.link("Imprint");
    let (hers, his) = (olga.opens(&imprint).await, otto.opens(&imprint).await);
    olga.sends(hers.form("Save and publish").fill("Text", "Hers")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").fill("Text", "His")).await;
    let saved = otto.sends(conflict.form("Save mine over theirs without publishing")).await;
    saved.must_say("The public cannot read it yet.");
    anna.opens(&format!("{LEIPZIG}/pages/imprint")).await.must_say("Hers");
}

#[tokio::test]
async fn the_second_person_can_keep_the_other_version_and_theirs_is_set_aside() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    let third = editor(&olga, WORLD_CAFE).await;
    olga.sends(hers.form("Save and publish").fill("Text", "Hers")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").fill("Text", "His")).await;
    let gave_way = otto.sends(conflict.form("Take theirs")).await;
    gave_way.must_say("Their version stays.");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("Hers");
    let kept = otto.follows(&gave_way, "a revision that was set aside").await;
    kept.must_say("set aside").must_say("His");

    // A version that is set aside causes no conflict for people who have the published version open.
    let fresh = editor(&olga, WORLD_CAFE).await;
    otto.sends(kept.form("Restore and publish")).await.must_say("Saved and published.");
    olga.sends(fresh.form("Save and publish").fill("Text", "Later")).await.must_be(409);
    olga.sends(third.form("Save and publish").fill("Text", "Much later")).await.must_be(409);
}

#[tokio::test]
async fn a_version_that_is_set_aside_does_not_change_the_public_pages() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let published = async || -> i64 {
        sqlx::query_scalar("select version from publication").fetch_one(&app.db).await.expect("a number")
    };
    let list = olga.opens(PAGES).await;
    for path in [editor(&olga, WORLD_CAFE).await.path, list.link("Imprint")] {
        let (hers, his) = (olga.opens(&path).await, otto.opens(&path).await);
        let before = published().await;
        olga.sends(hers.form("Save and publish").fill("Text", "Hers")).await.must_say("Saved and published.");
        assert!(published().await > before, "a save at {path} is read at once");
        let conflict = otto.sends(his.form("Save and publish").fill("Text", "His")).await;
        let before = published().await;
        otto.sends(conflict.form("Take theirs")).await.must_say("Their version stays.");
        assert_eq!(published().await, before, "{path}");
    }
}

#[tokio::test]
async fn changes_of_different_fields_are_combined_in_the_form() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let start = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Text", "First.\n\nSecond.\n\nThird.");
    olga.sends(start).await.must_say("Saved and published.");
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").fill("Text", "First, hers.\n\nSecond.\n\nThird.")).await;
    let conflict = otto
        .sends(his.form("Save and publish").fill("Text", "First.\n\nSecond.\n\nThird, his.").choose("Kind", "Workshop"))
        .await;
    conflict.must_be(409).must_say("Your changes and theirs are both in this form.");
    otto.sends(conflict.form("Save and publish")).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe"))
        .await
        .must_say("First, hers. Second. Third, his.")
        .must_say("Workshop");
}

#[tokio::test]
async fn a_conflict_about_one_paragraph_reverts_nothing_else() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let start = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Text", "First.\n\nSecond.\n\nThird.");
    olga.sends(start).await.must_say("Saved and published.");
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    let hers = hers.form("Save and publish").fill("Title", "Café of the World");
    let hers = hers.fill("Text", "First, hers.\n\nSecond.\n\nThird, hers.");
    olga.sends(hers).await.must_say("Saved and published.");
    let his = his.form("Save and publish").fill("Title", "World Café for all");
    let conflict = otto.sends(his.fill("Text", "Zeroth, his.\n\nFirst, his.\n\nSecond.\n\nThird.")).await;
    let name = &olga.account.as_ref().expect("an account").name;
    conflict
        .must_be(409)
        .must_say("Both of you changed the same thing.")
        .must_say("Text: where you both wrote, your text comes first")
        .must_say(&format!("Title: your value is in the form, and {name}’s value is in the table above."));
    let both = conflict.form("Save and publish").value("Text");
    for words in ["Zeroth, his.", "First, his.", "First, hers.", "Second.", "Third, hers."] {
        assert_eq!(both.matches(words).count(), 1, "{words} in {both}");
    }

    let hasty = otto.sends(conflict.form("Save and publish")).await;
    hasty.must_be(422);
    let words = "Decide first: keep what you want of both texts, and delete the lines that begin with ▼▼▼ or ▲▲▲";
    assert_eq!(hasty.error_beside("Text").as_deref(), Some(words));
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("First, hers.").must_not_say("▼▼▼");

    let marked = |line: &&str| line.starts_with("▼▼▼") || line.starts_with("▲▲▲");
    let decided: Vec<&str> = both.lines().filter(|line| !marked(line)).collect();
    otto.sends(hasty.form("Save and publish").fill("Text", &decided.join("\n"))).await.must_say("Saved and published.");
    let read = anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await;
    read.must_say("Zeroth, his. First, his. First, hers. Second. Third, hers.");
}

#[tokio::test]
async fn texts_that_two_people_add_at_the_end_are_both_in_the_form() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let list = olga.opens(PAGES).await;
    let page = olga.follows(&list, "Imprint").await;
    let page = olga.sends(page.form("Save and publish").fill("Text", "Start.")).await;
    let his = otto.opens(&page.path).await.form("Save and publish").fill("Text", "Start.\n\nHis.");
    olga.sends(page.form("Save and publish").fill("Text", "Start.\n\nHers.")).await.must_say("Saved and published.");
    let conflict = otto.sends(his).await;
    conflict.must_be(409);
    let both = conflict.form("Save and publish").value("Text");
    let name = &olga.account.as_ref().expect("an account").name;
    assert_eq!(both, format!("Start.\n\nHis.\n\n▼▼▼ {name} wrote here:\n\nHers.\n\n▲▲▲ End of what {name} wrote"));
}

#[tokio::test]
async fn after_an_error_in_a_decision_the_page_still_shows_both_versions_and_all_buttons() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").fill("Text", "Hers alone")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").fill("Text", "His own")).await;

    let wrong = conflict.form("Save and publish").fill("Text", "Out of both").fill("Length", "none");
    let wrong = otto.sends(wrong).await;
    let in_sight = |page: &Page| {
        page.must_say("Somebody saved this before you").must_say("[added: Hers alone]").must_say("[added: His own]");
        assert_eq!(page.form("Save and publish").value("Text"), "Out of both");
    };
    wrong.must_be(422);
    assert_eq!(
        wrong.error_beside("Length").as_deref(),
        Some("Give a number of minutes, or hours and minutes as in 1:30, at most 24 hours")
    );
    in_sight(&wrong);

    let preview = otto.sends(wrong.form("Preview").fill("Text", "Out of **both**").fill("Length", "1:45")).await;
    preview.must_be(200).must_say("Out of both");
    in_sight(&otto.sends(preview.form("Preview").fill("Text", "Out of both")).await);
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("Hers alone");

    let gave_way = otto.sends(wrong.form("Take theirs")).await;
    otto.follows(&gave_way, "a revision that was set aside").await.must_say("His own").must_not_say("Out of");
    let saved = otto.sends(preview.form("Save and publish")).await;
    saved.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("Out of both").must_say("10:45–12:30");
}

#[tokio::test]
async fn after_a_decision_with_a_taken_room_the_page_of_the_decision_is_shown_again() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    room(&olga, "Saal 1").await;
    let press = olga.opens(&format!("{SESSIONS}/new?day=2018-05-30")).await.form("Save and publish");
    let press = press.fill("Title", "Press hour").hours("11:00", "12:00");
    olga.sends(press.in_room("Saal 1")).await.must_say("Saved and published.");
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").fill("Text", "Hers alone")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").fill("Text", "His own").in_room("Saal 1")).await;

    for button in ["Save and publish", "Save mine over theirs and publish"] {
        let form = conflict.form(button).forge("text", "His own");
        let refused = otto.sends(form).await;
        refused.must_be(422).must_say("[added: Hers alone]").must_say("[added: His own]");
        assert!(refused.error_beside("Start").is_some() && refused.says("Press hour: Saal 1, "), "{button}");
        assert_eq!(otto.follows(&refused, "Press hour").await.heading(), "Press hour");
    }
}

#[tokio::test]
async fn a_third_save_during_a_decision_is_noticed() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let list = olga.opens(PAGES).await;
    let (hers, his) = (olga.follows(&list, "Imprint").await, otto.follows(&list, "Imprint").await);
    let saved = olga.sends(hers.form("Save and publish").fill("Text", "Hers")).await;
    let conflict = otto.sends(his.form("Save and publish").fill("Text", "His")).await;
    olga.sends(saved.form("Save and publish").fill("Text", "Hers, better")).await.must_say("Saved and published.");

    let preview = otto.sends(conflict.form("Preview").fill("Text", "Out of both")).await;
    preview.must_be(200).must_say("[added: Hers, better]");
    let again = otto.sends(preview.form("Save and publish")).await;
    again.must_be(409).must_say("[added: Out of both]").must_say("better");
    let wrong = otto.sends(again.form("Save and publish").fill("Text", "Out of all").fill("Title", "")).await;
    wrong.must_be(422).must_say("[added: Out of both]");
    assert_eq!(wrong.error_beside("Title").as_deref(), Some("Give the title"));
    otto.sends(wrong.form("Save and publish").fill("Title", "Imprint")).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/pages/imprint")).await.must_say("Out of all");
}

#[tokio::test]
async fn two_long_greek_texts_fit_into_the_form_of_a_decision() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    let olgas = hers.form("Save and publish").fill("Text", &"λ".repeat(40_000));
    olga.sends(olgas).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").fill("Text", &"μ".repeat(40_000))).await;
    conflict.must_be(409).must_say("the two texts are too long for the form, so it contains only yours");
    otto.sends(conflict.form("Save and publish").fill("Length", "none")).await.must_be(422);
    otto.sends(conflict.form("Save and publish")).await.must_say("Saved and published.");
}

#[tokio::test]
async fn two_people_who_wrote_the_same_have_no_conflict() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").fill("Text", "The same")).await.must_say("Saved and published.");
    otto.sends(his.form("Save and publish").fill("Text", "The same\n")).await.must_be(200).must_say("Nothing to save.");
}

#[tokio::test]
async fn after_ten_saves_at_the_same_moment_every_version_is_a_revision() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let page = editor(&olga, WORLD_CAFE).await;
    let mut saving = tokio::task::JoinSet::new();
    for number in 0..10 {
        let (olga, form) = (olga.clone(), page.form("Save and publish").fill("Text", &format!("Version {number}")));
        saving.spawn(async move { olga.sends(form).await.status });
    }
    let mut answers = saving.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 409, 409, 409, 409, 409, 409, 409, 409, 409], "one was first, the others are asked");
}

#[tokio::test]
async fn sessions_can_be_saved_while_their_room_is_renamed() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    let page = editor(&olga, WORLD_CAFE).await;
    let mut page = olga.sends(page.form("Save and publish").in_room("Saal 1")).await;
    for round in 0..12 {
        let saal =
            olga.opens(ROOMS).await.links().into_iter().find(|(name, _)| name.starts_with("Saal")).expect("a room");
        let renaming = olga.opens(&saal.1).await.form("Save and publish").fill("Name", &format!("Saal {round}"));
        let otto = olga.clone();
        let renamed = tokio::spawn(async move { otto.sends(renaming).await.status });
        page = olga.sends(page.form("Save and publish").fill("Text", &format!("Round {round}"))).await;
        page.must_say("Saved and published.");
        assert_eq!(renamed.await.expect("an answer"), 200);
    }
}

#[tokio::test]
async fn a_conflict_about_a_page_works_like_one_about_a_session() {
    let app = TestApp::start().await;
    let (olga, otto, anna) = (app.organiser().await, app.organiser().await, app.delegate());
    let list = olga.opens(PAGES).await;
    let (hers, his) = (olga.follows(&list, "Imprint").await, otto.follows(&list, "Imprint").await);
    olga.sends(hers.form("Save and publish").fill("Text", "Hers")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").fill("Text", "His").untick("Facts are missing")).await;
    conflict.must_be(409);
    assert_eq!(conflict.row("Facts are missing")[2], "no");
    let gave_way = otto.sends(conflict.form("Take theirs")).await;
    otto.follows(&gave_way, "a revision that was set aside").await.must_say("His");
    anna.opens(&format!("{LEIPZIG}/pages/imprint")).await.must_say("Hers");
    let conflict = otto.sends(his.form("Save and publish").fill("Text", "His again")).await;
    otto.sends(conflict.form("Save mine over theirs and publish")).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/pages/imprint")).await.must_say("His again");
}

#[tokio::test]
async fn after_signing_in_again_the_text_is_shown_and_a_conflict_is_noticed() {
    let app = TestApp::start().await;
    let (otto, anna) = (app.organiser().await, app.delegate());
    let account = with_password(&app, "organiser").await;
    let olga = app.delegate();
    signs_in(&olga, &account.email, PASSWORD).await;
    let page = editor(&olga, WORLD_CAFE).await;
    let form = page.form("Save and publish").fill("Text", "An hour's work,\n\nnearly lost.");

    app.it_is(app.now() + Duration::hours(13));
    let asked = olga.sends(form).await;
    asked.must_be(401).must_say("Your text is not lost.");
    let page = olga.sends(asked.form("Sign in").fill("E-mail", &account.email).fill("Password", PASSWORD)).await;
    page.must_be(200).must_say("Not saved yet.").must_say("An hour's work, nearly lost.");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_not_say("nearly lost");

    let otto = app.delegate().signed_in(
        otto.account.clone().expect("an account"),
        &otto.account.as_ref().expect("an account").login(&app.db, app.now()).await,
    );
    let his = editor(&otto, WORLD_CAFE).await.form("Save and publish").fill("Text", "Otto was quicker.");
    otto.sends(his).await.must_say("Saved and published.");
    let conflict = olga.sends(page.form("Save and publish")).await;
    conflict.must_be(409).must_say("Otto was quicker.").must_say("nearly lost.");
    olga.sends(conflict.form("Save mine over theirs and publish")).await.must_say("Saved and published.");
    anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await.must_say("An hour's work, nearly lost.");
    let kept: i64 = sqlx::query_scalar("select count(*) from resumed_form").fetch_one(&app.db).await.expect("a number");
    assert_eq!(kept, 0, "the kept form is gone once it is saved");
}

#[tokio::test]
async fn a_live_preview_without_a_login_returns_nothing() {
    let app = TestApp::start().await;
    let ours = [("sec-fetch-site", "same-origin"), ("hx-request", "true")];
    let body = Some("text=secret+words".to_owned());
    let answer = app.delegate().asks(Method::POST, "/organisers/leipzig-2018/preview", &ours, body).await;
    assert_eq!(answer.status(), 401, "htmx leaves the page as it is");
    assert!(!answer.text().await.expect("the whole answer").contains("secret words"));
}
