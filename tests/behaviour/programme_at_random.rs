//! Several organisers change the programme at random: whatever they do, no room holds two sessions at a time, and a release
//! that is taken back leaves no trace.

use std::collections::BTreeMap;

use sqlx::PgPool;
use uuid::Uuid;

use super::editing::{ROOMS, SESSIONS, room};
use crate::support::{Person, TestApp};

const UNPUBLISHED: &str = "/organisers/leipzig-2018/unpublished";
const ROOM_NAMES: [&str; 3] = ["Saal 1", "Saal 2", "To be announced"];

/// Random numbers that are the same for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("a small number")
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.throw(from.len())]
    }
}

/// Changes one session at random: its room, its hours and its status, published or not.
async fn changes(person: &Person, session: &str, dice: &mut Dice) {
    let button = dice.pick(&["Save and publish", "Save and publish", "Save without publishing"]);
    let editor = person.opens(session).await;
    let start = 8 * 60 + 15 * dice.throw(16);
    let end = start + 15 * (1 + dice.throw(6));
    let clock = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
    let form = editor
        .form(button)
        .in_room(dice.pick(&ROOM_NAMES))
        .choose("Day", "Monday 28 May")
        .choose("Kind", dice.pick(&["Talk", "Talk", "Talk", "Break"]))
        .choose("Status", dice.pick(&["Provisional", "Confirmed", "Confirmed", "Cancelled", "Withdrawn"]))
        .hours(&clock(start), &clock(end));
    let status = person.sends(form).await.status;
    assert!([200, 409, 422].contains(&status), "saving {session}: {status}");
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

/// Returns the pairs of sessions that have a room at the same time, or without its changeover between them. It is computed from
/// what was saved, not from the table with which the database prevents it.
pub async fn clashes(db: &PgPool) -> Vec<(String, String, String)> {
    sqlx::query_as(
        "with held as (
             select side, item.id, revision.title, room_id, starts_at, starts_at + make_interval(mins => minutes) as ends_at, is_break,
                 coalesce(changeover, '0') as changeover
             from item
             cross join lateral (values ('draft', head_id), ('public', published_id)) pointer (side, revision_id)
             join revision on revision.id = pointer.revision_id and status in ('draft', 'tentative', 'confirmed')
             join session_content on session_content.revision_id = revision.id
             join session_room on session_room.revision_id = revision.id
             join item kind on kind.id = session_kind_id
             join session_kind_content
                 on session_kind_content.revision_id = case side when 'draft' then kind.head_id else kind.published_id end
             join item room on room.id = room_id
             left join room_content on room_content.revision_id = case side when 'draft' then room.head_id else room.published_id end
         )
         select one.side, one.title, other.title from held one join held other
             on one.side = other.side and one.room_id = other.room_id and one.id < other.id
         where (one.starts_at, one.ends_at) overlaps (other.starts_at, other.ends_at)
             or not one.is_break and not other.is_break
                 and (one.starts_at, one.ends_at + one.changeover) overlaps (other.starts_at, other.ends_at + other.changeover)",
    )
    .fetch_all(db)
    .await
    .expect("the clashes")
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

/// Adds two rooms, one with a changeover, and returns the addresses of the sessions' editors.
async fn begins(app: &TestApp) -> (Person, Vec<String>) {
    let olga = app.organiser().await;
    room(&olga, "Saal 1").await;
    let new = olga.opens(&format!("{ROOMS}/new")).await.form("Save and publish");
    olga.sends(new.fill("Name", "Saal 2").fill("Changeover", "15")).await.must_be(200);
    let list = olga.opens(SESSIONS).await;
    let editors = list.links().into_iter().filter(|(words, _)| words.starts_with("Topic ")).map(|(_, to)| to);
    (olga, editors.collect())
}

#[tokio::test]
async fn whatever_four_organisers_do_at_once_no_room_holds_two_sessions() {
    let app = TestApp::start().await;
    let (_, sessions) = begins(&app).await;
    let mut people = tokio::task::JoinSet::new();
    for number in 0..4_u64 {
        let (person, sessions) = (app.organiser().await, sessions.clone());
        let db = app.db.clone();
        people.spawn(async move {
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (number + 1));
            for _ in 0..40 {
                match dice.throw(10) {
                    0 => publishes_everything(&person).await,
                    1 => {
                        let back = i32::try_from(dice.throw(4)).expect("a small number");
                        takes_back(&person, (last_release(&db).await - back).max(2)).await;
                    }
                    _ => changes(&person, &sessions[dice.throw(sessions.len())], &mut dice).await,
                }
                let found = clashes(&db).await;
                assert!(found.is_empty(), "{found:?}");
            }
        });
    }
    people.join_all().await;
    let taken: i64 = sqlx::query_scalar("select count(*) from slot").fetch_one(&app.db).await.expect("a number");
    assert!(taken > 0, "some sessions took place in rooms");
}

#[tokio::test]
async fn a_release_taken_back_makes_the_public_as_it_was_before_it() {
    let app = TestApp::start().await;
    let (olga, sessions) = begins(&app).await;
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    let mut before = BTreeMap::new();
    for _ in 0..60 {
        let (number, was) = (last_release(&app.db).await, public(&app.db).await);
        match dice.throw(8) {
            0 => publishes_everything(&olga).await,
            1 if number > 3 => {
                let back = number - i32::try_from(dice.throw(3)).expect("a small number");
                takes_back(&olga, back).await;
                if let Some(then) = before.get(&back) {
                    assert_eq!(&public(&app.db).await, then, "as it was before release {back}");
                }
            }
            _ => changes(&olga, &sessions[dice.throw(sessions.len())], &mut dice).await,
        }
        for made in number + 1..=last_release(&app.db).await {
            before.insert(made, was.clone());
        }
    }
    assert!(before.len() > 20, "{} releases", before.len());
}
