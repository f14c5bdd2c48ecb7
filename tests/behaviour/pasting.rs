//! What comes with pasted text: every single-line field removes it in the same way.

use crate::support::{
    LEIPZIG, TestApp,
    registration::{filled, form, registers},
};

use super::signing_in::{PASSWORD, signs_in, with_password};

/// Spaces and invisible characters that nobody types.
const INVISIBLE: [char; 9] =
    ['\u{A0}', '\u{2009}', '\u{3000}', '\u{200B}', '\u{FEFF}', '\u{200E}', '\u{AD}', '\u{202C}', '\u{2069}'];

#[tokio::test]
async fn text_pasted_into_the_registration_form_is_saved_without_invisible_characters() {
    let app = TestApp::start().await;
    for extra in INVISIBLE {
        let around = |text: &str| format!("{extra}{text}{extra}");
        let sent = filled(form(&app.delegate()).await, &around("Anna Gruber"), &around("anna@graz.example"))
            .fill("Telephone", &around("＋４３ 316"))
            .fill("Organisation", &around("City\u{A0}of\u{2009}Graz"))
            .fill("City", &around("Graz"))
            .fill_in("Person 1", "Job title", &around("CIO"))
            .fill("Purchase-order number", &around("ＰＯ-4711"))
            .fill("Invoice address", &around("Hauptplatz 1\n8010 Graz"));
        app.delegate().sends(sent).await.must_be(200).must_say("You are registered");
        let kept: (String, String, String, String, String, String, String) = sqlx::query_as(
            "select contact.name, contact.email, contact_telephone, organisation, city, purchase_order, invoice_address
             from registration join contact on registration_id = id order by id desc limit 1",
        )
        .fetch_one(&app.db)
        .await
        .expect("a registration");
        let meant = [
            "Anna Gruber",
            "anna@graz.example",
            "+43 316",
            "City of Graz",
            "Graz",
            "PO-4711",
            "Hauptplatz 1\n8010 Graz",
        ];
        assert_eq!([kept.0, kept.1, kept.2, kept.3, kept.4, kept.5, kept.6], meant, "{extra:?}");
        // The next round registers the same person.
        sqlx::raw_sql("delete from rate_limit; update attendee set state = 'cancelled', cancelled_at = now()")
            .execute(&app.db)
            .await
            .expect("nobody and no limits are left");
    }
    let of_attendees: Vec<(String, String, String, String)> =
        sqlx::query_as("select distinct name, email, email_normalised, job_title from attendee")
            .fetch_all(&app.db)
            .await
            .expect("attendees");
    let anna = ["Anna Gruber", "anna@graz.example", "anna@graz.example", "CIO"].map(str::to_owned);
    assert_eq!(of_attendees, [anna.into()]);
}

#[tokio::test]
async fn a_number_copied_from_contacts_and_an_address_copied_from_a_message_are_accepted() {
    let app = TestApp::start().await;
    let sent = filled(form(&app.delegate()).await, "Anna Gruber", "anna\u{200C}@graz.example\u{FE0F}")
        .fill("Telephone", "\u{202D}+49 341 123456\u{202C}")
        .fill("Invoice address", "\u{2066}Hauptplatz 1\u{2069}\n\u{2066}8010 Graz\u{2069}");
    app.delegate().sends(sent).await.must_be(200).must_say("You are registered");
    let kept: (String, String, String) = sqlx::query_as(
        "select email, contact_telephone, invoice_address from registration join contact on registration_id = id",
    )
    .fetch_one(&app.db)
    .await
    .expect("a registration");
    let meant = ["anna@graz.example", "+49 341 123456", "Hauptplatz 1\n8010 Graz"];
    assert_eq!([kept.0, kept.1, kept.2], meant);
}

#[tokio::test]
async fn an_address_copied_as_a_link_is_accepted() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "mailto:Anna@Graz.example?subject=Hello").await.must_be(200);
    let kept: String =
        sqlx::query_scalar("select email from contact").fetch_one(&app.db).await.expect("a registration");
    assert_eq!(kept, "Anna@Graz.example");
}

#[tokio::test]
async fn accents_before_the_at_sign_are_refused_with_an_error_beside_the_field() {
    let app = TestApp::start().await;
    let page = registers(&app.delegate(), "Željka Horvat", "željka@graz.example").await;
    page.must_be(422);
    assert!(page.error_beside("E-mail").is_some_and(|error| error.contains("without accents")), "{:?}", page.errors());
    assert_eq!(page.form("Register").value_in("You", "E-mail"), "željka@graz.example");
    registers(&app.delegate(), "Jürgen Müller", "jmueller@müller.example").await.must_be(200);
}

#[tokio::test]
async fn sign_in_search_and_settings_accept_pasted_text() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.must_be(200);
    let account = with_password(&app, "administrator").await;
    let person = app.delegate();
    for extra in INVISIBLE {
        let person = app.delegate();
        signs_in(&person, &format!("{extra}{}{extra}", account.email), PASSWORD).await.must_be(200);
    }
    signs_in(&person, &account.email, PASSWORD).await.must_be(200);
    let attendees = format!("/staff{LEIPZIG}/attendees");
    for typed in [
        "\u{200B}Gruber\u{A0}",
        "Ｇｒｕｂｅｒ",
        "Gru\u{AD}ber",
        "\u{FEFF}anna@graz.example",
        "mailto:Anna@graz.example",
        "\u{2066}Gruber\u{2069}",
    ] {
        let form = person.opens(&attendees).await.form("Search");
        let found = person.sends(form.fill("Find an attendee", typed)).await;
        found.must_say("Anna Gruber");
    }
    let form = person.opens(&format!("/administration{LEIPZIG}")).await.form("Save and publish");
    let form = form.fill("Places in all", "\u{A0}２００\u{200B}").fill("Closes", "\u{2009}2099-05-20T18:00\u{A0}");
    person.sends(form).await.must_be(200).must_say("Saved");
    let form = person.opens(&format!("/organisers{LEIPZIG}/facts")).await.form("Save and publish");
    let form = form
        .fill("The venue’s website", "\u{200E}https://www.kongresshalle.com/zoo\u{3000}")
        .fill("Last day", "\u{2009}2018-05-31\u{A0}");
    person.sends(form).await.must_be(200).must_say("Saved");
    let kept: (i32, String, bool) = sqlx::query_as(
        "select capacity.places, venue_url, registration_closes is not null
         from conference join capacity on capacity.conference_id = conference.id and category_id is null",
    )
    .fetch_one(&app.db)
    .await
    .expect("settings");
    assert_eq!(kept, (200, "https://www.kongresshalle.com/zoo".to_owned(), true));
}
