//! Nothing that the program says of one conference is true of another one only.

use std::collections::BTreeSet;

use time::macros::datetime;

use super::{
    mailing::app_with,
    opening::{CURRENT, OPEN, form, sets_state, venice},
};
use crate::support::{LEIPZIG, MailServer, Person, TestApp, registration::filled};

/// What is true of Leipzig only.
const OF_LEIPZIG: [&str; 8] =
    ["Leipzig", "leipzig", "Kongresshalle", "LECOS", "2018", "pend three days", "even topics", "Are we ready"];
/// What is true of Venice only.
const OF_VENICE: [&str; 6] = ["Venice", "venice", "Palazzo", "2019", "pend two days", "Channeling"];

/// Follows all links below this address and checks that no page has any of these words.
async fn reads_all(person: &Person, home: &str, others: &[&str]) -> BTreeSet<String> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![home.to_owned()]);
    while let Some(path) = open.pop() {
        let bare = path.split('#').next().unwrap_or_default().to_owned();
        if !bare.starts_with(home) || !seen.insert(bare.clone()) {
            continue;
        }
        let page = person.opens(&bare).await;
        for word in others {
            let at = page.body.find(word);
            let around = at.map(|at| page.body[at.saturating_sub(80)..].chars().take(200).collect::<String>());
            assert!(around.is_none(), "{word} is on {bare}: …{}…", around.unwrap_or_default());
        }
        open.extend(page.links().into_iter().map(|(_, target)| target));
    }
    seen
}

/// Registers somebody in Venice who also brings a colleague, changes something, cancels, and checks every mail.
async fn writes_no_mail_about_leipzig(app: &TestApp, server: &MailServer) {
    let anna = app.delegate();
    let form = anna.opens("/venice-2019/register").await.form("Add a colleague");
    let two = anna.sends(filled(form, "Anna Gruber", "anna@graz.example")).await.form("Register");
    let two = two.fill_in("Person 2", "Name", "Ben Gruber").fill_in("Person 2", "E-mail", "ben@graz.example");
    anna.sends(two.choose_in("Person 2", "Category", "University")).await.must_say("Ben Gruber");
    server.received(3).await;
    let link = server.mail_to("anna@graz.example").await.link("/manage/");
    let correct = anna.follows(&anna.opens(&link).await, "Correct these details").await;
    anna.sends(correct.form("Save").fill("Organisation", "Town of Graz")).await.must_be(200);
    let form = anna.opens(&format!("{link}/cancel")).await.form("Yes, cancel for all 2");
    anna.sends(form).await.must_be(200);
    let mails = server.received(8).await;
    for mail in mails {
        let (subject, text, html) = (mail.subject(), mail.text(), mail.html());
        let file = mail.file().map(|(name, _, content)| name + &content).unwrap_or_default();
        for word in OF_LEIPZIG {
            assert!(
                ![&subject, &text, &html, &file].iter().any(|part| part.contains(word)),
                "{word}: {subject}\n{text}\n{file}"
            );
        }
    }
}

#[tokio::test]
async fn a_conference_of_two_days_in_venice_says_nothing_that_is_true_of_leipzig_only() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    app.it_is(datetime!(2019-03-01 12:00 UTC));
    let (ada, anna) = (app.administrator().await, app.delegate());
    ada.sends(venice(form(&ada, false).await)).await.must_be(200);
    for number in ["1", "2"] {
        let topic = ada.opens("/organisers/venice-2019/topics/new").await.form("Save and publish");
        let topic = topic.fill("Title", &format!("Water {number}")).fill("Number", number);
        ada.sends(topic.choose("Colour", "Teal")).await.must_be(200);
    }
    sets_state(&ada, CURRENT).await.must_be(200);
    let read = reads_all(&anna, "/venice-2019", &OF_LEIPZIG).await;
    for path in
        ["", "/programme", "/register", "/changes", "/pages/privacy", "/pages/travel-and-venue", "/programme.ics"]
    {
        assert!(read.contains(&format!("/venice-2019{path}")), "{path} is not among {read:?}");
    }
    anna.opens("/venice-2019/pages/travel-and-venue")
        .await
        .must_say("takes place at the Palazzo del Cinema in Venice, Italy.");
    anna.opens("/").await.must_say("Two topics").must_say("Spend two days");
    reads_all(&anna, LEIPZIG, &OF_VENICE).await;
    writes_no_mail_about_leipzig(&app, &server).await;
}

#[tokio::test]
async fn a_copy_says_nothing_that_is_true_of_the_other_conference_only_nor_the_other_way_round() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    app.it_is(datetime!(2019-03-01 12:00 UTC));
    let (ada, anna) = (app.administrator().await, app.delegate());
    let copy = form(&ada, true).await.tick("The sessions, as drafts without times and rooms");
    ada.sends(venice(copy).fill("Hosts", "Major Cities of Europe and the City of Venice"))
        .await
        .must_not_say("still names");
    // Six of its seven topics are left.
    let topics = ada.opens("/organisers/venice-2019/topics").await;
    let cafe = ada.follows(&topics, "World Café").await.form("Save and publish");
    ada.sends(cafe.choose("Status", "Removed")).await.must_be(422);
    let sessions = ada.opens("/organisers/venice-2019/sessions").await;
    let session = ada.follows(&sessions, "Topic 7: World Café").await.form("Save without publishing");
    ada.sends(session.choose("Topic", "No topic")).await.must_be(200);
    let cafe = ada.follows(&topics, "World Café").await.form("Save and publish");
    ada.sends(cafe.choose("Status", "Removed")).await.must_be(200);
    sets_state(&ada, OPEN).await.must_be(200);
    reads_all(&anna, "/venice-2019", &OF_LEIPZIG).await;
    anna.opens("/venice-2019").await.must_say("Six topics").must_say("Spend two days");
    reads_all(&anna, LEIPZIG, &OF_VENICE).await;
    anna.opens(LEIPZIG).await.must_say("Seven topics").must_say("Spend three days");
    writes_no_mail_about_leipzig(&app, &server).await;
}
