//! Publishing at a time that organisers have set.

use std::time::Duration;

use sqlx::PgPool;
use time::macros::datetime;
use tokio::time::sleep;

use super::{
    editing::{SESSIONS, WORLD_CAFE, editor},
    instances::House,
};
use crate::support::{LEIPZIG, Page, Person, TestApp};

const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";
const RELEASES: &str = "/organisers/leipzig-2018/releases";
const PUBLIC: &str = "/leipzig-2018/sessions/world-cafe";

/// The button that cancels the publication on 11 January at ten o'clock.
const CANCEL: &str = "Cancel the publication on Monday 11 January 2027, 10:00 CET";

/// Starts the program on a Sunday in winter.
async fn on_sunday() -> TestApp {
    let app = TestApp::start().await;
    app.it_is(datetime!(2027-01-10 09:00 UTC));
    app
}

/// Changes the title of the World Café without publishing it.
async fn retitles(person: &Person, title: &str) {
    let link = if title.ends_with("lake") { WORLD_CAFE } else { "Topic 7: World Café by the lake" };
    let form = editor(person, link).await.form("Save without publishing").fill("Title", title);
    person.sends(form).await.must_say("The public cannot read it yet.");
}

/// Sends the form that schedules a publication.
async fn schedules(person: &Person, at: &str, note: &str) -> Page {
    let form = person.opens(UNPUBLISHED).await.form("Publish at this time");
    person.sends(form.fill("Date and time", at).fill("What has changed", note)).await
}

async fn releases(db: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from release").fetch_one(db).await.expect("a number")
}

/// Makes all scheduled publications due.
async fn is_time(db: &PgPool) {
    let due = "update scheduled_release
               set due_at = now() - interval '1 hour' * (select count(*) from scheduled_release earlier
                                                         where earlier.due_at >= scheduled_release.due_at)";
    sqlx::query(due).execute(db).await.expect("the rows");
}

/// Waits until no publication is scheduled.
async fn all_are_done(db: &PgPool) {
    let waiting = "select count(*) from scheduled_release where done_at is null and cancelled_at is null";
    for _ in 0..200 {
        let count: i64 = sqlx::query_scalar(waiting).fetch_one(db).await.expect("a number");
        if count == 0 {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("publications that are due still wait");
}

#[tokio::test]
async fn at_its_time_a_publication_makes_the_draft_public_as_it_is_then() {
    let app = on_sunday().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    retitles(&olga, "World Café by the lake").await;
    let page = schedules(&olga, "2027-01-11T10:00", "The place is settled").await;
    page.must_be(200).must_say("Scheduled.");
    let row = page.row("Monday 11 January 2027, 10:00 CET");
    assert!(row[1].starts_with(&olga.account.as_ref().expect("an account").name), "{row:?}");
    assert_eq!(row[2], "The place is settled");
    anna.opens(PUBLIC).await.must_not_say("by the lake");
    // What is saved later is published too, but not a draft.
    retitles(&olga, "World Café by the river").await;
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save without publishing");
    let draft = new.fill("Title", "Choir").hours("18:00", "19:00").choose("Status", "Draft");
    olga.sends(draft).await.must_say("The public cannot read it yet.");

    app.it_is(datetime!(2027-01-11 08:59 UTC));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(releases(&app.db).await, 1);
    app.it_is(datetime!(2027-01-11 09:00 UTC));
    anna.opens_until(PUBLIC, |page| page.says("World Café by the river")).await;
    anna.tries(&format!("{LEIPZIG}/sessions/choir")).await.must_be(404);
    let otto = app.organiser().await;
    let row = otto.opens(RELEASES).await.row("Release 2");
    assert!(row[1].starts_with(&olga.account.as_ref().expect("an account").name), "{row:?}");
    assert_eq!(row[2], "The place is settled");
    otto.opens(UNPUBLISHED).await.must_not_say("Scheduled publications").must_say("There is nothing to publish");
    let noted: i64 = sqlx::query_scalar(
        "select count(*) from audit join scheduled_release on subject_id = scheduled_release.id
         where kind in ('publication_scheduled', 'programme_published') and audit.account_id = scheduled_release.account_id",
    )
    .fetch_one(&app.db)
    .await
    .expect("a number");
    assert_eq!(noted, 2);
}

#[tokio::test]
async fn a_publication_without_changes_makes_no_release() {
    let app = on_sunday().await;
    let olga = app.organiser().await;
    schedules(&olga, "2027-01-11T10:00", "").await.must_say("Scheduled.");
    app.it_is(datetime!(2027-01-11 09:01 UTC));
    all_are_done(&app.db).await;
    assert_eq!(releases(&app.db).await, 1);
}

#[tokio::test]
async fn a_time_that_is_past_or_that_the_clocks_skip_or_repeat_is_refused_at_the_field() {
    let app = on_sunday().await;
    let olga = app.organiser().await;
    for (at, words) in [
        ("", "Give the date and time in the form"),
        ("tomorrow", "Give the date and time in the form"),
        ("2027-01-10T09:59", "Give a time in the future"),
        ("2027-03-28T02:30", "the clocks change on Sunday 28 March"),
        ("2027-10-31T02:30", "the clocks change on Sunday 31 October"),
    ] {
        let page = schedules(&olga, at, "A note").await;
        page.must_be(422);
        let error = page.error_beside("Date and time").unwrap_or_default();
        assert!(error.contains(words), "{at}: {error}");
        let form = page.form("Publish at this time");
        assert_eq!((form.value("Date and time"), form.value("What has changed")), (at.to_owned(), "A note".to_owned()));
    }
    let page = schedules(&olga, "2027-01-11T10:00", &"long ".repeat(200)).await;
    page.must_be(422);
    assert!(page.error_beside("What has changed").is_some());
    olga.opens(UNPUBLISHED).await.must_not_say("Scheduled publications");
}

#[tokio::test]
async fn a_double_click_schedules_one_publication_and_another_at_that_time_is_refused() {
    let app = on_sunday().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    for _ in 0..2 {
        let page = schedules(&olga, "2027-01-11T10:00", "The lake").await;
        page.must_say("Scheduled.");
        assert_eq!(page.rows().iter().filter(|row| row[0].contains("11 January")).count(), 1);
    }
    let page = schedules(&otto, "2027-01-11T10:00", "The river").await;
    page.must_be(422).must_say("a publication is already scheduled for this one");
    schedules(&otto, "2027-01-11T10:05", "The river").await.must_say("Scheduled.");
}

#[tokio::test]
async fn a_cancelled_publication_does_not_take_place() {
    let app = on_sunday().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    retitles(&olga, "World Café by the lake").await;
    let page = schedules(&olga, "2027-01-11T10:00", "").await;
    let form = page.form(CANCEL);
    otto.sends(form.clone()).await.must_say("Cancelled.").must_not_say("Scheduled publications");
    olga.sends(form).await.must_say("Not cancelled.");
    app.it_is(datetime!(2027-01-11 09:01 UTC));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(releases(&app.db).await, 1);
}

#[tokio::test]
async fn taking_a_release_back_cancels_what_is_scheduled_and_names_it() {
    let app = on_sunday().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    retitles(&olga, "World Café by the lake").await;
    let page = olga.opens(UNPUBLISHED).await;
    olga.sends(page.form("Publish this change")).await.must_say("Release 2 is public now.").must_not_say("cancelled");
    schedules(&olga, "2027-01-11T10:00", "").await.must_say("Scheduled.");
    schedules(&olga, "2027-07-11T10:00", "").await.must_say("Scheduled.");
    let release = olga.opens(&format!("{RELEASES}/2")).await;
    release.must_say("also cancels the scheduled publications").must_say("Sunday 11 July 2027, 10:00 CEST");
    let done = olga.sends(release.form("Take back release 2")).await;
    done.must_say("Scheduled publications cancelled.");
    done.must_say("Monday 11 January 2027, 10:00 CET").must_say("Sunday 11 July 2027, 10:00 CEST");
    olga.opens(UNPUBLISHED).await.must_not_say("Scheduled publications").must_say("by the lake");
    app.it_is(datetime!(2027-07-11 09:00 UTC));
    sleep(Duration::from_secs(3)).await;
    anna.opens(PUBLIC).await.must_not_say("by the lake");
    assert_eq!(releases(&app.db).await, 3);
}

/// What is committed with a claim, and what is left behind when an instance dies before or while it publishes.
#[tokio::test]
async fn a_publication_that_failed_or_whose_instance_died_takes_place_once_its_lease_has_ended() {
    let app = on_sunday().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    retitles(&olga, "World Café by the lake").await;
    schedules(&olga, "2027-01-11T10:00", "").await.must_say("Scheduled.");
    let does = async |statement: &'static str| {
        sqlx::query(statement).execute(&app.db).await.expect("the owner may do this");
    };
    does("update scheduled_release set claimed_until = now() + interval '1 hour'").await;
    does("create function fail() returns trigger language plpgsql as $$ begin raise 'the disk is full'; end $$").await;
    does("create trigger fail before update on item execute function fail()").await;
    app.it_is(datetime!(2027-01-11 09:00 UTC));
    sleep(Duration::from_secs(3)).await;
    assert_eq!(releases(&app.db).await, 1, "another instance has claimed it");

    does("update scheduled_release set claimed_until = now()").await;
    sleep(Duration::from_secs(4)).await;
    assert_eq!(releases(&app.db).await, 1, "it has failed");
    does("drop trigger fail on item").await;
    does("update scheduled_release set claimed_until = now()").await;
    anna.opens_until(PUBLIC, |page| page.says("World Café by the lake")).await;
    assert_eq!(releases(&app.db).await, 2);
}

#[tokio::test]
async fn two_instances_publish_once_however_many_publications_are_due() {
    let house = House::new().await;
    let (here, there) = (house.program(&[]).await, house.program(&[]).await);
    let olga = house.signed_in("organiser", &here).await;
    for (round, title) in [(2, "World Café by the lake"), (3, "World Café by the river")] {
        retitles(&olga, title).await;
        for minute in 10..15 {
            schedules(&olga, &format!("2099-01-11T10:{minute}"), &format!("Minute {minute}")).await.must_be(200);
        }
        is_time(&house.db).await;
        all_are_done(&house.db).await;
        assert_eq!(releases(&house.db).await, round);
        // The note is that of the first one.
        assert_eq!(olga.opens(RELEASES).await.row(&format!("Release {round}"))[2], "Minute 10");
        for instance in [&here, &there] {
            instance.delegate(1).opens_until(PUBLIC, |page| page.says(title)).await;
        }
    }
}

#[tokio::test]
async fn an_instance_that_is_slower_than_its_lease_does_not_publish_again() {
    let house = House::new().await;
    let (here, _there) = (house.program(&[]).await, house.program(&[]).await);
    let olga = house.signed_in("organiser", &here).await;
    retitles(&olga, "World Café by the lake").await;
    schedules(&olga, "2099-01-11T10:00", "").await.must_say("Scheduled.");
    // Both instances claim it and then wait for somebody who is editing.
    let mut editing = house.db.begin().await.expect("a transaction");
    sqlx::query("select from conference for no key update").execute(&mut *editing).await.expect("the lock");
    is_time(&house.db).await;
    for waiting in 1..=2_i64 {
        loop {
            let claims = "select count(*) from pg_stat_activity
                          where wait_event_type = 'Lock' and query like 'select from conference where id%'";
            if sqlx::query_scalar::<_, i64>(claims).fetch_one(&house.db).await.expect("a number") == waiting {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        let ended = "update scheduled_release set claimed_until = now()";
        sqlx::query(ended).execute(&house.db).await.expect("the row");
    }
    editing.commit().await.expect("the lock is released");
    all_are_done(&house.db).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(releases(&house.db).await, 2);
    let published = "select count(*) from audit where kind = 'programme_published'";
    let noted: i64 = sqlx::query_scalar(published).fetch_one(&house.db).await.expect("a number");
    assert_eq!(noted, 1);
}

#[tokio::test]
async fn a_publication_that_was_due_while_the_program_was_stopped_takes_place_at_the_next_start() {
    let house = House::new().await;
    let mut instance = house.program(&[]).await;
    let olga = house.signed_in("organiser", &instance).await;
    retitles(&olga, "World Café by the lake").await;
    schedules(&olga, "2099-01-11T10:00", "The lake").await.must_say("Scheduled.");
    instance.program.kill();
    is_time(&house.db).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(releases(&house.db).await, 1);
    let instance = house.program(&[]).await;
    instance.delegate(1).opens_until(PUBLIC, |page| page.says("World Café by the lake")).await;
    all_are_done(&house.db).await;
    assert_eq!(releases(&house.db).await, 2);
}

#[tokio::test]
async fn a_time_with_an_offset_is_refused_because_the_venue_has_its_own() {
    let app = on_sunday().await;
    let olga = app.organiser().await;
    for at in ["2027-01-11T10:00Z", "2027-01-11T10:00:00Z", "2027-01-11T10:00+02:00", "2027-01-11T10:00 UTC"] {
        let refused = schedules(&olga, at, "").await;
        refused.must_be(422);
        let words = "Give the date and time in the form 2018-05-20T18:00, as clocks at the venue show it";
        assert_eq!(refused.error_beside("Date and time").as_deref(), Some(words), "{at}");
    }
    schedules(&olga, "2027-01-11T10:00:00", "").await.must_say("Monday 11 January 2027, 10:00 CET");
}
