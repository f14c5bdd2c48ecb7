//! Two instances of the program on one database, as behind a reverse proxy.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    editing::{WORLD_CAFE, editor},
    program::{Folder, Program, User, command},
    registering::{filled, form},
    support::{Account, Cluster, DatabaseProxy, LEIPZIG, Page, Person, empty_database},
};

/// A durable PostgreSQL server with a database, on which a test starts as many instances of the program as it needs.
pub struct House {
    /// The PostgreSQL server.
    pub cluster: Cluster,
    /// The URL of the database.
    pub url: String,
    /// Connections for checking what is in the database.
    pub db: sqlx::PgPool,
}

impl House {
    /// Creates an empty database. The first instance migrates and fills it.
    pub async fn new() -> Self {
        let cluster = Cluster::durable();
        let url = empty_database(&cluster, "conference").await;
        let db = sqlx::postgres::PgPoolOptions::new().max_connections(2).connect_lazy(&url).expect("an address");
        Self { cluster, url, db }
    }

    /// Starts another instance, with these settings in addition to the usual ones.
    pub async fn program(&self, settings: &[(&str, &str)]) -> Instance {
        let folder = Folder::for_user(User::Ordinary);
        let mut command = command(&folder, User::Ordinary, &[]);
        command.env("DATABASE_URL", &self.url).env("TRUSTED_PROXIES", "127.0.0.1");
        command.envs(settings.iter().copied());
        // Waiting for its output blocks the thread, and the program itself may have to wait for other tasks of the
        // test.
        tokio::task::spawn_blocking(move || {
            let mut program = Program::spawn(command, &folder);
            program.waits_for("The conference is open at");
            Instance { program, _folder: folder }
        })
        .await
        .expect("the program starts")
    }

    /// Signs in somebody with this role on this instance.
    pub async fn signed_in(&self, role: &str, instance: &Instance) -> Person {
        let account = Account::create(&self.db, Some(role)).await;
        let secret = account.login(&self.db, conference::clock::Clock::default().now()).await;
        Person::new(&instance.url(), "203.0.113.1").signed_in(account, &secret)
    }
}

/// An instance of the program.
pub struct Instance {
    /// Its process.
    pub program: Program,
    _folder: Folder,
}

impl Instance {
    /// Returns its URL.
    pub fn url(&self) -> String {
        self.program.url()
    }

    /// Makes somebody with a browser who uses this instance, each from a different network address.
    pub fn delegate(&self, number: usize) -> Person {
        Person::new(&self.url(), &format!("198.51.{}.{}", 100 + number / 250, 1 + number % 250))
    }
}

#[tokio::test]
async fn when_a_hundred_register_at_once_for_twenty_places_exactly_twenty_get_one() {
    let house = House::new().await;
    let instances = [house.program(&[]).await, house.program(&[]).await];
    let administrator = house.signed_in("administrator", &instances[0]).await;
    let settings = administrator.opens("/administration/leipzig-2018").await;
    administrator.sends(settings.form("Save and publish").fill("Places in all", "20")).await.must_be(200);

    // All delegates open the form before the first one sends it.
    let mut opened = JoinSet::new();
    for number in 0..100 {
        let delegate = instances[number % 2].delegate(number);
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
        assert!(page.status < 500, "delegates who come too late are told so: {} {}", page.status, page.text());
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
async fn a_start_with_a_role_that_does_not_own_the_database_says_what_to_do() {
    let house = House::new().await;
    sqlx::query("create role guest login").execute(&house.db).await.expect("a superuser can do this");
    let folder = Folder::for_user(User::Ordinary);
    let mut command = command(&folder, User::Ordinary, &[]);
    command.env("DATABASE_URL", house.url.replace("postgres@", "guest@"));
    let ended =
        tokio::task::spawn_blocking(move || Program::spawn(command, &folder).ended()).await.expect("the task ends");
    assert!(
        !ended.success && ended.said.contains("a role that migrates must own the database (ALTER DATABASE"),
        "{}",
        ended.said
    );
}

#[tokio::test]
async fn an_edit_on_one_instance_appears_on_the_other_within_a_second() {
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
async fn an_instance_whose_connections_stall_shows_an_edit_within_seconds() {
    let house = House::new().await;
    let proxy = DatabaseProxy::to(&house.url);
    let (here, there) = (house.program(&[]).await, house.program(&[("DATABASE_URL", &proxy.url)]).await);
    let reader = there.delegate(1);
    let path = format!("{LEIPZIG}/sessions/world-cafe");
    reader.opens(&path).await.must_not_say("Bring a friend");
    proxy.stalls();
    adds_to_the_world_cafe(&house, &here, "Bring a friend.").await;
    let edited = Instant::now();
    while !reader.opens(&path).await.says("Bring a friend") {
        assert!(edited.elapsed() < Duration::from_secs(12), "it still shows the old page");
        sleep(Duration::from_millis(200)).await;
    }
    // The stalled connections no longer occupy places in the pool, so many visitors are answered at the same time.
    let mut all = JoinSet::new();
    for number in 0..40 {
        let delegate = there.delegate(number);
        all.spawn(async move { delegate.opens(&format!("{LEIPZIG}/register")).await.status });
    }
    assert!(all.join_all().await.into_iter().all(|status| status == 200));
}

/// Adds a paragraph to the session as an organiser on this instance and publishes it.
async fn adds_to_the_world_cafe(house: &House, instance: &Instance, paragraph: &str) {
    let organiser = house.signed_in("organiser", instance).await;
    let form = editor(&organiser, WORLD_CAFE).await.form("Save and publish");
    let text = format!("{}\n\n{paragraph}", form.value("Text"));
    organiser.sends(form.fill("Text", &text)).await.must_be(200);
}
