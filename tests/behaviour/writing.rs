//! What organisers write in texts: Markdown, links, and the limits of fields.

use crate::{
    editing::{PAGES, WORLD_CAFE, editor},
    support::{LEIPZIG, Page, TestApp},
};

#[tokio::test]
async fn a_link_that_leads_nowhere_is_refused_with_words_beside_the_text() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let cafe = editor(&olga, WORLD_CAFE).await;
    let pages = olga.opens(PAGES).await;
    let imprint = olga.follows(&pages, "Imprint").await;
    let relative = "leads nowhere. Give the whole address, as in https://www.city.eu, or a path of this site, as in /leipzig-2018/programme";
    let nowhere = "leads to no page of this site. Check its spelling";
    let scheme = "cannot be a link. Begin the address with https://, http://, mailto: or tel:";
    for (link, words) in [
        ("travel", relative),
        ("sessions/world-cafe", relative),
        ("#costs", relative),
        ("//city.example", relative),
        ("/nowhere", nowhere),
        ("/leipzig-2018/nowhere", nowhere),
        ("/leipzig-2018/sessions/wolrd-cafe", nowhere),
        ("/leipzig-2018/pages/world-cafe", nowhere),
        ("/manage/secret", nowhere),
        ("javascript:alert(1)", scheme),
        ("JaVaScRiPt&#58;alert(1)", scheme),
        ("data:text/html,x", scheme),
    ] {
        for page in [&cafe, &imprint] {
            let text = format!("Before.\n\n[the words]({link})");
            let refused = olga.sends(page.form("Save and publish").fill("Text", &text)).await;
            refused.must_be(422);
            let error = refused.error_beside("Text").unwrap_or_default();
            let named = link.replace("&#58;", ":");
            assert!(error.contains(words) && error.contains(&format!("“{named}”")), "{link}: {error}");
            assert_eq!(refused.form("Save and publish").value("Text"), text);
        }
    }
    let new = olga.opens(&format!("{PAGES}/new")).await.form("Save and publish").fill("Title", "Travel");
    let refused = olga.sends(new.fill("Text", "[a](x) [b](y)")).await;
    refused.must_be(422);
    assert_eq!(refused.summary().len(), 2, "each link is named: {:?}", refused.summary());
}

#[tokio::test]
async fn links_to_pages_of_this_site_are_saved_and_those_to_withdrawn_sessions_are_not() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let new = olga.opens("/organisers/leipzig-2018/sessions/new").await;
    let form = new.form("Save without publishing").fill("Title", "Choir");
    olga.sends(form.choose("Status", "Draft")).await.must_say("Saved.");
    let pages = olga.opens(PAGES).await;
    let imprint = olga.follows(&pages, "Imprint").await;
    let text = "[1](/) [2](/programme) [3](/leipzig-2018/programme?topic=city-data) [4](/leipzig-2018/sessions/world-cafe) \
                [5](/leipzig-2018/pages/privacy#main) [6](/leipzig-2018/sessions/choir) [7](www.city.eu) \
                [8](https://city.eu) <a@city.eu> [9](tel:+431) ![a picture](hall.png)";
    let saved = olga.sends(imprint.form("Save and publish").fill("Text", text)).await;
    saved.must_say("Saved and published.");
    let page = app.delegate().opens(&format!("{LEIPZIG}/pages/imprint")).await;
    assert_eq!(page.link("7"), "https://www.city.eu");
    page.must_say("a picture");

    let choir = editor(&olga, "Choir").await;
    olga.sends(choir.form("Save without publishing").choose("Status", "Withdrawn")).await.must_say("Saved.");
    let refused = olga.sends(saved.form("Save and publish").fill("Text", &format!("{text} more"))).await;
    refused.must_be(422);
    let error = refused.error_beside("Text").unwrap_or_default();
    assert!(error.contains("“/leipzig-2018/sessions/choir” leads to no page"), "{error}");
}

#[tokio::test]
async fn somebody_who_gives_way_is_not_asked_to_mend_links() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    olga.sends(hers.form("Save and publish").fill("Text", "Hers")).await.must_say("Saved and published.");
    let conflict = otto.sends(his.form("Save and publish").fill("Text", "His [words](x)")).await;
    otto.sends(conflict.must_be(409).form("Take theirs")).await.must_say("Their version stays.");
}

#[tokio::test]
async fn what_organisers_paste_is_shown_as_they_meant_it() {
    let app = TestApp::start().await;
    let (olga, anna) = (app.organiser().await, app.delegate());
    let text = "See www.city.example (or https://city.example/a_b).\n\n\
                •\tbread\n•\tsalt\nBring a [map](/leipzig-2018/programme).\n\n\
                | what | price |\n|---|--:|\n| ticket | 7 |";
    let form = editor(&olga, WORLD_CAFE).await.form("Save and publish").fill("Text", text);
    let shows = |page: &Page| {
        assert_eq!(page.link("www.city.example"), "https://www.city.example");
        assert_eq!(page.link("https://city.example/a_b"), "https://city.example/a_b");
        assert!(["bread", "salt"].iter().all(|item| page.texts("li").iter().any(|shown| shown == item)));
        assert!(page.body.contains(r#"<td class="at-right">7</td>"#), "{}", page.body);
        assert!(!page.body.contains("style="));
    };
    shows(&olga.sends(form.clone()).await);
    shows(&anna.opens(&format!("{LEIPZIG}/sessions/world-cafe")).await);
    let file = anna.opens(&format!("{LEIPZIG}/sessions/world-cafe.ics")).await.body.replace("\r\n ", "");
    let map = format!("Bring a map ({}{LEIPZIG}/programme).", app.url());
    assert!(file.contains(&map) && file.contains("- bread\\n- salt"), "{file}");
}

#[tokio::test]
async fn every_field_with_a_limit_says_it() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let limits = |page: &Page| {
        let limits = page.texts("p").into_iter().filter_map(|words| words.strip_prefix("At most ").map(str::to_owned));
        limits.map(|words| words.trim_end_matches(" characters").parse().expect("a number")).collect::<Vec<usize>>()
    };
    for (path, expected) in [
        ("sessions/new?day=2018-05-28", &[200, 200, 300, 40_000, 2000][..]),
        ("pages/new", &[200, 40_000]),
        ("rooms/new", &[100, 1000]),
        ("topics/new", &[200, 500]),
        ("people/new", &[200, 200, 200, 200, 200, 40_000]),
    ] {
        let page = olga.opens(&format!("/organisers/leipzig-2018/{path}")).await;
        assert_eq!(limits(&page), expected, "{path}");
    }
}

#[tokio::test]
async fn the_words_in_which_two_titles_differ_are_marked() {
    let app = TestApp::start().await;
    let (olga, otto) = (app.organiser().await, app.organiser().await);
    let (hers, his) = (editor(&olga, WORLD_CAFE).await, editor(&otto, WORLD_CAFE).await);
    let saved = olga.sends(hers.form("Save and publish").fill("Title", "World Tea House")).await;
    let conflict = otto.sends(his.form("Save and publish").fill("Title", "World Café for all")).await;
    let marked =
        |page: &Page, kind: &str| page.texts(kind).into_iter().map(|words| words.trim().to_owned()).collect::<Vec<_>>();
    assert_eq!(marked(&conflict, "ins"), ["[added: Tea House]", "[added: for all]"]);
    let list = olga.follows(&saved, "Revisions").await;
    let first = olga.follows(&list, "Revision 1").await;
    assert_eq!(marked(&first, "del"), ["[removed: Tea House]"]);
    assert_eq!(marked(&first, "ins"), ["[added: Café]"]);
}
