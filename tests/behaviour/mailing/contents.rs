//! What the mails contain, and what they must not contain.

use serde_json::json;

use sqlx::PgPool;

use super::{CONTACT, Kept, any_mail, app_with, enqueue, registration};
use crate::{desk::two_from_graz, support::MailServer};

#[tokio::test]
async fn operations_the_contact_and_each_attendee_get_a_mail() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Željka Horvat", CONTACT), ("Ludwig Maier", "ludwig@graz.example")]).await;
    enqueue(&app.db, "operations_confirmation", "operations@desk.example", &kept, None, json!({})).await;
    enqueue(&app.db, "contact_confirmation", CONTACT, &kept, None, json!({})).await;
    let own = kept.attendees[1];
    enqueue(&app.db, "attendee_confirmation", "ludwig@graz.example", &kept, Some(own), json!({})).await;

    let mails = server.received(3).await;
    let [ludwig, operations, zeljka] = mails.as_slice() else { panic!("three mails") };

    assert_eq!(operations.to, ["operations@desk.example"]);
    assert_eq!(operations.subject(), format!("Registration {}: City of Graz, Austria (2 attendees)", kept.reference));
    assert!(operations.text().contains("- Ludwig Maier, CIO\n"), "{}", operations.text());
    for words in ["Ludwig Maier", "ludwig@graz.example", "PO-2018.4711", "Hauptplatz 1", "+43 316 872-0"] {
        assert!(operations.text().contains(words), "{words} is missing in\n{}", operations.text());
        assert!(operations.html().contains(words), "{words} is missing in the HTML");
    }
    assert_eq!(operations.link("/staff/"), format!("/staff/leipzig-2018/attendees/{}", kept.attendees[0]));
    assert_eq!(operations.file(), None);
    assert!(operations.text().contains("Registered: Thursday 1 March 2018, 11:00 CET\n"), "{}", operations.text());

    assert_eq!(zeljka.subject(), format!("You are registered: Leipzig, 28–30 May 2018 ({})", kept.reference));
    for mail in [zeljka, ludwig] {
        assert!(mail.text().contains(&kept.reference));
        let (name, kind, calendar) = mail.file().expect("the calendar");
        assert_eq!((name.as_str(), kind.as_str()), ("leipzig-2018.ics", "text/calendar"));
        assert!(calendar.contains("DTSTART;VALUE=DATE:20180528"), "{calendar}");
        assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
        assert_eq!(mail.header("Reply-To").as_deref(), Some("operations@majorcities.eu"));
        assert!(mail.header("Date").is_some());
    }
    assert_ne!(zeljka.link("/manage/"), ludwig.link("/manage/"), "each has a link of their own");
    assert!(ludwig.text().contains("Željka Horvat (City of Graz) has done this for you"), "{}", ludwig.text());
}

#[tokio::test]
async fn the_contacts_confirmation_contains_the_invoice_details() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    any_mail(&app.db, CONTACT).await;
    let mail = server.mail_to(CONTACT).await;
    for words in ["PO-2018.4711", "Finance office", "Hauptplatz 1", "8010 Graz"] {
        assert!(mail.text().contains(words), "{words} is missing in\n{}", mail.text());
        assert!(mail.html().contains(words), "{words} is missing in the HTML");
    }
}

#[tokio::test]
async fn operations_reply_to_the_contact_and_delegates_reply_to_operations() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    for kind in ["operations_confirmation", "operations_cancellation"] {
        enqueue(&app.db, kind, "operations@desk.example", &kept, None, json!({})).await;
    }
    for kind in ["contact_confirmation", "cancellation"] {
        enqueue(&app.db, kind, CONTACT, &kept, None, json!({})).await;
    }
    for mail in server.received(4).await {
        let expected =
            if mail.to == [CONTACT] { ("", "operations@majorcities.eu") } else { ("Željka Horvat", CONTACT) };
        assert_eq!(mail.reply_to(), (expected.0.to_owned(), expected.1.to_owned()));
    }
}

#[tokio::test]
async fn operations_reply_to_the_attendee_who_cancelled_with_their_own_link() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    two_from_graz(&app).await;
    let of_boris = server.mail_to("boris@graz.example").await.link("/manage/");
    server.received(3).await;
    let delegate = app.delegate();
    let between = delegate.follows(&delegate.opens(&of_boris).await, "Cancel for Boris Maier …").await;
    delegate.sends(between.form("Yes, cancel")).await.must_say("Your place is cancelled");
    let mails = server.received(6).await;
    let operations = mails.iter().find(|mail| mail.subject().contains("(1 attendee)")).expect("a mail to operations");
    assert_eq!(operations.reply_to(), ("Boris Maier".to_owned(), "boris@graz.example".to_owned()));
}

#[tokio::test]
async fn a_cancellation_offers_to_register_again_only_while_somebody_can_register() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", CONTACT)]).await;
    let data = json!({ "attendees": [kept.attendees[0]] });
    enqueue(&app.db, "cancellation", "open@graz.example", &kept, None, data.clone()).await;
    let open = server.mail_to("open@graz.example").await;
    assert!(open.text().contains("register again") && open.html().contains("register again"), "{}", open.text());
    sqlx::query("update capacity set places = taken where category_id is null").execute(&app.db).await.expect("full");
    enqueue(&app.db, "cancellation", "full@graz.example", &kept, None, data.clone()).await;
    let full = server.mail_to("full@graz.example").await;
    sqlx::query("update capacity set places = null where category_id is null").execute(&app.db).await.expect("free");
    sqlx::query("update conference set registration_closes = '2018-02-01 00:00 Z', registration_opens = null")
        .execute(&app.db)
        .await
        .expect("closed");
    enqueue(&app.db, "cancellation", "closed@graz.example", &kept, None, data).await;
    for mail in [full, server.mail_to("closed@graz.example").await] {
        assert!(mail.text().contains("Was this a mistake?"), "{}", mail.text());
        assert!(!mail.text().contains("register again") && !mail.html().contains("/register"), "{}", mail.text());
    }
}

#[tokio::test]
async fn operations_are_told_only_the_number_of_those_who_come() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = three_of_whom_one_comes(&app.db).await;
    enqueue(&app.db, "operations_confirmation", "operations@desk.example", &kept, None, json!({})).await;
    let mail = server.mail_to("operations@desk.example").await;
    assert!(mail.subject().ends_with("(1 attendee, 2 cancelled)"), "{}", mail.subject());
    assert!(mail.html().contains("1 attendee from City of Graz (2 cancelled)"), "{}", mail.html());
    assert!(mail.text().contains("- Member city: 1\n"), "{}", mail.text());
}

#[tokio::test]
async fn a_contact_with_one_remaining_colleague_is_told_of_one_and_of_no_mail_to_the_others() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = three_of_whom_one_comes(&app.db).await;
    enqueue(&app.db, "contact_confirmation", CONTACT, &kept, None, json!({})).await;
    let mail = server.mail_to(CONTACT).await;
    assert!(mail.subject().starts_with("Your colleague is registered"), "{}", mail.subject());
    for words in [mail.text(), mail.html()] {
        assert!(words.contains("welcoming your colleague in Leipzig"), "{words}");
        assert!(!words.contains("get their own mail") && !words.contains("colleagues"), "{words}");
    }
}

/// Inserts three attendees: one with the contact's address, who comes, and two with other addresses, who are cancelled.
async fn three_of_whom_one_comes(db: &PgPool) -> Kept {
    let people = [("Anna Nagy", CONTACT), ("Ludwig Maier", "ludwig@graz.example"), ("Eva Roth", "eva@graz.example")];
    let kept = registration(db, &people).await;
    sqlx::query("update attendee set state = 'cancelled', cancelled_at = now() where id = any($1)")
        .bind(&kept.attendees[1..])
        .execute(db)
        .await
        .expect("two cancelled");
    kept
}

#[tokio::test]
async fn the_contact_gets_names_and_invoice_details_in_full() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let name = format!("Željka {}", "Horvat-Kovačević ".repeat(8).trim());
    let kept = registration(&app.db, &[(&name, CONTACT)]).await;
    let order = format!("PO {}", "4711 ".repeat(19).trim());
    let lines: Vec<_> = (1..=12).map(|line| format!("Line {line} {}", "x ".repeat(32).trim())).collect();
    sqlx::query("update registration set contact_name = $1, purchase_order = $2, invoice_address = $3 where id = $4")
        .bind(&name)
        .bind(&order)
        .bind(lines.join("\n"))
        .bind(kept.id)
        .execute(&app.db)
        .await
        .expect("the registration");
    enqueue(&app.db, "contact_confirmation", CONTACT, &kept, None, json!({})).await;
    let mail = server.mail_to(CONTACT).await;
    let greeting = format!("Hello {name},");
    for words in [&name, &order, &greeting].into_iter().chain(&lines) {
        assert!(mail.text().contains(words), "{words} is missing in\n{}", mail.text());
        assert!(mail.html().contains(words), "{words} is missing in the HTML");
    }
}

#[tokio::test]
async fn people_who_share_a_mailbox_get_one_mail_with_a_link_each() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let office = "office@graz.example";
    let kept = registration(&app.db, &[("Anna Nagy", office), ("Ludwig Maier", "Office@graz.example")]).await;
    enqueue(&app.db, "attendee_confirmation", office, &kept, Some(kept.attendees[0]), json!({})).await;
    let mail = server.mail_to(office).await;
    assert!(mail.text().contains("Anna Nagy") && mail.text().contains("Ludwig Maier"), "{}", mail.text());
    let links: Vec<_> =
        mail.text().split_whitespace().filter(|word| word.contains("/manage/")).map(str::to_owned).collect();
    assert_eq!(links.len(), 2);
    assert_ne!(links[0], links[1]);
}

#[tokio::test]
async fn a_secret_link_is_in_its_mail_and_nowhere_in_the_database() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    any_mail(&app.db, CONTACT).await;
    let link = server.mail_to(CONTACT).await.link("/manage/");
    let secret = link.trim_start_matches("/manage/");
    let hash: Vec<u8> = {
        use sha2::{Digest, Sha256};
        Sha256::digest(data_encoding::BASE64URL_NOPAD.decode(secret.as_bytes()).expect("a secret")).to_vec()
    };
    let (purpose,): (String,) = sqlx::query_as("select purpose from link where hash = $1")
        .bind(hash)
        .fetch_one(&app.db)
        .await
        .expect("the link's hash");
    assert_eq!(purpose, "manage");
}

#[tokio::test]
async fn no_mail_contains_dietary_or_access_needs() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Anna Nagy", "anna@graz.example")]).await;
    sqlx::query(
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         select id, conference_id, 'no walnuts', 'wheelchair', 'I agree', now() from attendee where id = $1",
    )
    .bind(kept.attendees[0])
    .execute(&app.db)
    .await
    .expect("needs");
    enqueue(&app.db, "operations_confirmation", "operations@desk.example", &kept, None, json!({})).await;
    enqueue(&app.db, "contact_confirmation", CONTACT, &kept, None, json!({})).await;
    enqueue(&app.db, "attendee_confirmation", "anna@graz.example", &kept, Some(kept.attendees[0]), json!({})).await;
    for mail in server.received(3).await {
        for words in ["walnuts", "wheelchair"] {
            assert!(!mail.text().contains(words) && !mail.html().contains(words), "{:?} tells of {words}", mail.to);
        }
    }
}

#[tokio::test]
async fn the_form_cannot_be_used_to_send_a_message_to_a_stranger() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept = registration(&app.db, &[("Claim it at https://evil.example/x <b>now</b>", "victim@city.example")]).await;
    sqlx::query("update registration set contact_name = $1, organisation = $2 where id = $3")
        .bind("You have won! ".repeat(14))
        .bind("www.evil.example")
        .bind(kept.id)
        .execute(&app.db)
        .await
        .expect("the registration");
    let victim = kept.attendees[0];
    enqueue(&app.db, "attendee_confirmation", "victim@city.example", &kept, Some(victim), json!({})).await;
    let mail = server.mail_to("victim@city.example").await;
    assert!(mail.text().contains("Claim it at https: evil. example/x"), "{}", mail.text());
    assert!(!mail.text().contains("evil.example") && !mail.html().contains("evil.example"));
    assert!(mail.text().matches("You have won!").count() <= 5);
    assert!(!mail.html().contains("<b>now</b>"));
}

#[tokio::test]
async fn a_cancellation_names_the_attendee_and_the_reason() {
    let server = MailServer::start().await;
    let app = app_with(&server).await;
    let kept =
        registration(&app.db, &[("Anna Nagy", "anna@graz.example"), ("Ludwig Maier", "ludwig@graz.example")]).await;
    let gone = kept.attendees[1];
    sqlx::query("update attendee set state = 'cancelled', cancelled_at = now() where id = $1")
        .bind(gone)
        .execute(&app.db)
        .await
        .expect("the attendee");
    let data = json!({ "attendees": [gone], "reason": "Registered twice" });
    enqueue(&app.db, "cancellation", CONTACT, &kept, None, data.clone()).await;
    enqueue(&app.db, "cancellation", "ludwig@graz.example", &kept, Some(gone), data.clone()).await;
    enqueue(&app.db, "operations_cancellation", "operations@desk.example", &kept, None, data).await;
    let mails = server.received(3).await;
    for mail in &mails {
        assert!(mail.text().contains("Ludwig Maier") && !mail.text().contains("Anna Nagy"), "{}", mail.text());
        assert!(mail.text().contains("Registered twice"));
        assert!(mail.subject().starts_with("Cancelled"));
    }
    assert!(server.mail_to(CONTACT).await.text().contains("One other person on the registration is still expected"));
}
