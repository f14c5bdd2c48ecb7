//! During a deploy, older instances run beside a newer one. Values that only the newer one knows break none of their pages.

use std::time::Duration;

use reqwest::Method;
use sqlx::PgPool;
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    desk::{opened, two_from_graz},
    desk_list::ATTENDEES,
    support::{MailServer, TestApp},
};

const MAIL: &str = "/staff/leipzig-2018/messages";

/// Removes a constraint, as a migration of a newer release does before its instances write new values.
async fn widens(db: &PgPool, table: &str, constraint: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("alter table {table} drop constraint if exists {constraint}")))
        .execute(db)
        .await
        .expect("a migration");
}

/// Inserts a mail about Boris, as a newer instance does.
async fn mail(db: &PgPool, kind: &str, to: &str, state: &str) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "insert into message (id, conference_id, kind, recipient, registration_id, attendee_id, state)
         select $1, conference_id, $2, $3, registration_id, id, $4 from attendee where name = 'Boris Maier'",
    )
    .bind(id)
    .bind(kind)
    .bind(to)
    .bind(state)
    .execute(db)
    .await
    .expect("a message");
    id
}

#[tokio::test]
async fn a_kind_of_mail_from_a_newer_version_is_listed_as_such_and_left_to_that_version() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    two_from_graz(&app).await;
    server.received(3).await;
    widens(&app.db, "message", "message_kind_known").await;
    let offer = mail(&app.db, "seat_offer", "boris@graz.example", "waiting").await;
    // A mail of a known kind is sent meanwhile, so the outbox was read.
    mail(&app.db, "attendee_confirmation", "boris@graz.example", "waiting").await;
    server.received(4).await;
    sleep(Duration::from_millis(300)).await;
    let left: (String, i32) = sqlx::query_as("select state, attempts from message where id = $1")
        .bind(offer)
        .fetch_one(&app.db)
        .await
        .expect("the message");
    assert_eq!(left, ("waiting".to_owned(), 0), "it does not count as an attempt");
    let staff = app.staff().await;
    let words = "seat_offer, a kind of mail from a newer version";
    staff.opens(MAIL).await.must_be(200).must_say(words).must_say("Confirmation for operations");
    opened(&staff, "Boris Maier").await.must_be(200).must_say(words);
}

#[tokio::test]
async fn a_state_of_a_mail_from_a_newer_version_is_listed_as_such() {
    let app = TestApp::start().await;
    two_from_graz(&app).await;
    widens(&app.db, "message", "message_state_known").await;
    let bounced = mail(&app.db, "attendee_confirmation", "gone@graz.example", "bounced").await;
    let staff = app.staff().await;
    for page in [staff.opens(MAIL).await, opened(&staff, "Boris Maier").await] {
        page.must_be(200).must_say("bounced (a status from a newer version)").must_say("gone@graz.example");
    }
    assert!(!staff.opens(MAIL).await.has_form("Send again to gone@graz.example"));
    let again = staff
        .asks(
            Method::POST,
            &format!("{MAIL}/{bounced}/again"),
            &[("sec-fetch-site", "same-origin")],
            Some(String::new()),
        )
        .await;
    assert_eq!(again.status(), 404);
}

#[tokio::test]
async fn an_attendee_in_a_state_from_a_newer_version_is_shown_with_it_and_breaks_no_page() {
    let server = MailServer::start().await;
    let app = TestApp::start_with(|settings| server.serves(settings)).await;
    two_from_graz(&app).await;
    let of_anna = server.mail_to("anna@graz.example").await.link("/manage/");
    let of_boris = server.mail_to("boris@graz.example").await.link("/manage/");
    widens(&app.db, "attendee", "attendee_state_known").await;
    sqlx::query("update attendee set state = 'standby' where name = 'Boris Maier'").execute(&app.db).await.expect("it");
    let staff = app.staff().await;
    let university: String = sqlx::query_scalar("select id::text from category where name = 'University'")
        .fetch_one(&app.db)
        .await
        .expect("the category");
    for query in ["", "?q=boris", &format!("?category={university}"), "?sort=newest"] {
        let list = staff.opens(&format!("{ATTENDEES}{query}")).await;
        list.must_be(200).must_say("Boris Maier").must_say("standby (a status from a newer version)");
    }
    staff.opens(&format!("{ATTENDEES}?state=confirmed")).await.must_say("Anna Gruber").must_not_say("Boris Maier");
    for query in [String::new(), format!("?category={university}")] {
        let file = staff.asks(Method::GET, &format!("{ATTENDEES}.csv{query}"), &[], None).await;
        assert_eq!(file.status(), 200);
        let file = file.text().await.expect("a whole file");
        assert!(file.lines().any(|line| line.contains("Boris Maier") && line.contains("\"standby\"")), "{file}");
    }

    let boris = opened(&staff, "Boris Maier").await;
    boris.must_be(200).must_say("standby (a status from a newer version)");
    // This version cannot know what an action means for an attendee in this state.
    for action in ["Cancel …", "Undo the cancellation …"] {
        assert_eq!(boris.find_link(action), None, "{action}");
    }
    for action in ["cancel", "reinstate", "correct"] {
        staff.opens(&format!("{}/{action}", boris.path)).await.must_be(200).must_not_say("already cancelled");
    }
    opened(&staff, "Anna Gruber").await.must_be(200).must_say("standby (a status from a newer version)");
    let delegate = app.delegate();
    for link in [of_anna, of_boris] {
        delegate.opens(&link).await.must_be(200).must_say("standby").must_not_say("Your place is cancelled");
    }
}

#[tokio::test]
async fn items_of_a_kind_from_a_newer_version_are_left_to_it() {
    let app = TestApp::start().await;
    widens(&app.db, "item", "item_kind_known").await;
    sqlx::raw_sql(
        "begin;
         create temporary table newer as
             select gen_random_uuid() as id, gen_random_uuid() as revision, head_id as edit, item.conference_id
             from item join slug on item_id = item.id where slug.slug = 'imprint';
         update newer set edit = revision.edit_id from revision where revision.id = newer.edit;
         insert into slug (conference_id, kind, slug, item_id) select conference_id, 'sponsor', 'lecos', id from newer;
         insert into revision (id, conference_id, item_id, kind, number, slug, title, title_folded, status, edit_id)
         select revision, conference_id, id, 'sponsor', 1, 'lecos', 'LECOS', 'lecos', 'confirmed', edit from newer;
         insert into item (id, conference_id, kind, head_id) select id, conference_id, 'sponsor', revision from newer;
         insert into release_change (release_id, conference_id, item_id, after_id)
         select release.id, release.conference_id, newer.id, newer.revision from newer join release using (conference_id);
         commit;",
    )
    .execute(&app.db)
    .await
    .expect("an item of a newer kind");
    let olga = app.organiser().await;
    olga.opens("/organisers/leipzig-2018/unpublished").await.must_say("There is nothing to publish");
    olga.opens("/organisers/leipzig-2018/releases/1").await.must_not_say("LECOS");
    app.delegate().opens("/leipzig-2018/changes").await.must_not_say("LECOS");
    let pages = olga.opens("/organisers/leipzig-2018/pages").await;
    olga.follows(&pages, "Imprint").await.must_say("Imprint");
}
