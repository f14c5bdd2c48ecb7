//! PostgreSQL's own client programs, set up to work on our database. They get the password in their environment,
//! because every user of the machine can read a command line.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use secrecy::ExposeSecret;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::process::Command;
use url::Url;

use super::{
    Database, Error,
    private::{Binaries, PrivateServer, ServerUser},
};

/// Where operating systems keep the certificates of trusted authorities. sqlx finds them by itself; libpq has to be
/// told.
const AUTHORITIES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The client programs of one release of PostgreSQL, and how they reach the database.
#[derive(Debug)]
pub struct Client<'a> {
    binaries: Binaries,
    environment: Vec<(&'static str, OsString)>,
    user: Option<&'a ServerUser>,
}

impl Database {
    /// Finds the client programs that can work with a server of this release, the nearest release first.
    pub(super) async fn clients(&self, server: u32) -> Result<Vec<Client<'_>>, Error> {
        let binaries = Binaries::find_clients(self.postgres_bin.as_deref(), server).await?;
        let user = self.private.as_ref().map(PrivateServer::user);
        let url = self.url.as_ref().and_then(|url| Url::parse(url.expose_secret()).ok());
        let environment = environment(&self.owner, url.as_ref());
        let client = |binaries| Client { binaries, environment: environment.clone(), user };
        Ok(binaries.into_iter().map(client).collect())
    }
}

impl Client<'_> {
    /// Prepares a command that runs one of the programs. It is killed when the future that waits for it is dropped, and
    /// it runs in a process group of its own, so that Ctrl-C in our terminal does not reach it directly. For our own
    /// server, it runs as that server's user.
    pub fn command(&self, program: &str) -> Command {
        let path = self.binaries.program(program);
        let mut command = match self.user {
            Some(user) => user.command(&path),
            None => Command::new(path),
        };
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.process_group(0).stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Returns the error for a program that could not be run.
    pub fn not_run(&self, program: &str, cause: std::io::Error) -> Error {
        Error::Program { program: self.binaries.program(program).display().to_string(), cause }
    }
}

/// Translates the connection options of sqlx into the environment variables of libpq.
fn environment(options: &PgConnectOptions, url: Option<&Url>) -> Vec<(&'static str, OsString)> {
    let host = options.get_host().trim_start_matches('[').trim_end_matches(']');
    let mode = match options.get_ssl_mode() {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    };
    let mut environment: Vec<(&'static str, OsString)> = vec![
        ("PGHOST", options.get_socket().map_or_else(|| host.into(), |socket| socket.clone().into())),
        ("PGPORT", options.get_port().to_string().into()),
        ("PGUSER", options.get_username().into()),
        ("PGDATABASE", options.get_database().unwrap_or(options.get_username()).into()),
        ("PGSSLMODE", mode.into()),
        ("PGAPPNAME", "conference backup".into()),
    ];
    environment.extend(options.get_options().map(|options| ("PGOPTIONS", options.into())));
    let Some(url) = url else { return environment };
    if let Some(password) = url.password() {
        environment.push((
            "PGPASSWORD",
            percent_encoding::percent_decode_str(password).decode_utf8_lossy().into_owned().into(),
        ));
    }
    let mut root =
        matches!(mode, "verify-ca" | "verify-full").then(trusted_authorities).flatten().map(PathBuf::into_os_string);
    for (key, value) in url.query_pairs() {
        let value = OsString::from(&*value);
        match &*key {
            "password" => environment.push(("PGPASSWORD", value)),
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => root = Some(value),
            "sslcert" | "ssl-cert" => environment.push(("PGSSLCERT", value)),
            "sslkey" | "ssl-key" => environment.push(("PGSSLKEY", value)),
            _ => {}
        }
    }
    environment.extend(root.map(|root| ("PGSSLROOTCERT", root)));
    environment
}

fn trusted_authorities() -> Option<PathBuf> {
    if std::env::var_os("PGSSLROOTCERT").is_some() {
        return None;
    }
    AUTHORITIES.iter().map(Path::new).find(|path| path.is_file()).map(Path::to_owned)
}

/// Returns the first line of a program's output that names an error, else its first line, else its exit status.
pub fn first_error(output: &[u8], status: ExitStatus) -> String {
    let output = String::from_utf8_lossy(output);
    let is_error = |line: &&str| ["ERROR", "FATAL", "error:"].iter().any(|word| line.contains(word));
    let lines = || output.lines().filter(|line| !line.trim().is_empty());
    match lines().find(is_error).or(lines().next()) {
        Some(line) => line.trim().to_owned(),
        None => format!("it ended with {status}"),
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn environment_of(url: &str) -> Vec<(&'static str, OsString)> {
        environment(&PgConnectOptions::from_str(url).expect("an address"), Url::parse(url).ok().as_ref())
    }

    fn value<'a>(environment: &'a [(&'static str, OsString)], name: &str) -> Option<&'a str> {
        environment.iter().rev().find(|(known, _)| *known == name).and_then(|(_, value)| value.to_str())
    }

    #[test]
    fn the_programs_connect_as_the_database_url_says() {
        let set = environment_of(
            "postgres://anna:p%40ss%2Fw@db.example.eu:5433/conf?sslmode=verify-full&sslrootcert=/etc/root.pem",
        );
        for (name, expected) in [
            ("PGHOST", "db.example.eu"),
            ("PGPORT", "5433"),
            ("PGUSER", "anna"),
            ("PGPASSWORD", "p@ss/w"),
            ("PGDATABASE", "conf"),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", "/etc/root.pem"),
        ] {
            assert_eq!(value(&set, name), Some(expected), "{name}");
        }
        let set = environment_of(
            "postgres://anna@localhost/conf?host=/run/postgresql&password=s3cret&options=-c%20role%3Dkeeper",
        );
        for (name, expected) in
            [("PGHOST", "/run/postgresql"), ("PGPASSWORD", "s3cret"), ("PGOPTIONS", "-c role=keeper")]
        {
            assert_eq!(value(&set, name), Some(expected), "{name}");
        }
        assert_eq!(value(&environment_of("postgres://anna@[::1]/conf"), "PGHOST"), Some("::1"));
        assert_eq!(value(&environment_of("postgres://anna@db.example.eu/"), "PGDATABASE"), Some("anna"));
        assert_eq!(value(&environment_of("postgres://anna@db.example.eu/"), "PGPASSWORD"), None);
    }
}
