//! `conference demo`: a conference in which everything is invented, for looking at the site and measuring it.

use std::collections::BTreeSet;

use sqlx::Row;

use crate::{
    backing_up::tables,
    clashes::clashes,
    instances::House,
    pictures::picture,
    program::{Folder, Program, User, run},
    serving_role::{OWNER, SERVING, house, runs, url_of},
    support::registration::filled,
};

#[tokio::test]
async fn a_demonstration_has_as_many_sessions_as_asked_for_and_is_not_the_current_conference() {
    let house = House::new().await;
    let added = runs(&house, "postgres", &["demo", "--sessions", "120"]).await;
    assert!(added.success, "{}", added.said);
    let address = added.said.lines().find(|line| line.starts_with("http://")).expect("an address");
    let (_, slug) = address.rsplit_once('/').expect("a path");
    let year = slug.strip_prefix("demonstration-").and_then(|year| year.parse::<i32>().ok());
    assert!(added.said.contains(&format!("{slug} is in the database")), "{}", added.said);

    let instance = house.program(&[]).await;
    let anna = instance.delegate(1);
    assert_eq!(anna.opens("/programme").await.path, "/leipzig-2018/programme", "it is still the current conference");
    anna.opens(&format!("/{slug}")).await.must_say("everything in it is invented").must_say("Registration closed on");
    let programme = anna.opens(&format!("/{slug}/programme?view=list")).await;
    programme.must_say("Lunch · Whole venue").must_say("Lightning talks of day 2").must_say("17:30");
    for day in [1, 2] {
        programme.must_say(&format!("Panel of day {day}: what shall we do next year?"));
    }
    let home = anna.opens(&format!("/{slug}")).await;
    let sessions = home.texts(".topic-when");
    assert!(sessions.len() == 7 && sessions.iter().all(|count| count.ends_with(" sessions")), "{sessions:?}");
    let topic = &home.attributes("a.topic-row", "href")[0];
    assert!(topic.starts_with(&format!("/{slug}/programme?topic=")), "several sessions: {topic}");
    let session = anna.opens(&programme.attributes(".slot-title a", "href")[0]).await;
    let strip = session.texts(".strip-bar li");
    assert!((5..=24).contains(&strip.len()), "a long day is shown for one room: {strip:?}");
    assert!(session.texts(".strip-title")[0].ends_with(": Great Hall"), "{}", session.text());
    let names = anna.opens(&format!("/{slug}/speakers")).await.texts("ul.speakers h2, ul.speakers h3");
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 60, "{names:?}");
    let (entries, places) = calendar(&anna.opens(&format!("/{slug}/programme.ics")).await.body);
    assert_eq!(entries, 120 - 6, "everything but breaks");
    assert!(places.iter().any(|place| place.starts_with("Congress Hall of the City and Region")), "{places:?}");

    assert_eq!(clashes(&house.db).await, [""; 0]);
    let again = runs(&house, "postgres", &["demo", "--sessions", "1"]).await;
    let next = format!("demonstration-{}", year.expect("a year") + 1);
    assert!(again.success && again.said.contains(&next), "{}", again.said);
    anna.opens(&format!("/{next}/programme")).await.must_say("Coffee");
    anna.opens(&format!("/{slug}/programme")).await.must_say("Panel of day 1");
}

#[tokio::test]
async fn a_number_of_sessions_that_makes_no_sense_is_refused() {
    let house = House::new().await;
    for number in ["0", "1001", "many"] {
        let refused = runs(&house, "postgres", &["demo", "--sessions", number]).await;
        assert!(!refused.success && refused.said.contains("--sessions"), "{}", refused.said);
    }
    for number in ["-1", "200001", "many"] {
        let refused = runs(&house, "postgres", &["demo", &format!("--attendees={number}")]).await;
        assert!(!refused.success && refused.said.contains("--attendees"), "{}", refused.said);
    }
}

#[tokio::test]
async fn what_is_not_found_or_gone_is_shown_with_the_links_of_the_conference_in_the_address() {
    let house = House::new().await;
    let slug = adds(&house, "postgres").await;
    let instance = house.program(&[]).await;
    let anna = instance.delegate(1);
    for path in [format!("/{slug}/nothing"), format!("/{slug}/a/b/c"), format!("/{slug}/sessions/nothing")] {
        let page = anna.tries(&path).await;
        page.must_be(404);
        assert_eq!(page.link("Read the programme"), format!("/{slug}/programme"), "{path}");
        assert_eq!(page.attributes("a.brand", "href"), [format!("/{slug}")], "{path}");
        assert!(!page.body.contains("leipzig-2018"), "{}", page.body);
    }
    for path in ["/nothing-2018/programme", "/nothing/a/b"] {
        assert_eq!(anna.tries(path).await.link("Read the programme"), "/leipzig-2018/programme", "{path}");
    }
}

/// Adds a demonstration as this role and returns its slug.
async fn adds(house: &House, role: &str) -> String {
    let added = runs(house, role, &["demo", "--sessions", "20"]).await;
    assert!(added.success, "{}", added.said);
    slug_of(&added.said)
}

/// Returns the slug that the command printed.
fn slug_of(said: &str) -> String {
    said.lines()
        .find_map(|line| line.strip_suffix(" is invented."))
        .map_or_else(|| panic!("{said}"), |line| line.split(' ').next().expect("its slug").to_owned())
}

#[tokio::test]
async fn a_demonstration_is_removed_with_everything_that_was_changed_in_it() {
    let house = house().await;
    assert!(runs(&house, OWNER, &["migrate", "--serve-as", SERVING]).await.success);
    let instance = house.program(&[("DATABASE_URL", &url_of(&house, SERVING))]).await;
    let (olga, anna) = (house.signed_in("organiser", &instance).await, instance.delegate(1));
    let mut before = tables(&house.db).await;
    let slug = adds(&house, SERVING).await;

    // Somebody tries everything that organisers can do.
    let desk = format!("/organisers/{slug}");
    let account = olga.account.as_ref().expect("an account");
    let id = sqlx::query_scalar("select id from conference where slug = $1").bind(&slug).fetch_one(&house.db).await;
    account.also_is(&house.db, "staff", Some(id.expect("it"))).await;
    let new = olga.opens(&format!("{desk}/people/new")).await.form("Save and publish").fill("Name", "Ada Zaun");
    let new = new.attach("New picture", "me.png", &picture(image::ImageFormat::Png));
    olga.sends(new).await.must_say("Saved and published.");
    let new = olga.opens(&format!("{desk}/sessions/new")).await.form("Save and publish").fill("Title", "Choir");
    let new = new.attach("Add a file", "songs.pdf", b"%PDF-1.7 songs").choose("Person 1", "Ada Zaun");
    let saved = olga.sends(new).await;
    saved.must_say("Saved and published.");
    olga.sends(saved.form("Save without publishing").fill("Title", "Choirs")).await.must_say("Saved.");
    let unpublished = olga.opens(&format!("{desk}/unpublished")).await;
    olga.sends(unpublished.form("Create a link")).await.must_say("Link created.");
    let later = unpublished.form("Publish at this time").fill("Date and time", "2090-05-01T12:00");
    olga.sends(later).await.must_say("Scheduled.");
    anna.opens(&format!("/{slug}/sessions/choir")).await.must_say("Ada Zaun");

    let refused = runs(&house, SERVING, &["demo", "--remove"]).await;
    assert!(!refused.success && refused.said.contains("only the role that owns the tables"), "{}", refused.said);
    let second = adds(&house, OWNER).await;
    let removed = runs(&house, OWNER, &["demo", "--remove"]).await;
    assert!(removed.success, "{}", removed.said);
    for slug in [&slug, &second] {
        assert!(removed.said.contains(&format!("{slug} was removed from the database")), "{}", removed.said);
    }
    let page = anna.opens_until(&format!("/{slug}"), |page| page.status == 404).await;
    page.must_be(404);
    anna.opens("/leipzig-2018").await.must_be(200);
    let mut after = tables(&house.db).await;
    for table in ["audit", "audit_value", "publication"] {
        before.remove(table);
        after.remove(table);
    }
    assert_eq!(before, after);
    let noted: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "select actor, kind, before from audit left join audit_value on audit_id = id
         where kind ~ '^demonstration' order by at, before",
    )
    .fetch_all(&house.db)
    .await
    .expect("the audit log");
    let noted: Vec<_> = noted.iter().map(|(actor, kind, was)| (&**actor, &**kind, was.as_deref())).collect();
    let (added, removed) = (("program", "demonstration_added", None), ("program", "demonstration_removed"));
    let [first, second] = [&slug, &second].map(|slug| (removed.0, removed.1, Some(&**slug)));
    assert_eq!(noted, [added, added, first, second]);

    let nothing = runs(&house, OWNER, &["demo", "--remove"]).await;
    assert!(nothing.success && nothing.said.contains("There is no demonstration"), "{}", nothing.said);
}

#[tokio::test]
async fn a_demonstration_for_which_somebody_registered_is_not_removed() {
    let house = House::new().await;
    let slug = adds(&house, "postgres").await;
    sqlx::query("update conference set registration_closes = null where is_demonstration")
        .execute(&house.db)
        .await
        .expect("registration is open");
    let instance = house.program(&[]).await;
    let (olga, anna) = (house.signed_in("organiser", &instance).await, instance.delegate(1));
    let new = olga.opens(&format!("/organisers/{slug}/pages/new")).await.form("Save and publish");
    olga.sends(new.fill("Title", "Privacy").fill("Text", "We keep nothing.")).await.must_say("Saved and published.");
    let form = anna.opens(&format!("/{slug}/register")).await.form("Register");
    anna.sends(filled(form, "Anna Schmidt", "anna@graz.example")).await.must_say("You are registered");
    adds(&house, "postgres").await;
    let refused = runs(&house, "postgres", &["demo", "--remove"]).await;
    let words = format!("nothing was removed, because people have registered for {slug}");
    assert!(!refused.success && refused.said.contains(&words), "{}", refused.said);
    let left: i64 = sqlx::query_scalar("select count(*) from conference").fetch_one(&house.db).await.expect("a number");
    assert_eq!(left, 3);
}

#[tokio::test]
async fn a_demonstration_with_attendees_has_all_that_the_desk_shows_and_nobody_is_ever_sent_a_mail() {
    let house = house().await;
    assert!(runs(&house, OWNER, &["migrate", "--serve-as", SERVING]).await.success);
    let mut before = tables(&house.db).await;
    let added = runs(&house, SERVING, &["demo", "--sessions", "1", "--attendees", "1500"]).await;
    assert!(added.success, "{}", added.said);
    let slug = slug_of(&added.said);
    assert!(added.said.contains(&format!("/staff/{slug}/attendees")), "{}", added.said);

    let numbers = "select
        (select count(*) from attendee), (select count(*) from attendee where state = 'confirmed'),
        (select count(*) from attendee where state = 'waiting'), (select count(*) from attendee where state = 'offered'),
        (select count(*) from attendee where state = 'cancelled'), (select count(*) from attendee_needs),
        (select count(*) from charge), (select count(*) from payment), (select count(*) from answer),
        (select count(*) from attendee where code_id is not null), (select count(*) from message where state = 'sent'),
        (select count(*) from message where state = 'failed'), (select count(distinct country) from registration),
        (select count(*) from (select from attendee group by registration_id having count(*) > 1) as group_of_several)";
    let row = sqlx::query(numbers).fetch_one(&house.db).await.expect("numbers");
    let numbers: Vec<i64> = (0..row.len()).map(|column| row.get(column)).collect();
    assert!(numbers[0] == 1500 && numbers.iter().all(|number| *number > 0), "{numbers:?}");
    let wrong = "select (select count(*) from attendee where email !~ '[.]example$' or char_length(name) > 60)
        + (select count(*) from capacity where taken <> (select count(*) from place where state <> 'given_back'
            and place.conference_id = capacity.conference_id
            and (capacity.category_id is null or place.category_id = capacity.category_id)))
        + (select count(*) from message where state in ('waiting', 'held'))";
    let wrong: i64 = sqlx::query_scalar(wrong).fetch_one(&house.db).await.expect("numbers");
    assert_eq!(wrong, 0);

    // Whatever happens to an invented attendee, their mails are discarded.
    sqlx::query(
        "insert into message (id, conference_id, kind, recipient, registration_id, attendee_id)
         select gen_random_uuid(), conference_id, 'offer', email, registration_id, id from attendee",
    )
    .execute(&house.db)
    .await
    .expect("mails");
    sqlx::query("update message set state = 'waiting' where state = 'failed'").execute(&house.db).await.expect("mails");
    let waiting = "select count(*) from message where state in ('waiting', 'held')";
    let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(&house.db).await.expect("a number");
    assert_eq!(waiting, 0);
    let instance = house.program(&[("DATABASE_URL", &url_of(&house, SERVING))]).await;
    let staff = house.signed_in("staff", &instance).await;
    staff.opens(&format!("/staff/{slug}/attendees?state=cancelled")).await.must_say("cancelled");

    let removed = runs(&house, OWNER, &["demo", "--remove"]).await;
    assert!(removed.success, "{}", removed.said);
    let mut after = tables(&house.db).await;
    for table in ["audit", "audit_value", "publication", "account", "login", "membership"] {
        before.remove(table);
        after.remove(table);
    }
    assert_eq!(before, after);
}

#[tokio::test]
async fn only_a_demonstration_has_invented_registrations_and_other_amounts_stay() {
    let house = House::new().await;
    let instance = house.program(&[]).await;
    let anna = instance.delegate(1);
    let form = anna.opens("/leipzig-2018/register").await.form("Register");
    anna.sends(filled(form, "Anna Schmidt", "anna@graz.example")).await.must_say("You are registered");
    let invented = sqlx::query("update registration set is_invented = true").execute(&house.db).await;
    let error = invented.expect_err("the conference takes place");
    let constraint = error.as_database_error().and_then(sqlx::error::DatabaseError::constraint);
    assert_eq!(constraint, Some("registration_invented_in_demonstration"));
    sqlx::query(
        "insert into charge (id, conference_id, registration_id, attendee_id, kind, category_id, description, amount_cents,
             currency, vat_rate, created_at)
         select gen_random_uuid(), conference_id, registration_id, id, 'fee', category_id, 'Fee', 100, 'EUR', 0, now()
         from attendee",
    )
    .execute(&house.db)
    .await
    .expect("a fee");
    for statement in ["delete from charge", "update charge set description = ''", "truncate charge cascade"] {
        let error = sqlx::query(statement).execute(&house.db).await.expect_err(statement);
        assert_eq!(
            error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(),
            Some("42501"),
            "{statement}"
        );
    }
}

#[tokio::test]
async fn search_engines_are_not_told_of_a_demonstration() {
    let house = House::new().await;
    let slug = adds(&house, "postgres").await;
    let instance = house.program(&[]).await;
    let anna = instance.delegate(1);
    let sitemap = anna.opens("/sitemap.xml").await.body;
    assert!(sitemap.contains("/leipzig-2018/changes<") && !sitemap.contains(&slug), "{sitemap}");
    let home = anna.opens(&format!("/{slug}")).await;
    let programme = anna.opens(&format!("/{slug}/programme")).await;
    let speakers = anna.opens(&format!("/{slug}/speakers")).await;
    let session = anna.opens(&programme.attributes(".slot-title a", "href")[0]).await;
    let speaker = anna.opens(&speakers.attributes("ul.speakers a", "href")[0]).await;
    let page = anna.follows(&home, "About this demonstration").await;
    let changes = anna.opens(&format!("/{slug}/changes")).await;
    for page in [home, programme, speakers, session, speaker, page, changes] {
        assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"], "{}", page.path);
    }
    assert!(anna.opens("/leipzig-2018").await.attributes("meta[name=robots]", "content").is_empty());
}

#[test]
fn a_demonstration_in_the_programs_own_database_is_removed_while_it_serves() {
    let folder = Folder::for_user(User::Ordinary);
    let program = Program::start(&folder, User::Ordinary);
    let added = run(&folder, User::Ordinary, &["demo", "--sessions", "1"]);
    let slug = added.said.split(' ').next().expect("its slug").to_owned();
    assert!(added.success && slug.starts_with("demonstration-"), "{}", added.said);
    let removed = run(&folder, User::Ordinary, &["demo", "--remove"]);
    assert!(removed.success && removed.said.contains(&format!("{slug} was removed")), "{}", removed.said);
    assert_eq!(program.get("/leipzig-2018").status, 200);
    program.ends_well();
}

/// Reads a calendar line by line, and returns the number of entries and their places.
pub fn calendar(text: &str) -> (usize, BTreeSet<String>) {
    // RFC 5545 asks for 75 bytes at most. The library does not count the space at the start of a last line.
    let long: Vec<_> = text.split("\r\n").filter(|line| line.len() > 76).collect();
    assert!(long.is_empty(), "lines are folded: {long:?}");
    let (mut open, mut entries, mut places) = (Vec::new(), 0, BTreeSet::new());
    for line in text.replace("\r\n ", "").split_terminator("\r\n") {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("a property: {line}"));
        match name {
            "BEGIN" => open.push(value.to_owned()),
            "END" => {
                assert_eq!(open.pop().as_deref(), Some(value));
                entries += usize::from(value == "VEVENT");
            }
            "LOCATION" => _ = places.insert(value.to_owned()),
            _ => assert!(!open.is_empty(), "{line}"),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    (entries, places)
}
