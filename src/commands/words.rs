//! The sentences about the program's settings that a start and `conference check` print.

use std::os::unix::fs::MetadataExt;

use secrecy::ExposeSecret;
use time::OffsetDateTime;

use crate::{
    config::Settings,
    domain::Conference,
    postgres::ServingRole,
    store::{programme::pages::Draft, seed},
    urls,
};

/// The number of open files that is enough for any conference.
const ENOUGH_FILES: usize = 4096;

/// Returns where mails are sent.
pub fn mail(settings: &Settings) -> String {
    let Some(url) = &settings.smtp_url else {
        let folder = settings.mail_folder();
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        return format!("written as files in {} (set SMTP_URL to send them)", folder.display());
    };
    let server = url.expose_secret().rsplit('@').next().unwrap_or_default();
    let server = server.trim_start_matches("smtps://").trim_start_matches("smtp://");
    let server = server.split(['/', '?']).next().unwrap_or_default();
    format!("sent through {server}, confirmations also to {}", settings.operations_address)
}

/// Returns a note while the shipped conference is over and only an example whose registration is still open.
pub fn example(conference: &Conference, now: OffsetDateTime) -> Option<String> {
    let held_open = conference.registration_closes == Some(seed::HELD_OPEN_UNTIL) && now >= conference.ends();
    held_open.then(|| {
        format!(
            "{} {} is over and is an example: registration stays open until {}, so that you can try it",
            conference.city,
            conference.year(),
            seed::HELD_OPEN_UNTIL.year()
        )
    })
}

/// Returns the pages that are still drafts.
pub fn drafts(drafts: &[Draft]) -> Option<String> {
    let listed: Vec<_> = drafts
        .iter()
        .map(|draft| format!("{} ({})", draft.title, urls::public::page(&draft.conference, &draft.slug)))
        .collect();
    (!listed.is_empty()).then(|| format!("still drafts, to be completed by an organiser: {}", listed.join(", ")))
}

/// Returns a warning if root runs the program. Only on Linux can this be found out without running another program.
pub fn user() -> Option<&'static str> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    is_root.then_some("root, whose rights the program does not need: run it as another user")
}

/// Returns a warning if the limit of open files is so low that visitors would have to wait for each other.
pub fn files(most: Option<usize>, connections: usize) -> Option<String> {
    most.filter(|most| *most < ENOUGH_FILES).map(|most| {
        format!(
            "only {most} files may be open at once, which leaves {connections} connections for visitors: run `ulimit -n 65536` as root before the start, or set LimitNOFILE=65536 in the systemd unit"
        )
    })
}

/// Returns what these settings lack for a public site, each with an example. `role` is the role that serves, if the
/// database could be reached.
pub fn lacking(settings: &Settings, role: Option<&ServingRole>) -> Vec<String> {
    let https = settings.public_url.as_ref().is_some_and(crate::config::PublicUrl::is_https);
    let say = |missing: bool, words: &str| missing.then(|| words.to_owned());
    let lacking = [
        say(
            !https,
            "PUBLIC_URL should be the public https address, for example PUBLIC_URL=https://conference.example.eu",
        ),
        say(
            settings.smtp_url.is_none(),
            "SMTP_URL is needed to send mails, for example SMTP_URL=smtps://user:password@mail.example.eu:465",
        ),
        settings.unencrypted_mail_server().map(|host| {
            format!(
                "SMTP_URL lets mails, and any password, go to {host} unencrypted unless it begins with smtps:// or ends with ?tls=required"
            )
        }),
        say(
            settings.database_url.is_none(),
            "DATABASE_URL should name a PostgreSQL that is backed up, for example DATABASE_URL=postgres://conference:password@db.example.eu/conference",
        ),
        settings.unencrypted_database().map(|host| {
            format!(
                "DATABASE_URL lets the data go to {host} and back unencrypted unless it ends with ?sslmode=verify-full, or with ?sslmode=require if its certificate cannot be verified"
            )
        }),
        role.filter(|role| role.may_change_audit_log).map(|role| {
            format!(
                "DATABASE_URL should name a role that cannot change the audit log, as the role {} can; `conference migrate --serve-as ROLE` grants a role what it needs",
                role.name
            )
        }),
        say(
            https && settings.trusted_proxies.is_empty(),
            "TRUSTED_PROXIES should name the reverse proxy, because otherwise all visitors share the same limits, for example TRUSTED_PROXIES=127.0.0.1",
        ),
        say(settings.metrics_listen.is_some(), "METRICS_LISTEN is reserved for a later release and has no effect yet"),
    ];
    lacking.into_iter().flatten().collect()
}

/// Whether the settings are for a public site. On a laptop, nobody needs to read what a public site would need.
pub fn is_meant_for_the_public(settings: &Settings) -> bool {
    settings.public_url.is_some()
        || settings.smtp_url.is_some()
        || settings.database_url.is_some()
        || settings.metrics_listen.is_some()
        || settings.listen.iter().any(|address| !address.ip().is_loopback())
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::date};

    use super::*;
    use crate::domain::{ConferenceId, Country, Day, Zone};

    #[test]
    fn the_shipped_conference_is_an_example_while_it_is_over_and_held_open() {
        let conference = Conference {
            id: ConferenceId::new(),
            slug: "leipzig-2018".to_owned(),
            title: String::new(),
            theme: String::new(),
            city: "Leipzig".to_owned(),
            country: Country::parse("DE").expect("a country"),
            venue: String::new(),
            venue_url: String::new(),
            address: String::new(),
            map_url: String::new(),
            hosts: String::new(),
            first_day: Day(date!(2018 - 05 - 28)),
            last_day: Day(date!(2018 - 05 - 30)),
            zone: Zone::parse("Europe/Berlin").expect("a zone"),
            contact_email: String::new(),
            contact_telephone: String::new(),
            contact_fax: String::new(),
            hero: None,
            share: None,
            registration_opens: None,
            registration_closes: Some(seed::HELD_OPEN_UNTIL),
            is_current: true,
            in_preparation: false,
            is_demonstration: false,
            changed: OffsetDateTime::UNIX_EPOCH,
            revision: 1,
        };
        let end = conference.ends();
        assert!(example(&conference, end).is_some_and(|words| words.contains("Leipzig 2018 is over")));
        assert_eq!(example(&conference, end - Duration::seconds(1)), None);
        assert_eq!(example(&Conference { registration_closes: None, ..conference }, end), None);
    }
}
