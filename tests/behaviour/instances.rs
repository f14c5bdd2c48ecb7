//! Two processes of the program on one database, as behind a reverse proxy.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    editing::{WORLD_CAFE, editor},
    program::{Folder, Program, User, command},
    registering::{filled, form},
    support::{Account, Cluster, LEIPZIG, Line, Page, Person, empty_database},
};

/// A server that keeps what it promised, a database on it, and as many programs beside each other as a test likes.
pub struct House {
    /// The server.
    pub cluster: Cluster,
    /// The database's address.
    pub url: String,
    /// Looking behind the pages.
    pub db: sqlx::PgPool,
}

impl House {
    /// With an empty database; the first program migrates and fills it.
    pub async fn new() -> Self {
        let cluster = Cluster::durable();
        let url = empty_database(&cluster, "conference").await;
        let db = sqlx::postgres::PgPoolOptions::new().max_connections(2).connect_lazy(&url).expect("an address");
        Self { cluster, url, db }
    }

    /// One more process, with these settings beside the usual ones.
    pub async fn program(&self, settings: &[(&str, &str)]) -> Instance {
        let folder = Folder::for_user(User::Ordinary);
        let mut command = command(&folder, User::Ordinary, &[]);
        command.env("DATABASE_URL", &self.url).env("TRUSTED_PROXIES", "127.0.0.1");
        command.envs(settings.iter().copied());
        // Waiting for its words blocks, and other tasks may be what it waits for.
        tokio::task::spawn_blocking(move || {
            let mut program = Program::spawn(command, &folder);
            program.waits_for("The conference is open at");
            Instance { program, _folder: folder }
        })
        .await
        .expect("the program starts")
    }

    /// Somebody signed in with this role, at the door of this process.
    pub async fn signed_in(&self, role: &str, instance: &Instance) -> Person {
        let account = Account::create(&self.db, Some(role)).await;
        let secret = account.login(&self.db, conference::clock::Clock::default().now()).await;
        Person::new(&instance.url(), "203.0.113.1").signed_in(account, &secret)
    }
}

/// One process.
pub struct Instance {
    /// The process.
    pub program: Program,
    _folder: Folder,
}

impl Instance {
    /// Where it is open.
    pub fn url(&self) -> String {
        self.program.url()
    }

    /// Somebody with a browser at its door, from an address of their own.
    pub fn delegate(&self, number: usize) -> Person {
        Person::new(&self.url(), &format!("198.51.{}.{}", 100 + number / 250, 1 + number % 250))
    }
}

#[tokio::test]
async fn of_a_hundred_who_register_at_once_for_the_last_twenty_places_exactly_twenty_get_one() {
    let house = House::new().await;
    let doors = [house.program(&[]).await, house.program(&[]).await];
    let administrator = house.signed_in("administrator", &doors[0]).await;
    let settings = administrator.opens("/administration/leipzig-2018").await;
    administrator.sends(settings.form("Save and publish").fill("Places in all", "20")).await.must_be(200);

    // All have the form open before the first one sends it.
    let mut opened = JoinSet::new();
    for number in 0..100 {
        let delegate = doors[number % 2].delegate(number);
        opened.spawn(async move { (form(&delegate).await, delegate, number) });
    }
    let opened = opened.join_all().await;
    let mut sent = JoinSet::new();
    for (form, delegate, number) in opened {
        let name = format!("Delegate {number}");
        let filled = filled(form, &name, &format!("delegate-{number}@city.example"));
        sent.spawn(async move { delegate.sends(filled).await });
    }
    let answers = sent.join_all().await;

    let registered = |page: &&Page| page.says("You are registered");
    let (got, missed): (Vec<_>, Vec<_>) = answers.iter().partition(registered);
    assert_eq!(got.len(), 20, "{:?}", missed.first().map(|page| (page.status, page.text())));
    for page in missed {
        assert!(page.status < 500, "who comes too late hears so: {} {}", page.status, page.text());
    }
    for count in [
        "select count(*) from registration",
        "select count(*) from attendee where state = 'confirmed'",
        "select count(*) from place where state = 'held'",
        "select taken::int8 from capacity where category_id is null",
    ] {
        let kept: i64 = sqlx::query_scalar(count).fetch_one(&house.db).await.expect("a number");
        assert_eq!(kept, 20, "{count}");
    }
}

#[tokio::test]
async fn a_role_that_does_not_own_the_database_is_told_so() {
    let house = House::new().await;
    sqlx::query("create role guest login").execute(&house.db).await.expect("a superuser may");
    let folder = Folder::for_user(User::Ordinary);
    let mut command = command(&folder, User::Ordinary, &[]);
    command.env("DATABASE_URL", house.url.replace("postgres@", "guest@"));
    let ended = tokio::task::spawn_blocking(move || Program::spawn(command, &folder).ended()).await.expect("an end");
    assert!(!ended.success && ended.said.contains("its role must own the database: ALTER DATABASE"), "{}", ended.said);
}

#[tokio::test]
async fn an_edit_on_one_is_read_on_the_other_within_a_second() {
    let house = House::new().await;
    let (here, there) = (house.program(&[]).await, house.program(&[]).await);
    let reader = there.delegate(1);
    let path = format!("{LEIPZIG}/sessions/world-cafe");
    reader.opens(&path).await.must_not_say("Bring your own questions");
    adds_to_the_world_cafe(&house, &here, "Bring your own questions.").await;
    sleep(Duration::from_secs(1)).await;
    reader.opens(&path).await.must_say("Bring your own questions");
    here.delegate(2).opens(&path).await.must_say("Bring your own questions");
}

#[tokio::test]
async fn an_instance_whose_connections_died_without_a_word_reads_an_edit_within_seconds() {
    let house = House::new().await;
    let line = Line::to(&house.url);
    let (here, there) = (house.program(&[]).await, house.program(&[("DATABASE_URL", &line.url)]).await);
    let reader = there.delegate(1);
    let path = format!("{LEIPZIG}/sessions/world-cafe");
    reader.opens(&path).await.must_not_say("Bring a friend");
    line.falls_silent();
    adds_to_the_world_cafe(&house, &here, "Bring a friend.").await;
    let edited = Instant::now();
    while !reader.opens(&path).await.says("Bring a friend") {
        assert!(edited.elapsed() < Duration::from_secs(12), "it still shows the old page");
        sleep(Duration::from_millis(200)).await;
    }
    // What the silent connections held is free again: everybody is answered, and not only one after the other.
    let mut all = JoinSet::new();
    for number in 0..40 {
        let delegate = there.delegate(number);
        all.spawn(async move { delegate.opens(&format!("{LEIPZIG}/register")).await.status });
    }
    assert!(all.join_all().await.into_iter().all(|status| status == 200));
}

/// An organiser adds a paragraph to the session and publishes it, at the door of this process.
async fn adds_to_the_world_cafe(house: &House, instance: &Instance, paragraph: &str) {
    let organiser = house.signed_in("organiser", instance).await;
    let form = editor(&organiser, WORLD_CAFE).await.form("Save and publish");
    let text = format!("{}\n\n{paragraph}", form.value("Text"));
    organiser.sends(form.fill("Text", &text)).await.must_be(200);
}
