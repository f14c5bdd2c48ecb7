//! The same name and address twice at one conference.

mod at_once;
mod button;
mod elsewhere;
mod form;

use crate::{
    registering::{filled, form as open_form},
    support::{Form, Mail, MailServer, Page, Person, TestApp},
};

/// What the page says, and no more, if the registration of the only person is held back.
const CHECK: &str = "Check your e-mail";
/// The button that completes it.
const BUTTON: &str = "This is another person: register Anna";

/// A site where Anna is registered, with the mails so far.
struct Site {
    app: TestApp,
    server: MailServer,
    seen: Vec<Mail>,
}

impl Site {
    async fn with_anna() -> Self {
        let server = MailServer::start().await;
        let app = TestApp::start_with(|settings| server.serves(settings)).await;
        let anna = app.delegate();
        anna.sends(filled(open_form(&anna).await, "Anna", "anna@graz.example")).await.must_say("You are registered");
        let seen = server.received(2).await;
        Self { app, server, seen }
    }

    /// Waits for this many more mails and returns them.
    async fn told(&mut self, number: usize) -> Vec<Mail> {
        let all = self.server.received(self.seen.len() + number).await;
        let new = all.iter().filter(|mail| self.seen.iter().all(|old| old.raw != mail.raw)).cloned().collect();
        self.seen = all;
        new
    }

    /// Somebody registers another Anna. Returns the page of the button.
    async fn asked(&mut self, delegate: &Person) -> Page {
        delegate.sends(again(delegate, "Anna", "anna@graz.example").await).await.must_say(CHECK);
        let told = self.told(1).await;
        delegate.opens(&to(&told, "anna@graz.example").link("/another-person/")).await
    }
}

/// Fills in the form for one person, with other content than the first time.
async fn again(delegate: &Person, name: &str, email: &str) -> Form {
    filled(open_form(delegate).await, name, email).fill("Organisation", "City of Linz").fill("City", "Linz")
}

/// Fills in the form for two people. The first is the contact.
async fn two(delegate: &Person, first: (&str, &str), second: (&str, &str)) -> Form {
    let page = delegate.sends(open_form(delegate).await.forge("do", "add")).await;
    filled(page.form("Register"), first.0, first.1)
        .fill_in("Person 2", "Name", second.0)
        .fill_in("Person 2", "E-mail", second.1)
        .choose_in("Person 2", "Category", "Member city")
}

#[track_caller]
fn to<'a>(mails: &'a [Mail], address: &str) -> &'a Mail {
    mails.iter().find(|mail| mail.to == [address]).unwrap_or_else(|| panic!("no mail to {address}"))
}

/// Returns the names of those who are not cancelled, with whether they are marked as another person.
async fn people(app: &TestApp) -> Vec<(String, bool)> {
    sqlx::query_as("select name, is_another from attendee where state <> 'cancelled' order by id")
        .fetch_all(&app.db)
        .await
        .expect("attendees")
}

fn named(people: &[(&str, bool)]) -> Vec<(String, bool)> {
    people.iter().map(|(name, another)| ((*name).to_owned(), *another)).collect()
}
