//! Several people act at the same moment. Each of them either succeeds or is told what is in the way, with everything
//! that they typed still there. Nobody gets an error page.

use sqlx::{PgConnection, PgPool};
use tokio::task::JoinSet;

use crate::{
    editing::{PAGES, ROOMS, SESSIONS, WORLD_CAFE, editor, room},
    signing_in::PASSWORD,
    support::{Form, LEIPZIG, Page, Person, TestApp},
};

/// Sends all forms at once and returns the responses in the order of the forms.
async fn all_send(forms: Vec<(Person, Form)>) -> Vec<Page> {
    let mut sending = JoinSet::new();
    for (number, (person, form)) in forms.into_iter().enumerate() {
        sending.spawn(async move { (number, person.sends(form).await) });
    }
    let mut answers = sending.join_all().await;
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, page)| page).collect()
}

/// Creates this many organisers, each with an account of their own.
async fn organisers(app: &TestApp, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for _ in 0..count {
        people.push(app.organiser().await);
    }
    people
}

/// Returns the statuses of the responses, sorted.
fn statuses(pages: &[Page]) -> Vec<u16> {
    let mut statuses: Vec<u16> = pages.iter().map(|page| page.status).collect();
    statuses.sort_unstable();
    statuses
}

/// Waits until this many statements wait for a lock.
async fn wait_for_lock_waiters(db: &PgPool, count: i64) {
    let waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..1000 {
        let now: i64 = sqlx::query_scalar(waiting).fetch_one(db).await.expect("a number");
        if now >= count {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("there were never {count} statements waiting for a lock");
}

async fn run(conn: &mut PgConnection, statement: &'static str) {
    sqlx::query(statement).execute(conn).await.expect(statement);
}

/// In each of five rounds, all save a text of their own from the same revision. Exactly one is published; the others
/// are asked.
async fn each_is_published_or_asked(app: &TestApp, count: usize, path: &str) {
    let people = organisers(app, count).await;
    for round in 0..5 {
        let page = people[0].opens(path).await;
        let words = |number: usize| format!("Round {round} of {count}, words of number {number}.");
        let form = |number| page.form("Save and publish").fill("Text", &words(number));
        let answers = all_send(people.iter().cloned().enumerate().map(|(n, person)| (person, form(n))).collect()).await;
        let asked = vec![409; count - 1];
        assert_eq!(statuses(&answers), [&[200], asked.as_slice()].concat(), "one was first, the others are asked");
        for (number, answer) in answers.iter().enumerate() {
            assert!(answer.form("Save and publish").value("Text").contains(&words(number)), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn when_several_save_one_session_at_once_one_is_published_and_the_others_are_asked() {
    let app = TestApp::start().await;
    let path = editor(&app.organiser().await, WORLD_CAFE).await.path;
    each_is_published_or_asked(&app, 4, &path).await;
    each_is_published_or_asked(&app, 8, &path).await;
}

#[tokio::test]
async fn when_several_save_one_page_at_once_one_is_published_and_the_others_are_asked() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let path = olga.follows(&olga.opens(PAGES).await, "Imprint").await.path;
    each_is_published_or_asked(&app, 4, &path).await;
    each_is_published_or_asked(&app, 8, &path).await;
}

/// Eight organisers have a conflict with the same published version and decide at the same moment: six give way, two
/// save their version over it.
async fn all_decide_at_once(app: &TestApp, path: &str, table: &'static str, set_aside: &'static str) {
    let people = organisers(app, 8).await;
    let first = people[0].opens(path).await;
    let saved = people[0].sends(first.form("Save and publish").fill("Text", "The first to be published.")).await;
    saved.must_say("Saved and published.");
    let words = |number: usize| format!("Words of number {number}.");
    let mut forms = Vec::new();
    for (number, person) in people.iter().enumerate() {
        let conflict = person.sends(first.form("Save and publish").fill("Text", &words(number))).await;
        conflict.must_be(409);
        let button = if number < 6 { "Take theirs" } else { "Save mine over theirs and publish" };
        forms.push((person.clone(), conflict.form(button)));
    }
    // A lock holds them back until all have read the same state.
    let mut barrier = app.db.begin().await.expect("a transaction");
    run(&mut barrier, table).await;
    let sending = tokio::spawn(all_send(forms));
    wait_for_lock_waiters(&app.db, 8).await;
    barrier.commit().await.expect("the lock is released");
    let answers = sending.await.expect("the answers");
    let mut given_way = 0;
    for (number, answer) in answers.iter().enumerate() {
        match answer.status {
            200 => given_way += i64::from(number < 6),
            409 => assert!(answer.form("Save and publish").value("Text").contains(&words(number)), "{}", answer.text()),
            other => panic!("organiser {number} gets status {other}: {}", answer.text()),
        }
    }
    let rows: i64 = sqlx::query_scalar(set_aside).fetch_one(&app.db).await.expect("a number");
    assert_eq!(rows, given_way, "each version that was reported as kept is kept once");
    assert!(
        answers[6..].iter().any(|answer| answer.status == 200),
        "one of the two who save over the published version succeeds"
    );
}

#[tokio::test]
async fn when_eight_decide_about_one_session_at_once_each_decision_is_carried_out_or_asked_again() {
    let app = TestApp::start().await;
    let path = editor(&app.organiser().await, WORLD_CAFE).await.path;
    all_decide_at_once(&app, &path, CONFERENCE, "select count(*) from revision where set_aside").await;
}

#[tokio::test]
async fn when_eight_decide_about_one_page_at_once_each_decision_is_carried_out_or_asked_again() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let path = olga.follows(&olga.opens(PAGES).await, "Imprint").await.path;
    all_decide_at_once(&app, &path, CONFERENCE, "select count(*) from revision where set_aside").await;
}

/// Locks the row that everybody locks first who edits the programme.
const CONFERENCE: &str = "select from conference for no key update";

/// Locks the row that every change of what the public reads updates.
const PUBLICATION: &str = "select version from publication for update";

/// Sends the first form, which has to wait for a lock, and then the second, which waits behind it; then lets both go
/// on.
async fn one_after_the_other(
    app: &TestApp,
    lock: &'static str,
    first: (Person, Form),
    second: (Person, Form),
) -> [Page; 2] {
    let mut barrier = app.db.begin().await.expect("a transaction");
    run(&mut barrier, lock).await;
    let first = tokio::spawn(async move { first.0.sends(first.1).await });
    wait_for_lock_waiters(&app.db, 1).await;
    let second = tokio::spawn(async move { second.0.sends(second.1).await });
    wait_for_lock_waiters(&app.db, 2).await;
    barrier.commit().await.expect("the lock is released");
    [first.await.expect("an answer"), second.await.expect("an answer")]
}

#[tokio::test]
async fn two_sessions_whose_urls_would_be_the_same_can_be_added_at_once() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let new = async |person: &Person, title: &str| {
        let form = person.opens(&format!("{SESSIONS}/new?day=2018-05-29")).await.form("Save and publish");
        (person.clone(), form.fill("Title", title).hours("12:00", "13:00"))
    };
    let (_, coffee) = new(&olga, "Coffee").await;
    olga.sends(coffee).await.must_say("Saved and published.");
    let answers = one_after_the_other(&app, CONFERENCE, new(&olga, "Coffee").await, new(&otto, "Coffee 2").await).await;
    for answer in &answers {
        answer.must_say("Saved and published.");
    }
    for slug in ["coffee", "coffee-2", "coffee-2-2"] {
        app.delegate().opens(&format!("{LEIPZIG}/sessions/{slug}")).await;
    }
}

#[tokio::test]
async fn two_pages_whose_urls_would_be_the_same_can_be_added_at_once() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let new = async |person: &Person, title: &str| {
        let form = person.opens(&format!("{PAGES}/new")).await.form("Save and publish");
        (person.clone(), form.fill("Title", title).fill("Text", "By train."))
    };
    let (_, travel) = new(&olga, "Travel").await;
    olga.sends(travel).await.must_say("Saved and published.");
    let answers = one_after_the_other(&app, CONFERENCE, new(&olga, "Travel").await, new(&otto, "Travel 2").await).await;
    for answer in &answers {
        answer.must_say("Saved and published.");
    }
    for slug in ["travel", "travel-2", "travel-2-2"] {
        app.delegate().opens(&format!("{LEIPZIG}/pages/{slug}")).await;
    }
}

#[tokio::test]
async fn when_a_room_is_added_and_another_gets_the_same_name_at_once_one_is_refused() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    room(&olga, "Saal 1").await;
    let saal = olga.follows(&olga.opens(ROOMS).await, "Saal 1").await;
    let renaming = saal.form("Save and publish").fill("Name", "Saal 2");
    let adding = otto.opens(&format!("{ROOMS}/new")).await.form("Save and publish").fill("Name", "Saal 2");
    let answers = one_after_the_other(&app, CONFERENCE, (olga.clone(), renaming), (otto, adding)).await;
    assert_eq!(statuses(&answers), [200, 422], "one gets the name, the other an error");
    let names: Vec<String> =
        sqlx::query_scalar("select title from item join revision on revision.id = head_id where item.kind = 'room'")
            .fetch_all(&app.db)
            .await
            .expect("the rooms");
    assert_eq!(names.iter().filter(|name| *name == "Saal 2").count(), 1);
}

/// Sends all forms at once. A lock holds them back until all have read the same state.
async fn all_send_from(app: &TestApp, barrier: &'static str, forms: Vec<(Person, Form)>) -> Vec<Page> {
    let count = i64::try_from(forms.len()).expect("a few");
    let mut lock = app.db.begin().await.expect("a transaction");
    run(&mut lock, barrier).await;
    let sending = tokio::spawn(all_send(forms));
    wait_for_lock_waiters(&app.db, count).await;
    lock.commit().await.expect("the lock is released");
    sending.await.expect("the answers")
}

#[tokio::test]
async fn of_categories_with_the_same_name_added_at_once_one_is_refused_and_the_same_url_is_no_problem() {
    let app = TestApp::start().await;
    let new = async |name: &str| {
        let ada = app.administrator().await;
        let form = ada.opens(&format!("/administration{LEIPZIG}/categories/new")).await.form("Save");
        (ada, form.fill("Name", name))
    };
    let barrier = "lock table category in share mode";
    let forms = vec![new("Press").await, new("Press").await, new("Press!").await, new("Press?").await];
    let answers = all_send_from(&app, barrier, forms).await;
    assert_eq!(statuses(&answers), [200, 200, 200, 422], "of two with the same name, one gets an error");
    let wrong = answers.iter().find(|answer| answer.status == 422).expect("one");
    assert!(wrong.error_beside("Name").is_some());
}

#[tokio::test]
async fn when_a_category_is_added_and_another_gets_the_same_name_at_once_one_is_refused() {
    let app = TestApp::start().await;
    let (ada, bert) = (app.administrator().await, app.administrator().await);
    let settings = ada.opens(&format!("/administration{LEIPZIG}")).await;
    let university = ada.follows(&settings, "University").await;
    let renaming = university.form("Save").fill("Name", "Press").choose("Who can choose it", "Only staff");
    let adding = ada.follows(&settings, "Add a category").await.form("Save").fill("Name", "Press");
    let answers = one_after_the_other(&app, PUBLICATION, (ada.clone(), renaming), (bert, adding)).await;
    assert_eq!(statuses(&answers), [200, 422], "one gets the name, the other an error");
}

#[tokio::test]
async fn when_four_deactivate_one_account_at_once_it_is_logged_and_mailed_once() {
    let app = TestApp::start().await;
    let account = app.account("staff").await;
    let mut forms = Vec::new();
    for _ in 0..4 {
        let ada = app.administrator().await;
        let page = ada.opens(&format!("/administration/accounts/{}/deactivate", account.id)).await;
        forms.push((ada, page.form("Deactivate")));
    }
    let barrier = "lock table login in access exclusive mode";
    for page in all_send_from(&app, barrier, forms).await {
        page.must_be(200).must_say("Reactivate");
    }
    for table in ["audit where kind = 'account_deactivated'", "message where kind = 'account_changed'"] {
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&app.db)
            .await
            .expect("a number");
        assert_eq!(rows, 1, "{table}");
    }
}

#[tokio::test]
async fn when_eight_save_the_settings_at_once_seven_are_shown_what_the_first_saved() {
    let app = TestApp::start().await;
    let mut forms = Vec::new();
    for number in 0..8 {
        let ada = app.administrator().await;
        let form = ada.opens(&format!("/administration{LEIPZIG}")).await.form("Save and publish");
        forms.push((ada, form.fill("Places in all", &format!("30{number}"))));
    }
    let again: Vec<Person> = forms.iter().map(|(person, _)| person.clone()).collect();
    let answers = all_send_from(&app, "lock table conference in share mode", forms).await;
    assert_eq!(statuses(&answers), [200, 409, 409, 409, 409, 409, 409, 409]);
    let first = answers.iter().position(|answer| answer.status == 200).expect("one");
    for (number, answer) in answers.iter().enumerate().filter(|(number, _)| *number != first) {
        answer.must_say(&format!("30{first}"));
        assert_eq!(answer.form("Save and publish").value("Places in all"), format!("30{number}"));
    }
    let second = (first + 1) % 8;
    let decided = answers[second].form("Save and publish");
    again[second].sends(decided).await.must_be(200).must_say("Saved");
}

#[tokio::test]
async fn when_four_invite_one_person_at_once_three_are_told_that_the_account_exists() {
    let app = TestApp::start().await;
    let mut forms = Vec::new();
    for _ in 0..4 {
        let ada = app.administrator().await;
        let form = ada.opens("/administration/accounts/new").await.form("Send the invitation");
        let form = form.fill("Name", "Željka Horvat").fill("E-mail", "zeljka@graz.example");
        forms.push((ada, form.tick_in("At every conference", "staff")));
    }
    let answers = all_send_from(&app, "lock table account in share mode", forms).await;
    assert_eq!(statuses(&answers), [200, 422, 422, 422]);
}

#[tokio::test]
async fn when_four_change_one_account_at_once_all_changes_are_saved_in_turn() {
    let app = TestApp::start().await;
    let bea = app.account("staff").await;
    let mut forms = Vec::new();
    for number in 0..4 {
        let ada = app.administrator().await;
        let form = ada.opens(&format!("/administration/accounts/{}", bea.id)).await.form("Save");
        forms.push((ada, form.fill("Name", &format!("Bea {number}")).tick_in("At every conference", "organiser")));
    }
    let answers = all_send(forms).await;
    assert_eq!(statuses(&answers), [200, 200, 200, 200]);
}

#[tokio::test]
async fn somebody_who_sets_a_password_while_the_account_is_deactivated_is_told_that_the_link_no_longer_works() {
    let app = TestApp::start().await;
    let (ada, bea) = (app.administrator().await, app.account("staff").await);
    let link = bea.password_link(&app.db, app.now()).await;
    let setting = app.delegate();
    let form = setting.opens(&link).await.form("Set password");
    let form = form.fill("New password", PASSWORD).fill("New password again", PASSWORD);
    let page = ada.opens(&format!("/administration/accounts/{}/deactivate", bea.id)).await;
    let accounts = "select id from account for no key update";
    let answers = one_after_the_other(&app, accounts, (ada, page.form("Deactivate")), (setting, form)).await;
    assert_eq!(answers.map(|answer| answer.status), [200, 410]);
}

#[tokio::test]
async fn when_two_links_of_one_account_are_used_at_once_one_sets_the_password() {
    let app = TestApp::start().await;
    let bea = app.account("staff").await;
    let mut forms = Vec::new();
    for _ in 0..2 {
        let (person, link) = (app.delegate(), bea.password_link(&app.db, app.now()).await);
        let form = person.opens(&link).await.form("Set password");
        forms.push((person, form.fill("New password", PASSWORD).fill("New password again", PASSWORD)));
    }
    let accounts = "select id from account for no key update";
    let answers = all_send_from(&app, accounts, forms).await;
    assert_eq!(statuses(&answers), [200, 410]);
}
