//! Several organisers change the programme at random: whatever they do, no room and no person is in two sessions at a time, and a
//! release that is taken back leaves no trace.

use std::collections::BTreeMap;

use sqlx::PgPool;
use uuid::Uuid;

use super::{
    clashes::clashes,
    dice::Dice,
    editing::{ROOMS, SESSIONS, person},
};
use crate::support::{Form, Page, Person, TestApp};

const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";
const PEOPLE: [&str; 4] = ["Ada Zaun", "Ada Zaun", "Jan Berg", "Eva Cruz"];
const LONG: &str = "Lightning talks";
const STATUSES: [&str; 9] = [
    "Provisional",
    "Provisional",
    "Confirmed",
    "Confirmed",
    "Confirmed",
    "Confirmed",
    "Confirmed",
    "Cancelled",
    "Withdrawn",
];

/// Chooses a button, a status, a kind and people for a session.
fn what(page: &Page, dice: &mut Dice) -> Form {
    let button = dice.pick(&["Save and publish", "Save and publish", "Save without publishing"]);
    let form = page.form(button).choose("Status", dice.pick(&STATUSES));
    let form = form.choose("Kind", dice.pick(&["Talk", "Talk", "Talk", "Break"]));
    let person = |dice: &mut Dice| if dice.throw(3) == 0 { dice.pick(&PEOPLE) } else { "Nobody" };
    let form = form.choose("Person 1", person(dice)).choose("Person 2", person(dice));
    form.choose("Person 3", "Nobody")
}

/// Changes a session, or the form of a new one: what it is, its hours and its rooms.
fn alone(page: &Page, dice: &mut Dice) -> Form {
    let form = what(page, dice).choose("Part of", "No other session").fill("Minutes after its start", "");
    let form =
        form.untick("Whole venue").tick_only("Rooms", "").fill("Length", &(15 * (1 + dice.throw(6))).to_string());
    let form = match dice.throw(12) {
        0 => form.tick("Whole venue"),
        1 => form,
        2..5 => form.tick_in("Rooms", "Saal 1").tick_in("Rooms", "Saal 2"),
        5 | 6 => form.tick_in("Rooms", "Saal 2").tick_in("Rooms", "Saal 3"),
        _ => form.tick_in("Rooms", dice.pick(&["Saal 1", "Saal 2", "Saal 3"])),
    };
    if dice.throw(5) == 0 {
        return form.choose("Day", "Not set yet").fill("Start", "");
    }
    let minute = 8 * 60 + 15 * dice.throw(32);
    let form = form.choose("Day", dice.pick(&["Monday 28 May", "Monday 28 May", "Tuesday 29 May"]));
    form.fill("Start", &format!("{:02}:{:02}", minute / 60, minute % 60))
}

/// Changes a session, or the form of a new one, so that it is a part of the long one.
fn part(page: &Page, dice: &mut Dice) -> Form {
    let mut form = what(page, dice).choose("Day", "Not set yet").fill("Start", "");
    let offered = form.choices("Part of");
    let long = offered.iter().find(|words| words.ends_with(LONG)).map_or("No other session", String::as_str);
    let offset = if dice.throw(10) == 0 { String::new() } else { (5 * dice.throw(24)).to_string() };
    form.choose("Part of", long)
        .fill("Minutes after its start", &offset)
        .fill("Length", dice.pick(&["5", "5", "10", "20"]))
}

/// Moves, swaps or publishes some of the sessions in the list.
async fn several(person: &Person, dice: &mut Dice) -> u16 {
    let page = person.opens(SESSIONS).await;
    let button = dice.pick(&[
        "Exchange times and rooms of two",
        "Exchange times and rooms of two",
        "Save without publishing",
        "Save and publish",
        "Publish as they are",
    ]);
    let mut form = page.form(button);
    let boxes: Vec<String> = form.labels().into_iter().filter(|label| label.starts_with("Select ")).collect();
    let first = dice.throw(boxes.len());
    let count = if button.starts_with("Exchange") { 2 } else { 1 + dice.throw(5) };
    for number in 0..count {
        form = form.tick(&boxes[(first + number * (1 + dice.throw(2))) % boxes.len()]);
    }
    if button.starts_with("Save") {
        let places = ["Saal 1", "Saal 3", "Whole venue", "To be announced"];
        form = match dice.throw(8) {
            0 | 1 => form.tick("All sessions that are shown here"),
            2 => form.choose_in("Change several", "Room", dice.pick(&places)),
            _ => form,
        };
        form = form.fill("Move by minutes", dice.pick(&["-60", "-30", "-15", "15", "30", "60"]));
        form =
            form.choose_in("Change several", "Day", dice.pick(&["As it is", "As it is", "As it is", "Monday 28 May"]));
    }
    person.sends(form).await.status
}

/// Changes a session at random, adds a part to the long one, or changes several sessions.
async fn changes(person: &Person, db: &PgPool, dice: &mut Dice) {
    let (long, others): (Vec<_>, Vec<_>) = sessions(db).await.into_iter().partition(|(_, _, title)| title == LONG);
    let (parts, alones): (Vec<_>, Vec<_>) = others.into_iter().partition(|(_, is_part, _)| *is_part);
    let pick = |from: &[(Uuid, bool, String)], dice: &mut Dice| {
        format!("{SESSIONS}/{}", from.get(dice.throw(from.len().max(1))).unwrap_or(&long[0]).0)
    };
    let form = match dice.throw(16) {
        0..3 => {
            let status = several(person, dice).await;
            assert!([200, 409, 422].contains(&status), "changing several sessions: {status}");
            return;
        }
        3..5 => {
            let form = alone(&person.opens(&pick(&long, dice)).await, dice).fill("Length", "120");
            form.choose("Status", dice.pick(&["Confirmed", "Confirmed", "Confirmed", "Cancelled"]))
        }
        5 => alone(&person.opens(&pick(&parts, dice)).await, dice),
        6 => part(&person.opens(&pick(&alones, dice)).await, dice),
        7..9 if parts.len() < 24 => {
            let title = format!("Short talk {}", dice.throw(1_000_000));
            part(&person.opens(&format!("{SESSIONS}/new")).await, dice).fill("Title", &title)
        }
        7..11 => part(&person.opens(&pick(&parts, dice)).await, dice),
        _ => alone(&person.opens(&pick(&alones, dice)).await, dice),
    };
    let status = person.sends(form).await.status;
    assert!([200, 409, 422].contains(&status), "saving: {status}");
}

/// Returns the sessions: the key, whether it is a part of another, and the title.
async fn sessions(db: &PgPool) -> Vec<(Uuid, bool, String)> {
    sqlx::query_as(
        "select item.id, parent_id is not null, title from item
         join revision on revision.id = head_id join session_content on session_content.revision_id = head_id
         order by item.created_at, item.id",
    )
    .fetch_all(db)
    .await
    .expect("the sessions")
}

async fn publishes_everything(person: &Person) {
    let page = person.opens(UNPUBLISHED).await;
    let buttons = page.texts("main form button");
    if let Some(button) = buttons.iter().find(|button| button.starts_with("Publish") && !button.contains("time")) {
        let status = person.sends(page.form(button)).await.status;
        assert!([200, 409].contains(&status), "publishing: {status}");
    }
}

async fn takes_back(person: &Person, release: i32) {
    let mut page = person.opens(&format!("/organisers/leipzig-2018/releases/{release}")).await;
    let button = format!("Take back release {release}");
    for _ in 0..5 {
        if !page.has_form(&button) {
            return;
        }
        page = person.sends(page.form(&button)).await;
        assert!([200, 409].contains(&page.status), "taking back: {}", page.status);
        if page.status == 200 {
            return;
        }
    }
}

/// Returns what the public reads of the programme.
async fn public(db: &PgPool) -> BTreeMap<Uuid, Option<Uuid>> {
    let rows: Vec<(Uuid, Option<Uuid>)> = sqlx::query_as("select id, published_id from item where kind <> 'page'")
        .fetch_all(db)
        .await
        .expect("the pointers");
    rows.into_iter().filter(|(_, published)| published.is_some()).collect()
}

async fn last_release(db: &PgPool) -> i32 {
    sqlx::query_scalar("select max(number) from release").fetch_one(db).await.expect("a release")
}

/// Adds three rooms, two of them with a changeover, people, and the long session with some parts.
async fn begins(app: &TestApp) -> Person {
    let olga = app.organiser().await;
    for (name, changeover) in [("Saal 1", "15"), ("Saal 2", "30"), ("Saal 3", "0")] {
        let new = olga.opens(&format!("{ROOMS}/new")).await.form("Save and publish");
        olga.sends(new.fill("Name", name).fill("Changeover", changeover)).await.must_be(200);
    }
    for name in &PEOPLE[1..] {
        person(&olga, name).await;
    }
    let new = olga.opens(&format!("{SESSIONS}/new?day=2018-05-28")).await.form("Save and publish").fill("Title", LONG);
    olga.sends(new.hours("10:00", "12:00").tick_in("Rooms", "Saal 1")).await.must_say("Saved and published.");
    for number in 1..=4 {
        let new = olga.opens(&format!("{SESSIONS}/new")).await.form("Save and publish");
        let new =
            new.fill("Title", &format!("Short talk {number}")).choose("Part of", &format!("Mon 28 May, 10:00 {LONG}"));
        let new = new.fill("Minutes after its start", &(20 * number).to_string()).fill("Length", "10");
        olga.sends(new).await.must_say("Saved and published.");
    }
    olga
}

#[tokio::test]
async fn whatever_four_organisers_do_at_once_no_room_and_no_person_is_in_two_sessions() {
    let app = TestApp::start().await;
    begins(&app).await;
    let mut people = tokio::task::JoinSet::new();
    for number in 0..4_u64 {
        let (person, db) = (app.organiser().await, app.db.clone());
        people.spawn(async move {
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (number + 1));
            for operation in 1..=40 {
                match dice.throw(10) {
                    0 => publishes_everything(&person).await,
                    1 => {
                        let back = i32::try_from(dice.throw(4)).expect("a small number");
                        takes_back(&person, (last_release(&db).await - back).max(2)).await;
                    }
                    _ => changes(&person, &db, &mut dice).await,
                }
                let found = clashes(&db).await;
                assert!(found.is_empty(), "after {operation} operations: {found:?}");
            }
        });
    }
    people.join_all().await;
    let saved: (i64, i64, i64, i64, i64) = sqlx::query_as(
        "select count(*) filter (where parent_id is not null), count(*) filter (where whole_venue),
             count(*) filter (where parent_id is null and starts_at is null),
             (select count(*) from (select from session_room group by revision_id having count(*) > 1) as several),
             (select count(*) from session_person)
         from session_content",
    )
    .fetch_one(&app.db)
    .await
    .expect("numbers");
    let (parts, whole_venue, open, in_several_rooms, with_people) = saved;
    // How many of them were saved and how many were refused differs from run to run; each kind must have been there.
    assert!([parts, whole_venue, open, in_several_rooms, with_people].iter().all(|count| *count > 0), "{saved:?}");
}

#[tokio::test]
async fn a_release_taken_back_makes_the_public_as_it_was_before_it() {
    let app = TestApp::start().await;
    let olga = begins(&app).await;
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    let first = last_release(&app.db).await;
    let mut before = BTreeMap::new();
    for _ in 0..60 {
        let (number, was) = (last_release(&app.db).await, public(&app.db).await);
        match dice.throw(8) {
            0 => publishes_everything(&olga).await,
            1 if number > first => {
                let back = number - i32::try_from(dice.throw(3)).expect("a small number");
                takes_back(&olga, back.max(first + 1)).await;
                if let Some(then) = before.get(&back) {
                    assert_eq!(&public(&app.db).await, then, "as it was before release {back}");
                }
            }
            _ => changes(&olga, &app.db, &mut dice).await,
        }
        for made in number + 1..=last_release(&app.db).await {
            before.insert(made, was.clone());
        }
    }
    assert!(before.len() > 20, "{} releases", before.len());
}
