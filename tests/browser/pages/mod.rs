//! Every page in every state, checked and pictured: a tour for each kind of people.

mod administration;
mod desk;
mod editors;
mod faults;
mod public;
mod signing_in;

use crate::{
    driver::{Browser, Habits, browse},
    support::TestApp,
};

/// Somebody who goes from page to page and notes what is wrong.
struct Tour {
    browser: Browser,
    wrong: Vec<String>,
}

impl Tour {
    /// Checks the page as it stands.
    async fn looks(&mut self, name: &str) {
        self.wrong.extend(self.browser.is_checked(name).await);
    }

    /// Opens a page and checks it.
    async fn opens(&mut self, name: &str, path: &str) {
        self.browser.opens(path).await;
        self.looks(name).await;
    }

    /// Opens a page, presses a button on it, and checks what comes.
    async fn presses(&mut self, name: &str, path: &str, button: &str, words: &str) {
        self.browser.opens(path).await;
        self.browser.clicks(button).await;
        self.browser.sees(words).await;
        self.looks(name).await;
    }

    fn ends(self) {
        assert!(self.wrong.is_empty(), "\n{}", self.wrong.join("\n"));
    }
}

/// A tour of somebody who is signed in with this role, or of anybody.
async fn tour<F>(app: &TestApp, role: Option<&str>, visit: impl FnOnce(Tour) -> F)
where
    F: Future<Output = Tour> + Send + 'static,
{
    let login = match role {
        Some(role) => Some(app.account(role).await.login(&app.db, app.now()).await),
        None => None,
    };
    browse(app.url(), Habits::default(), |browser: Browser| {
        let visited = visit(Tour { browser: browser.clone(), wrong: Vec::new() });
        async move {
            if let Some(login) = login {
                browser.takes_login(&login).await;
            }
            visited.await.ends();
        }
    })
    .await;
}

/// The one number, name or address that a query gives.
async fn one(app: &TestApp, query: &'static str) -> String {
    sqlx::query_scalar(query).fetch_one(&app.db).await.expect("there is one")
}
