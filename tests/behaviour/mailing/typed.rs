//! Mails show text as people typed it, but never as a link.

use serde_json::json;

use super::{CONTACT, app_with, enqueue, registration};
use crate::support::MailServer;

const OPERATIONS: &str = "operations@desk.example";

#[tokio::test]
async fn mails_show_text_as_it_was_typed() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy, M.Sc.", "anna@graz.example")]).await;
    let hack = "=?utf-8?q?Hack?=";
    sqlx::query(
        "update registration set contact_name = $1, organisation = $1, city = 'St.Gallen', purchase_order = 'v2.0'",
    )
    .bind(hack)
    .execute(&app.db)
    .await
    .expect("the registration");
    enqueue(&app.db, "operations_confirmation", OPERATIONS, &kept, None, json!({})).await;
    let mail = server.mail_to(OPERATIONS).await;
    assert_eq!(mail.subject(), format!("Registration {}: {hack}, Austria (1 attendee)", kept.reference));
    assert_eq!(mail.reply_to(), (hack.to_owned(), CONTACT.to_owned()));
    for header in ["Subject", "Reply-To"] {
        let raw = mail.header(header).expect("the header");
        assert!(!raw.contains("?q?"), "a mail program would decode {raw}");
    }
    assert!(!mail.text().contains("with spaces") && !mail.html().contains("with spaces"), "{}", mail.text());
    for words in ["Anna Nagy, M.Sc.", "St.Gallen", "v2.0", hack] {
        assert!(mail.text().contains(words), "{words} is missing in\n{}", mail.text());
        assert!(mail.html().contains(words), "{words} is missing in the HTML");
    }
}

#[tokio::test]
async fn no_field_of_the_form_and_no_reason_becomes_a_link() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    sqlx::query(
        "update registration set contact_telephone = 'evil.example/1', purchase_order = $1, invoice_address = $2,
             city = $3",
    )
    .bind("evil\u{200D}.example/2")
    .bind("Finance\nevil.\u{200B}example/3\nwww.e\u{2060}vil.example")
    .bind("evil\u{FF0E}example/4")
    .execute(&app.db)
    .await
    .expect("the registration");
    sqlx::query("update attendee set job_title = $1")
        .bind("http:\u{AD}//evil.example/5")
        .execute(&app.db)
        .await
        .expect("a job title");
    let about = json!({ "attendees": [kept.attendees[0]], "reason": "See evil\u{200D}.example/6" });
    for (kind, to) in [
        ("operations_confirmation", OPERATIONS),
        ("operations_cancellation", OPERATIONS),
        ("contact_confirmation", CONTACT),
        ("cancellation", CONTACT),
    ] {
        enqueue(&app.db, kind, to, &kept, None, about.clone()).await;
    }
    let mut told = String::new();
    for mail in server.received(4).await {
        for part in [mail.text(), mail.html()] {
            let seen = part.replace(['\u{200B}', '\u{200D}', '\u{2060}', '\u{AD}'], "").replace('\u{FF0E}', ".");
            let explained = seen.contains("Links and addresses that delegates typed are written with spaces here.");
            assert_eq!(explained, mail.subject().starts_with("Registration "), "{seen}");
            assert!(!seen.contains("evil.example") && !seen.contains("://evil"), "{seen}");
            told.push_str(&part);
        }
    }
    for number in 1..=6 {
        assert!(told.contains(&format!("evil. example/{number}")), "number {number} is not told");
    }
}
