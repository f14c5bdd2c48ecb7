//! How public pages and files are delivered: cached, compressed, and available while the database is down.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::reading::{get, header, in_leipzig, on_another_instance};
use crate::support::{LEIPZIG, TestApp, database, programme};

#[tokio::test]
async fn a_change_on_another_instance_appears_within_a_second() {
    let app = TestApp::start().await;
    let path = in_leipzig("/sessions/world-cafe");
    app.delegate().opens(&path).await.must_say("World Café");
    programme::releases_anew(&app.db, "session", "world-cafe", json!({ "title": "The great World Café" })).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(app.delegate().opens(&path).await.heading(), "The great World Café");
    app.delegate().opens(&in_leipzig("/programme")).await.must_say("The great World Café");
}

#[tokio::test]
async fn all_pages_of_one_publication_show_the_same_programme() {
    let app = TestApp::start().await;
    let of_topic = in_leipzig("/programme?topic=city-data");
    app.delegate().opens(&in_leipzig("/programme")).await.must_say("Swimming in the data sea");
    // Without triggers, a change is not published.
    let mut conn = app.db.acquire().await.expect("a connection");
    for statement in [
        "set session_replication_role = replica",
        "update revision set title = 'Diving'",
        "update session_content set text = 'Under water'",
        "reset session_replication_role",
    ] {
        sqlx::query(statement).execute(&mut *conn).await.expect(statement);
    }
    app.delegate().opens(&of_topic).await.must_not_say("Diving");
    app.delegate().opens(&in_leipzig("/sessions/city-data")).await.must_not_say("Under water");
    on_another_instance(&app, "update conference set contact_fax = '+49 341 1001'").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    app.delegate().opens(&of_topic).await.must_say("Diving");
    app.delegate().opens(&in_leipzig("/sessions/city-data")).await.must_say("Under water");
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let app = TestApp::start().await;
    for path in ["/", "/leipzig-2018/programme", "/leipzig-2018/sessions/skills", "/leipzig-2018/programme.ics"] {
        let first = get(&app, path, &[("accept-encoding", "br")]).await;
        let etag = header(&first, "etag").to_owned();
        for tags in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
            let again = get(&app, path, &[("accept-encoding", "br"), ("if-none-match", &tags)]).await;
            assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, etag.as_str()), "{path} {tags}");
            assert_eq!(header(&again, "vary"), "accept-encoding");
            assert_eq!(again.bytes().await.expect("no bytes").len(), 0);
        }
        let other = get(&app, path, &[("accept-encoding", "br"), ("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status().as_u16(), 200);
    }
}

#[tokio::test]
async fn pages_are_sent_with_the_best_compression_that_the_browser_accepts() {
    let app = TestApp::start().await;
    let mut sizes = Vec::new();
    for (accepts, encoding) in [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", "")] {
        let answer = get(&app, "/", &[("accept-encoding", accepts)]).await;
        assert_eq!(header(&answer, "content-encoding"), encoding);
        assert_eq!(header(&answer, "vary"), "accept-encoding");
        sizes.push(answer.bytes().await.expect("the page").len());
    }
    assert!(sizes[0] < sizes[1] && sizes[1] < sizes[2], "{sizes:?}");
    assert!(sizes[0] < 8_000, "the home page has {} bytes", sizes[0]);
}

#[tokio::test]
async fn the_first_view_of_a_page_weighs_at_most_40_kb_and_loads_nothing_from_other_sites() {
    let app = TestApp::start().await;
    for path in ["/", "/leipzig-2018/programme", "/leipzig-2018/sessions/city-data", "/leipzig-2018/pages/privacy"] {
        let page = app.delegate().opens(path).await;
        let answer = get(&app, path, &[("accept-encoding", "br")]).await;
        assert!(!answer.headers().contains_key("set-cookie"));
        let mut weight = answer.bytes().await.expect("the page").len();
        let mut needed = page.attributes("link[rel=stylesheet], link[rel=preload], link[rel=icon]", "href");
        let css = app.delegate().opens(&page.attributes("link[rel=stylesheet]", "href")[0]).await.body;
        // A browser fetches the extended font only for pages that contain its characters. These pages do not.
        let faces = css.split("url(\"").skip(1).filter_map(|rest| rest.split('"').next());
        needed.extend(faces.filter(|face| !face.contains("extended")).map(str::to_owned));
        needed.sort();
        needed.dedup();
        for file in needed {
            assert!(file.starts_with("/static/"), "{file} is on another site");
            let answer = get(&app, &file, &[("accept-encoding", "br")]).await;
            assert_eq!(answer.status().as_u16(), 200, "{file}");
            weight += answer.bytes().await.expect("the file").len();
        }
        assert!(weight <= 40_000, "{path} weighs {weight} bytes");
        assert!(page.texts("script[src]").is_empty(), "{path} has a script");
        assert!(!page.body.contains(" style=") && !page.body.contains("<style"), "{path} has inline styles");
    }
}

#[tokio::test]
async fn static_files_have_a_hash_in_their_name_and_are_cached_for_a_year() {
    let app = TestApp::start().await;
    let page = app.delegate().opens("/").await;
    let css = page.attributes("link[rel=stylesheet]", "href").remove(0);
    let answer = get(&app, &css, &[("accept-encoding", "gzip")]).await;
    assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&answer, "content-type"), "text/css; charset=utf-8");
    assert_eq!(header(&answer, "content-encoding"), "gzip");
    for path in ["/static/site.0000000000000000.css", "/static/../Cargo.toml", "/static/css/site.css"] {
        assert_eq!(get(&app, path, &[]).await.status().as_u16(), 404, "{path}");
    }
    let icon = get(&app, "/favicon.ico", &[]).await;
    assert_eq!((icon.status().as_u16(), header(&icon, "content-type")), (200, "image/x-icon"));
}

#[tokio::test]
async fn public_pages_are_served_while_the_database_is_down() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    anna.opens("/").await;
    anna.opens(&in_leipzig("/programme")).await;
    database::goes_away(&app.db).await;
    // The programme is cached, so even its pages that nobody has opened yet can be rendered.
    for path in ["/", "/leipzig-2018/programme", "/leipzig-2018/sessions/skills", "/leipzig-2018/programme.ics"] {
        anna.opens(path).await;
    }
    let unseen = anna.tries(&in_leipzig("/pages/privacy")).await;
    unseen.must_be(503).must_say("Nothing has been lost");
    assert!(!unseen.header("retry-after").is_empty());
    database::comes_back(&app.db).await;
    for _ in 0..20 {
        if anna.tries(&in_leipzig("/pages/privacy")).await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("pages did not come back with the database");
}

#[tokio::test]
async fn a_phone_that_adds_the_site_to_its_home_screen_finds_the_icons_and_the_name() {
    let app = TestApp::start().await;
    let anna = app.delegate();
    let home = anna.opens(LEIPZIG).await;
    let manifest = anna.opens(&home.attributes("link[rel=manifest]", "href")[0]).await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest.body).expect("JSON");
    assert_eq!((&manifest["start_url"], &manifest["short_name"]), (&"/".into(), &"Major Cities".into()));
    let colours = home.attributes("meta[name=theme-color]", "content");
    assert!(colours.iter().any(|colour| manifest["theme_color"] == **colour), "{colours:?}");
    let mut icons: Vec<(String, u32)> = Vec::new();
    for icon in manifest["icons"].as_array().expect("icons") {
        let size = icon["sizes"].as_str().and_then(|sizes| sizes.split_once('x')).expect("a size").0;
        icons.push((icon["src"].as_str().expect("an address").to_owned(), size.parse().expect("a number")));
    }
    assert_eq!(icons.iter().map(|(_, size)| *size).collect::<Vec<_>>(), [192, 512]);
    icons.push((home.attributes("link[rel=apple-touch-icon]", "href")[0].clone(), 180));
    // Phones request this without reading the page.
    icons.push(("/apple-touch-icon.png".to_owned(), 180));
    for (address, size) in icons {
        let answer = anna.asks(Method::GET, &address, &[], None).await;
        assert_eq!(answer.status(), 200, "{address}");
        assert_eq!(answer.headers()["content-type"], "image/png", "{address}");
        let picture = answer.bytes().await.expect("a picture");
        let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().expect("four bytes"));
        assert_eq!((&picture[1..4], number(16), number(20)), (&b"PNG"[..], size, size), "{address}");
    }
}
