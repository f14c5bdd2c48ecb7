//! Reading the public site without an account, cookies or scripts.

use conference::routes::{TABLE, Who};
use reqwest::{Method, Response};
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::editing::{ROOMS, WORLD_CAFE, editor, room};
use crate::support::{LEIPZIG, Page, TestApp, programme};

const TITLES: [&str; 7] = [
    "City Data: Swimming in the data sea – are you waving or drowning?",
    "Digital Developments and how to set up business cases",
    "Digital government in practice – where are the citizens?",
    "New technologies, new opportunities and innovation – seeing beyond the hype",
    "Collaboration and co-creation – the road to heaven or the highway to hell?",
    "Internal and external skills: are local governments fit for the future?",
    "World Café",
];

pub fn in_leipzig(path: &str) -> String {
    format!("{LEIPZIG}{path}")
}

pub async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Response {
    app.delegate().asks(Method::GET, path, headers, None).await
}

pub fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap_or_default())
}

/// Runs a statement directly in the database, as another instance would.
pub async fn on_another_instance(app: &TestApp, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&app.db).await.expect("the statement");
}

#[tokio::test]
async fn the_home_page_says_what_where_when_and_why_and_invites_delegates_to_register() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let home = anna.opens("/").await;
    assert_eq!(home.heading(), "Are we ready? Taking the digital city to the next level");
    for fact in [
        "Annual conference of Major Cities of Europe, 2018 Leipzig",
        "28–30 May 2018",
        "Monday 28 May to Wednesday 30 May 2018",
        "Kongresshalle Leipzig",
        "Municipality of Leipzig",
        "leading IT users’ group",
        "non-profit, independent",
        "should not miss",
        "pleasure of welcoming you",
        "Spend three days",
        "Exchange experience directly with other European municipalities in a non-commercial setting",
        "Discuss the real challenges of municipal digitisation",
        "Test your ideas with digital leaders from cities across Europe",
        "Learn how to involve citizens in designing and achieving better outcomes",
        "Use data and information more effectively",
        "Hear the truth rather than the spin",
        "Be informed, challenged and involved – and have fun",
    ] {
        home.must_say(fact);
    }
    assert_eq!(home.link("Register now!"), in_leipzig("/register"));
    assert_eq!(home.link("www.kongresshalle.com"), "https://www.kongresshalle.com/");
    assert_eq!(home.link("+43 1 7189476-33"), "tel:+431718947633");
    assert_eq!(home.link("+43 1 7189476-22"), "tel:+431718947622");
    assert_eq!(home.link("operations@majorcities.eu"), "mailto:operations@majorcities.eu");
    assert_eq!(anna.opens(LEIPZIG).await.text(), home.text());
}

#[tokio::test]
async fn each_of_the_seven_topics_leads_to_its_session() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let home = anna.opens("/").await;
    let links = home.links();
    for (number, title) in (1..).zip(TITLES) {
        home.must_say(title);
        let (_, path) = links
            .iter()
            .find(|(words, _)| *words == format!("{number} {title}"))
            .unwrap_or_else(|| panic!("topic {number} is not a link: {links:#?}"));
        assert_eq!(anna.opens(path).await.heading(), title);
    }
}

#[tokio::test]
async fn the_programme_shows_three_days_with_times_marked_as_provisional() {
    let app = TestApp::start().await;
    let programme = app.delegate().opens(&in_leipzig("/programme")).await;
    assert_eq!(programme.texts("h2")[..3], ["Monday 28 May", "Tuesday 29 May", "Wednesday 30 May"]);
    for title in TITLES {
        programme.must_say(title);
    }
    programme.must_say("CEST").must_say("provisional");
    let cafe = programme.text().find("10:45–12:45 · World Café").expect("the World Café's hours");
    assert!(cafe > programme.text().find("Wednesday 30 May").expect("its day"), "it is on Wednesday morning");
}

#[tokio::test]
async fn the_programme_is_filtered_by_day_and_topic() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let programme = anna.opens(&in_leipzig("/programme")).await;
    let tuesday = anna.follows(&programme, "Tue 29 May").await;
    assert_eq!(tuesday.path, in_leipzig("/programme?day=2018-05-29"));
    assert_eq!(tuesday.texts("h4").len(), 3);
    let skills = anna.follows(&programme, TITLES[5]).await;
    assert_eq!(skills.texts("h4").len(), 1);
    skills.must_say("Wednesday 30 May");
    let none = anna.opens(&in_leipzig("/programme?day=2018-05-29&topic=skills")).await;
    none.must_say("No sessions have been announced for this selection yet");
    anna.follows(&none, "See the whole programme").await;
}

#[tokio::test]
async fn an_unknown_filter_is_reported_and_the_rest_of_the_programme_is_shown() {
    let app = TestApp::start().await;
    for query in ["day=2031-01-01", "day=nonsense", "topic=%3Cscript%3E", "topic=city-data%00"] {
        let page = app.delegate().opens(&in_leipzig(&format!("/programme?{query}"))).await;
        page.must_say("We could not find that day or topic").must_say("Monday 28 May");
        assert!(!page.body.contains("<script>"));
    }
    let campaign = app.delegate().opens(&in_leipzig("/programme?utm_source=mail&days=x")).await;
    campaign.must_not_say("We could not find that day or topic").must_say("Monday 28 May");
}

#[tokio::test]
async fn a_session_shows_its_time_its_place_and_the_sessions_before_and_after() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let page = anna.opens(&in_leipzig("/sessions/new-technologies")).await;
    assert_eq!(page.heading(), TITLES[3]);
    page.must_say("Tuesday 29 May 2018, 11:00–12:30")
        .must_say("Local time in Leipzig (CEST)")
        .must_say("Kongresshalle Leipzig, room to be announced")
        .must_say("Topic 4")
        .must_say("artificial intelligence, blockchain and 5G");
    let before = anna.follows(&page, "Previous: Tue 29 May, 09:00Digital government in practice").await;
    assert_eq!(before.heading(), TITLES[2]);
    let after = anna.follows(&page, "Next: Tue 29 May, 14:00Collaboration and co-creation").await;
    assert_eq!(after.heading(), TITLES[4]);
    assert_eq!(page.link("Register now!"), in_leipzig("/register"));
    assert_eq!(page.link("Add to calendar"), in_leipzig("/sessions/new-technologies.ics"));
}

#[tokio::test]
async fn sessions_and_the_programme_can_be_added_to_a_calendar() {
    let app = TestApp::start().await;
    let one = app.delegate().opens(&in_leipzig("/sessions/new-technologies.ics")).await;
    assert_eq!(one.header("content-type"), "text/calendar; charset=utf-8");
    for line in
        ["DTSTART:20180529T090000Z", "DTEND:20180529T103000Z", "STATUS:TENTATIVE", "LOCATION:Kongresshalle Leipzig"]
    {
        assert!(one.body.lines().any(|have| have == line), "{line} is missing:\n{}", one.body);
    }
    assert!(one.body.contains("\r\nSUMMARY:Provisional: New technologies"), "{}", one.body);
    let all = app.delegate().opens(&in_leipzig("/programme.ics")).await;
    assert_eq!(all.body.matches("BEGIN:VEVENT").count(), 7);
    let uid = one.body.lines().find(|line| line.starts_with("UID:")).expect("an identifier");
    assert!(all.body.contains(uid), "the same session is the same entry in both files");
}

#[tokio::test]
async fn a_calendar_entry_is_newer_whenever_anything_that_it_says_has_changed() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let mut last = 0;
    let mut grows = async |what: &str| {
        let file = app.delegate().opens(&in_leipzig("/sessions/world-cafe.ics")).await.body;
        let number = file.lines().find_map(|line| line.strip_prefix("SEQUENCE:")?.parse().ok()).expect("a number");
        assert!(number > last, "{what}: {number} after {last}\n{file}");
        last = number;
        file
    };
    grows("as shipped").await;
    room(&olga, "Foyer").await;
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").in_room("Foyer");
    olga.sends(form).await.must_say("Saved and published.");
    grows("another room").await;
    let foyer = olga.follows(&olga.opens(ROOMS).await, "Foyer").await;
    olga.sends(foyer.form("Save and publish").fill("Name", "Händel-Saal")).await.must_say("Saved and published.");
    let file = grows("the room's new name").await;
    assert!(file.contains("LOCATION:Händel-Saal"), "{file}");
    let release = olga.opens("/organisers/leipzig-2018/releases/4").await;
    olga.sends(release.form("Take back release 4")).await.must_be(200);
    let file = grows("the room's old name again").await;
    assert!(file.contains("LOCATION:Foyer"), "{file}");
    let facts = olga.opens(&format!("/organisers{LEIPZIG}/facts")).await.form("Save and publish");
    olga.sends(facts.fill("Venue", "Kongresshalle am Zoo")).await.must_be(200);
    let file = grows("another venue").await;
    assert!(file.contains("Kongresshalle am Zoo"), "{file}");
}

#[tokio::test]
async fn text_written_by_organisers_cannot_harm_readers() {
    let app = TestApp::start().await;
    let text =
        "<script>alert(1)</script>\n\n[click](javascript:alert(1)) <img src=https://tracker.example/x.png>\n\n**fine**";
    let changes = json!({ "title": "A <b>bold</b> title </script>", "text": text });
    programme::releases_anew(&app.db, "session", "skills", changes).await;
    let page = app.delegate().opens(&in_leipzig("/sessions/skills")).await;
    assert_eq!(page.heading(), "A <b>bold</b> title </script>");
    page.must_say("fine");
    for evil in ["<script>alert(1)", "href=\"javascript:", "<img", "</script> –"] {
        assert!(!page.body.contains(evil), "{evil} is in\n{}", page.body);
    }
}

#[tokio::test]
async fn pages_describe_themselves_to_search_engines_and_in_shared_links() {
    let app = TestApp::start().await;
    for path in ["/leipzig-2018", "/leipzig-2018/sessions/city-data"] {
        let page = app.delegate().opens(path).await;
        let address = format!("{}{path}", app.url());
        assert_eq!(page.attributes("link[rel=canonical]", "href"), [address.as_str()]);
        assert_eq!(page.attributes("meta[property='og:url']", "content"), [address.as_str()]);
        assert!(page.title().ends_with("Leipzig") || page.title().ends_with("Major Cities of Europe"));
        let data = page.data();
        assert_eq!(data["@type"], "Event");
        assert_eq!(data["location"]["name"], "Kongresshalle Leipzig");
        assert!(data["startDate"].as_str().is_some_and(|date| date.starts_with("2018-05-28")));
        let picture = page.attributes("meta[property='og:image']", "content").remove(0);
        let picture = picture.strip_prefix(app.url()).expect("our own picture").to_owned();
        assert_eq!(header(&get(&app, &picture, &[]).await, "content-type"), "image/png");
    }
    assert_eq!(
        app.delegate().opens("/").await.attributes("link[rel=canonical]", "href"),
        [format!("{}{LEIPZIG}", app.url()),]
    );
    let sitemap = app.delegate().opens("/sitemap.xml").await.body;
    for path in ["", "/programme", "/sessions/world-cafe", "/pages/imprint"] {
        assert!(sitemap.contains(&format!("<loc>{}{LEIPZIG}{path}</loc>", app.url())), "{path}: {sitemap}");
    }
    let robots = app.delegate().opens("/robots.txt").await.body;
    assert!(robots.contains("Disallow: /staff") && robots.contains(&format!("Sitemap: {}/sitemap.xml", app.url())));
}

#[tokio::test]
async fn every_public_page_that_search_engines_may_list_is_in_the_sitemap() {
    let app = TestApp::start().await;
    let sitemap = app.delegate().opens("/sitemap.xml").await.body;
    let public = TABLE.iter().filter(|route| route.method == "GET" && matches!(route.who, Who::Anyone));
    let of_conference =
        public.filter_map(|route| route.path.strip_prefix("/{c}")).filter(|path| !path.contains(['{', '.']));
    for path in of_conference.map(in_leipzig) {
        let page = app.delegate().opens(&path).await;
        let listed = sitemap.contains(&format!("<loc>{}{path}</loc>", app.url()));
        assert_ne!(listed, page.body.contains("noindex"), "{path}");
    }
}

#[tokio::test]
async fn urls_without_a_conference_lead_to_the_current_one() {
    let app = TestApp::start().await;
    for page in ["/programme", "/register"] {
        let answer = get(&app, page, &[]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (303, in_leipzig(page).as_str()));
    }
}

#[tokio::test]
async fn the_imprint_and_the_privacy_notice_are_marked_as_drafts() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let home = anna.opens("/").await;
    for title in ["Imprint", "Privacy notice"] {
        let page = anna.follows(&home, title).await;
        assert_eq!(page.heading(), title);
        page.must_say("Draft, to be completed");
    }
    programme::releases_anew(&app.db, "page", "imprint", json!({ "draft": false })).await;
    anna.opens_until(&in_leipzig("/pages/imprint"), |page| !page.says("Draft, to be completed")).await;
}

#[tokio::test]
async fn an_unknown_url_gets_a_404_page_with_a_link_to_the_conference() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    anna.opens("/").await;
    for path in [
        "/nothing",
        "/venice-2019",
        "/leipzig-2018/nothing",
        "/leipzig-2018/sessions/nothing",
        "/leipzig-2018/sessions/nothing.ics",
        "/leipzig-2018/pages/nothing",
        "/leipzig-2018/sessions/%ff",
        "/leipzig-2018%2fprogramme",
    ] {
        let page: Page = anna.tries(path).await;
        page.must_be(404).must_say("Page not found");
        assert_eq!(page.title(), "Page not found – Leipzig 2018 – Major Cities of Europe");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert_eq!(page.link("Go to the conference page"), LEIPZIG);
    }
}

#[tokio::test]
async fn once_registration_is_closed_pages_stay_readable_and_no_longer_invite() {
    let app = TestApp::start().await;
    app.delegate().opens(LEIPZIG).await.must_say("Register now!");
    on_another_instance(&app, "update conference set registration_closes = '2018-05-20 22:00+00'").await;
    let home = app.delegate().opens_until(LEIPZIG, |home| home.find_link("Register now!").is_none()).await;
    home.must_say("Seven topics");
    for path in ["/programme", "/programme?day=2018-05-29", "/sessions/world-cafe"] {
        let page = app.delegate().opens(&in_leipzig(path)).await;
        assert!(page.find_link("Register now!").is_none(), "{path}");
    }
}

#[tokio::test]
async fn the_invitation_disappears_as_soon_as_registration_closes() {
    let app = TestApp::start().await;
    let closes = app.now() + time::Duration::hours(1);
    sqlx::query("update conference set registration_closes = $1")
        .bind(closes)
        .execute(&app.db)
        .await
        .expect("a window");
    // A visible change, which shows when the new closing time has been published.
    programme::changes_facts(&app.db, json!({ "venue": "Kongresshalle am Zoo" })).await;
    app.delegate().opens_until("/", |home| home.says("Kongresshalle am Zoo")).await;
    assert!(app.delegate().opens("/").await.find_link("Register now!").is_some());
    app.it_is(closes + time::Duration::seconds(1));
    assert!(app.delegate().opens("/").await.find_link("Register now!").is_none());
}
