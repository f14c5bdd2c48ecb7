//! Every setting of the program: its name, its default, what it means. Read once at the start, from the environment.
//!
//! A wrong setting stops the start with its name, its value (secrets masked) and an example, all wrong ones at once.

mod public_url;
mod unencrypted;

use std::{env, ffi::OsString, fmt, net::SocketAddr, path::PathBuf, str::FromStr};

use axum::http::Uri;
use ipnet::IpNet;
use lettre::{AsyncSmtpTransport, Tokio1Executor, message::Mailbox};
use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;
use tracing_subscriber::EnvFilter;

pub use self::public_url::PublicUrl;
use self::public_url::names_a_host;
use crate::domain::EmailAddress;

/// One row of the table that `--help` prints and that errors quote.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// What holds when it is not given, in words where it is no plain value.
    pub default: &'static str,
    /// What it decides, in one sentence.
    pub meaning: &'static str,
    /// A value that works.
    pub example: &'static str,
}

macro_rules! settings {
    ($($constant:ident $name:literal, default $default:literal, $meaning:literal, like $example:literal;)*) => {
        $(const $constant: Setting = Setting { name: $name, default: $default, meaning: $meaning, example: $example };)*
        /// The settings in the order in which people meet them.
        pub const SETTINGS: &[Setting] = &[$($constant),*];
    };
}

settings! {
    LISTEN "LISTEN", default "127.0.0.1:8080",
        "address and port to listen on; several with commas; port 0 takes any free one", like "127.0.0.1:8080";
    PUBLIC_URL "PUBLIC_URL", default "http://localhost: and LISTEN's port",
        "what links in mails start with and the one trusted origin of forms; https switches secure cookies and HSTS on",
        like "https://conference.example.eu";
    DATABASE_URL "DATABASE_URL", default "unset: a PostgreSQL of its own under DATA_DIR",
        "the PostgreSQL to use", like "postgres://conference:password@db.example.eu/conference";
    DATA_DIR "DATA_DIR", default "data", "the folder of everything the program keeps on disk by itself", like "/var/lib/conference";
    POSTGRES_BIN "POSTGRES_BIN", default "unset: looked for in the usual places",
        "the folder of PostgreSQL's programs, for a PostgreSQL of its own and for backups", like "/usr/lib/postgresql/15/bin";
    SMTP_URL "SMTP_URL", default "unset: mails are written as files under DATA_DIR/mail",
        "the mail server", like "smtps://user:password@mail.example.eu:465";
    MAIL_FROM "MAIL_FROM", default "Major Cities of Europe <operations@majorcities.eu>",
        "the sender of every mail", like "Major Cities of Europe <operations@majorcities.eu>";
    OPERATIONS_ADDRESS "OPERATIONS_ADDRESS", default "operations@majorcities.eu while mails are written as files",
        "gets the confirmation of every registration; must be given together with SMTP_URL", like "operations@majorcities.eu";
    TRUSTED_PROXIES "TRUSTED_PROXIES", default "none",
        "addresses and networks whose Forwarded and X-Forwarded-For are believed, with commas", like "127.0.0.1, 10.0.0.0/8";
    LOG "LOG", default "info", "which log lines are written", like "info,sqlx=debug";
    METRICS_LISTEN "METRICS_LISTEN", default "unset: none", "reserved: a separate address for figures, which do not exist yet", like "127.0.0.1:9090";
}

/// What the program was told, validated once; the rest of the house never asks the environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; at least one. Port 0 means any free port.
    pub listen: Vec<SocketAddr>,
    /// What links start with, if it was said. [`Settings::public_url`] has the default.
    pub public_url: Option<PublicUrl>,
    /// The PostgreSQL to use instead of a private one.
    pub database_url: Option<SecretString>,
    /// The folder of everything the program keeps on disk by itself.
    pub data_dir: PathBuf,
    /// Where PostgreSQL's programs are, if it was said.
    pub postgres_bin: Option<PathBuf>,
    /// The mail server; without one, mails become files.
    pub smtp_url: Option<SecretString>,
    /// The sender of every mail.
    pub mail_from: Mailbox,
    /// Who gets the confirmation of every registration.
    pub operations_address: EmailAddress,
    /// Whose word about the visitor's address is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The filter of log lines, in the notation of `tracing_subscriber`.
    pub log: String,
    /// Where figures are to be asked for.
    pub metrics_listen: Option<SocketAddr>,
}

impl Default for Settings {
    /// What holds on a laptop where nothing is set.
    fn default() -> Self {
        Self::read(|_| None).expect("the defaults are right: a test reads them")
    }
}

impl Settings {
    /// Reads the settings from the process's environment.
    pub fn from_environment() -> Result<Self, WrongSettings> {
        Self::read(|name| env::var_os(name))
    }

    /// Reads the settings from anything that answers to their names. What is empty counts as not given.
    pub fn read(source: impl Fn(&str) -> Option<OsString>) -> Result<Self, WrongSettings> {
        let mut desk = Desk { source, wrong: Vec::new() };
        let settings = Self {
            listen: desk.or_default(&LISTEN, listen),
            public_url: desk.optional(&PUBLIC_URL, PublicUrl::parse),
            database_url: desk.optional(&DATABASE_URL, database_url),
            data_dir: desk.or_default(&DATA_DIR, |text| Ok(PathBuf::from(text))),
            postgres_bin: desk.optional(&POSTGRES_BIN, |text| Ok(PathBuf::from(text))),
            smtp_url: desk.optional(&SMTP_URL, smtp_url),
            mail_from: desk.or_default(&MAIL_FROM, mailbox),
            operations_address: desk.or_default(&OPERATIONS_ADDRESS, address),
            trusted_proxies: desk.optional(&TRUSTED_PROXIES, networks).unwrap_or_default(),
            log: desk.or_default(&LOG, log_filter),
            metrics_listen: desk.optional(&METRICS_LISTEN, socket_address),
        };
        if desk.text(&SMTP_URL).is_some() && desk.text(&OPERATIONS_ADDRESS).is_none() {
            desk.refuse(
                &OPERATIONS_ADDRESS,
                "must be given together with SMTP_URL, so that no trial writes to a real desk".into(),
            );
        }
        if desk.wrong.is_empty() { Ok(settings) } else { Err(WrongSettings(desk.wrong)) }
    }

    /// What links start with; `port` is the one really listened on, for where nothing was said.
    pub fn public_url(&self, port: u16) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::of_this_machine(port))
    }

    /// Where mails lie while no mail server is set.
    pub fn mail_folder(&self) -> PathBuf {
        self.data_dir.join("mail")
    }
}

/// One wrong setting, fit to be shown: secrets in its value are masked.
#[derive(Debug)]
pub struct WrongSetting {
    setting: &'static Setting,
    value: Option<String>,
    reason: String,
}

impl fmt::Display for WrongSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Setting { name, example, .. } = self.setting;
        match &self.value {
            Some(value) => write!(f, "{name} is wrong: \"{value}\" {}.", self.reason)?,
            None => write!(f, "{name} is missing: it {}.", self.reason)?,
        }
        write!(f, " For example: {name}={example}")
    }
}

/// Everything that is wrong with the settings, one line each.
#[derive(Debug, thiserror::Error)]
pub struct WrongSettings(Vec<WrongSetting>);

impl fmt::Display for WrongSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, wrong) in self.0.iter().enumerate() {
            write!(f, "{}{wrong}", if index > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

/// Where the settings are validated: asks for each one's text and collects what is wrong.
struct Desk<F> {
    source: F,
    wrong: Vec<WrongSetting>,
}

impl<F: Fn(&str) -> Option<OsString>> Desk<F> {
    fn text(&self, setting: &Setting) -> Option<OsString> {
        (self.source)(setting.name).filter(|text| !text.to_string_lossy().trim().is_empty())
    }

    fn optional<T>(&mut self, setting: &'static Setting, validate: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text(setting)?;
        let validated = text.to_str().ok_or_else(|| "is not UTF-8".to_owned()).and_then(|text| validate(text.trim()));
        validated.map_err(|reason| self.refuse(setting, reason)).ok()
    }

    fn or_default<T>(&mut self, setting: &'static Setting, validate: impl Fn(&str) -> Result<T, String>) -> T {
        self.optional(setting, &validate).unwrap_or_else(|| {
            let shipped = setting.default.split(" while ").next().unwrap_or_default();
            validate(shipped).expect("the defaults are right: a test reads them")
        })
    }

    fn refuse(&mut self, setting: &'static Setting, reason: String) {
        let value = self.text(setting).map(|text| masked(setting, text.to_string_lossy().trim()));
        self.wrong.push(WrongSetting { setting, value, reason });
    }
}

/// The text with what may be a password hidden: before the last `@` of an address, and behind `password=`.
/// A setting that may hold a secret and has no address's shape is hidden whole.
fn masked(setting: &Setting, text: &str) -> String {
    if !matches!(setting.name, "DATABASE_URL" | "SMTP_URL") {
        return text.to_owned();
    }
    let Some((scheme, rest)) = text.split_once("://") else { return "***".to_owned() };
    let rest = match rest.rsplit_once('@') {
        Some((login, host)) => format!("{}:***@{host}", login.split(':').next().unwrap_or_default()),
        // A login whose host was forgotten: what stands where a port would is shown only if it is one.
        None => match rest.split_once(':') {
            Some((host, behind)) if behind.split(['/', '?']).next().is_none_or(|port| port.parse::<u16>().is_err()) => {
                format!("{host}:***")
            }
            _ => rest.to_owned(),
        },
    };
    let parts = rest.split_inclusive(['?', '&']);
    let shown: String = parts.map(|part| if part.starts_with("password=") { "password=***" } else { part }).collect();
    format!("{scheme}://{shown}")
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "is not an address with a port".to_owned())
}

fn listen(text: &str) -> Result<Vec<SocketAddr>, String> {
    text.split(',').map(|part| socket_address(part.trim())).collect()
}

fn database_url(text: &str) -> Result<SecretString, String> {
    if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
        return Err("does not start with postgres://".to_owned());
    }
    // The parser's own words may quote a part of the secret.
    PgConnectOptions::from_str(text).map_err(|_| "is not an address of PostgreSQL".to_owned())?;
    Ok(text.into())
}

fn smtp_url(text: &str) -> Result<SecretString, String> {
    let uri: Uri = text
        .parse()
        .map_err(|_| "is not an address; write special characters of a password as %40 and the like".to_owned())?;
    if !matches!(uri.scheme_str(), Some("smtp" | "smtps")) {
        return Err("does not start with smtp:// or smtps://".to_owned());
    }
    if !uri.authority().is_some_and(names_a_host) || uri.path().contains('@') {
        return Err(
            "names no host, or no right port; write special characters of a password as %2F and the like".to_owned()
        );
    }
    if !matches!(uri.query(), None | Some("tls=required" | "tls=opportunistic")) {
        return Err("may end with ?tls=required or ?tls=opportunistic and nothing else".to_owned());
    }
    // The parser's own words may quote a part of the secret.
    AsyncSmtpTransport::<Tokio1Executor>::from_url(text)
        .map_err(|_| "is not an address of a mail server".to_owned())?;
    Ok(text.into())
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| "is not a sender in the form Name <name@city.eu>".to_owned())
}

fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|_| "is not an e-mail address".to_owned())
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| part.parse::<IpNet>().or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from)))
        .collect::<Result<_, _>>()
        .map_err(|_| "holds something that is no address and no network".to_owned())
}

fn log_filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map_err(|_| "is not a filter of log lines".to_owned())?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> Result<Settings, String> {
        let find = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
        Settings::read(find).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn nothing_set_works_on_a_laptop() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.listen, ["127.0.0.1:8080".parse().unwrap()]);
        assert_eq!(settings.public_url(8080).as_str(), "http://localhost:8080");
        assert_eq!(settings.operations_address.to_string(), "operations@majorcities.eu");
        assert_eq!(settings.mail_from.to_string(), "Major Cities of Europe <operations@majorcities.eu>");
    }

    #[test]
    fn every_example_is_right() {
        for setting in SETTINGS {
            let desk = [(setting.name, setting.example), ("OPERATIONS_ADDRESS", OPERATIONS_ADDRESS.example)];
            read(&desk).unwrap_or_else(|wrong| panic!("{wrong}"));
        }
    }

    #[test]
    fn every_wrong_setting_is_named_with_its_value_and_an_example() {
        let wrong = read(&[("LISTEN", "8080"), ("PUBLIC_URL", "example.eu/path"), ("LOG", "a=b=c")]).unwrap_err();
        assert_eq!(
            wrong.lines().next(),
            Some("LISTEN is wrong: \"8080\" is not an address with a port. For example: LISTEN=127.0.0.1:8080")
        );
        assert_eq!(wrong.lines().count(), 3, "{wrong}");
    }

    #[test]
    fn a_wrong_setting_shows_no_secret() {
        for (name, value) in [
            ("DATABASE_URL", "mysql://me:s3cret@host/db"),
            ("DATABASE_URL", "postgres://me:s3cret@host:port/db"),
            ("DATABASE_URL", "http://host/db?password=s3cret&a=b"),
            ("SMTP_URL", "smtp://me:s3cret@with@host:99999?tls=none"),
            ("SMTP_URL", "smtp://me:s3cret/with/slashes@host"),
            ("SMTP_URL", "me:s3cret"),
            ("SMTP_URL", "smtp://me:s3cret"),
            ("DATABASE_URL", "postgres://me:s3cret/db"),
            ("DATABASE_URL", "host=localhost password=s3cret"),
        ] {
            let wrong = read(&[(name, value), ("OPERATIONS_ADDRESS", "a@b.eu")]).unwrap_err();
            assert!(wrong.starts_with(&format!("{name} is wrong: ")), "{wrong}");
            assert!(!wrong.contains("s3cret"), "{wrong}");
        }
    }

    #[test]
    fn a_mail_server_wants_the_operations_address_too() {
        let wrong = read(&[("SMTP_URL", "smtp://mail.example.eu:25")]).unwrap_err();
        assert!(wrong.starts_with("OPERATIONS_ADDRESS is missing: it must be given together with SMTP_URL"), "{wrong}");
    }

    #[test]
    fn several_addresses_and_proxies_are_given_with_commas() {
        let settings = read(&[("LISTEN", "127.0.0.1:0, [::1]:8081"), ("TRUSTED_PROXIES", "10.0.0.0/8,::1")]).unwrap();
        assert_eq!(settings.listen.len(), 2);
        assert_eq!(settings.trusted_proxies.len(), 2);
    }
}
