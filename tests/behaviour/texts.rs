//! The words of the site and of its mails, which organisers change: what is shipped, what is refused, and what the public and the
//! readers of mails get.

use std::collections::BTreeSet;

use super::registering::registers;
use crate::support::{LEIPZIG, MailServer, Page, Person, TestApp};

const TEXTS: &str = "/organisers/leipzig-2018/texts";
const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";
const HERO: &str = "Home page: below the theme";
const CONTACT: &str = "Confirmation for the contact";
const OFFER: &str = "Offer of a place";

async fn text_editor(person: &Person, title: &str) -> Page {
    person.follows(&person.opens(TEXTS).await, title).await
}

/// Changes the text with this title, and publishes it.
async fn says(person: &Person, title: &str, text: &str) -> Page {
    let form = text_editor(person, title).await.form("Save and publish").fill("Text", text);
    person.sends(form).await
}

async fn shipped(person: &Person, title: &str) -> String {
    text_editor(person, title).await.form("Save and publish").value("Text")
}

#[tokio::test]
async fn leipzig_reads_as_shipped() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let home = anna.opens("/").await;
    for words in [
        "Annual conference of Major Cities of Europe, 2018 Leipzig. Spend three days with the people who run Europe’s \
         digital cities. This is an exciting event that you should not miss.",
        "CIOs, IT managers, smart-city leaders, heads of departments and policy makers of local governments",
        "Seven topics",
        "Major Cities of Europe is the leading IT users’ group",
        "We hope to have the pleasure of welcoming you to Leipzig.",
    ] {
        home.must_say(words);
    }
    let points = home.texts(".points li");
    assert_eq!((points.len(), &*points[6]), (7, "Be informed, challenged and involved – and have fun"));
    anna.opens(&format!("{LEIPZIG}/register"))
        .await
        .must_say("Use this form for one person, or for up to 50 people from one organisation.");
    let registered = registers(&anna, "Anna", "anna@graz.example").await;
    registered
        .must_say("If an address is wrong, write to operations@majorcities.eu or call +43 1 7189476-33.")
        .must_say("We meet on 28–30 May 2018 at Kongresshalle Leipzig.");
    assert_eq!(registered.link("Kongresshalle Leipzig"), "https://www.kongresshalle.com/");
}

#[tokio::test]
async fn every_text_is_listed_with_where_it_shows_and_none_is_missing_in_the_database() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let list = olga.opens(TEXTS).await;
    assert_eq!(list.texts("h2"), ["Home page", "Registration", "E-mails to delegates", "E-mails to operations"]);
    let rows = list.rows();
    let stored: Vec<String> =
        sqlx::query_scalar("select title from text_name").fetch_all(&app.db).await.expect("names");
    let listed: BTreeSet<_> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(listed, stored.into_iter().collect(), "the names in the migrations are those of the program");
    assert!(rows.iter().all(|row| row[1..3] == ["as shipped", "never"]), "{rows:?}");
    assert_eq!(list.row(HERO)[3], "Home page");
    assert_eq!(list.row(CONTACT).len(), 3);
    // A conference has them from the moment it is added.
    let missing = "select count(*) from conference cross join text_name
         where not exists (select from slug where conference_id = conference.id and kind = 'text' and slug = name)";
    for title in ["First", "Second"] {
        sqlx::query(
            "insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on, time_zone,
                 contact_email, contact_telephone, contact_fax)
             select gen_random_uuid(), 'town-' || 2030 + length($1), $1, theme, city, country, venue, venue_url, hosts, starts_on, ends_on,
                 time_zone, contact_email, contact_telephone, contact_fax from conference where is_current",
        )
        .bind(title)
        .execute(&app.db)
        .await
        .expect("a conference");
        assert_eq!(sqlx::query_scalar::<_, i64>(missing).fetch_one(&app.db).await.expect("a number"), 0);
    }
    let first = olga.opens("/organisers/leipzig-2018/texts").await;
    olga.follows(&first, HERO).await.must_say("As shipped.");
}

#[tokio::test]
async fn a_changed_text_is_read_by_the_public_only_when_it_is_published() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let form = text_editor(&olga, HERO)
        .await
        .form("Save without publishing")
        .fill("Text", "Come to **{city}** for {number_of_days}.");
    let saved = olga.sends(form).await;
    saved.must_say("It is not in use yet.");
    anna.opens("/").await.must_not_say("Come to Leipzig");
    let row = olga.opens(TEXTS).await.row(&format!("{HERO} not published"));
    assert_eq!(row[1], "changed");
    let waiting = olga.opens(UNPUBLISHED).await;
    waiting.must_say(&format!("Text: {HERO}"));
    olga.sends(waiting.form("Publish this change")).await.must_say("Release 2 is public now.");
    let home = anna.opens("/").await;
    home.must_say("Come to Leipzig for three days.").must_not_say("This is an exciting event");
    assert_eq!(home.texts(".lead strong"), ["Leipzig"]);
    // Nobody reads of it where the programme's changes are listed.
    anna.opens(&format!("{LEIPZIG}/changes")).await.must_not_say("below the theme");
}

#[tokio::test]
async fn what_the_facts_contain_is_never_read_as_markup() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    crate::support::programme::changes_facts(&app.db, serde_json::json!({ "venue": "*Hall* <b>1</b> [x](y)" })).await;
    says(&olga, HERO, "At {venue}.").await.must_say("Saved and published.");
    let home = anna.opens_until("/", |page| page.says("At *Hall*")).await;
    home.must_say("At *Hall* <b>1</b> [x](y).");
}

#[tokio::test]
async fn a_placeholder_that_does_not_exist_is_refused_with_everything_typed_kept() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let typed = "Come to {town} and [see]({nowhere}).";
    let refused = says(&olga, HERO, typed).await;
    let error = refused.must_be(422).error_beside("Text").unwrap_or_default();
    assert!(error.starts_with("There is no {nowhere} here. These exist: {title}, {theme}, {city}"), "{error}");
    assert_eq!(refused.summary().len(), 2);
    assert_eq!(refused.form("Save and publish").value("Text"), typed);
    let mail = shipped(&olga, CONTACT).await;
    for (text, words) in [
        (mail.replace("{reference}", "{number_of_days}"), "There is no {number_of_days} here. These exist: {"),
        (
            format!("{mail}\n\n[when it rains]\n\nTake a coat."),
            "There is no case “it rains” here. These exist: nobody comes",
        ),
        (format!("{mail}\n\nYou are {{manage}}."), "{manage} cannot stand there."),
        (format!("{mail}\n\nWith {{attendees}} and others."), "Put {attendees} in a paragraph of its own"),
        (format!("{mail}\n\n[Programme](/programme)"), "Give the whole address of the link “/programme”"),
        ("# Hello\n\n[Registration]({manage})".to_owned(), "Begin the text with a line “Subject: …”"),
        ("Subject: Hello\n\n[Registration]({manage})".to_owned(), "Give the text a heading"),
    ] {
        let refused = says(&olga, CONTACT, &text).await;
        let error = refused.must_be(422).error_beside("Text").unwrap_or_default();
        assert!(error.contains(words), "{error}");
        assert_eq!(refused.form("Save and publish").value("Text").replace("\r\n", "\n"), text);
    }
    // Nothing that is refused can wait for its publication either.
    let form = text_editor(&olga, HERO).await.form("Save without publishing").fill("Text", typed);
    olga.sends(form).await.must_be(422);
    olga.opens(UNPUBLISHED).await.must_say("There is nothing to publish");
    let huge = says(&olga, HERO, &"a ".repeat(20_100)).await;
    assert!(huge.must_be(422).error_beside("Text").is_some());
}

#[tokio::test]
async fn a_mail_without_the_link_that_its_readers_need_is_refused() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let mail = shipped(&olga, OFFER).await;
    let without = mail.replace("[Accept or decline]({offer})", "Answer soon.");
    assert_ne!(mail, without);
    let refused = says(&olga, OFFER, &without).await;
    let error = refused.must_be(422).error_beside("Text").unwrap_or_default();
    assert!(error.starts_with("Add a link such as [words]({offer}): readers need it to continue."), "{error}");
    let form = text_editor(&olga, OFFER).await.form("Save without publishing").fill("Text", &without);
    olga.sends(form).await.must_be(422);
    // The link may stand elsewhere, in other words.
    let other = mail.replace("[Accept or decline]({offer})", "Please [answer here]({offer}) soon.");
    says(&olga, OFFER, &other).await.must_say("Saved and published.");
}

#[tokio::test]
async fn a_page_text_cannot_link_to_a_page_that_does_not_exist() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let refused = says(&olga, HERO, "[Hotels](/leipzig-2018/pages/hotels)").await;
    assert!(
        refused.must_be(422).error_beside("Text").is_some_and(|error| error.contains("/leipzig-2018/pages/hotels"))
    );
    let text = "See [the programme]({programme}) and [how to come](/leipzig-2018/pages/travel-and-venue).";
    says(&olga, HERO, text).await.must_say("Saved and published.");
    assert_eq!(anna.opens("/").await.link("the programme"), format!("{LEIPZIG}/programme"));
    // Whoever removes the page is told of the text.
    let pages = olga.opens("/organisers/leipzig-2018/pages").await;
    let form = olga.follows(&pages, "Travel and venue").await.form("Save and publish").choose("Status", "Removed");
    olga.sends(form).await.must_be(422).must_say(HERO);
}

#[tokio::test]
async fn a_changed_confirmation_arrives_with_the_new_words() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    let olga = app.organiser().await;
    let mail = shipped(&olga, CONTACT).await;
    let lines = mail.lines().map(|line| if line.starts_with("# ") { "# Servus." } else { line });
    let changed = format!("Subject: Welcome to {{city}}, {{contact}}\n{}", lines.collect::<Vec<_>>().join("\n"));
    let preview = text_editor(&olga, CONTACT).await.form("Preview").fill("Text", &changed);
    olga.sends(preview).await.must_say("Example: the usual mail").must_say("Welcome to Leipzig, Željka Horvat");
    says(&olga, CONTACT, &changed).await.must_say("Saved and published. It is in use now.");
    registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
    let sent = server.mail_to("anna@graz.example").await;
    assert_eq!(sent.subject(), "Welcome to Leipzig, Anna");
    assert!(sent.html().contains("Servus."), "{}", sent.html());
    assert!(sent.link("/manage/").contains("/manage/"));
}

#[tokio::test]
async fn a_mail_is_sent_as_shipped_if_its_stored_text_can_no_longer_be_used() {
    for text in ["Subject: {gone}\n\n# Hello", "Subject: Hello\n\n# Hello, without the link"] {
        let server = MailServer::start().await;
        let app = TestApp::start_with(|settings| server.serves(settings)).await;
        // An older program knew this placeholder, or a newer one needs the link.
        sqlx::query(
            "update text_content set text = $1
             where revision_id = (select id from revision where kind = 'text' and slug = 'mail-contact-confirmation')",
        )
        .bind(text)
        .execute(&app.db)
        .await
        .expect("a text");
        registers(&app.delegate(), "Anna", "anna@graz.example").await.must_say("You are registered");
        let sent = server.mail_to("anna@graz.example").await;
        assert!(sent.subject().starts_with("You are registered"), "{}", sent.subject());
        sent.link("/manage/");
    }
}

#[tokio::test]
async fn an_organiser_goes_back_to_what_was_shipped() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let first = shipped(&olga, HERO).await;
    text_editor(&olga, HERO).await.must_say("As shipped.");
    says(&olga, HERO, "Come to {city}.").await.must_say("Compare it with the text that was shipped");
    anna.opens("/").await.must_say("Come to Leipzig.");
    let back = text_editor(&olga, HERO).await.form("Back, without publishing");
    olga.sends(back).await.must_say("It is not in use yet.").must_say("As shipped.");
    anna.opens("/").await.must_say("Come to Leipzig.");
    olga.sends(text_editor(&olga, HERO).await.form("Save and publish")).await.must_say("Saved and published.");
    anna.opens("/").await.must_say("This is an exciting event that you should not miss.");
    let stored = "select count(*) from text_content where text is not null";
    assert_eq!(sqlx::query_scalar::<_, i64>(stored).fetch_one(&app.db).await.expect("a number"), 1);
    assert_eq!(shipped(&olga, HERO).await, first);
    // All of it stays in the history, and an empty field means the same.
    let revisions = olga.follows(&text_editor(&olga, HERO).await, "Revisions").await;
    assert_eq!(revisions.rows().len(), 3);
    says(&olga, HERO, "Come to {city}.").await.must_say("Saved and published.");
    olga.sends(text_editor(&olga, HERO).await.form("Back to what was shipped")).await.must_say("As shipped.");
    says(&olga, HERO, "Come to {city}.").await.must_say("Saved and published.");
    says(&olga, HERO, "").await.must_say("As shipped.");
    assert_eq!(olga.opens(TEXTS).await.row(HERO)[1], "as shipped");
}

#[tokio::test]
async fn two_organisers_who_change_different_paragraphs_of_a_mail_lose_no_word() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let title = "Reminder a week before the conference";
    let mail = shipped(&olga, title).await;
    let (hers, his) = (text_editor(&olga, title).await, text_editor(&otto, title).await);
    let hers = hers.form("Save and publish").fill("Text", &mail.replace("Hello {name},", "Dear {name},"));
    olga.sends(hers).await.must_say("Saved and published.");
    let his = his.form("Save and publish").fill("Text", &mail.replace("## Who is registered", "## Who comes"));
    let conflict = otto.sends(his).await;
    conflict.must_be(409).must_say("Your changes and theirs are both in this form.");
    otto.sends(conflict.form("Save and publish")).await.must_say("Saved and published.");
    let both = shipped(&olga, title).await;
    assert!(both.contains("Dear {name},") && both.contains("## Who comes"), "{both}");
    assert_eq!(both.lines().count(), mail.lines().count());
}

#[tokio::test]
async fn taking_back_a_release_leaves_the_texts_as_they_are() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    says(&olga, HERO, "Come to {city}.").await.must_say("Saved and published.");
    let release = olga.opens("/organisers/leipzig-2018/releases/1").await;
    olga.sends(release.form("Take back release 1")).await;
    anna.opens("/").await.must_say("Come to Leipzig.");
}
