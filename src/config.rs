//! All settings of the program, with their names, defaults and meanings. They are read from the environment once, at
//! the start.
//!
//! If settings are wrong, the program does not start. It lists all wrong settings at once, each with its value (secrets
//! are masked) and an example.

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

/// A setting as `--help` lists it and as error messages quote it.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// The default value, or a description of what happens without a value.
    pub default: &'static str,
    /// What the setting does.
    pub meaning: &'static str,
    /// A valid value.
    pub example: &'static str,
}

macro_rules! settings {
    ($($constant:ident $name:literal, default $default:literal, $meaning:literal, like $example:literal;)*) => {
        $(const $constant: Setting = Setting { name: $name, default: $default, meaning: $meaning, example: $example };)*
        /// All settings, the most important first.
        pub const SETTINGS: &[Setting] = &[$($constant),*];
    };
}

settings! {
    LISTEN "LISTEN", default "127.0.0.1:8080",
        "the address and port to listen on; separate several with commas; port 0 is any free port", like "127.0.0.1:8080";
    PUBLIC_URL "PUBLIC_URL", default "http://localhost with the port in LISTEN",
        "the beginning of links in mails, and the only origin from which forms are accepted; https turns on secure cookies and HSTS",
        like "https://conference.example.eu";
    DATABASE_URL "DATABASE_URL", default "unset: a private PostgreSQL under DATA_DIR",
        "the PostgreSQL database to use", like "postgres://conference:password@db.example.eu/conference";
    DATA_DIR "DATA_DIR", default "data", "the folder for everything that the program stores on disk", like "/var/lib/conference";
    POSTGRES_BIN "POSTGRES_BIN", default "unset: searched for in the usual places",
        "the folder of PostgreSQL's programs, for a private PostgreSQL and for backups", like "/usr/lib/postgresql/15/bin";
    SMTP_URL "SMTP_URL", default "unset: mails are written to files under DATA_DIR/mail",
        "the mail server", like "smtps://user:password@mail.example.eu:465";
    MAIL_FROM "MAIL_FROM", default "Major Cities of Europe <operations@majorcities.eu>",
        "the sender of every mail", like "Major Cities of Europe <operations@majorcities.eu>";
    OPERATIONS_ADDRESS "OPERATIONS_ADDRESS", default "operations@majorcities.eu while mails are written to files",
        "the address that gets the confirmation of every registration; must be set together with SMTP_URL", like "operations@majorcities.eu";
    TRUSTED_PROXIES "TRUSTED_PROXIES", default "none",
        "the addresses and networks of proxies whose Forwarded and X-Forwarded-For headers are trusted, separated by commas", like "127.0.0.1, 10.0.0.0/8";
    LOG "LOG", default "info", "the filter for log lines", like "info,sqlx=debug";
    METRICS_LISTEN "METRICS_LISTEN", default "unset", "reserved for metrics, which do not exist yet", like "127.0.0.1:9090";
}

/// The validated settings. The rest of the program never reads the environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The addresses to listen on, at least one. Port 0 is any free port.
    pub listen: Vec<SocketAddr>,
    /// The public address, if set. [`Settings::public_url()`] applies the default.
    pub public_url: Option<PublicUrl>,
    /// The PostgreSQL database to use instead of a private one.
    pub database_url: Option<SecretString>,
    /// The folder for everything that the program stores on disk.
    pub data_dir: PathBuf,
    /// The folder of PostgreSQL's programs, if set.
    pub postgres_bin: Option<PathBuf>,
    /// The mail server. Without one, mails are written to files.
    pub smtp_url: Option<SecretString>,
    /// The sender of every mail.
    pub mail_from: Mailbox,
    /// The address that gets the confirmation of every registration.
    pub operations_address: EmailAddress,
    /// The proxies that are trusted to state the visitor's address.
    pub trusted_proxies: Vec<IpNet>,
    /// The filter for log lines, in the syntax of `tracing_subscriber`.
    pub log: String,
    /// Reserved for metrics.
    pub metrics_listen: Option<SocketAddr>,
}

impl Default for Settings {
    /// The settings when no environment variable is set.
    fn default() -> Self {
        Self::read(|_| None).expect("the defaults are valid, which a test checks")
    }
}

impl Settings {
    /// Reads the settings from the process's environment.
    pub fn from_environment() -> Result<Self, WrongSettings> {
        Self::read(|name| env::var_os(name))
    }

    /// Reads the settings from `source`, which returns the value of a name. An empty value counts as not set.
    pub fn read(source: impl Fn(&str) -> Option<OsString>) -> Result<Self, WrongSettings> {
        let mut reader = Reader { source, wrong: Vec::new() };
        let settings = Self {
            listen: reader.or_default(&LISTEN, listen),
            public_url: reader.optional(&PUBLIC_URL, PublicUrl::parse),
            database_url: reader.optional(&DATABASE_URL, database_url),
            data_dir: reader.or_default(&DATA_DIR, |text| Ok(PathBuf::from(text))),
            postgres_bin: reader.optional(&POSTGRES_BIN, |text| Ok(PathBuf::from(text))),
            smtp_url: reader.optional(&SMTP_URL, smtp_url),
            mail_from: reader.or_default(&MAIL_FROM, mailbox),
            operations_address: reader.or_default(&OPERATIONS_ADDRESS, address),
            trusted_proxies: reader.optional(&TRUSTED_PROXIES, networks).unwrap_or_default(),
            log: reader.or_default(&LOG, log_filter),
            metrics_listen: reader.optional(&METRICS_LISTEN, socket_address),
        };
        if reader.text(&SMTP_URL).is_some() && reader.text(&OPERATIONS_ADDRESS).is_none() {
            reader.refuse(
                &OPERATIONS_ADDRESS,
                "must be set together with SMTP_URL, so that a trial does not send mail to the real operations desk"
                    .into(),
            );
        }
        if reader.wrong.is_empty() { Ok(settings) } else { Err(WrongSettings(reader.wrong)) }
    }

    /// Returns the public address. The default is `localhost` with `port`, the port on which the server really listens.
    pub fn public_url(&self, port: u16) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::of_this_machine(port))
    }

    /// Returns the folder for mails while no mail server is set.
    pub fn mail_folder(&self) -> PathBuf {
        self.data_dir.join("mail")
    }
}

/// A setting with a wrong value. Secrets in the value are masked, so that it can be shown.
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

/// All wrong settings, each on its own line.
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

/// Reads and validates the settings one by one and collects the wrong ones.
struct Reader<F> {
    source: F,
    wrong: Vec<WrongSetting>,
}

impl<F: Fn(&str) -> Option<OsString>> Reader<F> {
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
            let default = setting.default.split(" while ").next().unwrap_or_default();
            validate(default).expect("the defaults are valid, which a test checks")
        })
    }

    fn refuse(&mut self, setting: &'static Setting, reason: String) {
        let value = self.text(setting).map(|text| masked(setting, text.to_string_lossy().trim()));
        self.wrong.push(WrongSetting { setting, value, reason });
    }
}

/// Masks everything that may be a password: before the last `@` of an address, and after `password=`. The value of a
/// setting that may contain a secret but is not an address is masked completely.
fn masked(setting: &Setting, text: &str) -> String {
    if !matches!(setting.name, "DATABASE_URL" | "SMTP_URL") {
        return text.to_owned();
    }
    let Some((scheme, rest)) = text.split_once("://") else { return "***".to_owned() };
    let rest = match rest.rsplit_once('@') {
        Some((login, host)) => format!("{}:***@{host}", login.split(':').next().unwrap_or_default()),
        // The host may be missing after a user name and password, so the part after the colon is shown only if it is a
        // port.
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
    // The parser's own message may quote part of the secret.
    PgConnectOptions::from_str(text).map_err(|_| "is not a PostgreSQL address".to_owned())?;
    Ok(text.into())
}

fn smtp_url(text: &str) -> Result<SecretString, String> {
    let uri: Uri = text
        .parse()
        .map_err(|_| "is not an address; encode special characters in a password, for example @ as %40".to_owned())?;
    if !matches!(uri.scheme_str(), Some("smtp" | "smtps")) {
        return Err("does not start with smtp:// or smtps://".to_owned());
    }
    if !uri.authority().is_some_and(names_a_host) || uri.path().contains('@') {
        return Err(
            "has no host or an invalid port; encode special characters in a password, for example / as %2F".to_owned()
        );
    }
    if !matches!(uri.query(), None | Some("tls=required" | "tls=opportunistic")) {
        return Err("may only end with ?tls=required or ?tls=opportunistic".to_owned());
    }
    // The parser's own message may quote part of the secret.
    AsyncSmtpTransport::<Tokio1Executor>::from_url(text).map_err(|_| "is not a mail server address".to_owned())?;
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
        .map_err(|_| "contains something that is neither an address nor a network".to_owned())
}

fn log_filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map_err(|_| "is not a valid log filter".to_owned())?;
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
    fn the_defaults_work_on_a_laptop() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.listen, ["127.0.0.1:8080".parse().unwrap()]);
        assert_eq!(settings.public_url(8080).as_str(), "http://localhost:8080");
        assert_eq!(settings.operations_address.to_string(), "operations@majorcities.eu");
        assert_eq!(settings.mail_from.to_string(), "Major Cities of Europe <operations@majorcities.eu>");
    }

    #[test]
    fn every_example_is_valid() {
        for setting in SETTINGS {
            let settings = [(setting.name, setting.example), ("OPERATIONS_ADDRESS", OPERATIONS_ADDRESS.example)];
            read(&settings).unwrap_or_else(|wrong| panic!("{wrong}"));
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
    fn a_mail_server_requires_the_operations_address() {
        let wrong = read(&[("SMTP_URL", "smtp://mail.example.eu:25")]).unwrap_err();
        assert!(wrong.starts_with("OPERATIONS_ADDRESS is missing: it must be set together with SMTP_URL"), "{wrong}");
    }

    #[test]
    fn several_addresses_and_proxies_are_separated_by_commas() {
        let settings = read(&[("LISTEN", "127.0.0.1:0, [::1]:8081"), ("TRUSTED_PROXIES", "10.0.0.0/8,::1")]).unwrap();
        assert_eq!(settings.listen.len(), 2);
        assert_eq!(settings.trusted_proxies.len(), 2);
    }
}
