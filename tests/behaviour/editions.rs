//! Several conferences on one site: which is the current one, and where the others are found.

use time::macros::datetime;

use crate::support::{LEIPZIG, TestApp};

const LIST: &str = "/conferences";
const CURRENT: &str = "Open and current: the start page of this site shows it, too";

/// Adds a conference that nobody has edited yet.
async fn adds_venice(app: &TestApp) {
    sqlx::query(
        "insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on, time_zone,
             contact_email, contact_telephone, contact_fax)
         select gen_random_uuid(), 'venice-2019', 'Annual conference, 2019 Venice', 'Channeling Change', 'Venice', 'IT', 'The Arsenal',
             'https://venue.example', '', '2019-06-13', '2019-06-14', 'Europe/Rome', contact_email, '', ''
         from conference",
    )
    .execute(&app.db)
    .await
    .expect("Venice");
}

#[tokio::test]
async fn the_only_conference_is_the_current_one_and_no_page_speaks_of_others() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let list = anna.opens(LIST).await;
    list.must_say("Leipzig 2018: Are we ready?").must_say("current").must_not_say("Earlier");
    anna.opens(LEIPZIG).await.must_not_say("All conferences");
}

#[tokio::test]
async fn an_administrator_chooses_the_conference_that_addresses_without_a_name_lead_to() {
    let app = TestApp::start().await;
    adds_venice(&app).await;
    let (ada, anna) = (app.administrator().await, app.delegate());
    let between = ada.follows(&ada.opens("/administration").await, "Who sees it: Venice 2019").await;
    between.must_say("Who sees Venice 2019?");
    anna.opens("/").await.must_say("Are we ready?");
    let current = between.form("Save and publish").choose("State", CURRENT);
    ada.sends(current.clone()).await.must_say("Saved.");
    anna.opens("/").await.must_say("Channeling Change");
    assert_eq!(anna.opens("/programme").await.path, "/venice-2019/programme");
    assert_eq!(anna.opens("/register").await.path, "/venice-2019/register");
    anna.opens(LEIPZIG).await.must_say("Are we ready?");
    // A second click changes nothing, and is not recorded.
    ada.sends(current).await.must_be(200);
    assert_eq!(ada.opens("/administration").await.row("Venice 2019 current")[1], "Annual conference, 2019 Venice");
    let changes: Vec<(String, String)> =
        sqlx::query_as("select before, after from audit_value where field = 'current'")
            .fetch_all(&app.db)
            .await
            .expect("the audit log");
    assert_eq!(changes, [("leipzig-2018".to_owned(), "venice-2019".to_owned())]);
}

#[tokio::test]
async fn the_list_says_which_conference_is_coming_and_an_over_one_leads_to_it() {
    let app = TestApp::start().await;
    adds_venice(&app).await;
    let (ada, anna) = (app.administrator().await, app.delegate());
    app.it_is(datetime!(2018-03-01 12:00 UTC));
    // Nothing but the end of the conference changes its pages after that.
    let closes = "update conference set registration_closes = '2018-05-20 22:00Z' where slug = 'leipzig-2018'";
    sqlx::query(closes).execute(&app.db).await.expect("an earlier end of registration");
    let list = anna.opens_until(LIST, |page| page.says("Venice 2019")).await;
    assert_eq!(
        list.texts("h3"),
        ["Leipzig 2018: Are we ready? Taking the digital city to the next level", "Venice 2019: Channeling Change"]
    );
    assert!(list.find_link("Register for Leipzig 2018").is_some());
    anna.opens(LEIPZIG).await.must_not_say("is over");
    let state = ada.opens("/administration/venice-2019/state").await.form("Save and publish");
    ada.sends(state.choose("State", CURRENT)).await.must_be(200);
    anna.opens(LEIPZIG).await.must_not_say("is over");
    // The last day ends at midnight in Leipzig.
    app.it_is(datetime!(2018-05-30 21:59 UTC));
    anna.opens(LEIPZIG).await.must_not_say("is over");
    app.it_is(datetime!(2018-05-30 22:00 UTC));
    let over = anna.opens(LEIPZIG).await;
    over.must_say("This conference is over. The current one is Venice 2019.");
    assert_eq!(anna.follows(&over, "Venice 2019").await.path, "/venice-2019");
    anna.opens(&format!("{LEIPZIG}/programme")).await.must_say("This conference is over.");
    anna.opens(&format!("{LEIPZIG}/register")).await.must_say("Registration closed");
    let list = anna.follows(&over, "All conferences").await;
    assert_eq!(list.texts("h2")[..2], ["Upcoming", "Earlier"]);
    assert!(list.find_link("Register for Leipzig 2018").is_none());
}

#[tokio::test]
async fn a_demonstration_is_never_the_current_conference_and_not_in_the_list() {
    let app = TestApp::start().await;
    adds_venice(&app).await;
    sqlx::query("update conference set is_demonstration = true where slug = 'venice-2019'")
        .execute(&app.db)
        .await
        .expect("a demonstration");
    let ada = app.administrator().await;
    ada.opens_until(LIST, |page| !page.says("Venice")).await;
    ada.opens("/administration").await.must_say("Venice 2019 demonstration").must_not_say("Who sees it: Venice 2019");
    ada.tries("/administration/venice-2019/state").await.must_be(404);
}
