//! Delegates change their registration themselves, with the links in their mails.

mod calendar;
mod choices;
mod details;
mod email;
mod freeze;
mod link;
mod people;
mod transfer;

use super::managing::registers_three;
use crate::support::{Mail, MailServer, TestApp};

/// The registration of Anna, who is the contact, Boris and Carla, with the links from their mails.
struct Graz {
    app: TestApp,
    server: MailServer,
    anna: String,
    boris: String,
    carla: String,
    seen: Vec<Mail>,
}

impl Graz {
    async fn registers() -> Self {
        let server = MailServer::start().await;
        let app = TestApp::start_with(|settings| server.serves(settings)).await;
        registers_three(&app).await;
        let seen = server.received(4).await;
        let link = |address: &str| to(&seen, address).link("/manage/");
        let (anna, boris, carla) = (link("anna@graz.example"), link("boris@graz.example"), link("carla@graz.example"));
        Self { app, server, anna, boris, carla, seen }
    }

    /// Waits for this many more mails and returns them.
    async fn told(&mut self, number: usize) -> Vec<Mail> {
        let all = self.server.received(self.seen.len() + number).await;
        let new = all.iter().filter(|mail| self.seen.iter().all(|old| old.raw != mail.raw)).cloned().collect();
        self.seen = all;
        new
    }
}

#[track_caller]
fn to<'a>(mails: &'a [Mail], address: &str) -> &'a Mail {
    mails.iter().find(|mail| mail.to == [address]).unwrap_or_else(|| panic!("no mail to {address}"))
}

/// Checks that the mail says this, in its text and in its HTML.
#[track_caller]
fn says(mail: &Mail, words: &str) {
    for text in [mail.text(), mail.html().replace("&#8217;", "’")] {
        assert!(text.contains(words), "not \"{words}\" in\n{text}");
    }
}

const OPERATIONS: &str = "operations@majorcities.eu";
