//! A delegate makes a mistake: the error is beside the field, everything typed is still there, and nothing is saved.

use reqwest::Method;

use super::{REGISTER, consent_words, count, filled, form, nothing_is_saved};
use crate::support::{Form, LEIPZIG, Page, TestApp};

/// Sends a form that must be refused, checks that each error is beside its field and in the summary, and returns the
/// page.
async fn refused(app: &TestApp, sent: Form, errors: &[(&str, &str)]) -> Page {
    let page = app.delegate().sends(sent).await;
    page.must_be(422);
    let seen = page.errors();
    let seen: Vec<_> = seen.iter().map(|(label, words)| (label.as_str(), words.as_str())).collect();
    assert_eq!(seen, errors);
    assert_eq!(page.summary(), errors.iter().map(|(_, words)| *words).collect::<Vec<_>>());
    if !errors.is_empty() {
        assert_eq!(page.attributes("[role=alert][autofocus]", "id"), ["errors"], "the summary has the focus");
    }
    let links = page.attributes("[role=alert] li a", "href");
    assert!(
        links.iter().all(|link| !page.attributes(link, "name").is_empty()),
        "each entry links to its field: {links:?}"
    );
    nothing_is_saved(app).await;
    page
}

#[tokio::test]
async fn an_empty_form_gets_an_error_for_each_required_field() {
    let app = TestApp::start().await;
    let sent = form(&app.delegate()).await;
    refused(
        &app,
        sent,
        &[
            ("Name", "Give your name"),
            ("E-mail", "Give your e-mail address"),
            ("Organisation", "Give the organisation"),
            ("City", "Give the city"),
            ("Country", "Choose a country"),
            ("Category", "Choose a category"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_request_without_any_fields_is_refused() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let answer = delegate.asks(Method::POST, REGISTER, &[("sec-fetch-site", "same-origin")], Some(String::new())).await;
    assert_eq!(answer.status(), 422);
    nothing_is_saved(&app).await;
}

#[tokio::test]
async fn a_malformed_address_is_refused_and_everything_typed_is_still_there() {
    let app = TestApp::start().await;
    let sent = filled(form(&app.delegate()).await, "Željka Horvat", "zeljka@graz")
        .fill("Telephone", "+43 316")
        .fill_in("Person 1", "Job title", "CIO <IT> & \"more\"")
        .fill("Dietary needs", "no nuts")
        .tick(&consent_words(1))
        .fill("Purchase-order number", "PO 4711")
        .fill("Invoice address", "Town hall\nHauptplatz 1");
    let page = refused(&app, sent, &[("E-mail", "Give the e-mail address in the form name@city.eu")]).await;

    let shown = page.form("Register");
    for (group, label, value) in [
        ("You", "Name", "Željka Horvat"),
        ("You", "E-mail", "zeljka@graz"),
        ("You", "Telephone", "+43 316"),
        ("", "Organisation", "City of Graz"),
        ("", "City", "Graz"),
        ("", "Country", "Austria"),
        ("", "Will you attend?", "I will attend, alone or with colleagues"),
        ("Person 1", "Job title", "CIO <IT> & \"more\""),
        ("Person 1", "Category", "Member city"),
        ("Person 1", "Dietary needs", "no nuts"),
        ("Person 1", &consent_words(1), "on"),
        ("", "Purchase-order number", "PO 4711"),
        ("", "Invoice address", "Town hall\nHauptplatz 1"),
    ] {
        assert_eq!(shown.value_in(group, label), value, "{label}");
    }
    let open: Vec<_> = page.attributes("details[open]", "open");
    assert_eq!(open.len(), 2, "needs and invoice details are open, because they are filled in");
    app.delegate().sends(shown.fill_in("You", "E-mail", "zeljka@graz.example")).await.must_say("You are registered");
}

#[tokio::test]
async fn the_same_person_twice_is_refused() {
    let app = TestApp::start().await;
    let sent = filled(form(&app.delegate()).await, "Anna Gruber", "anna@graz.example")
        .forge("attendee-2-name", " anna GRUBER")
        .forge("attendee-2-email", "Anna@Graz.example")
        .forge("attendee-2-category", "");
    let page = app.delegate().sends(sent).await;
    let sent = page.form("Register").choose_in("Person 2", "Category", "Member city");
    refused(&app, sent, &[("Name", "Person 2 has the name and e-mail address of person 1. Remove one of the two")])
        .await;
}

#[tokio::test]
async fn the_same_person_twice_is_refused_even_if_postgresql_sees_two_different_names() {
    let app = TestApp::start().await;
    // The lower case of "İ" is two characters in Rust and one in PostgreSQL.
    let sent = filled(form(&app.delegate()).await, "İpek", "ipek@izmir.example")
        .forge("attendee-2-name", "i\u{307}pek")
        .forge("attendee-2-email", "IPEK@Izmir.example")
        .forge("attendee-2-category", "");
    let page = app.delegate().sends(sent).await;
    let sent = page.form("Register").choose_in("Person 2", "Category", "Member city");
    refused(&app, sent, &[("Name", "Person 2 has the name and e-mail address of person 1. Remove one of the two")])
        .await;
}

#[tokio::test]
async fn fifty_one_attendees_are_refused() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let mut sent = filled(form(&delegate).await, "Anna", "anna@graz.example");
    let category = sent.hidden("attendee-1-category").expect("chosen");
    let colleague = |sent: Form, person: usize| {
        sent.forge(&format!("attendee-{person}-name"), &format!("Colleague {person}"))
            .forge(&format!("attendee-{person}-email"), "office@graz.example")
            .forge(&format!("attendee-{person}-category"), &category)
    };
    for person in 2..=49 {
        sent = colleague(sent, person);
    }
    let page = delegate.sends(sent.forge("do", "add")).await;
    assert!(page.says("Person 50") && !page.has_form("Add a colleague"));
    page.must_say("You can register up to 50 people with one form");

    let page = delegate.sends(colleague(colleague(page.form("Register"), 50), 51)).await;
    page.must_be(422).must_say("Register at most 50 people at once");
    assert_eq!(page.form("Register").value_in("Person 51", "Name"), "Colleague 51", "all attendees are still there");
    nothing_is_saved(&app).await;

    let page = delegate.sends(page.form("Remove person 51")).await;
    delegate.sends(page.form("Register")).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from attendee").await, 50);
}

#[tokio::test]
async fn texts_that_are_too_long_are_refused_with_their_limits() {
    let app = TestApp::start().await;
    let long = "ž".repeat(10_000);
    let sent = filled(form(&app.delegate()).await, &long, "anna@graz.example")
        .fill("Organisation", &long)
        .fill("Invoice address", &long)
        .fill("Dietary needs", &long);
    let page = refused(
        &app,
        sent,
        &[
            ("Name", "Use at most 200 characters"),
            ("Organisation", "Use at most 200 characters"),
            ("Dietary needs", "Use at most 500 characters"),
            ("Invoice address", "Use at most 1000 characters"),
        ],
    )
    .await;
    assert_eq!(page.form("Register").value_in("You", "Name"), long);
}

#[tokio::test]
async fn control_characters_and_line_breaks_in_names_are_refused() {
    for name in ["Anna\nBcc: everybody@city.example", "Anna\u{0}", "Anna\u{202E}nimda"] {
        let app = TestApp::start().await;
        let sent = filled(form(&app.delegate()).await, name, "anna@graz.example").fill("Organisation", name);
        let words = "Write this on one line, without special control characters";
        refused(&app, sent, &[("Name", words), ("Organisation", words)]).await;
    }
}

#[tokio::test]
async fn bytes_that_are_not_utf8_are_refused() {
    let app = TestApp::start().await;
    let body = filled(form(&app.delegate()).await, "Anna", "anna@graz.example").body();
    let body = body.replace("name=Anna", "name=Ann%FF");
    let answer = app.delegate().asks(Method::POST, REGISTER, &[("sec-fetch-site", "same-origin")], Some(body)).await;
    assert_eq!(answer.status(), 422);
    let page = answer.text().await.expect("a page");
    assert!(page.contains("Some characters could not be read. Type this again"));
    nothing_is_saved(&app).await;
}

#[tokio::test]
async fn an_unknown_country_and_an_unknown_category_are_refused() {
    let app = TestApp::start().await;
    for category in ["nonsense", "0192f0c1-2345-7000-8000-000000000000"] {
        let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example")
            .forge("country", "XX")
            .forge("attendee-1-category", category);
        let words = "Choose one of the entries in the list";
        refused(&app, sent, &[("Country", words), ("Category", words)]).await;
    }
}

#[tokio::test]
async fn a_category_that_only_staff_assign_is_refused() {
    let app = TestApp::start().await;
    let speaker: uuid::Uuid = sqlx::query_scalar("select id from category where slug = 'speaker'")
        .fetch_one(&app.db)
        .await
        .expect("the category");
    let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example")
        .forge("attendee-1-category", &speaker.to_string());
    refused(&app, sent, &[("Category", "Choose one of the entries in the list")]).await;
}

#[tokio::test]
async fn needs_without_consent_are_refused() {
    let app = TestApp::start().await;
    let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example").fill("Access needs", "step-free");
    let words = "Tick this to agree, or delete the needs. We may not keep them without consent";
    let page = refused(&app, sent, &[(&consent_words(1), words)]).await;
    let sent = page.form("Register").tick(&consent_words(1));
    app.delegate().sends(sent).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from attendee_needs").await, 1);
}

#[tokio::test]
async fn consent_without_needs_saves_nothing() {
    let app = TestApp::start().await;
    let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example").tick(&consent_words(1));
    app.delegate().sends(sent).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from attendee_needs").await, 0);
}

#[tokio::test]
async fn a_contact_who_attends_after_all_becomes_person_1_and_the_colleague_person_2() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna", "anna@graz.example")
        .choose("Will you attend?", "I am only registering others")
        .fill_in("Person 1", "Name", "Boris")
        .fill_in("Person 1", "E-mail", "boris@graz.example")
        .fill_in("Person 1", "Job title", "CIO")
        .fill_in("Person 1", "Access needs", "step-free")
        .tick_in("Person 1", &consent_words(1))
        .choose("Will you attend?", "I will attend, alone or with colleagues");
    let page = refused(&app, sent.clone(), &[]).await;
    page.must_say("you are now person 1 and Boris is person 2");
    let shown = page.form("Register");
    for (label, first, second) in [
        ("Name", "", "Boris"),
        ("E-mail", "", "boris@graz.example"),
        ("Job title", "", "CIO"),
        ("Category", "Member city", "Member city"),
        ("Access needs", "", "step-free"),
    ] {
        assert_eq!(
            (shown.value_in("Person 1", label), shown.value_in("Person 2", label)),
            (first.into(), second.into())
        );
    }
    delegate.sends(shown).await.must_say("You are registered").must_say("Boris, Member city");
    assert_eq!(count(&app, "select count(*) from attendee").await, 2);

    let page = delegate.sends(sent.forge("do", "add")).await;
    page.must_be(200).must_say("you are now person 1 and Boris is person 2");
    assert_eq!(page.attributes("[autofocus]", "id"), ["attendee-3-name"]);
}

#[tokio::test]
async fn a_contact_who_also_enters_themselves_as_person_1_is_one_person() {
    let app = TestApp::start().await;
    let sent = filled(form(&app.delegate()).await, "Anna", "anna@graz.example")
        .fill_in("Person 1", "Name", "ANNA ")
        .fill_in("Person 1", "E-mail", "anna@graz.example");
    app.delegate().sends(sent).await.must_say("You are registered");
    assert_eq!(count(&app, "select count(*) from attendee where name = 'Anna'").await, 1);
}

#[tokio::test]
async fn an_error_in_a_colleagues_details_says_whose_it_is() {
    let app = TestApp::start().await;
    let page =
        app.delegate().sends(filled(form(&app.delegate()).await, "Anna", "anna@graz.example").forge("do", "add")).await;
    let sent = page.form("Register").fill_in("Person 2", "Name", "Boris").fill_in("Person 2", "E-mail", "boris");
    refused(&app, sent, &[("E-mail", "Person 2: Give the e-mail address in the form name@city.eu")]).await;
}

#[tokio::test]
async fn an_unknown_conference_is_not_found() {
    let app = TestApp::start().await;
    app.delegate().tries("/atlantis-2018/register").await.must_be(404);
    assert_eq!(app.delegate().opens("/register").await.path, format!("{LEIPZIG}/register"));
}
