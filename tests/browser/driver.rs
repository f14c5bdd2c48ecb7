//! Chromium, driven as a person drives it.
#![allow(clippy::disallowed_methods, reason = "these threads wait for other programs and serve nobody")]

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use tokio::time::{Instant, sleep};

/// What a browser is started with beside its usual settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Habits {
    /// JavaScript is switched off.
    pub without_script: bool,
    /// Certificates that nobody vouches for are taken.
    pub any_certificate: bool,
}

/// How long a page may take to come and to say what is waited for, on a machine that is busy with other tests.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// A browser of its own: no history, no cookies.
#[derive(Clone)]
pub struct Browser {
    /// The window.
    pub driver: WebDriver,
    site: Arc<str>,
}

/// Runs a test in a browser at this site, and closes the browser whatever the test comes to.
pub async fn browse<F>(site: &str, habits: Habits, visit: impl FnOnce(Browser) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let machine = Machine::start();
    let driver = WebDriver::new(machine.url.as_str(), machine.wishes(habits)).await.expect("Chromium starts");
    driver.set_script_timeout(2 * TIME_LIMIT).await.expect("a timeout");
    let browser = Browser { driver: driver.clone(), site: site.into() };
    browser.is(1280, false).await;
    let trial = "data:text/html,<title>off</title><script>document.title = 'on'</script>";
    driver.goto(trial).await.expect("a page of its own");
    assert_eq!(driver.title().await.expect("a title") == "off", habits.without_script, "scripts run, or do not");
    let visited = tokio::spawn(visit(browser)).await;
    let _ = driver.quit().await;
    drop(machine);
    if let Err(error) = visited {
        std::panic::resume_unwind(error.into_panic());
    }
}

impl Browser {
    /// Opens a page by its path.
    pub async fn opens(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.site)).await.expect("the page loads");
    }

    /// Where the window is: the path and query.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.expect("an address");
        url.as_str().strip_prefix(&*self.site).unwrap_or(url.as_str()).to_owned()
    }

    /// Signs in as whoever has this login.
    pub async fn takes_login(&self, secret: &str) {
        self.opens("/health/live").await;
        self.driver.add_cookie(Cookie::new("login", secret.to_owned())).await.expect("a cookie");
    }

    /// Makes the page so many pixels wide, on paper-white or in the dark.
    pub async fn is(&self, width: u32, dark: bool) {
        let height = if width < 600 { 640 } else { 900 };
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tells("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            // Nothing is measured in the middle of a movement.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.tells("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Tells the browser itself something, by the protocol of its developer tools.
    pub async fn tells(&self, method: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(method, parameters).await.expect("Chromium understands")
    }

    /// What a script in the page comes to; the script ends with `return`.
    pub async fn script(&self, script: &str) -> Value {
        let value = self.driver.execute(script, vec![]).await;
        value.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// What a script in the page gives to its last argument.
    pub async fn script_later(&self, script: &str) -> Value {
        let value = self.driver.execute_async(script, vec![]).await;
        value.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// The words of the page.
    pub async fn text(&self) -> String {
        self.driver.find(By::Tag("body")).await.expect("a page").text().await.expect("words")
    }

    /// Waits until the words stand on the page.
    pub async fn sees(&self, words: &str) {
        let deadline = Instant::now() + TIME_LIMIT;
        loop {
            // A page on its way out has no body for a moment.
            let text = match self.driver.find(By::Tag("body")).await {
                Ok(body) => body.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if text.contains(words) {
                return;
            }
            assert!(Instant::now() < deadline, "\"{words}\" does not stand on {}:\n{text}", self.path().await);
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Opens a page again and again until the words stand on it: a change made behind the program's back reaches it a
    /// moment later.
    pub async fn opens_until(&self, path: &str, words: &str) {
        let deadline = Instant::now() + TIME_LIMIT;
        loop {
            self.opens(path).await;
            if self.text().await.contains(words) {
                return;
            }
            assert!(Instant::now() < deadline, "\"{words}\" does not come to stand on {path}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Types into the field with this label, in place of what stands there.
    pub async fn fills(&self, label: &str, text: &str) {
        self.fills_in("", label, text).await;
    }

    /// The same in the group whose heading begins so.
    pub async fn fills_in(&self, group: &str, label: &str, text: &str) {
        let field = self.field(group, label).await;
        field.clear().await.expect("a field to type into");
        field.send_keys(text).await.expect("a field to type into");
    }

    /// Chooses from the list with this label in the group whose heading begins so.
    pub async fn chooses_in(&self, group: &str, label: &str, words: &str) {
        let list = self.field(group, label).await;
        let option = list.find(By::XPath(format!(".//option[normalize-space(.)={words:?}]"))).await;
        option.expect("an entry of the list").click().await.expect("it can be chosen");
    }

    /// The same on the whole page.
    pub async fn chooses(&self, label: &str, words: &str) {
        self.chooses_in("", label, words).await;
    }

    /// What stands in the field with this label in the group whose heading begins so.
    pub async fn stands_in(&self, group: &str, label: &str) -> String {
        self.field(group, label).await.value().await.expect("a field").unwrap_or_default()
    }

    /// Goes back in the window's history, by its button.
    pub async fn goes_back(&self) {
        self.driver.back().await.expect("there is a page before");
    }

    /// The field with this label in the group whose heading begins so; the first that is shown.
    async fn field(&self, group: &str, label: &str) -> WebElement {
        let within = if group.is_empty() {
            "//main".to_owned()
        } else {
            format!("//*[(self::fieldset or @role='group')][starts-with(normalize-space(.), {group:?})]")
        };
        let named = format!("@id=//label[normalize-space(text())={label:?} or normalize-space(.)={label:?}]/@for");
        let path = format!("{within}//*[{named} or @aria-label={label:?}]");
        for field in self.driver.find_all(By::XPath(&path)).await.unwrap_or_default() {
            if field.is_displayed().await.unwrap_or_default() {
                return field;
            }
        }
        panic!("no field {label:?} {group:?} is shown on {}:\n{}", self.path().await, self.text().await);
    }

    /// Clicks the button, link, box or radio button with these words.
    pub async fn clicks(&self, words: &str) {
        let path = format!(
            "//main//button[normalize-space(.)={words:?} and not(@tabindex='-1')] | //main//a[normalize-space(.)={words:?}] \
             | //main//label[normalize-space(.)={words:?}] | //main//summary[normalize-space(.)={words:?}]"
        );
        self.find(&path).await.click().await.expect("it can be clicked");
    }

    /// Clicks the first link in the page's main part that has these words among others.
    pub async fn clicks_link(&self, words: &str) {
        self.find(&format!("//main//a[contains(normalize-space(.), {words:?})]")).await.click().await.expect("a link");
    }

    async fn find(&self, path: &str) -> WebElement {
        match self.driver.find(By::XPath(path)).await {
            Ok(found) => found,
            Err(error) => panic!("there is no {path} on {}: {error}\n{}", self.path().await, self.text().await),
        }
    }

    /// Presses keys as the keyboard does: they go to whatever has the focus.
    pub async fn presses(&self, keys: impl Into<thirtyfour::TypingData>) {
        let keys = self.driver.action_chain_with_delay(Some(Duration::ZERO), Some(Duration::ZERO)).send_keys(keys);
        keys.perform().await.expect("keys can be pressed");
    }

    /// Goes on with the Tab key until the focus is on what is called so, as a screen reader says it.
    pub async fn tabs_to(&self, name: &str) {
        let mut passed = Vec::new();
        for _ in 0..150 {
            self.presses(Key::Tab).await;
            let here = self.focused().await;
            if here == name {
                return;
            }
            passed.push(here);
        }
        panic!("the Tab key does not come to \"{name}\" on {}; it passes {passed:?}", self.path().await);
    }

    /// What has the focus is called so.
    pub async fn focused(&self) -> String {
        let name = self.script(NAME_OF_FOCUSED).await;
        name.as_str().unwrap_or_default().to_owned()
    }
}

const NAME_OF_FOCUSED: &str = r#"
    const e = document.activeElement;
    if (!e || e === document.body) return "";
    const plain = text => text.replace("(optional)", "").replace(/\s+/g, " ").trim();
    if (e.getAttribute("aria-label")) return e.getAttribute("aria-label");
    if (e.labels && e.labels.length) return plain(e.labels[0].textContent);
    return plain(e.textContent || e.value || e.id);
"#;

/// A chromedriver of its own, and the folder of its browser.
struct Machine {
    url: String,
    folder: PathBuf,
    driver: Child,
    /// Its standard input is closed when this process ends; then it ends chromedriver and with it the browser.
    watchman: Child,
}

impl Machine {
    /// The port that chromedriver draws for IPv4 must be free for IPv6 too; when it is not, chromedriver ends, and
    /// another one draws again.
    fn start() -> Self {
        (0..3).find_map(|_| Self::started()).expect("chromedriver starts and says where")
    }

    fn started() -> Option<Self> {
        let folder =
            std::env::temp_dir().join(format!("conference-browser-{:016x}", getrandom::u64().expect("chance")));
        fs::create_dir(&folder).expect("a folder under the system's temporary one");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("chromedriver is installed; tests/install does it");
        let watchman = Command::new("sh")
            .args(["-c", r#"read -r _; kill -s TERM -- "-$1" 2>/dev/null; sleep 1; rm -rf "$2""#, "watchman"])
            .arg(driver.id().to_string())
            .arg(&folder)
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("a shell");
        let port = chosen_port(driver.stdout.take().expect("a pipe"));
        let mut machine = Self { url: String::new(), folder, driver, watchman };
        machine.url = format!("http://127.0.0.1:{}", port?);
        Some(machine)
    }

    fn wishes(&self, habits: Habits) -> thirtyfour::ChromeCapabilities {
        let mut wishes = DesiredCapabilities::chrome();
        wishes.set_binary("/usr/bin/chromium").expect("a path");
        let profile = format!("--user-data-dir={}", self.folder.display());
        let mut arguments = vec![
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            // Going back, it builds the page anew from its own copy and fills the fields in again, as browsers do when they
            // are short of memory.
            "--disable-features=BackForwardCache",
            "--hide-scrollbars",
            "--lang=en-GB",
            &profile,
        ];
        if habits.any_certificate {
            arguments.push("--ignore-certificate-errors");
        }
        for argument in arguments {
            wishes.add_arg(argument).expect("an argument");
        }
        if habits.without_script {
            let preferences = json!({ "profile.managed_default_content_settings.javascript": 2 });
            wishes.add_experimental_option("prefs", preferences).expect("a preference");
        }
        wishes
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        drop(self.watchman.stdin.take());
        let _ = self.watchman.wait();
        let _ = self.driver.wait();
    }
}

/// The port that chromedriver has taken and listens on. One that we had picked for it could be another program's by the
/// time it starts, even another test's chromedriver.
fn chosen_port(said: ChildStdout) -> Option<u16> {
    let mut lines = BufReader::new(said).lines().map_while(Result::ok);
    let port = lines.by_ref().find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    // What it says later is nobody's to read, but it must be able to say it.
    std::thread::spawn(move || lines.for_each(drop));
    port
}
