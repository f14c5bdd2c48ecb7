//! The real program, running in the test's process on its own database.

use std::{
    path::Path,
    sync::atomic::{AtomicU8, Ordering},
};

use conference::{
    app::{self, Doors, IfAbsent, Server},
    clock::Clock,
    config::Settings,
};
use jiff::Timestamp;
use sqlx::{PgPool, postgres::PgPoolOptions};
use time::{Date, OffsetDateTime, format_description::well_known::Iso8601};
use tokio_util::sync::CancellationToken;

use super::{Account, Person, database::Database};

/// A running program. It ends with the test.
pub struct TestApp {
    /// A connection to its database, for checking and setting up what no page can.
    pub db: PgPool,
    /// The program's own connection pool.
    pub pool: PgPool,
    url: String,
    clock: Clock,
    data: tempdir::Folder,
    people: AtomicU8,
    server: Server,
    database: Database,
}

/// Migrates and fills an empty database and allows this role to serve from it.
pub async fn prepare(database_url: &str, serving: &str) {
    let settings = Settings { database_url: Some(database_url.into()), ..Settings::default() };
    let database = app::database(&settings, IfAbsent::Make, &CancellationToken::new())
        .await
        .expect("an empty database can be migrated and filled");
    database.allow_to_serve(serving).await.expect("the role gets its rights");
    database.close().await.expect("the pool closes");
}

impl TestApp {
    /// Starts the program with default settings and the conference of Leipzig 2018. Mails are written as files.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts the program with some settings changed.
    pub async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = Database::fresh().await;
        let data = tempdir::Folder::new();
        let mut settings = Settings {
            listen: vec!["127.0.0.1:0".parse().expect("an address")],
            database_url: Some(database.serving_url().into()),
            data_dir: data.path().to_owned(),
            // The proxy headers let each person in a test come from a different address.
            trusted_proxies: vec!["127.0.0.1/32".parse().expect("a network")],
            ..Settings::default()
        };
        change(&mut settings);
        let clock = Clock::default();
        let doors = Doors::take(&settings.listen).expect("a free port");
        let opened = app::database(&settings, IfAbsent::Make, &CancellationToken::new())
            .await
            .expect("the database of the test");
        let pool = opened.pool().clone();
        let server = Server::start(settings, clock.clone(), pool.clone(), doors).await.expect("the program starts");
        let url = format!("http://localhost:{}", server.addresses()[0].port());
        let db = PgPoolOptions::new().max_connections(2).connect_lazy(database.url()).expect("an address");
        Self { db, pool, url, clock, data, people: AtomicU8::new(1), server, database }
    }

    /// Returns its URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the URL of its database, for running a command on it.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// Returns the time on the program's clock.
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Returns the day on the program's clock where the conference takes place.
    pub fn today(&self) -> Date {
        let now = Timestamp::from_second(self.now().unix_timestamp()).expect("an instant");
        let there = now.in_tz("Europe/Berlin").expect("the time zone").date();
        Date::parse(&there.to_string(), &Iso8601::DATE).expect("a date")
    }

    /// Sets the program's clock. The clock of the database, which decides when leases end, does not change.
    pub fn it_is(&self, instant: OffsetDateTime) {
        self.clock.set(instant);
    }

    /// Makes it the first morning of the conference, whose registration closes with its last day. From then on there is no waiting
    /// list.
    pub async fn conference_begins(&self) {
        sqlx::query("update conference set registration_closes = null").execute(&self.db).await.expect("the default");
        self.it_is(time::macros::datetime!(2018-05-28 07:00 UTC));
        let is_so = |page: &super::Page| !page.says("You can join the waiting list");
        self.delegate().opens_until("/leipzig-2018", is_so).await;
    }

    /// Returns the folder in which mails are written while no mail server is set.
    pub fn mail_folder(&self) -> std::path::PathBuf {
        self.data.path().join("mail")
    }

    /// Makes somebody with a browser and no account. Each comes from a different network address.
    pub fn delegate(&self) -> Person {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        Person::new(&self.url, &format!("198.51.100.{number}"))
    }

    /// Signs in somebody with the role staff.
    pub async fn staff(&self) -> Person {
        self.signed_in("staff").await
    }

    /// Signs in somebody with the role organiser.
    pub async fn organiser(&self) -> Person {
        self.signed_in("organiser").await
    }

    /// Signs in somebody with the role administrator.
    pub async fn administrator(&self) -> Person {
        self.signed_in("administrator").await
    }

    /// Creates an account with this role at all conferences and without a password, and does not sign in.
    pub async fn account(&self, role: &str) -> Account {
        Account::create(&self.db, Some(role)).await
    }

    /// Creates an account without a role or a password, and does not sign in.
    pub async fn account_without_role(&self) -> Account {
        Account::create(&self.db, None).await
    }

    async fn signed_in(&self, role: &str) -> Person {
        let account = self.account(role).await;
        let secret = account.login(&self.db, self.now()).await;
        self.delegate().signed_in(account, &secret)
    }

    /// Stops the program as SIGTERM does: requests that have begun are finished.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// Folders for the files that programs write.
mod tempdir {
    use std::{
        fs,
        path::PathBuf,
        process::{Child, Command, Stdio},
        sync::LazyLock,
    };

    use super::Path;

    /// The parent of all folders of this process. A program may still write a mail after its test has ended, so the
    /// parent is removed only when the process ends: then the system closes the standard input of the shell, which
    /// removes it.
    static ALL: LazyLock<(PathBuf, Child)> = LazyLock::new(|| {
        let name = format!("conference-data-{:016x}", getrandom::u64().expect("random bytes"));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder under the system's temporary one");
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"read -r _; rm -rf "$1""#, "cleanup"]).arg(&path).stdin(Stdio::piped());
        let shell = std::os::unix::process::CommandExt::process_group(&mut shell, 0).spawn().expect("a shell");
        (path, shell)
    });

    pub struct Folder(PathBuf);

    impl Folder {
        pub fn new() -> Self {
            let path = ALL.0.join(format!("{:016x}", getrandom::u64().expect("random bytes")));
            fs::create_dir(&path).expect("a folder in our own");
            Self(path)
        }

        pub fn path(&self) -> &Path {
            &self.0
        }
    }
}
