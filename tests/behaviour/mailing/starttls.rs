//! A mail server that requires STARTTLS and a password, as most do.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::{
    instances::House,
    program::{Ended, Folder, Program, User, command},
    registering::registers,
    support::Mail,
};

const USER: &str = "robin";
const PASSWORD: &str = "s@cret/with marks";
/// The password as it is written in a URL.
const WRITTEN: &str = "s%40cret%2Fwith%20marks";

/// The server (`tests/support/smtp_auth.py`), with a certificate that no system trusts.
struct StrictServer {
    process: Child,
    folder: Folder,
    port: u16,
}

impl Drop for StrictServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl StrictServer {
    fn start() -> Self {
        let folder = Folder::for_user(User::Ordinary);
        let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .expect("openssl can be run");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let house = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut process = Command::new(house.join("target/tools/python/bin/python"))
            .arg(house.join("tests/support/smtp_auth.py"))
            .args([&certificate, &key])
            .args([USER, PASSWORD])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("python with aiosmtpd, as tests/install puts it there");
        let mut said = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut said).expect("its port");
        Self { process, port: said.trim().parse().expect("a port"), folder }
    }

    fn url(&self, password: &str) -> String {
        format!("smtp://{USER}:{password}@localhost:{}?tls=required", self.port)
    }

    fn certificate(&self) -> String {
        self.folder.path().join("certificate.pem").display().to_string()
    }

    /// Returns the mails it accepted, each with how it was sent.
    fn taken(&self) -> Vec<(String, Mail)> {
        let files = fs::read_dir(self.folder.path()).expect("its folder").flatten();
        let mails = files.filter(|file| file.path().extension().is_some_and(|kind| kind == "mail"));
        mails
            .map(|file| {
                let bytes = fs::read(file.path()).expect("a file");
                let end = bytes.iter().position(|byte| *byte == b'\n').expect("a first line");
                (String::from_utf8_lossy(&bytes[..end]).into_owned(), Mail::read(bytes[end + 1..].to_vec()))
            })
            .collect()
    }
}

/// Runs `conference check` with the mail server at this address.
fn checked(url: &str, certificate: Option<&str>) -> Ended {
    let folder = Folder::for_user(User::Ordinary);
    let mut check = command(&folder, User::Ordinary, &["check"]);
    check.env("SMTP_URL", url).env("OPERATIONS_ADDRESS", "operations@desk.example");
    if let Some(certificate) = certificate {
        check.env("SSL_CERT_FILE", certificate);
    }
    Program::spawn(check, &folder).ended()
}

#[tokio::test]
async fn mail_is_sent_over_starttls_to_a_server_that_requires_a_password() {
    let server = StrictServer::start();
    let house = House::new().await;
    let program = house
        .program(&[
            ("SMTP_URL", &server.url(WRITTEN)),
            ("SSL_CERT_FILE", &server.certificate()),
            ("OPERATIONS_ADDRESS", "operations@desk.example"),
        ])
        .await;
    registers(&program.delegate(1), "Anna Nagy", "anna@graz.example").await.must_say("You are registered");

    let deadline = Instant::now() + Duration::from_secs(20);
    while server.taken().len() < 2 {
        assert!(Instant::now() < deadline, "the mails do not come");
        sleep(Duration::from_millis(50)).await;
    }
    let taken = server.taken();
    let mut ways: Vec<_> = taken.iter().map(|(way, _)| way.as_str()).collect();
    ways.sort_unstable();
    assert_eq!(ways, ["TLSv1.3 robin anna@graz.example", "TLSv1.3 robin operations@desk.example"]);
    assert!(taken.iter().any(|(_, mail)| mail.subject().starts_with("You are registered")));
}

#[test]
fn the_check_says_what_is_wrong_with_a_mail_server() {
    let server = StrictServer::start();
    let certificate = server.certificate();

    let good = checked(&server.url(WRITTEN), Some(&certificate));
    assert!(good.said.contains("good: sent through localhost"), "{}", good.said);

    let wrong = checked(&server.url("guessed"), Some(&certificate));
    assert!(!wrong.success && wrong.said.contains("does not accept the connection: 535"), "{}", wrong.said);
    assert!(!wrong.said.contains("guessed"), "{}", wrong.said);

    let unknown = checked(&server.url(WRITTEN), None);
    assert!(!unknown.success && unknown.said.contains("certificate"), "{}", unknown.said);
}
