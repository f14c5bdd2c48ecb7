//! Every page in every state, checked and photographed: one tour for each group of users.

mod administration;
mod amounts;
mod codes;
mod desk;
mod editors;
mod faults;
mod groups;
mod large;
mod mailings;
mod manage;
mod on_the_spot;
mod printed;
pub mod public;
mod questions;
mod signing_in;
mod trouble;
mod waiting;

use conference::routes::TABLE;
use tokio::process::Command;

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp},
};

/// Adds a demonstration with these options and returns its slug.
async fn demonstration(app: &TestApp, options: &[&str]) -> String {
    let added = Command::new(env!("CARGO_BIN_EXE_conference"))
        .arg("demo")
        .args(options)
        .env("DATABASE_URL", app.database_url())
        .output()
        .await
        .expect("the program runs");
    let said = String::from_utf8_lossy(&added.stdout).into_owned();
    let address = said.lines().find(|line| line.starts_with("http"));
    let (_, slug) = address.and_then(|address| address.rsplit_once('/')).unwrap_or_else(|| panic!("{added:?}"));
    slug.to_owned()
}

/// A tour through pages, which collects what is wrong with them.
pub struct Tour {
    pub browser: Browser,
    wrong: Vec<String>,
}

impl Tour {
    /// Checks the current page.
    pub async fn checks(&mut self, name: &str) {
        self.wrong.extend(self.browser.check_page(name).await);
    }

    /// Opens a page and checks it.
    pub async fn opens(&mut self, name: &str, path: &str) {
        self.browser.opens(path).await;
        self.checks(name).await;
    }

    /// Opens a page, presses a button on it and checks the next page, which contains these words.
    pub async fn presses(&mut self, name: &str, path: &str, button: &str, words: &str) {
        self.browser.opens(path).await;
        self.browser.clicks(button).await;
        self.browser.sees(words).await;
        self.checks(name).await;
    }

    fn ends(self) {
        assert!(self.wrong.is_empty(), "\n{}", self.wrong.join("\n"));
    }
}

/// Takes a tour as somebody who is signed in with this role, or as a visitor.
pub async fn tour<F>(app: &TestApp, role: Option<&str>, visit: impl FnOnce(Tour) -> F)
where
    F: Future<Output = Tour> + Send + 'static,
{
    let login = match role {
        Some(role) => Some(app.account(role).await.login(&app.db, app.now()).await),
        None => None,
    };
    browse(app.url(), Options::default(), |browser: Browser| {
        let visited = visit(Tour { browser: browser.clone(), wrong: Vec::new() });
        async move {
            if let Some(login) = login {
                browser.signs_in_with(&login).await;
            }
            visited.await.ends();
        }
    })
    .await;
}

/// Returns the pages below this pattern that need nothing but a conference: the names of their screenshots, and their paths.
/// They come from the map of the site, so a tour visits a new page by itself.
fn pages_below(pattern: &str) -> Vec<(String, String)> {
    let pages = TABLE.iter().filter(|route| route.method == "GET" && !route.path.contains('.'));
    let below =
        pages.filter_map(|route| Some((route.path.strip_prefix(pattern)?, route.path.replace("/{c}", LEIPZIG))));
    let plain = below.filter(|(rest, _)| rest.starts_with('/') && !rest.contains('{'));
    plain.map(|(rest, path)| (rest[1..].replace('/', "-"), path)).collect()
}

/// Returns the single value that a query selects.
async fn one(app: &TestApp, query: &'static str) -> String {
    sqlx::query_scalar(query).fetch_one(&app.db).await.expect("one row")
}
