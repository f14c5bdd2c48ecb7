//! Finds settings that allow unencrypted connections to other machines.

use std::{net::IpAddr, str::FromStr};

use axum::http::Uri;
use secrecy::ExposeSecret;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::Settings;

impl Settings {
    /// Returns the host in `SMTP_URL` if it is another machine and mails may be sent to it unencrypted.
    pub fn unencrypted_mail_server(&self) -> Option<String> {
        let uri: Uri = self.smtp_url.as_ref()?.expose_secret().parse().ok()?;
        let is_encrypted = uri.scheme_str() == Some("smtps") || uri.query() == Some("tls=required");
        let host = uri.host().filter(|host| !is_encrypted && !is_this_machine(host))?;
        Some(host.to_owned())
    }

    /// Returns the host in `DATABASE_URL` if it is another machine and the connection may be unencrypted.
    pub fn unencrypted_database(&self) -> Option<String> {
        let options = PgConnectOptions::from_str(self.database_url.as_ref()?.expose_secret()).ok()?;
        let is_encrypted =
            matches!(options.get_ssl_mode(), PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull);
        let is_local = options.get_socket().is_some() || is_this_machine(options.get_host());
        (!is_encrypted && !is_local).then(|| options.get_host().to_owned())
    }
}

/// Whether this is a name or address of this machine, or the folder of a Unix socket.
fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    host.starts_with('/')
        || host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(url: &str) -> Option<String> {
        Settings { smtp_url: Some(url.into()), ..Settings::default() }.unencrypted_mail_server()
    }

    fn database(url: &str) -> Option<String> {
        Settings { database_url: Some(url.into()), ..Settings::default() }.unencrypted_database()
    }

    #[test]
    fn mail_to_another_machine_counts_as_encrypted_only_if_tls_is_required() {
        for url in [
            "smtp://mail.example.eu",
            "smtp://mail.example.eu:25",
            "smtp://me:s3cret@mail.example.eu:587",
            "smtp://mail.example.eu:587?tls=opportunistic",
        ] {
            assert_eq!(mail(url).as_deref(), Some("mail.example.eu"), "{url}");
        }
        assert_eq!(mail("smtp://10.0.0.25").as_deref(), Some("10.0.0.25"));
        for url in [
            "smtps://me:s3cret@mail.example.eu",
            "smtp://mail.example.eu:587?tls=required",
            "smtp://localhost",
            "smtp://127.0.0.1:25",
            "smtp://[::1]:25",
        ] {
            assert_eq!(mail(url), None, "{url}");
        }
        assert_eq!(Settings::default().unencrypted_mail_server(), None);
    }

    #[test]
    fn a_connection_to_another_machine_counts_as_encrypted_only_if_tls_is_required() {
        for url in [
            "postgres://me@db.example.eu/conference",
            "postgres://me@db.example.eu/conference?sslmode=prefer",
            "postgres://me@db.example.eu/conference?sslmode=disable",
        ] {
            assert_eq!(database(url).as_deref(), Some("db.example.eu"), "{url}");
        }
        for url in [
            "postgres://me@db.example.eu/conference?sslmode=require",
            "postgres://me@db.example.eu/conference?sslmode=verify-full",
            "postgres://me@localhost/conference",
            "postgres://me@127.0.0.1:5433/conference",
            "postgres://me@[::1]/conference",
            "postgres://me@localhost/conference?host=/var/run/postgresql",
            "postgres://me@%2Fvar%2Frun%2Fpostgresql/conference",
        ] {
            assert_eq!(database(url), None, "{url}");
        }
        assert_eq!(Settings::default().unencrypted_database(), None);
    }
}
