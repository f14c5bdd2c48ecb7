//! People who use the site with a browser.

use reqwest::{Client, Method, Response, redirect::Policy};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::page::{Form, Page};

/// How long a page may take until it shows what is expected.
const TIME_LIMIT: std::time::Duration = std::time::Duration::from_secs(15);

/// An account in the database.
#[derive(Clone, Debug)]
pub struct Account {
    /// The primary key.
    pub id: Uuid,
    /// The e-mail address.
    pub email: String,
    /// The person's name.
    pub name: String,
}

impl Account {
    /// Creates an account without a password, with this role at all conferences or without a role.
    pub async fn create(db: &PgPool, role: Option<&str>) -> Self {
        let id = Uuid::now_v7();
        let short = &id.simple().to_string()[24..];
        let word = role.unwrap_or("guest");
        let account = Self { id, email: format!("{word}-{short}@desk.example"), name: format!("Robin {word} {short}") };
        sqlx::query("insert into account (id, email, email_normalised, name) values ($1, $2, lower($2), $3)")
            .bind(id)
            .bind(&account.email)
            .bind(&account.name)
            .execute(db)
            .await
            .expect("an account");
        if let Some(role) = role {
            account.also_is(db, role, None).await;
        }
        account
    }

    /// Gives the account another role, at one conference or at all of them.
    pub async fn also_is(&self, db: &PgPool, role: &str, conference: Option<Uuid>) {
        sqlx::query("insert into membership (id, account_id, conference_id, role) values ($1, $2, $3, $4)")
            .bind(Uuid::now_v7())
            .bind(self.id)
            .bind(conference)
            .bind(role)
            .execute(db)
            .await
            .expect("a membership");
    }

    /// Creates a one-time link to set a password, as it is sent by mail, and returns its path.
    pub async fn password_link(&self, db: &PgPool, now: OffsetDateTime) -> String {
        let (secret, hash) = secret();
        sqlx::query(
            "insert into account_link (id, account_id, hash, created_at, expires_at) values ($1, $2, $3, $4, $5)",
        )
        .bind(Uuid::now_v7())
        .bind(self.id)
        .bind(hash)
        .bind(now)
        .bind(now + Duration::days(1))
        .execute(db)
        .await
        .expect("a link");
        format!("/set-password/{secret}")
    }

    /// Creates a login, as signing in does, and returns the secret for the cookie.
    pub async fn login(&self, db: &PgPool, now: OffsetDateTime) -> String {
        let (secret, hash) = secret();
        sqlx::query(
            "insert into login (id, account_id, hash, created_at, seen_at, expires_at) values ($1, $2, $3, $4, $4, $5)",
        )
        .bind(Uuid::now_v7())
        .bind(self.id)
        .bind(hash)
        .bind(now)
        .bind(now + Duration::days(7))
        .execute(db)
        .await
        .expect("a login");
        secret
    }
}

/// Generates a secret for a link or cookie, and the hash of it that the database stores.
pub fn secret() -> (String, Vec<u8>) {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("random bytes");
    (data_encoding::BASE64URL_NOPAD.encode(&bytes), Sha256::digest(bytes).to_vec())
}

/// Somebody with a browser, which follows redirects, keeps cookies and sends the headers that show where a request
/// comes from.
#[derive(Clone)]
pub struct Person {
    /// The account that the person is signed in with, if the test gave them one.
    pub account: Option<Account>,
    client: Client,
    jar: std::sync::Arc<reqwest::cookie::Jar>,
    site: String,
    address: String,
}

impl Person {
    /// Makes a browser at this network address for the site at this URL.
    pub fn new(site: &str, address: &str) -> Self {
        let jar = std::sync::Arc::new(reqwest::cookie::Jar::default());
        let client = Client::builder().redirect(Policy::none()).cookie_provider(jar.clone()).build().expect("a client");
        Self { account: None, client, jar, site: site.to_owned(), address: address.to_owned() }
    }

    /// Opens a page again and again until it is as expected. Changes that a test makes directly in the database reach
    /// the program within a second, or later if the machine is busy with other tests.
    pub async fn opens_until(&self, path: &str, expected: impl Fn(&Page) -> bool) -> Page {
        // A list of many thousand people is filled in for minutes if other tests keep the machine busy.
        let deadline = Instant::now() + 6 * TIME_LIMIT;
        loop {
            let page = self.tries(path).await;
            if expected(&page) {
                return page;
            }
            assert!(Instant::now() < deadline, "{path} did not become as expected:\n{}", page.text());
            sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Adds the cookie of a login to the browser.
    pub fn signed_in(mut self, account: Account, secret: &str) -> Self {
        let site = self.site.parse().expect("a URL");
        self.jar.add_cookie_str(&format!("login={secret}; Path=/; HttpOnly; SameSite=Lax"), &site);
        self.account = Some(account);
        self
    }

    /// Moves the person to another network address.
    pub fn at(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// Returns the site's URL, without a slash at the end.
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Returns the cookies that the browser would send.
    pub fn cookies(&self) -> String {
        use reqwest::cookie::CookieStore;
        let cookies = self.jar.cookies(&self.site.parse().expect("a URL"));
        cookies.map(|value| value.to_str().unwrap_or_default().to_owned()).unwrap_or_default()
    }

    /// Opens a page, following redirects; fails unless it is there (200).
    pub async fn opens(&self, path: &str) -> Page {
        let page = self.tries(path).await;
        assert_eq!(page.status, 200, "GET {path} → {} {}\n{}", page.status, page.path, page.text());
        page
    }

    /// Opens a page, following redirects, whatever its status.
    pub async fn tries(&self, path: &str) -> Page {
        let answer = self.asks(Method::GET, path, &[("sec-fetch-site", "none")], None).await;
        self.arrives(path, answer).await
    }

    /// Clicks the link with these words; fails unless the next page is there (200).
    pub async fn follows(&self, page: &Page, words: &str) -> Page {
        let path = page.link(words);
        let answer = self.asks(Method::GET, &path, &[("sec-fetch-site", "same-origin")], None).await;
        let arrived = self.arrives(&path, answer).await;
        assert_eq!(arrived.status, 200, "the link \"{words}\" leads to {path} → {}", arrived.status);
        arrived
    }

    /// Sends a form with the button that was pressed and returns the next page, whatever its status.
    pub async fn sends(&self, form: Form) -> Page {
        let path = form.target();
        let answer = if form.is_post() {
            let headers = [("sec-fetch-site", "same-origin"), ("origin", self.site.as_str())];
            let mut request = self.request(Method::POST, &path, &headers, None);
            request = if form.is_multipart() {
                request
                    .header("content-type", "multipart/form-data; boundary=line-between-parts")
                    .body(form.multipart())
            } else {
                request.header("content-type", "application/x-www-form-urlencoded").body(form.body())
            };
            request.send().await.expect("the server answers")
        } else {
            self.asks(Method::GET, &path, &[("sec-fetch-site", "same-origin")], None).await
        };
        self.arrives(&path, answer).await
    }

    /// Sends a form over a connection that may break. Returns the response before any redirect, or an error if there
    /// was none.
    pub async fn sends_over_a_bad_line(&self, form: &Form) -> reqwest::Result<Response> {
        let headers = [("sec-fetch-site", "same-origin"), ("origin", self.site.as_str())];
        self.request(Method::POST, &form.target(), &headers, Some(form.body())).send().await
    }

    /// Sends a request with exactly these headers and returns the response as it is: for what no browser does.
    pub async fn asks(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Response {
        self.request(method, path, headers, body).send().await.expect("the server answers")
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> reqwest::RequestBuilder {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.site))
            .header("x-forwarded-for", &self.address)
            .header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        request
    }

    async fn arrives(&self, path: &str, answer: Response) -> Page {
        let mut path = path.to_owned();
        let mut answer = answer;
        let mut first = answer.status().as_u16();
        for _ in 0..5 {
            let onward = answer.headers().get("location").and_then(|to| to.to_str().ok());
            let Some(to) = onward.filter(|_| answer.status().is_redirection()) else {
                return Page::read(path, first, answer).await;
            };
            to.strip_prefix(self.site.as_str()).unwrap_or(to).clone_into(&mut path);
            first = answer.status().as_u16();
            answer = self.asks(Method::GET, &path, &[("sec-fetch-site", "same-origin")], None).await;
        }
        panic!("redirected too often at {path}");
    }
}
