//! What a session says besides its title, its text, and when and where it takes place.

use super::editing::{WORLD_CAFE, editor};
use crate::support::{LEIPZIG, TestApp};

#[tokio::test]
async fn subtitle_abstract_and_language_are_read_on_the_page_in_lists_and_in_the_calendar() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish");
    let form = form
        .fill("Subtitle", "Questions at every table")
        .fill("Abstract", "Six tables, each with a host and a question; everybody changes twice.")
        .choose("Language", "German");
    olga.sends(form).await.must_say("Saved and published.");

    let page = anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await;
    page.must_say("Questions at every table").must_say("Six tables, each with a host").must_say("Language German");
    assert!(page.body.contains("\"inLanguage\":\"de\""), "{}", page.body);
    let description = page.attributes("meta[name=description]", "content").remove(0);
    assert!(description.contains("Six tables, each with a host"), "{description}");
    let list = anna.opens(&format!("{LEIPZIG}/programme?topic=world-cafe")).await;
    list.must_say("Six tables, each with a host");
    let calendar = anna.opens(&format!("{LEIPZIG}/sessions/world-cafe.ics")).await.body.replace("\r\n ", "");
    assert!(calendar.contains("DESCRIPTION:Questions at every table\\n\\nSix tables\\, each"), "{calendar}");
}

#[tokio::test]
async fn a_note_for_organisers_is_never_public() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form =
        editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Note for organisers", "Ask for 40 chairs");
    let saved = olga.sends(form).await;
    assert_eq!(
        saved.must_say("Saved and published.").form("Save and publish").value("Note for organisers"),
        "Ask for 40 chairs"
    );
    for path in [
        "",
        "/programme",
        "/programme?topic=world-cafe",
        "/sessions/world-cafe",
        "/programme.ics",
        "/sessions/world-cafe.ics",
    ] {
        let page = anna.opens(&format!("{LEIPZIG}{path}")).await;
        assert!(!page.body.contains("40 chairs"), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn details_that_are_too_long_are_refused_and_stay_in_the_form() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish");
    let long = "x".repeat(2_001);
    let (subtitle, words, note) = (&long[..201], &long[..301], &*long);
    let refused =
        olga.sends(form.fill("Subtitle", subtitle).fill("Abstract", words).fill("Note for organisers", note)).await;
    refused.must_be(422);
    for (label, limit, typed) in
        [("Subtitle", "200", subtitle), ("Abstract", "300", words), ("Note for organisers", "2000", note)]
    {
        assert!(refused.error_beside(label).is_some_and(|said| said.replace(',', "").contains(limit)), "{label}");
        assert_eq!(refused.form("Save and publish").value(label), typed, "{label}");
    }
}
