//! The site behind a reverse proxy with TLS, as in production: nginx with a self-signed certificate.
#![allow(clippy::disallowed_methods, reason = "these threads wait for other programs and serve no requests")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    driver::{Browser, Options, browse},
    support::{LEIPZIG, TestApp, free_port},
};

/// The address from which the proxy connects to the program; no visitor has it.
const PROXY: &str = "127.0.0.2";

#[tokio::test]
async fn behind_a_proxy_with_tls_cookies_are_secure_forms_work_and_visitors_addresses_are_known() {
    let port = free_port();
    let public = format!("https://localhost:{port}");
    let app = TestApp::start_with(|settings| {
        settings.public_url = Some(conference::config::PublicUrl::parse(&public).expect("an address"));
        settings.trusted_proxies = vec![PROXY.parse::<std::net::IpAddr>().expect("an address").into()];
    })
    .await;
    let proxy = Proxy::start(port, app.url());
    let account = app.account("staff").await;
    let link = account.password_link(&app.db, app.now()).await;
    let options = Options { any_certificate: true, ..Options::default() };
    browse(&public, options, async move |browser: Browser| {
        browser.opens(LEIPZIG).await;
        let cookies = browser.driver.get_all_cookies().await.expect("a list");
        assert!(cookies.is_empty(), "nobody gets a cookie before signing in: {cookies:?}");
        let hsts = browser
            .async_script(
                "const done = arguments[arguments.length - 1];
                 fetch('/').then(answer => done(answer.headers.get('strict-transport-security')));",
            )
            .await;
        assert_eq!(hsts, "max-age=31536000; includeSubDomains");

        browser.opens(&format!("{LEIPZIG}/register")).await;
        browser.fills("Name", "Anna Gruber").await;
        browser.fills("E-mail", "anna@graz.example").await;
        browser.fills("Organisation", "City of Graz").await;
        browser.fills("City", "Graz").await;
        browser.chooses("Country", "Austria").await;
        browser.chooses("Category", "Member city").await;
        browser.clicks("Register").await;
        browser.sees("You are registered").await;

        browser.opens(&link).await;
        browser.fills("New password", "seven squares above the roofs").await;
        browser.fills("New password again", "seven squares above the roofs").await;
        browser.clicks("Set password").await;
        browser.sees("Sign in").await;
        browser.opens("/sign-in").await;
        browser.fills("E-mail", &account.email).await;
        browser.fills("Password", "seven squares above the roofs").await;
        browser.clicks("Sign in").await;
        browser.sees("Registrations over time").await;
        let cookies = browser.devtools("Network.getCookies", json!({})).await;
        let cookies = cookies["cookies"].as_array().expect("a list");
        assert_eq!(cookies.len(), 2, "{cookies:?}");
        for (name, ends_with_the_browser) in [("__Host-login", true), ("__Host-browser", false)] {
            let cookie = cookies.iter().find(|cookie| cookie["name"] == name).expect("its cookie");
            for (property, value) in [("secure", true), ("httpOnly", true), ("session", ends_with_the_browser)] {
                assert_eq!(cookie[property], value, "{property} of {cookie}");
            }
            assert_eq!(cookie["sameSite"], "Lax");
        }
    })
    .await;
    // Rate limits count by the visitor's address, not the proxy's.
    let counted: Vec<String> = sqlx::query_scalar("select key from rate_limit where rule like '%network'")
        .fetch_all(&app.db)
        .await
        .expect("the rate limits");
    assert!(!counted.is_empty() && counted.iter().all(|key| key == "127.0.0.1"), "{counted:?}");
    drop(proxy);
}

/// A running nginx, stopped when this value is dropped.
struct Proxy {
    child: Child,
    folder: PathBuf,
}

impl Proxy {
    fn start(port: u16, program: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("conference-proxy-{:016x}", getrandom::u64().expect("random bytes")));
        fs::create_dir(&folder).expect("a folder");
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
            .args(["-keyout", "key.pem", "-out", "certificate.pem"])
            .current_dir(&folder)
            .output()
            .expect("openssl is installed; tests/install installs it");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        fs::write(folder.join("nginx.conf"), configuration(&folder, port, program)).expect("a file");
        let child = Command::new(path_of("nginx"))
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .args(["-g", "daemon off; master_process off;"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed; tests/install installs it");
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "nginx does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, folder }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn configuration(folder: &Path, port: u16, program: &str) -> String {
    let folder = folder.display();
    format!(
        "pid {folder}/pid; error_log {folder}/error.log;
         events {{ }}
         http {{
             access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
             fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
             server {{
                 listen 127.0.0.1:{port} ssl;
                 ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
                 location / {{
                     proxy_pass {program}; proxy_bind {PROXY}; proxy_http_version 1.1;
                     proxy_set_header Host $http_host;
                     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                     proxy_set_header X-Forwarded-Proto $scheme;
                 }}
             }}
         }}"
    )
}

/// Returns the path of a program. Debian installs some in a folder that is not on an ordinary user's path.
fn path_of(name: &str) -> PathBuf {
    let there = Path::new("/usr/sbin").join(name);
    if there.exists() { there } else { name.into() }
}
