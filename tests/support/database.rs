//! One database for each test, copied from a template that is migrated and filled once for each run.

use std::sync::{Mutex, OnceLock, PoisonError};

use sqlx::{Connection, Executor, PgConnection, PgPool, postgres::PgConnectOptions};

use super::Cluster;

const TEMPLATE: &str = "template_conference";

/// The role that the programs under test connect with. It does not own the tables.
const SERVING: &str = "web";

/// Databases of tests that have ended. The next test that starts drops them.
static FINISHED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A database for one test, dropped some time after this value.
pub struct Database {
    name: String,
    url: String,
    serving_url: String,
}

impl Database {
    /// Makes a new copy of the template: migrated, with the conference of Leipzig 2018.
    pub async fn fresh() -> Self {
        let cluster = shared();
        let database = Self::copy(cluster).await;
        let finished = std::mem::take(&mut *FINISHED.lock().unwrap_or_else(PoisonError::into_inner));
        let mut connection = maintenance(cluster).await;
        for name in finished {
            run(&mut connection, format!("drop database {name} with (force)")).await;
        }
        database
    }

    async fn copy(cluster: &Cluster) -> Self {
        let name = format!("test_{:016x}", getrandom::u64().expect("random bytes"));
        let mut connection = maintenance(cluster).await;
        run(&mut connection, format!("create database {name} template {TEMPLATE} strategy file_copy")).await;
        let (url, serving_url) = (cluster.url(&name), cluster.url_of(SERVING, &name));
        Self { name, url, serving_url }
    }

    /// Returns its URL for the superuser, for checks behind the pages.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns its URL for the role that serves, as in `DATABASE_URL`.
    pub fn serving_url(&self) -> &str {
        &self.serving_url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        FINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.name));
    }
}

/// Creates an empty database on this server and returns its URL. The first program that uses it migrates and fills it.
pub async fn empty_database(cluster: &Cluster, name: &str) -> String {
    run(&mut maintenance(cluster).await, format!("create database {name}")).await;
    cluster.url(name)
}

/// Refuses new connections to the database of this pool and ends the existing ones.
pub async fn goes_away(db: &PgPool) {
    let here = db.connect_options();
    let name = here.get_database().expect("its name");
    let mut connection = beside(&here).await;
    run(&mut connection, format!("alter database {name} allow_connections false")).await;
    run(&mut connection, format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"))
        .await;
}

/// Accepts connections to the database of this pool again.
pub async fn comes_back(db: &PgPool) {
    let here = db.connect_options();
    let name = here.get_database().expect("its name");
    run(&mut beside(&here).await, format!("alter database {name} allow_connections true")).await;
}

/// Makes new sessions in the database of this pool read-only ("on") or writable ("off"). "on" also ends the existing
/// sessions.
pub async fn makes_read_only(db: &PgPool, value: &str) {
    let here = db.connect_options();
    let name = here.get_database().expect("its name");
    let mut connection = beside(&here).await;
    run(&mut connection, format!("alter database {name} set default_transaction_read_only = {value}")).await;
    if value == "on" {
        run(
            &mut connection,
            format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"),
        )
        .await;
    }
}

/// Connects to another database on the same server.
async fn beside(here: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(&here.clone().database("postgres")).await.expect("the server")
}

/// Returns the server of this run, with the template on it.
fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| {
        // In a separate runtime, because the runtime of the first test would end with that test.
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let cluster = Cluster::fast();
                let url = empty_database(&cluster, TEMPLATE).await;
                run(&mut maintenance(&cluster).await, format!("create role {SERVING} login")).await;
                super::app::prepare(&url, SERVING).await;
                run(&mut maintenance(&cluster).await, format!("alter database {TEMPLATE} is_template true")).await;
                cluster
            })
        })
        .join()
        .expect("the template is made")
    })
}

async fn maintenance(cluster: &Cluster) -> PgConnection {
    PgConnection::connect(&cluster.url("postgres")).await.expect("the server of this run answers")
}

async fn run(connection: &mut PgConnection, statement: String) {
    let shown = statement.clone();
    if let Err(error) = connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statement))).await {
        panic!("{shown}: {error}");
    }
}
