//! Questions of the registration form: as organisers edit them, and as delegates answer them.

use super::{one, tour};
use crate::support::{LEIPZIG, TestApp};

/// Adds a question of each kind, and returns the key of the first.
async fn one_of_each_kind(app: &TestApp) -> String {
    sqlx::raw_sql(
        "create temporary table new as
             select gen_random_uuid() as id, gen_random_uuid() as version, kind, number
             from unnest(array['short_text', 'long_text', 'one_of', 'some_of', 'number', 'date', 'yes_no'])
                 with ordinality as kinds (kind, number);
         begin;
         insert into question_version (id, conference_id, question_id, number, kind, text, help, purpose, required, readers, choices)
         select version, conference.id, new.id, 1, kind, 'A question that is answered by ' || replace(kind, '_', ' '),
             'Help for those who need it.', 'plan the tables and everything that stands on them', number % 2 = 1,
             case when number = 2 then 'needs' else 'desk' end,
             case when kind in ('one_of', 'some_of') then array['By train', 'On foot, all the way', 'Some other way'] else '{}' end
         from new, conference;
         insert into question (id, conference_id, place, asked_of, version_id)
         select new.id, conference.id, number, case when kind = 'date' then 'registration' else 'attendee' end, version
         from new, conference;
         commit",
    )
    .execute(&app.db)
    .await
    .expect("questions");
    one(app, "select id::text from question order by place limit 1").await
}

#[tokio::test]
async fn organisers_questions_pass_all_checks_in_every_state() {
    let app = TestApp::start().await;
    let questions = format!("/administration{LEIPZIG}/questions");
    let first = format!("{questions}/{}", one_of_each_kind(&app).await);
    let db = app.db.clone();
    tour(&app, Some("administrator"), async move |mut tour| {
        tour.opens("questions", &questions).await;
        tour.presses("question-wrong", &format!("{questions}/new"), "Save", "attention").await;
        tour.opens("question", &first).await;
        tour.browser.fills("Help", "Mine").await;
        sqlx::query("update question set revision = revision + 1, place = 7").execute(&db).await.expect("a change");
        tour.browser.clicks("Save").await;
        tour.browser.sees("Somebody else changed this question").await;
        tour.checks("question-conflict").await;
        tour.opens("question-remove", &format!("{first}/remove")).await;
        tour
    })
    .await;
}

#[tokio::test]
async fn the_form_with_questions_passes_all_checks_in_every_state() {
    let app = TestApp::start().await;
    one_of_each_kind(&app).await;
    let register = format!("{LEIPZIG}/register");
    tour(&app, None, async move |mut tour| {
        tour.opens("register-questions", &register).await;
        tour.presses("register-questions-wrong", &register, "Register", "Answer “A question").await;
        tour.opens("privacy-questions", &format!("{LEIPZIG}/pages/privacy")).await;
        tour
    })
    .await;
}
