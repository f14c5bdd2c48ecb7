//! The public pages.

use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use super::{Tour, one, pages_below, tour};
use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp, programme, registration::registers, secret},
};

/// Returns the public pages: the names of their screenshots, and their paths.
fn pages() -> Vec<(String, String)> {
    let more = [
        ("home", ""),
        ("programme-of-a-day", "/programme?day=2018-05-29"),
        ("programme-of-a-topic", "/programme?topic=world-cafe"),
        ("session", "/sessions/world-cafe"),
        ("imprint", "/pages/imprint"),
        ("privacy", "/pages/privacy"),
    ];
    let more = more.map(|(name, path)| (name.to_owned(), format!("{LEIPZIG}{path}")));
    more.into_iter().chain(pages_below("/{c}")).collect()
}

#[tokio::test]
async fn the_public_pages_pass_all_checks() {
    let app = TestApp::start().await;
    tour(&app, None, async |mut tour| {
        for (name, path) in pages() {
            tour.opens(&name, &path).await;
        }
        tour
    })
    .await;
}

#[tokio::test]
async fn pages_in_the_menu_pass_all_checks() {
    let app = TestApp::start().await;
    let long = "Donaudampfschifffahrtsgesellschaftskapitänsmützen and how to get here by boat";
    for (slug, changes) in [
        ("travel-and-venue", json!({ "placement": "menu" })),
        ("accessibility", json!({ "placement": "menu", "title": long })),
    ] {
        programme::releases_anew(&app.db, "page", slug, changes).await;
    }
    tour(&app, None, async |mut tour| {
        tour.opens("page-in-the-menu", &format!("{LEIPZIG}/pages/travel-and-venue")).await;
        tour.opens("home-with-a-long-menu", LEIPZIG).await;
        tour
    })
    .await;
}

#[tokio::test]
async fn several_conferences_pass_all_checks() {
    let app = TestApp::start().await;
    let added = "insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on, time_zone,
             contact_email, contact_telephone, contact_fax)
         select gen_random_uuid(), 'venice-2019', 'Annual conference, 2019 Venice', 'Channeling Change', 'Venice', 'IT', 'The Arsenal',
             'https://venue.example', '', '2019-06-13', '2019-06-14', 'Europe/Rome', contact_email, '', '' from conference";
    for statement in [
        added,
        "update conference set registration_closes = null, is_current = false where slug = 'leipzig-2018'",
        "update conference set is_current = true where slug = 'venice-2019'",
    ] {
        sqlx::query(statement).execute(&app.db).await.expect(statement);
    }
    app.it_is(time::macros::datetime!(2019-03-01 12:00 UTC));
    app.delegate().opens_until(LEIPZIG, |page| page.says("This conference is over.")).await;
    tour(&app, None, async |mut tour| {
        tour.opens("conferences", "/conferences").await;
        tour.opens("home-of-a-conference-that-is-over", LEIPZIG).await;
        tour.opens("home-without-a-programme", "/venice-2019").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn changes_pass_all_checks() {
    let app = TestApp::start().await;
    let long = "Donaudampfschifffahrtsgesellschaftskapitän – what comes after the longest word of all?";
    let talk = one(&app, "select item_id::text from revision where kind = 'session_kind' and slug = 'talk'").await;
    let workshop =
        one(&app, "select item_id::text from revision where kind = 'session_kind' and slug = 'workshop'").await;
    for (slug, changes) in [
        ("skills", json!({ "starts_at": "2018-05-29T08:00:00", "minutes": 90 })),
        ("city-data", json!({ "title": long, "text": "Anew.", "session_kind_id": talk })),
        ("world-cafe", json!({ "session_kind_id": workshop })),
    ] {
        programme::releases_anew(&app.db, "session", slug, changes).await;
    }
    let noted = "update release set note = E'Welcome to the new week.\nhttps://a-long-address.example/without/any/space/in/it/'";
    sqlx::query(noted).execute(&app.db).await.expect("the notes");
    tour(&app, None, async |mut tour| {
        tour.opens("changes-of-sessions", &format!("{LEIPZIG}/changes")).await;
        tour
    })
    .await;
}

/// Returns a made-up portrait: a head and shoulders before a wall.
fn portrait(number: u8) -> Vec<u8> {
    let wall = [90 + number.wrapping_mul(37) % 120, 120 + number.wrapping_mul(53) % 100, 150];
    let picture = image::RgbImage::from_fn(300, 400, |x, y| {
        let within = |cx: i64, cy: i64, rx: i64, ry: i64| {
            let (dx, dy) = (i64::from(x) - cx, i64::from(y) - cy);
            dx * dx * ry * ry + dy * dy * rx * rx < rx * rx * ry * ry
        };
        if within(150, 140, 62, 80) {
            image::Rgb([225, 190, 160])
        } else if within(150, 400, 140, 170) {
            image::Rgb([40, 52, 80])
        } else {
            image::Rgb(wall)
        }
    });
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageFormat::Jpeg).expect("a file");
    file.into_inner()
}

#[tokio::test]
async fn a_hundred_speakers_pass_all_checks() {
    let app = TestApp::start().await;
    let olga = app.organiser().await;
    let first = ["Anna Maria", "Ben", "Željka", "Jean-Baptiste", "Ólöf", "Giuseppe", "Ioana", "Piet"];
    let last = ["Schmidt", "Šimić-Petrović", "van den Broek", "Kowalczyk", "Papadopoulou", "Ó Súilleabháin", "Li"];
    let posts = [
        ("Chief Information Officer", "City of Turku", "Turku", "Finland"),
        ("", "Stadt Leipzig, Amt für Wirtschaftsförderung und digitale Stadt", "Leipzig", "Germany"),
        ("Deputy mayor for digital services, participation and open data", "Comune di Venezia", "Venice", "Italy"),
        ("Researcher", "", "", "Not given"),
    ];
    let people = format!("/organisers{LEIPZIG}/people");
    for number in 0..100_u8 {
        let index = usize::from(number);
        let name = match number {
            7 => "Maximiliane Charlotte Freifrau von Hohenstein-Waldburg-Zeil".to_owned(),
            8 => "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenamtmann".to_owned(),
            _ => format!("{} {}", first[index % first.len()], last[index % last.len()]),
        };
        let (job_title, organisation, city, country) = posts[index % posts.len()];
        let form = olga.opens(&format!("{people}/new")).await.form("Save and publish").fill("Name", &name);
        let form = form.fill("Job title", job_title).fill("Organisation", organisation).fill("City", city);
        let mut form = form.choose("Country", country);
        if number % 5 != 4 {
            form = form.attach("New picture", "me.jpg", &portrait(number % 12));
        }
        if number < 9 {
            let words = "She has led the digital office of her city since 2014.\n\n## Work\n\n- open data\n- trust";
            form = form.fill("Text", words).fill("Links", "https://www.city.example City website\nhttps://a.example/b");
        }
        olga.sends(form).await.must_say("Saved and published.");
    }
    let page = olga.opens(&format!("/organisers{LEIPZIG}/sessions")).await;
    let form = olga.follows(&page, "Topic 7: World Café").await.form("Save and publish");
    let mut choice = form.clone();
    let anna = choice.choices("Person 1").into_iter().find(|one| one.starts_with("Anna Maria Schmidt")).expect("her");
    olga.sends(form.choose("Person 1", &anna)).await.must_say("Saved and published.");
    tour(&app, None, async |mut tour| {
        tour.opens("speakers-many", &format!("{LEIPZIG}/speakers")).await;
        for (name, slug) in [
            ("speaker", "anna-maria-schmidt"),
            ("speaker-long-name", "maximiliane-charlotte-freifrau-von-hohenstein-waldburg-zeil"),
            ("speaker-long-word", "untitled"),
        ] {
            tour.opens(name, &format!("{LEIPZIG}/speakers/{slug}")).await;
        }
        tour
    })
    .await;
}

#[tokio::test]
async fn registering_passes_all_checks_in_every_state() {
    let app = TestApp::start().await;
    let receipt = registers(&app.delegate(), "Anna Gruber", "anna@graz.example").await.path;
    let (manage, cancel) = (manage_link(&app).await, manage_link(&app).await);
    let anna = one(
        &app,
        "insert into attendee_needs (attendee_id, conference_id, dietary, access, consent_wording, consented_at)
         select id, conference_id, 'no nuts', '', 'I agree', now() from attendee returning attendee_id::text",
    )
    .await;
    let register = format!("{LEIPZIG}/register");
    tour(&app, None, async move |mut tour| {
        tour.presses("register-with-errors", &register, "Register", "need your attention").await;
        tour.presses("register-two", &register, "Add a colleague", "Person 2").await;
        tour.opens("registered", &receipt).await;
        registers_twice(&mut tour, &register).await;
        tour.opens("manage", &manage).await;
        tour.opens("manage-withdraw", &format!("{cancel}/withdraw?attendee={anna}")).await;
        tour.browser.clicks("Withdraw consent and delete the needs").await;
        tour.browser.sees("Consent withdrawn.").await;
        tour.opens("manage-cancel", &format!("{cancel}/cancel")).await;
        tour.browser.clicks("Yes, cancel").await;
        tour.browser.sees("Cancelled").await;
        tour.checks("manage-cancelled").await;
        tour
    })
    .await;
}

#[tokio::test]
async fn the_pages_pass_all_checks_while_registration_is_not_open() {
    let app = TestApp::start().await;
    let db = app.db.clone();
    tour(&app, None, async move |mut tour| {
        for (name, change, words) in [
            (
                "register-not-yet",
                "update conference set registration_opens = now() + interval '1 day'",
                "Registration is not open yet",
            ),
            (
                "register-closed",
                "update conference set registration_opens = null, registration_closes = now() - interval '1 day'",
                "Registration is closed",
            ),
        ] {
            sqlx::query(change).execute(&db).await.expect("a change of the settings");
            tour.browser.opens_until(&format!("{LEIPZIG}/register"), words).await;
            tour.checks(name).await;
            tour.opens(&format!("home-{name}"), LEIPZIG).await;
        }
        tour
    })
    .await;
}

#[tokio::test]
async fn the_first_view_of_a_public_page_transfers_at_most_40_kb_and_nothing_moves() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |browser: Browser| {
        let mut wrong = Vec::new();
        for (_, path) in pages() {
            wrong.extend(browser.check_first_view(&path).await);
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test]
async fn the_public_pages_stay_readable_with_wider_spacing_and_text_at_200_percent() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |browser: Browser| {
        let mut wrong = Vec::new();
        for (name, path) in pages() {
            browser.opens(&path).await;
            wrong.extend(browser.check_spaced_and_large_text(&name).await);
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test]
async fn the_form_and_the_squares_fit_a_phone_with_text_at_200_percent() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |browser: Browser| {
        let mut wrong = Vec::new();
        for (name, path) in [("home", ""), ("register", "/register")] {
            browser.opens(&format!("{LEIPZIG}{path}")).await;
            wrong.extend(browser.fits_a_phone_with_large_text(name).await);
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test]
async fn the_invitation_is_visible_on_a_phone_without_scrolling() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |browser: Browser| {
        browser.set_screen(320, false).await;
        browser.opens(LEIPZIG).await;
        let button = "return [...document.querySelectorAll('main a')].find(a => a.textContent === 'Register now!')
                          .getBoundingClientRect().bottom <= window.innerHeight && window.scrollY === 0";
        assert_eq!(browser.script(button).await, true);
    })
    .await;
}

#[tokio::test]
async fn only_one_square_of_the_home_page_shows_its_name_at_a_time() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |browser: Browser| {
        for width in [390, 1280] {
            browser.set_screen(width, false).await;
            browser.opens(LEIPZIG).await;
            let names = "return [...document.querySelectorAll('ol[aria-label=\"The topics\"] a')].slice(0, 6).filter(
                             a => getComputedStyle(a.lastElementChild).opacity === '1').map(a => a.innerText.slice(0, 1))";
            assert_eq!(browser.script(names).await, json!([]), "{width} px");
            // Focus by keyboard, so that the browser shows it.
            browser.tabs_to("2 Digital Developments and how to set up business cases").await;
            assert_eq!(browser.script(names).await, json!(["2"]), "{width} px: the focus");
            let middle = browser
                .script(
                    "const square = document.querySelector('ol[aria-label=\"The topics\"] a').getBoundingClientRect();
                     return { x: square.x + square.width / 2, y: square.y + square.height / 2 };",
                )
                .await;
            let moved = json!({ "type": "mouseMoved", "x": middle["x"], "y": middle["y"] });
            browser.devtools("Input.dispatchMouseEvent", moved).await;
            assert_eq!(browser.script(names).await, json!(["1"]), "{width} px: the pointer is on another square");
            browser.devtools("Input.dispatchMouseEvent", json!({ "type": "mouseMoved", "x": 1, "y": 1 })).await;
            assert_eq!(browser.script(names).await, json!(["2"]), "{width} px: the pointer is gone");
        }
    })
    .await;
}

#[tokio::test]
async fn the_skyline_does_not_repeat_on_a_wide_screen() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |browser: Browser| {
        browser.set_screen(3840, false).await;
        browser.opens(LEIPZIG).await;
        let drawn = browser
            .async_script(
                "const done = arguments[arguments.length - 1];
                 const roofs = [...document.querySelectorAll('main *')].find(e => getComputedStyle(e).backgroundImage !== 'none');
                 const picture = new Image();
                 picture.onload = () => done(roofs.offsetHeight * picture.naturalWidth / picture.naturalHeight);
                 picture.src = getComputedStyle(roofs).backgroundImage.split('\"')[1];",
            )
            .await;
        assert!(drawn.as_f64().is_some_and(|width| width >= 3840.0), "{drawn} px");
    })
    .await;
}

#[tokio::test]
async fn pages_print_as_a_short_handout_without_buttons() {
    let app = TestApp::start().await;
    browse(app.url(), Options::default(), async |browser: Browser| {
        for (path, sheets) in [("", 2), ("/programme", 1), ("/sessions/city-data", 1), ("/sessions/world-cafe", 1)] {
            browser.opens(&format!("{LEIPZIG}{path}")).await;
            for dark in [false, true] {
                browser.set_screen(1280, dark).await;
                assert_eq!(browser.sheets().await, sheets, "{path}");
            }
            browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
            let buttons = "return [...document.querySelectorAll('a, button')].filter(
                               e => ['Register now!', 'Add to calendar'].includes(e.innerText) && e.checkVisibility()).length";
            assert_eq!(browser.script(buttons).await, 0, "{path}");
            browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "" })).await;
        }
    })
    .await;
}

/// Sends the same form twice, the second time with a change, so that the site asks what is meant.
async fn registers_twice(tour: &mut Tour, register: &str) {
    let browser = &tour.browser;
    fills_the_form_in(browser, register, "Graz").await;
    let submission = browser.script("return document.querySelector('[name=submission]').value").await;
    browser.clicks("Register").await;
    browser.sees("You are registered").await;
    fills_the_form_in(browser, register, "Wien").await;
    browser.script(&format!("document.querySelector('[name=submission]').value = {submission}")).await;
    browser.clicks("Register").await;
    browser.sees("You have already registered with this form").await;
    tour.checks("register-twice").await;
}

async fn fills_the_form_in(browser: &Browser, register: &str, city: &str) {
    browser.opens(register).await;
    browser.fills("Name", "Ben Huber").await;
    browser.fills("E-mail", "ben@graz.example").await;
    browser.fills("Organisation", "City of Graz").await;
    browser.fills("City", city).await;
    browser.chooses("Country", "Austria").await;
    browser.chooses("Category", "Member city").await;
}

/// Creates a manage link for the contact of the only registration.
pub async fn manage_link(app: &TestApp) -> String {
    let (secret, hash) = secret();
    let row =
        sqlx::query("select id, conference_id from registration").fetch_one(&app.db).await.expect("a registration");
    sqlx::query(
        "insert into link (id, conference_id, hash, purpose, registration_id) values ($1, $2, $3, 'manage', $4)",
    )
    .bind(Uuid::now_v7())
    .bind(row.get::<Uuid, _>(1))
    .bind(hash)
    .bind(row.get::<Uuid, _>(0))
    .execute(&app.db)
    .await
    .expect("a link");
    format!("/manage/{secret}")
}
