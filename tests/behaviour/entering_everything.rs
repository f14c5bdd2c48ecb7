//! Organisers enter a large conference through their forms: 120 sessions in 7 rooms and 100 people with pictures. Nothing is left
//! without a place. Sizes and times are printed: `cargo test --test behaviour -- 120_sessions --nocapture`.

use std::{io::Cursor, sync::LazyLock, time::Instant};

use image::{ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use tokio::task::JoinSet;

use crate::{
    clashes::clashes,
    demo::calendar,
    editing::{PEOPLE, SESSIONS, room},
    support::{LEIPZIG, Person, TestApp},
};

const DAYS: [(&str, &str, &str); 3] = [
    ("2018-05-28", "Mon 28 May", "Monday 28 May"),
    ("2018-05-29", "Tue 29 May", "Tuesday 29 May"),
    ("2018-05-30", "Wed 30 May", "Wednesday 30 May"),
];
const ROOMS: usize = 7;
const PEOPLE_IN_ALL: usize = 100;
/// Every tenth talk has links and a file.
const WITH_FILES: usize = 10;
const TALKS_A_DAY: usize = 30;
const LIGHTNING_TALKS: usize = 5;
/// How many organisers enter data at once.
const ORGANISERS: usize = 4;

/// A small picture, because this build is not optimised.
static PICTURE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut file = Cursor::new(Vec::new());
    let colours =
        RgbImage::from_fn(200, 240, |x, y| Rgb([x, y, x ^ y].map(|colour| u8::try_from(colour).expect("small"))));
    colours.write_to(&mut file, ImageFormat::Jpeg).expect("a file");
    file.into_inner()
});

/// A session as somebody reads it from a list and types it.
struct Typed {
    title: String,
    kind: &'static str,
    day: usize,
    hours: (&'static str, &'static str),
    /// The room, or nothing for the whole venue.
    room: Option<String>,
    speaker: Option<usize>,
}

/// Returns the sessions that are not parts of others.
fn sessions() -> Vec<Typed> {
    let mut all = Vec::new();
    for day in 0..DAYS.len() {
        let number = day + 1;
        for (title, kind, hours) in [
            ("Coffee", "Break", ("10:20", "10:50")),
            ("Lunch", "Break", ("12:30", "13:30")),
            ("Tea", "Break", ("15:20", "15:40")),
            ("Evening", "Social event", ("20:00", "01:00")),
        ] {
            all.push(Typed { title: format!("{title} {number}"), kind, day, hours, room: None, speaker: None });
        }
        let (title, room) = (format!("Lightning talks {number}"), Some("Saal 1".to_owned()));
        all.push(Typed { title, kind: "Talk", day, hours: ("17:30", "18:30"), room, speaker: None });
        let rows = [("09:00", "09:30"), ("09:40", "10:10"), ("11:00", "11:30"), ("11:40", "12:10"), ("13:40", "14:40")];
        all.extend((0..TALKS_A_DAY).map(|talk| Typed {
            title: format!("Talk {}: testing what we deploy", day * TALKS_A_DAY + talk + 1),
            kind: if talk % 10 == 9 { "Panel discussion" } else { "Talk" },
            day,
            hours: rows[talk / ROOMS],
            room: Some(format!("Saal {}", talk % ROOMS + 1)),
            speaker: Some(day * TALKS_A_DAY + talk),
        }));
    }
    all
}

fn name(person: usize) -> String {
    format!("Robin Example{person:02}")
}

/// The name as it stands among the choices.
fn choice(person: usize) -> String {
    format!("{} (City of Example{person:02})", name(person))
}

async fn enters_person(olga: &Person, number: usize) {
    let new = olga.opens(&format!("{PEOPLE}/new")).await.form("Save without publishing");
    let form = new
        .fill("Name", &name(number))
        .fill("Job title", "Developer")
        .fill("Organisation", &format!("City of Example{number:02}"))
        .fill("Text", &format!("{} writes **tests**, see [the list](https://tests.example/{number}).", name(number)))
        .fill("Links", &format!("https://people.example/{number} Home page"))
        .attach("New picture", "me.jpg", &PICTURE);
    olga.sends(form).await.must_say("Saved.");
}

/// Returns a file of 200 kB.
fn handout(number: usize) -> Vec<u8> {
    format!("%PDF-1.7 handout {number} ").repeat(10_000).into_bytes()
}

async fn enters_session(olga: &Person, one: &Typed) {
    let page = olga.opens(&format!("{SESSIONS}/new?day={}", DAYS[one.day].0)).await;
    let mut form = page.form("Save without publishing").fill("Title", &one.title).hours(one.hours.0, one.hours.1);
    form = form.choose("Kind", one.kind).choose("Status", "Confirmed");
    form = match &one.room {
        Some(room) => form.in_room(room),
        None => form.tick("Whole venue"),
    };
    if let Some(speaker) = one.speaker {
        form = form.choose("Person 1", &choice(speaker)).fill("Abstract", "What we tried, and what came of it.");
        form = form.fill(
            "Text",
            &"A talk with *examples*, [slides](https://slides.example/) and time for questions.\n\n".repeat(8),
        );
        if speaker % WITH_FILES == 0 {
            form = form.fill("Links", &format!("https://slides.example/{speaker} Slides"));
            form = form.attach("Add a file", &format!("Handout {speaker}.pdf"), &handout(speaker));
        }
    }
    let saved = olga.sends(form).await;
    assert!(saved.status == 200 && saved.body.contains("Saved."), "{}: {}\n{}", one.title, saved.status, saved.text());
}

async fn enters_lightning_talk(olga: &Person, day: usize, number: usize) {
    let form = olga.opens(&format!("{SESSIONS}/new")).await.form("Save without publishing");
    let form = form
        .fill("Title", &format!("Lightning talk {}", day * LIGHTNING_TALKS + number + 1))
        .choose("Part of", &format!("{}, 17:30 Lightning talks {}", DAYS[day].1, day + 1))
        .fill("Minutes after its start", &(10 * number).to_string())
        .fill("Length", "5")
        .choose("Status", "Confirmed")
        .choose("Person 1", &choice(90 + (day * LIGHTNING_TALKS + number) % 10));
    olga.sends(form).await.must_say("Saved.");
}

/// Lets several organisers do something with the numbers from 0 to below `number`, each with some of them.
async fn together<F>(organisers: &[Person], number: usize, enter: impl Fn(Person, usize) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut working = JoinSet::new();
    for (turn, olga) in organisers.iter().enumerate() {
        let mine: Vec<_> = (turn..number).step_by(organisers.len()).map(|one| enter(olga.clone(), one)).collect();
        working.spawn(async move {
            for entered in mine {
                entered.await;
            }
        });
    }
    working.join_all().await;
}

/// What a page weighs, and how long it takes.
struct Measured {
    /// Its bytes as they are.
    plain: usize,
    /// Its bytes as they are sent.
    compressed: usize,
    /// The milliseconds of the first reading, when it is rendered.
    first: f64,
    /// The milliseconds of the second reading.
    second: f64,
}

/// Reads a page for the first time since something was published, and once more, and prints what it weighs.
async fn measures(anna: &Person, path: &str) -> Measured {
    let reads = async |encoding| {
        let begun = Instant::now();
        let answer = anna.asks(Method::GET, path, &[("accept-encoding", encoding)], None).await;
        assert_eq!(answer.status(), 200, "{path}");
        let bytes = answer.bytes().await.expect("a page").len();
        (bytes, begun.elapsed().as_secs_f64() * 1000.0)
    };
    let (compressed, first) = reads("br").await;
    let (_, second) = reads("br").await;
    let (plain, _) = reads("identity").await;
    println!("{path}: {plain} bytes, compressed {compressed}; first read in {first:.1} ms, then in {second:.1} ms");
    Measured { plain, compressed, first, second }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conference_of_120_sessions_and_100_people_is_entered_and_nothing_is_left_without_a_place() {
    let app = TestApp::start().await;
    let mut organisers = Vec::new();
    for _ in 0..ORGANISERS {
        organisers.push(app.organiser().await);
    }
    let (olga, anna) = (&organisers[0], app.delegate());
    let begun = Instant::now();
    for number in 1..=ROOMS {
        room(olga, &format!("Saal {number}")).await;
    }
    together(&organisers, PEOPLE_IN_ALL, |olga, number| async move { enters_person(&olga, number).await }).await;
    let people = begun.elapsed().as_secs_f64();
    let count = sessions().len();
    assert_eq!(count + DAYS.len() * LIGHTNING_TALKS, 120);
    together(&organisers, count, |olga, number| async move { enters_session(&olga, &sessions()[number]).await }).await;
    let parts = DAYS.len() * LIGHTNING_TALKS;
    together(&organisers, parts, |olga, number| async move {
        enters_lightning_talk(&olga, number / LIGHTNING_TALKS, number % LIGHTNING_TALKS).await;
    })
    .await;
    let entered = begun.elapsed().as_secs_f64();
    println!("{PEOPLE_IN_ALL} people entered in {people:.1} s, 120 sessions in {:.1} s", entered - people);
    assert!(entered < 240.0, "entering takes less than a second for each form");
    anna.opens(&format!("{LEIPZIG}/programme")).await.must_not_say("Talk 1: testing what we deploy");
    let unpublished = olga.opens("/organisers/leipzig-2018/unpublished").await;
    let begun = Instant::now();
    olga.sends(unpublished.form("Publish all 220 changes")).await.must_be(200);
    let published = begun.elapsed().as_secs_f64();
    println!("published in {published:.2} s");
    assert!(published < 10.0);

    for (path, plain, compressed) in [
        ("programme", 160_000, 12_000),
        ("programme?day=2018-05-28", 64_000, 8_000),
        ("speakers", 100_000, 10_000),
        ("changes", 100_000, 10_000),
        ("programme.ics", 400_000, 30_000),
    ] {
        let measured = measures(&anna, &format!("{LEIPZIG}/{path}")).await;
        assert!(measured.plain < plain && measured.compressed < compressed, "{path} is too large");
        assert!(measured.first < 3000.0 && measured.second < 500.0, "{path} takes too long");
    }
    let found = clashes(&app.db).await;
    assert!(found.is_empty(), "{found:?}");
    let whole = anna.opens(&format!("{LEIPZIG}/programme")).await;
    whole.must_not_say("Time to be announced");
    let warnings = olga.opens("/organisers/leipzig-2018/warnings").await.texts("h2");
    assert_eq!(warnings[0], "No room (7)", "what was shipped has none: {warnings:?}");
    let shipped = [2, 3, 2];
    for (day, (iso, _, long)) in DAYS.into_iter().enumerate() {
        let page = anna.opens(&format!("{LEIPZIG}/programme?day={iso}")).await;
        assert_eq!(page.texts("section.day h2"), [long]);
        let cards = page.texts(".slot:not(.again) h4.slot-title");
        assert_eq!(cards.len(), TALKS_A_DAY + 5 + shipped[day], "{cards:?}");
        assert_eq!(page.texts(".slot-parts li").len(), LIGHTNING_TALKS);
        page.must_say(&format!("Lunch {} · Whole venue", day + 1)).must_say(&format!("Evening {}", day + 1));
        let talk = format!("Talk {}: testing what we deploy", (day + 1) * TALKS_A_DAY);
        let number = (day + 1) * TALKS_A_DAY - 1;
        anna.follows(&page, &talk).await.must_say(&name(number)).must_say("Saal 2");
    }
    anna.opens(&format!("{LEIPZIG}/sessions/evening-1")).await.must_say("Monday 28 May 2018, 20:00–01:00");
    let (entries, places) = calendar(&anna.opens(&format!("{LEIPZIG}/programme.ics")).await.body);
    assert_eq!(entries, 120 - 9 + 7, "all but breaks, and what was shipped");
    for number in 1..=ROOMS {
        assert!(places.contains(&format!("Saal {number}\\, Kongresshalle Leipzig")), "{places:?}");
    }
    let speakers = anna.opens(&format!("{LEIPZIG}/speakers")).await;
    assert_eq!(speakers.texts("ul.speakers h2").len(), PEOPLE_IN_ALL);
    assert_eq!(speakers.attributes("ul.speakers img", "src").len(), PEOPLE_IN_ALL);
    let topics = speakers.attributes("ul.speaker-topics", "aria-label");
    assert_eq!(topics.len(), PEOPLE_IN_ALL, "everybody takes part in something");
    anna.follows(&speakers, &name(99)).await.must_say("Home page").must_say("writes tests");
    let talk = anna.follows(&whole, "Talk 81: testing what we deploy").await;
    assert_eq!(talk.link("Slides"), "https://slides.example/80");
    let file = anna.asks(Method::GET, &talk.link("Handout 80.pdf"), &[], None).await;
    assert_eq!(file.bytes().await.expect("the file"), handout(80));
    let files: i64 = sqlx::query_scalar("select count(*) from file").fetch_one(&app.db).await.expect("a number");
    assert_eq!(usize::try_from(files), Ok(DAYS.len() * TALKS_A_DAY / WITH_FILES));
}
