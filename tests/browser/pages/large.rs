//! A large programme: three days with 68 sessions each, in twelve rooms.

use super::{Tour, demonstration, tour};
use crate::support::TestApp;
use thirtyfour::Key;

/// Finds cards of the timetable that lie under others, and parts that stick out of their cards.
const COVERED: &str = "
    const cards = [...document.querySelectorAll('.day-grid article')].map(card => [card, card.getBoundingClientRect()]);
    const within = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const covered = cards.flatMap(([card, box], index) =>
        cards.slice(index + 1).filter(([, other]) => within(box, other)).map(([other]) => `${card.innerText} / ${other.innerText}`));
    const sticking = cards.filter(([card, box]) => [...card.querySelectorAll('span, a, p, li')].some(part => {
        const inner = part.getBoundingClientRect();
        return inner.width > 2 && (inner.right > box.right + 1 || inner.bottom > box.bottom + 1);
    }));
    return { cards: cards.length, wrong: [...covered, ...sticking.map(([card]) => card.innerText)] };";

/// Checks the timetable of a day with more rooms than fit.
async fn timetable_fits(tour: &mut Tour) {
    let browser = &tour.browser;
    for width in [1000, 1280, 1920] {
        browser.set_screen(width, false).await;
        let found = browser.script(COVERED).await;
        assert!(found["cards"].as_u64().is_some_and(|cards| cards > 50), "{found}");
        assert_eq!(found["wrong"], serde_json::json!([]), "{width} px");
        assert_eq!(browser.broken_words(".day-grid").await, [""; 0], "{width} px");
        let wider = "return document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth";
        assert_eq!(browser.script(wider).await, false, "{width} px: only the day scrolls sideways");
    }
    browser.set_screen(1280, false).await;
    let sheets = browser.sheets().await;
    let rule = "const sheet = new CSSStyleSheet(); sheet.replaceSync('.day { break-before: page !important; }');
         document.adoptedStyleSheets = [sheet];";
    browser.script(rule).await;
    assert_eq!(browser.sheets().await, sheets + 1, "on paper, the day begins on the first sheet");
    browser.script("document.adoptedStyleSheets = []").await;
    browser.script("document.body.focus()").await;
    browser.tabs_to_beginning("Timetable of ").await;
    for (key, side) in [(Key::Right, "scrollLeft"), (Key::Down, "scrollTop")] {
        let scrolled = format!("return document.activeElement.{side} > 100");
        for _ in 0..100 {
            browser.presses(key.clone()).await;
            if browser.script(&scrolled).await == true {
                break;
            }
        }
        assert_eq!(browser.script(&scrolled).await, true, "the arrow keys scroll the day: {side}");
    }
    // The names of the rooms and the hours stay in view.
    let kept = "const day = document.activeElement.getBoundingClientRect();
         const room = document.querySelector('.room').getBoundingClientRect();
         return Math.abs(room.top - day.top) < 2;";
    assert_eq!(browser.script(kept).await, true);
}

/// Checks the list that narrow screens show: one heading for each time, topics with their names, and no abstracts.
async fn list_has_headings(tour: &Tour) {
    let browser = &tour.browser;
    browser.set_screen(390, false).await;
    let found = browser
        .script(
            "const shown = what => [...document.querySelectorAll(what)].filter(one => one.checkVisibility() && one.offsetWidth > 1);
             const times = shown('h3.slot-time').map(time => time.textContent);
             return { times: times.length, distinct: new Set(times).size, cards: shown('article').length,
                      abstracts: shown('.slot-text').length, topics: shown('.topic-tab').length };",
        )
        .await;
    let count = |what: &str| found[what].as_u64().unwrap_or_default();
    assert!(count("times") > 5 && count("times") * 2 < count("cards"), "{found}");
    assert_eq!(
        (count("times"), count("abstracts"), count("topics")),
        (count("distinct"), 0, 7),
        "a time has one heading, and topics have names: {found}"
    );
}

#[tokio::test]
async fn a_programme_in_twelve_rooms_passes_all_checks() {
    let app = TestApp::start().await;
    let slug = demonstration(&app, &["--sessions", "204"]).await;
    let public = slug.clone();
    tour(&app, None, async move |mut tour| {
        let programme = format!("/{public}/programme");
        tour.browser.opens_until(&programme, "Lunch").await;
        let second = "return [...document.querySelectorAll('[aria-label=Days] a')][2].search";
        let day = tour.browser.script(second).await;
        tour.opens("large-timetable", &format!("{programme}{}", day.as_str().expect("a day"))).await;
        timetable_fits(&mut tour).await;
        list_has_headings(&tour).await;
        let session = "return [...document.querySelectorAll('article a')][5].pathname";
        let session = tour.browser.script(session).await;
        tour.opens("large-session", session.as_str().expect("a session")).await;
        tour.opens("large-speakers", &format!("/{public}/speakers")).await;
        tour
    })
    .await;
    tour(&app, Some("organiser"), async move |mut tour| {
        tour.opens("large-sessions", &format!("/organisers/{slug}/sessions")).await;
        tour.opens("large-warnings", &format!("/organisers/{slug}/warnings")).await;
        tour
    })
    .await;
}
