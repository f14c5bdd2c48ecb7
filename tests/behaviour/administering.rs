//! Administrators manage accounts and roles, and change a conference's settings.

use crate::support::{LEIPZIG, Page, Person, TestApp};

fn settings() -> String {
    format!("/administration{LEIPZIG}")
}

/// Invites somebody and returns the page with the link.
async fn invites(person: &Person, name: &str, email: &str, roles: &[&str]) -> Page {
    let mut form = person.opens("/administration/accounts/new").await.form("Send the invitation");
    form = form.fill("Name", name).fill("E-mail", email);
    for role in roles {
        form = form.tick_in("At every conference", role);
    }
    person.sends(form).await
}

/// Returns the path of the one-time link on a page.
fn link_on(page: &Page, app: &TestApp) -> String {
    let link = page.attributes("input[readonly]", "value").remove(0);
    link.strip_prefix(app.url()).expect("a link of this site").to_owned()
}

/// Uses the link, signs in, and returns the page that is shown.
async fn begins(app: &TestApp, link: &str, email: &str) -> (Person, Page) {
    let (person, password) = (app.delegate(), "correct horse battery staple");
    let form = person.opens(link).await.form("Set password");
    let page = person.sends(form.fill("New password", password).fill("New password again", password)).await;
    let page = person.sends(page.form("Sign in").fill("E-mail", email).fill("Password", password)).await;
    (person, page)
}

async fn audited(app: &TestApp, kind: &str) -> i64 {
    sqlx::query_scalar("select count(*) from audit where kind = $1")
        .bind(kind)
        .fetch_one(&app.db)
        .await
        .expect("a count")
}

#[tokio::test]
async fn an_invited_person_sets_a_password_with_the_link_and_has_their_roles() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let page = invites(&ada, "Željka Horvat", "zeljka@graz.example", &["administrator"]).await;
    page.must_be(200).must_say("on its way to zeljka@graz.example");
    assert_eq!(page.header("cache-control"), "no-store");
    let queued: (String, String) =
        sqlx::query_as("select recipient, data->>'purpose' from message where kind = 'set_password'")
            .fetch_one(&app.db)
            .await
            .expect("one mail");
    assert_eq!((queued.0.as_str(), queued.1.as_str()), ("zeljka@graz.example", "invitation"));
    assert!(ada.opens("/administration/accounts").await.row("Željka Horvat")[3].contains("no password yet"));

    let (zeljka, page) = begins(&app, &link_on(&page, &app), "zeljka@graz.example").await;
    assert_eq!(page.path, "/administration");
    assert_eq!(zeljka.opens("/administration/accounts").await.row("Željka Horvat")[3], "active");
    assert_eq!(audited(&app, "account_invited").await, 1);
    assert_eq!(audited(&app, "password_set").await, 1);
}

#[tokio::test]
async fn an_invitation_with_errors_shows_them_and_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let page = invites(&ada, "", "zeljka@graz", &[]).await;
    page.must_be(422);
    assert_eq!(page.summary().len(), 3, "{:?}", page.summary());
    assert_eq!(page.form("Send the invitation").value("E-mail"), "zeljka@graz");

    invites(&ada, "Željka", "zeljka@graz.example", &["staff"]).await.must_be(200);
    let page = invites(&ada, "Želj", "Zeljka@Graz.example", &["staff", "organiser"]).await;
    page.must_be(422);
    assert!(page.error_beside("E-mail").is_some_and(|words| words.contains("already")), "{:?}", page.errors());
    assert_eq!(page.form("Send the invitation").value_in("At every conference", "organiser"), "on");
}

#[tokio::test]
async fn changed_roles_take_effect_at_once_and_can_be_for_one_conference() {
    let app = TestApp::start().await;
    let (ada, bea) = (app.administrator().await, app.administrator().await);
    set_password(&app, &ada).await;
    let bea_account = bea.account.clone().expect("an account");
    bea.opens("/administration").await;
    let page = ada.opens(&format!("/administration/accounts/{}", bea_account.id)).await;
    let form = page.form("Save").fill("Name", "Bea B.").untick_in("At every conference", "administrator");
    let page = ada.sends(form.tick_in("Only at Leipzig 2018", "staff")).await;
    page.must_be(200).must_say("Saved");
    bea.tries("/administration").await.must_be(403);
    let row = ada.opens("/administration/accounts").await.row("Bea B.");
    assert_eq!(row[2], "staff (Leipzig 2018)");
    assert_eq!(audited(&app, "account_changed").await, 1);
}

#[tokio::test]
async fn a_deactivated_account_is_signed_out_at_once_and_can_be_reactivated() {
    let app = TestApp::start().await;
    let (ada, bea) = (app.administrator().await, app.administrator().await);
    set_password(&app, &ada).await;
    let of_bea = format!("/administration/accounts/{}", bea.account.as_ref().expect("an account").id);
    let page = ada.follows(&ada.opens(&of_bea).await, "Deactivate").await;
    page.must_say("is signed out everywhere at once");
    ada.sends(page.form("Deactivate")).await.must_be(200).must_say("deactivated");
    assert!(bea.tries("/administration").await.path.starts_with("/sign-in"));
    ada.sends(ada.opens(&of_bea).await.form("Reactivate")).await.must_be(200);
    assert!(bea.tries("/administration").await.path.starts_with("/sign-in"), "ended logins stay ended");
    ada.opens(&of_bea).await.must_say("no password yet");
}

/// Creates a link to a preview, returns its path, and schedules a publication.
async fn leaves_a_link_and_a_publication(organiser: &Person) -> String {
    let unpublished = format!("/organisers{LEIPZIG}/unpublished");
    let page = organiser.opens(&unpublished).await;
    let form = page.form("Publish at this time").fill("Date and time", "2090-01-11T10:00");
    organiser.sends(form).await.must_say("Scheduled.");
    let page = organiser.sends(page.form("Create a link")).await;
    let link = page.attributes("#link", "value").pop().expect("a link");
    link[link.find(LEIPZIG).expect("an address of the conference")..].to_owned()
}

async fn waiting(app: &TestApp) -> i64 {
    let waiting = "select count(*) from scheduled_release where done_at is null and cancelled_at is null";
    sqlx::query_scalar(waiting).fetch_one(&app.db).await.expect("a count")
}

#[tokio::test]
async fn the_links_and_scheduled_publications_of_a_deactivated_account_end_with_it() {
    let app = TestApp::start().await;
    let (ada, olga, otto, anna) =
        (app.administrator().await, app.organiser().await, app.organiser().await, app.delegate());
    let link = leaves_a_link_and_a_publication(&olga).await;
    let of = |person: &Person| {
        format!("/administration/accounts/{}/deactivate", person.account.as_ref().expect("an account").id)
    };
    ada.opens(&of(&otto)).await.must_not_say("preview").must_not_say("publication");
    let page = ada.opens(&of(&olga)).await;
    page.must_say("A link to a preview of Leipzig 2018 is revoked.");
    page.must_say("The publication of Leipzig 2018 on Wednesday 11 January 2090, 10:00 CET is cancelled.");
    anna.opens(&link).await.must_say("Preview: not public yet.");

    ada.sends(page.form("Deactivate")).await.must_say("deactivated");
    anna.tries(&link).await.must_be(410);
    assert_eq!(waiting(&app).await, 0);
    assert_eq!((audited(&app, "preview_link_revoked").await, audited(&app, "publication_cancelled").await), (1, 1));
    let account = ada.opens(of(&olga).trim_end_matches("/deactivate")).await;
    ada.sends(account.form("Reactivate")).await.must_be(200);
    anna.tries(&link).await.must_be(410);
}

#[tokio::test]
async fn whoever_may_not_edit_the_programme_any_more_leaves_no_links_and_scheduled_publications() {
    let app = TestApp::start().await;
    let (ada, olga, anna) = (app.administrator().await, app.organiser().await, app.delegate());
    let link = leaves_a_link_and_a_publication(&olga).await;
    let path = format!("/administration/accounts/{}", olga.account.as_ref().expect("an account").id);
    let page = ada.opens(&path).await;
    page.must_say("A link to a preview of Leipzig 2018 is revoked.");
    let one = page.form("Save").untick_in("At every conference", "organiser");
    ada.sends(one.tick_in("Only at Leipzig 2018", "organiser")).await.must_say("Saved");
    anna.opens(&link).await.must_say("Preview: not public yet.");
    assert_eq!((waiting(&app).await, audited(&app, "preview_link_revoked").await), (1, 0));

    let none = ada.opens(&path).await.form("Save").untick_in("Only at Leipzig 2018", "organiser");
    ada.sends(none.tick_in("At every conference", "staff")).await.must_say("Saved");
    anna.tries(&link).await.must_be(410);
    assert_eq!(waiting(&app).await, 0);
    assert_eq!((audited(&app, "preview_link_revoked").await, audited(&app, "publication_cancelled").await), (1, 1));
    ada.opens(&path).await.must_not_say("preview");
}

#[tokio::test]
async fn the_last_administrator_cannot_be_removed() {
    let app = TestApp::start().await;
    let (ada, invited) = (app.administrator().await, app.account("administrator").await);
    set_password(&app, &ada).await;
    let ada_account = ada.account.clone().expect("an account");
    let of_ada = format!("/administration/accounts/{}", ada_account.id);
    let page = ada.opens(&of_ada).await;
    let form =
        page.form("Save").untick_in("At every conference", "administrator").tick_in("At every conference", "staff");
    ada.sends(form).await.must_be(422).must_say("last administrator who can sign in");
    let page = ada.opens(&format!("{of_ada}/deactivate")).await;
    let refused = ada.sends(page.form("Deactivate")).await;
    refused.must_be(422).must_say("last administrator who can sign in");
    assert_eq!(refused.attributes(".notice[role=alert][tabindex='-1']", "autofocus").len(), 1, "the refusal has focus");
    ada.opens("/administration").await;

    let page = ada.opens(&format!("/administration/accounts/{}", invited.id)).await;
    let page = ada.sends(page.form("Send a new link")).await;
    begins(&app, &link_on(&page, &app), &invited.email).await;
    let page = ada.opens(&format!("{of_ada}/deactivate")).await;
    assert!(ada.sends(page.form("Deactivate")).await.path.starts_with("/sign-in"));
}

#[tokio::test]
async fn two_administrators_cannot_remove_each_other_at_once() {
    let app = TestApp::start().await;
    let (ada, bea) = (app.administrator().await, app.administrator().await);
    for person in [&ada, &bea] {
        set_password(&app, person).await;
    }
    let page = |of: &Person| format!("/administration/accounts/{}/deactivate", of.account.as_ref().expect("one").id);
    let (of_bea, of_ada) = (ada.opens(&page(&bea)).await, bea.opens(&page(&ada)).await);
    tokio::join!(ada.sends(of_bea.form("Deactivate")), bea.sends(of_ada.form("Deactivate")));
    let left: i64 =
        sqlx::query_scalar("select count(*) from account where active").fetch_one(&app.db).await.expect("a count");
    assert_eq!(left, 1);
}

/// Sets the password of somebody who is signed in, without signing them out.
async fn set_password(app: &TestApp, person: &Person) {
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let account = person.account.as_ref().expect("an account").id;
    sqlx::query("update account set password_hash = $2 where id = $1")
        .bind(account)
        .bind(hash)
        .execute(&app.db)
        .await
        .expect("a password");
}

#[tokio::test]
async fn opening_and_closing_times_are_local_times_and_shown_to_the_public() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let form = ada.opens(&settings()).await.form("Save and publish");
    assert_eq!((form.value("Opens").as_str(), form.value("Closes").as_str()), ("", "2099-12-31T23:59"), "held open");
    let form = form.fill("Opens", "2018-01-15T09:00").fill("Closes", "2018-05-20T18:00");
    ada.sends(form).await.must_be(200).must_say("Saved");
    let window: (String, String) = sqlx::query_as(
        "select to_char(registration_opens at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
                to_char(registration_closes at time zone 'UTC', 'YYYY-MM-DD HH24:MI') from conference",
    )
    .fetch_one(&app.db)
    .await
    .expect("a conference");
    assert_eq!((window.0.as_str(), window.1.as_str()), ("2018-01-15 08:00", "2018-05-20 16:00"));
    assert_eq!(ada.opens(&settings()).await.form("Save and publish").value("Closes"), "2018-05-20T18:00");
    assert_eq!(audited(&app, "conference_settings_changed").await, 1);
}

#[tokio::test]
async fn errors_in_settings_are_shown_beside_their_fields() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let form = ada.opens(&settings()).await.form("Save and publish");
    let page = ada
        .sends(
            form.fill("Opens", "2018-05-20T18:00")
                .fill("Closes", "2018-05-20T09:00")
                .fill("Places in all", "many")
                .fill("Hours to answer an offer", "soon"),
        )
        .await;
    page.must_be(422);
    let wrong: Vec<String> = page.errors().into_iter().map(|(label, _)| label).collect();
    assert_eq!(wrong, ["Closes", "Places in all", "Hours to answer an offer"]);
    assert_eq!(page.form("Save and publish").value("Places in all"), "many");

    let form = ada.opens(&settings()).await.form("Save and publish").fill("Opens", "2018-03-25T02:30");
    let page = ada.sends(form).await;
    assert!(page.error_beside("Opens").is_some_and(|words| words.contains("clocks change")), "{:?}", page.errors());
}

/// The label of a field.
const HOURS: &str = "Hours to answer an offer";

#[tokio::test]
async fn two_people_who_change_the_settings_at_once_lose_nothing() {
    let app = TestApp::start().await;
    let (ada, bea) = (app.administrator().await, app.administrator().await);
    let slow = bea.opens(&settings()).await.form("Save and publish").fill(HOURS, "72");
    let quick = ada.opens(&settings()).await.form("Save and publish").fill(HOURS, "71");
    ada.sends(quick).await.must_be(200);
    let page = bea.sends(slow).await;
    page.must_be(409).must_say("71").must_say("while you were typing");
    let form = page.form("Save and publish");
    assert_eq!(form.value(HOURS), "72");
    bea.sends(form).await.must_be(200).must_say("Saved");
    assert_eq!(ada.opens(&settings()).await.form("Save and publish").value(HOURS), "72");
}

#[tokio::test]
async fn a_category_can_be_added_renamed_and_limited() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let page = ada.follows(&ada.opens(&settings()).await, "Add a category").await;
    let form = page.form("Save").fill("Name", "Press").fill("Places", "10").choose("Who can choose it", "Only staff");
    ada.sends(form).await.must_be(200);
    assert_eq!(ada.opens(&settings()).await.row("Press")[1..5], ["not on the form", "free", "10", "0"]);

    let page = ada.follows(&ada.opens(&settings()).await, "Press").await;
    ada.sends(page.form("Save").fill("Name", "Journalists").fill("Place in the order", "1").fill("Places", ""))
        .await
        .must_be(200);
    assert_eq!(ada.opens(&settings()).await.row("Journalists")[3], "no limit");

    let page = ada.follows(&ada.opens(&settings()).await, "Journalists").await;
    let page = ada.sends(page.form("Save").fill("Name", "university").fill("Place in the order", "first")).await;
    page.must_be(422);
    assert!(page.error_beside("Place in the order").is_some());
    let page = ada.sends(page.form("Save").fill("Place in the order", "1")).await;
    assert!(page.error_beside("Name").is_some_and(|words| words.contains("Another category")), "{:?}", page.errors());
    assert_eq!((audited(&app, "category_added").await, audited(&app, "category_changed").await), (1, 1));
}

#[tokio::test]
async fn browsers_check_an_incomplete_date_and_time() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    let page = ada.opens(&format!("/administration{LEIPZIG}")).await;
    // A browser sends an empty value for such a field, which would mean that no time is set. So the browser has to
    // check the form itself.
    assert_eq!(page.attributes("form[novalidate]", "method"), [""; 0]);
    assert_eq!(
        page.attributes("input[type=datetime-local]", "name"),
        ["registration_opens", "registration_closes", "changes_until"]
    );
}

#[tokio::test]
async fn places_cannot_be_fewer_than_are_taken() {
    let app = TestApp::start().await;
    let ada = app.administrator().await;
    sqlx::query(
        "update capacity set taken = 7 where category_id is null
             or category_id = (select id from category where name = 'University')",
    )
    .execute(&app.db)
    .await
    .expect("places are taken");
    let form = ada.opens(&settings()).await.form("Save and publish");
    let page = ada.sends(form.fill("Places in all", "6")).await;
    page.must_be(422);
    assert!(page.error_beside("Places in all").is_some_and(|words| words.contains("7 places are already taken")));
    ada.sends(page.form("Save and publish").fill("Places in all", "7")).await.must_be(200);

    let page = ada.follows(&ada.opens(&settings()).await, "University").await;
    let page = ada.sends(page.form("Save").fill("Places", "6")).await;
    page.must_be(422);
    assert!(page.error_beside("Places").is_some_and(|words| words.contains("7 places are already taken")));
    ada.sends(page.form("Save").fill("Places", "7")).await.must_be(200);
}

#[tokio::test]
async fn the_settings_of_an_unknown_conference_are_not_found() {
    let app = TestApp::start().await;
    app.administrator().await.tries("/administration/venice-2019").await.must_be(404);
    app.staff().await.tries("/administration/venice-2019").await.must_be(403);
}
