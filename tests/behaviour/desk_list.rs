//! Staff find people: the list of attendees, its search, its pages and its file.

use reqwest::Method;

use super::registering::{count, filled, form, registers};
use crate::support::{Page, Person, TestApp};

pub const ATTENDEES: &str = "/staff/leipzig-2018/attendees";

/// Returns the names in the list, in order.
pub fn names(page: &Page) -> Vec<String> {
    page.texts("tbody th a")
}

async fn searched(staff: &Person, words: &str) -> Page {
    let form = staff.opens(ATTENDEES).await.form("Search");
    staff.sends(form.fill("Find an attendee", words)).await
}

/// Adds this many attendees directly to the database: "Person 001" of "Organisation 099" and so on.
pub async fn many(app: &TestApp, number: i32) {
    let statement = "with new as (
             insert into registration (id, conference_id, reference, contact_name, contact_email, contact_telephone,
                 organisation, country, city, purchase_order, invoice_address, privacy_revision_id, submission_id,
                 submission_hash, created_at)
             select gen_random_uuid(), conference.id,
                 translate(to_char(n, 'fm000-0000'), '01', 'AB'), 'Contact', 'contact@city.example', '',
                 'Organisation ' || to_char(1000 - n, 'fm000'), 'AT', 'Graz', '', '', notice.id,
                 gen_random_uuid(), '', now() + n * interval '1 second'
             from generate_series(1, $1) n, conference join revision notice on notice.slug = 'privacy'
             returning *
         )
         insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised, job_title, category_id, state, created_at)
         select gen_random_uuid(), new.conference_id, new.id, 1,
             'Person ' || to_char(1000 - right(organisation, 3)::int, 'fm000'),
             'person ' || to_char(1000 - right(organisation, 3)::int, 'fm000'), 'person@city.example', 'person@city.example', '', category.id,
             'confirmed', new.created_at
         from new join category on category.slug = 'member-city'";
    sqlx::query(statement).bind(number).execute(&app.db).await.expect("many attendees");
}

async fn reference_of(app: &TestApp, name: &str) -> String {
    let statement = "select reference from registration join attendee on attendee.registration_id = registration.id
         where name = $1";
    sqlx::query_scalar(statement).bind(name).fetch_one(&app.db).await.expect("the reference")
}

#[tokio::test]
async fn staff_find_people_by_any_part_of_name_address_organisation_or_reference() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Željka Müller", "z.mueller@tampere.example").await;
    registers(&app.delegate(), "Boris Godunov", "boris@izmir.example").await;
    let reference = reference_of(&app, "Željka Müller").await;
    let staff = app.staff().await;
    staff.opens(ATTENDEES).await.must_say("2 attendees");
    for words in [
        "Željka Müller",
        "zeljka",
        "MULLER",
        "uller",
        "mueller@tampere",
        "z.mueller@TAMPERE.example",
        "muller zeljka tampere",
        &reference,
        &reference.to_lowercase(),
        &reference.replace('-', ""),
        " žel ",
        "ül",
    ] {
        let page = searched(&staff, words).await;
        assert_eq!(names(&page), ["Željka Müller"], "{words}");
        page.must_say("1 attendee found");
    }
    assert_eq!(names(&searched(&staff, "graz").await), ["Boris Godunov", "Željka Müller"]);
}

#[tokio::test]
async fn a_search_that_finds_nobody_says_so_and_special_characters_are_taken_literally() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna", "anna@graz.example").await;
    let staff = app.staff().await;
    for words in ["xylophone", "lx", "%", "_", "\\", "anna boris", "'; drop table attendee; --", "\u{0}xylo"] {
        let page = searched(&staff, words).await;
        page.must_be(200).must_say("0 attendees found").must_say("Nobody was found");
    }
    let page = staff.opens(ATTENDEES).await;
    assert_eq!(names(&page), ["Anna"]);
    // Unknown values in the address are not an error.
    staff.opens(&format!("{ATTENDEES}?q=%FF%00&state=x&category=7&sort=up&after=me&before=1")).await;
}

#[tokio::test]
async fn punctuation_alone_finds_nobody_and_punctuation_in_words_is_found() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Sinéad O'Neill", "sinead@dublin.example").await;
    registers(&app.delegate(), "Jan Müller-Lüdenscheid", "jan_1@graz.example").await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "Anna", "anna@linz.example").fill("Organisation", "100% Digital & Co");
    delegate.sends(sent).await.must_say("You are registered");
    let staff = app.staff().await;
    for signs in ["%", "_", "\\", "@", ".", "-", "&", "%%%", "- @ .", "\u{1F600}", "\u{2026}"] {
        let page = searched(&staff, signs).await;
        page.must_be(200).must_say("0 attendees found").must_say("Nobody was found");
    }
    for signs in ["%25", "%40", "-+."] {
        let file = staff.opens(&format!("{ATTENDEES}.csv?q={signs}")).await;
        assert_eq!(file.body.lines().count(), 1, "{signs}: the file has its heading only");
    }
    let filtered = staff.opens(ATTENDEES).await.form("Search").choose("Status", "confirmed");
    let filtered = filtered.fill("Find an attendee", "%");
    staff.sends(filtered).await.must_say("0 attendees found");
    let reference = reference_of(&app, "Anna").await;
    for (words, found) in [
        ("o'neill", "Sinéad O'Neill"),
        ("müller-lüdenscheid", "Jan Müller-Lüdenscheid"),
        ("anna@linz.example", "Anna"),
        ("jan_1", "Jan Müller-Lüdenscheid"),
        ("100%", "Anna"),
        ("digital & co", "Anna"),
        (reference.as_str(), "Anna"),
    ] {
        assert_eq!(names(&searched(&staff, words).await), [found], "{words}");
    }
    // Punctuation that is typed along does not matter.
    for words in ["oneill", "O’NEILL", "o´neill,"] {
        assert_eq!(names(&searched(&staff, words).await), ["Sinéad O'Neill"], "{words}");
    }
}

#[tokio::test]
async fn one_or_two_letters_find_starts_of_words_first() {
    let app = TestApp::start().await;
    // References never contain an L.
    registers(&app.delegate(), "Karl Ott", "karl@graz.example").await;
    registers(&app.delegate(), "Lena Berg", "lena@graz.example").await;
    let staff = app.staff().await;
    assert_eq!(names(&searched(&staff, "l").await), ["Lena Berg"]);
    assert_eq!(names(&searched(&staff, "rl").await), ["Karl Ott"]);
}

#[tokio::test]
async fn attendees_are_also_found_by_their_contact() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let page = delegate.sends(form(&delegate).await.forge("do", "add")).await;
    let sent = filled(page.form("Register"), "Anna Gruber", "anna@graz.example")
        .fill_in("Person 2", "Name", "Boris")
        .fill_in("Person 2", "E-mail", "boris@graz.example")
        .choose_in("Person 2", "Category", "University");
    delegate.sends(sent).await.must_say("You are registered");
    let staff = app.staff().await;
    let found = searched(&staff, "gruber").await;
    assert_eq!(names(&found), ["Anna Gruber", "Boris"]);
    assert!(found.row("Boris")[1].ends_with("Contact: Anna Gruber"), "and the row says why: {:?}", found.row("Boris"));
    let form = staff.opens(ATTENDEES).await.form("Search").choose("Category", "University");
    let page = staff.sends(form).await;
    assert_eq!(names(&page), ["Boris"]);
    let row = page.row("Boris");
    assert!(row.iter().any(|cell| cell == "City of Graz"), "{row:?}");
    let form = page.form("Search").choose("Status", "cancelled");
    assert!(names(&staff.sends(form).await).is_empty());
}

#[tokio::test]
async fn the_pages_of_the_list_can_be_turned_in_each_order() {
    let app = TestApp::start().await;
    many(&app, 120).await;
    let staff = app.staff().await;
    let name = |n: usize| format!("Person {n:03}");
    for (order, falls) in [("name", false), ("organisation", true), ("newest first", true)] {
        let form = staff.opens(ATTENDEES).await.form("Search").choose("Order", order);
        let first = staff.sends(form).await;
        first.must_say("120 attendees");
        let all: Vec<String> = if falls { (1..=120).rev().map(name).collect() } else { (1..=120).map(name).collect() };
        assert_eq!(names(&first), all[..50], "{order}");
        assert!(first.find_link("Previous page").is_none());
        let second = staff.follows(&first, "Next page").await;
        assert_eq!(names(&second), all[50..100], "{order}");
        let third = staff.follows(&second, "Next page").await;
        assert_eq!(names(&third), all[100..], "{order}");
        assert!(third.find_link("Next page").is_none());
        let again = staff.follows(&third, "Previous page").await;
        assert_eq!(names(&again), all[50..100], "{order}");
        let again = staff.follows(&again, "Previous page").await;
        assert_eq!(names(&again), all[..50], "{order}");
        assert!(again.find_link("Previous page").is_none());
    }
    // The pages of a search can be turned too, and its columns sort it.
    let found = searched(&staff, "person 0").await;
    found.must_say("99 attendees found");
    let sorted = staff.follows(&staff.follows(&found, "Next page").await, "Registered").await;
    assert_eq!(names(&sorted)[0], "Person 099");
    assert_eq!(sorted.attributes("th[aria-sort]", "aria-sort"), ["none", "none", "descending"]);
}

#[tokio::test]
async fn a_very_long_list_is_counted_roughly_and_its_pages_can_be_turned() {
    let app = TestApp::start().await;
    many(&app, 900).await;
    // Ten times as many, and two more on each of as many registrations.
    sqlx::query(
        "insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised, job_title, category_id, state, created_at)
         select gen_random_uuid(), conference_id, registration_id, 1 + n % 10, name || ' ' || n, name_folded || ' ' || n, email, email_normalised, '', category_id,
             case when n > 9 then 'cancelled' else 'confirmed' end, created_at
         from attendee, generate_series(1, 9) n",
    )
    .execute(&app.db)
    .await
    .expect("copies");
    sqlx::query(
        "insert into registration (id, conference_id, reference, contact_name, contact_email, contact_telephone, organisation,
             country, city, purchase_order, invoice_address, privacy_revision_id, submission_id, submission_hash, created_at)
         select gen_random_uuid(), conference_id, overlay(reference placing 'Z' from 1 for 1), contact_name, contact_email,
             contact_telephone, organisation, country, city, '', '', privacy_revision_id, gen_random_uuid(), '', created_at
         from registration",
    )
    .execute(&app.db)
    .await
    .expect("more registrations");
    sqlx::query(
        "insert into attendee (id, conference_id, registration_id, position, name, name_folded, email, email_normalised, job_title, category_id, state, created_at)
         select gen_random_uuid(), registration.conference_id, registration.id, n, 'Other ' || n, 'other ' || n, lower(reference) || '@city.example', lower(reference) || '@city.example', '', category.id, 'confirmed', registration.created_at
         from registration join category on slug = 'university', generate_series(1, 2) n where reference like 'Z%'",
    )
    .execute(&app.db)
    .await
    .expect("their attendees");
    let staff = app.staff().await;
    staff.opens_until(ATTENDEES, |page| page.says("10,800 attendees") && !page.says("added or changed at once")).await;
    let found = searched(&staff, "example").await;
    found.must_say("More than 2,000 attendees found");
    let later = staff.follows(&found, "Next page").await;
    assert_ne!(later.rows(), found.rows());
    // Two letters inside words are searched only among few people.
    assert_eq!(names(&searched(&staff, "th").await).len(), 0);
    let form = searched(&staff, "th").await.form("Search").choose("Category", "University");
    staff.sends(form).await.must_say("1,800 attendees found");
    let rare = searched(&staff, "person 123 4").await;
    rare.must_say("2 attendees found");
    let file = staff.opens(&format!("{ATTENDEES}.csv")).await;
    assert_eq!(file.body.lines().count(), 10_801);
}

#[tokio::test]
async fn a_search_while_somebody_types_returns_only_the_table() {
    let app = TestApp::start().await;
    registers(&app.delegate(), "Anna", "anna@graz.example").await;
    let staff = app.staff().await;
    let answer = staff.asks(Method::GET, &format!("{ATTENDEES}?q=ann"), &[("hx-request", "true")], None).await;
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let part = answer.text().await.expect("text");
    assert!(part.contains("1 attendee found") && part.contains("Anna"), "{part}");
    assert!(!part.contains("<html") && !part.contains("id=\"search\""), "{part}");
}

#[tokio::test]
async fn the_file_contains_the_list_as_shown_and_is_safe_to_open() {
    let app = TestApp::start().await;
    let delegate = app.delegate();
    let sent = filled(form(&delegate).await, "=HYPERLINK(\"http://evil.example\")", "anna@graz.example")
        .fill("Telephone", "+43 316 872-0");
    delegate.sends(sent).await.must_say("You are registered");
    registers(&app.delegate(), "Željka \"Zoe\" Horvat, CIO", "zeljka@zagreb.example").await;
    sqlx::query(
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         select id, conference_id, 'no nuts', 'step-free', 'I agree', now() from attendee",
    )
    .execute(&app.db)
    .await
    .expect("needs");
    let staff = app.staff().await;
    let page = staff.follows(&staff.opens(ATTENDEES).await, "Save as a file or print").await;
    let file = staff.sends(page.form("Save as CSV")).await;
    assert!(file.header("content-type").starts_with("text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"attendees-leipzig-2018.csv\"");
    assert_eq!(file.header("cache-control"), "no-store");
    let body = file.body.strip_prefix('\u{FEFF}').expect("the mark of UTF-8");
    assert!(body.starts_with("\"Reference\",\"Name\",\"E-mail\","), "{body}");
    assert!(body.contains("\"\t=HYPERLINK(\"\"http://evil.example\"\")\""), "{body}");
    assert!(body.contains("\"\t+43 316 872-0\""), "{body}");
    assert!(body.contains("\"Željka \"\"Zoe\"\" Horvat, CIO\""), "{body}");
    assert!(body.ends_with("\r\n") && body.lines().count() == 3, "{body}");
    assert!(!body.contains("nuts") && !body.contains("step-free"), "needs stand in no list");
    let page = staff.follows(&searched(&staff, "zagreb").await, "Save as a file or print").await;
    let file = staff.sends(page.must_say("has 1 attendee").form("Save as CSV")).await;
    assert!(file.body.contains("Horvat") && !file.body.contains("HYPERLINK"));
    assert_eq!(
        count(&app, "select count(*) from audit where kind = 'attendees_exported' and account_id is not null").await,
        2
    );
    assert_eq!(count(&app, "select count(*) from audit_value where field = 'q' and after = 'zagreb'").await, 1);
}

#[tokio::test]
async fn the_desk_redirects_to_the_only_conference_or_asks_for_one() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    assert_eq!(staff.opens("/staff").await.path, "/staff/leipzig-2018");
    sqlx::query(
        "insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on,
             time_zone, contact_email, contact_telephone, contact_fax)
         select gen_random_uuid(), 'venice-2019', 'Annual conference, 2019 Venice', theme, 'Venice', 'IT', venue, venue_url, hosts,
             '2019-06-13', '2019-06-14', 'Europe/Rome', contact_email, contact_telephone, contact_fax
         from conference",
    )
    .execute(&app.db)
    .await
    .expect("a second conference");
    registers(&app.delegate(), "Anna", "anna@graz.example").await;
    let choice = staff.opens("/staff").await;
    let venice = staff.follows(&choice, "Annual conference, 2019 Venice").await;
    venice.must_say("Nobody has registered yet").must_not_say("Anna");
}
