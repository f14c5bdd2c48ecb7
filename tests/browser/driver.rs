//! Chromium, operated as a person operates it.
#![allow(clippy::disallowed_methods, reason = "these threads wait for other programs and serve no requests")]

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use tokio::time::{Instant, sleep};

/// Options of a browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// JavaScript is switched off.
    pub without_script: bool,
    /// Certificates that no authority has signed are accepted.
    pub any_certificate: bool,
}

/// How long a page may take to load and to show what is expected, on a machine that is busy with other tests.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// A browser with no history and no cookies.
#[derive(Clone)]
pub struct Browser {
    /// The connection to the browser.
    pub driver: WebDriver,
    site: Arc<str>,
}

/// Runs a test in a browser on this site and closes the browser, whether the test succeeds or fails.
pub async fn browse<F>(site: &str, options: Options, visit: impl FnOnce(Browser) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let chromedriver = Chromedriver::start();
    let driver =
        WebDriver::new(chromedriver.url.as_str(), chromedriver.capabilities(options)).await.expect("Chromium starts");
    driver.set_script_timeout(2 * TIME_LIMIT).await.expect("a timeout");
    let browser = Browser { driver: driver.clone(), site: site.into() };
    browser.set_screen(1280, false).await;
    let probe = "data:text/html,<title>off</title><script>document.title = 'on'</script>";
    driver.goto(probe).await.expect("a page");
    assert_eq!(
        driver.title().await.expect("a title") == "off",
        options.without_script,
        "scripts run unless they are switched off"
    );
    let visited = tokio::spawn(visit(browser)).await;
    let _ = driver.quit().await;
    drop(chromedriver);
    if let Err(error) = visited {
        std::panic::resume_unwind(error.into_panic());
    }
}

impl Browser {
    /// Opens the page at this path.
    pub async fn opens(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.site)).await.expect("the page loads");
    }

    /// Returns the path and query of the current page.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.expect("an address");
        url.as_str().strip_prefix(&*self.site).unwrap_or(url.as_str()).to_owned()
    }

    /// Signs in with the secret of a login.
    pub async fn signs_in_with(&self, secret: &str) {
        self.opens("/health/live").await;
        self.driver.add_cookie(Cookie::new("login", secret.to_owned())).await.expect("a cookie");
    }

    /// Sets the width of the page in pixels, and the light or dark colour scheme.
    pub async fn set_screen(&self, width: u32, dark: bool) {
        let height = if width < 600 { 640 } else { 900 };
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            // No measurement during an animation.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Sends a command to the browser over its debugging protocol (CDP) and returns its result.
    pub async fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(method, parameters).await.expect("Chromium accepts the command")
    }

    /// Runs a script in the page and returns its result; the script ends with `return`.
    pub async fn script(&self, script: &str) -> Value {
        let value = self.driver.execute(script, vec![]).await;
        value.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// Runs a script in the page and returns what it passes to the callback in its last argument.
    pub async fn async_script(&self, script: &str) -> Value {
        let value = self.driver.execute_async(script, vec![]).await;
        value.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// Returns the text of the page.
    pub async fn text(&self) -> String {
        self.driver.find(By::Tag("body")).await.expect("a page").text().await.expect("words")
    }

    /// Waits until the page contains these words.
    pub async fn sees(&self, words: &str) {
        let deadline = Instant::now() + TIME_LIMIT;
        loop {
            // While a new page loads, there is no body for a moment.
            let text = match self.driver.find(By::Tag("body")).await {
                Ok(body) => body.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if text.contains(words) {
                return;
            }
            assert!(Instant::now() < deadline, "\"{words}\" is not on {}:\n{text}", self.path().await);
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Opens a page again and again until it contains these words: a change made directly in the database reaches it a
    /// moment later.
    pub async fn opens_until(&self, path: &str, words: &str) {
        let deadline = Instant::now() + TIME_LIMIT;
        loop {
            self.opens(path).await;
            if self.text().await.contains(words) {
                return;
            }
            assert!(Instant::now() < deadline, "\"{words}\" did not appear on {path}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Replaces the text in the field with this label.
    pub async fn fills(&self, label: &str, text: &str) {
        self.fills_in("", label, text).await;
    }

    /// Replaces the text in the field with this label, in the group whose heading begins with `group`.
    pub async fn fills_in(&self, group: &str, label: &str, text: &str) {
        let field = self.field(group, label).await;
        field.clear().await.expect("a field to type into");
        field.send_keys(text).await.expect("a field to type into");
    }

    /// Chooses from the list with this label, in the group whose heading begins with `group`.
    pub async fn chooses_in(&self, group: &str, label: &str, words: &str) {
        let list = self.field(group, label).await;
        let option = list.find(By::XPath(format!(".//option[normalize-space(.)={words:?}]"))).await;
        option.expect("an option of the list").click().await.expect("it can be chosen");
    }

    /// Chooses from the list with this label.
    pub async fn chooses(&self, label: &str, words: &str) {
        self.chooses_in("", label, words).await;
    }

    /// Returns the value of the field with this label, in the group whose heading begins with `group`.
    pub async fn value_in(&self, group: &str, label: &str) -> String {
        self.field(group, label).await.value().await.expect("a field").unwrap_or_default()
    }

    /// Presses the browser's Back button.
    pub async fn goes_back(&self) {
        self.driver.back().await.expect("there is a page before");
    }

    /// Finds the first visible field with this label, in the group whose heading begins with `group`.
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
        panic!("no field {label:?} {group:?} is visible on {}:\n{}", self.path().await, self.text().await);
    }

    /// Clicks the button, link, box or radio button with these words.
    pub async fn clicks(&self, words: &str) {
        let path = format!(
            "//main//button[normalize-space(.)={words:?} and not(@tabindex='-1')] | //main//a[normalize-space(.)={words:?}] \
             | //main//label[normalize-space(.)={words:?}] | //main//summary[normalize-space(.)={words:?}] \
             | //main//input[@aria-label={words:?}]"
        );
        self.find(&path).await.click().await.expect("it can be clicked");
    }

    /// Clicks the first button in the main part of the page that begins with these words.
    pub async fn clicks_first(&self, words: &str) {
        let path = format!("//main//button[starts-with(normalize-space(.), {words:?})]");
        self.find(&path).await.click().await.expect("it can be clicked");
    }

    /// Clicks the first link in the main part of the page that contains these words.
    pub async fn clicks_link(&self, words: &str) {
        self.find(&format!("//main//a[contains(normalize-space(.), {words:?})]")).await.click().await.expect("a link");
    }

    /// Clicks the button, link, box or field with these words, in the navigation too.
    pub async fn clicks_anywhere(&self, words: &str) {
        let path = format!(
            "//button[normalize-space(.)={words:?} and not(@tabindex='-1')] | //a[normalize-space(.)={words:?}] \
             | //label[normalize-space(text())={words:?}]"
        );
        self.find(&path).await.click().await.expect("it can be clicked");
    }

    /// Chooses a file for the field with this label.
    pub async fn attaches(&self, label: &str, file: &Path) {
        self.field("", label).await.send_keys(file.to_string_lossy()).await.expect("a field for a file");
    }

    async fn find(&self, path: &str) -> WebElement {
        match self.driver.find(By::XPath(path)).await {
            Ok(found) => found,
            Err(error) => panic!("there is no {path} on {}: {error}\n{}", self.path().await, self.text().await),
        }
    }

    /// Presses keys on the keyboard: they go to the element with the focus.
    pub async fn presses(&self, keys: impl Into<thirtyfour::TypingData>) {
        let keys = self.driver.action_chain_with_delay(Some(Duration::ZERO), Some(Duration::ZERO)).send_keys(keys);
        keys.perform().await.expect("keys can be pressed");
    }

    /// Presses the Enter key on a link. The key goes down and writes its character in one step: in two, the character could reach the
    /// field that has the focus on the next page, and send its form.
    pub async fn enters(&self) {
        for (kind, text) in [("keyDown", "\r"), ("keyUp", "")] {
            let key =
                json!({ "type": kind, "key": "Enter", "code": "Enter", "text": text, "windowsVirtualKeyCode": 13 });
            self.devtools("Input.dispatchKeyEvent", key).await;
        }
    }

    /// Presses the Tab key until the element with this name has the focus. Names are those that a screen reader reads
    /// out.
    pub async fn tabs_to(&self, name: &str) {
        self.tabs_until(name, |here| here == name).await;
    }

    /// Presses the Tab key until an element whose name begins with these words has the focus.
    pub async fn tabs_to_beginning(&self, words: &str) {
        self.tabs_until(words, |here| here.starts_with(words)).await;
    }

    async fn tabs_until(&self, name: &str, is_there: impl Fn(&str) -> bool) {
        let mut passed = Vec::new();
        for _ in 0..150 {
            self.presses(Key::Tab).await;
            let here = self.focused().await;
            if is_there(&here) {
                return;
            }
            passed.push(here);
        }
        panic!("the Tab key does not reach \"{name}\" on {}; it passes {passed:?}", self.path().await);
    }

    /// Returns the name of the element with the focus.
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

/// A chromedriver process and the folder of its browser.
struct Chromedriver {
    url: String,
    folder: PathBuf,
    driver: Child,
    /// When this process ends, its standard input is closed; then it ends chromedriver, which ends the browser.
    cleanup: Child,
}

impl Chromedriver {
    /// Starts chromedriver, up to three times: it picks a free port for IPv4 and ends if that port is not free for IPv6
    /// too.
    fn start() -> Self {
        (0..3).find_map(|_| Self::try_start()).expect("chromedriver starts and prints its port")
    }

    fn try_start() -> Option<Self> {
        let folder =
            std::env::temp_dir().join(format!("conference-browser-{:016x}", getrandom::u64().expect("random bytes")));
        fs::create_dir(&folder).expect("a folder under the system's temporary one");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("chromedriver is installed; tests/install installs it");
        let cleanup = Command::new("sh")
            .args(["-c", r#"read -r _; kill -s TERM -- "-$1" 2>/dev/null; sleep 1; rm -rf "$2""#, "cleanup"])
            .arg(driver.id().to_string())
            .arg(&folder)
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("a shell");
        let port = chosen_port(driver.stdout.take().expect("a pipe"));
        let mut chromedriver = Self { url: String::new(), folder, driver, cleanup };
        chromedriver.url = format!("http://127.0.0.1:{}", port?);
        Some(chromedriver)
    }

    fn capabilities(&self, options: Options) -> thirtyfour::ChromeCapabilities {
        let mut capabilities = DesiredCapabilities::chrome();
        capabilities.set_binary("/usr/bin/chromium").expect("a path");
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
            // On Back, rebuild the page from the cached response and fill the fields in again, as browsers do when they
            // are short of memory.
            "--disable-features=BackForwardCache",
            "--hide-scrollbars",
            "--lang=en-GB",
            &profile,
        ];
        if options.any_certificate {
            arguments.push("--ignore-certificate-errors");
        }
        for argument in arguments {
            capabilities.add_arg(argument).expect("an argument");
        }
        if options.without_script {
            let preferences = json!({ "profile.managed_default_content_settings.javascript": 2 });
            capabilities.add_experimental_option("prefs", preferences).expect("a preference");
        }
        capabilities
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        drop(self.cleanup.stdin.take());
        let _ = self.cleanup.wait();
        let _ = self.driver.wait();
    }
}

/// Reads the port that chromedriver listens on from its output. If we picked a port, another program, even another
/// test's chromedriver, could take it before chromedriver starts.
fn chosen_port(output: ChildStdout) -> Option<u16> {
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let port = lines.by_ref().find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    // Nobody needs the rest of its output, but reading it keeps the pipe from filling up.
    std::thread::spawn(move || lines.for_each(drop));
    port
}
