//! The address of every page that something links to. Templates, mails and redirects call these; nobody glues paths.
//! All are paths from the root; [`crate::web::App::absolute`] puts the public address before them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::{
    AccountId, AttendeeId, CategoryId, Day, MessageId, PageId, RevisionId, Secret, SessionId, dialled,
};

/// A path of this site as a whole address; `public` is the address that visitors use, without a slash at its end.
pub fn absolute(public: &str, path: &str) -> String {
    format!("{public}{path}")
}

/// The host's name in the public address, for identifiers that must be unique in the world.
pub fn host(public: &str) -> &str {
    let place = public.split_once("://").map_or(public, |(_, rest)| rest);
    // An address of IPv6 stands in brackets and has colons of its own.
    let end = place.find(']').map_or_else(|| place.find([':', '/']), |bracket| Some(bracket + 1));
    &place[..end.unwrap_or(place.len())]
}

/// The current conference's home.
pub fn root() -> String {
    "/".to_owned()
}

/// A conference's home.
pub fn home(conference: &str) -> String {
    format!("/{conference}")
}

/// The programme.
pub fn programme(conference: &str) -> String {
    format!("/{conference}/programme")
}

/// The programme of one day, of one topic, or of both.
pub fn programme_of(conference: &str, day: Option<Day>, topic: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(day) = day {
        query.append_pair("day", &day.iso());
    }
    if let Some(topic) = topic {
        query.append_pair("topic", topic);
    }
    let query = query.finish();
    if query.is_empty() { programme(conference) } else { format!("/{conference}/programme?{query}") }
}

/// The programme as a calendar.
pub fn programme_calendar(conference: &str) -> String {
    format!("/{conference}/programme.ics")
}

/// One session.
pub fn session(conference: &str, session: &str) -> String {
    format!("/{conference}/sessions/{session}")
}

/// One session as a calendar entry.
pub fn session_calendar(conference: &str, session: &str) -> String {
    format!("/{conference}/sessions/{session}.ics")
}

/// A page that organisers write.
pub fn page(conference: &str, page: &str) -> String {
    format!("/{conference}/pages/{page}")
}

/// Somebody else's address as people say it: `www.kongresshalle.com`.
pub fn shown(address: &str) -> &str {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    bare.trim_end_matches('/')
}

/// An e-mail address as a link (RFC 6068). Whatever somebody put into an address, it stays an address and adds no other
/// recipient.
pub fn mailto(address: &str) -> String {
    format!("mailto:{}", utf8_percent_encode(address, IN_ADDRESS))
}

/// What stands for something else in a link to an address.
const IN_ADDRESS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'@').remove(b'.').remove(b'-').remove(b'_').remove(b'+');

/// A telephone or fax number as it is dialled (RFC 3966, which has one scheme for both).
pub fn telephone(number: &str) -> String {
    let digits = || number.chars().filter(char::is_ascii_digit).collect();
    format!("tel:{}", dialled(number).unwrap_or_else(digits))
}

/// The registration form.
pub fn register(conference: &str) -> String {
    format!("/{conference}/register")
}

/// Where that form is sent: not to its own address, which browsers would then forget, and Back would bring a fresh form.
pub fn send_registration(conference: &str) -> String {
    format!("{}?send", register(conference))
}

/// What a delegate sees after registering.
pub fn registered(conference: &str, receipt: &Secret) -> String {
    format!("/{conference}/registered/{}", receipt.reveal())
}

/// The conference's days as a calendar entry, for somebody who has registered.
pub fn registered_calendar(conference: &str, receipt: &str) -> String {
    format!("/{conference}/registered/{receipt}/calendar.ics")
}

/// A delegate's own registration, by the secret of a mail.
pub fn manage(secret: &str) -> String {
    format!("/manage/{secret}")
}

/// The same, after something was done, perhaps to one attendee.
pub fn manage_done(secret: &str, done: &str, attendee: Option<AttendeeId>) -> String {
    let whom = attendee.map(|attendee| format!("&attendee={attendee}")).unwrap_or_default();
    format!("/manage/{secret}?done={done}{whom}")
}

/// What can be done with it: `cancel` for one attendee or for all, `withdraw` for one.
pub fn manage_action(secret: &str, action: &str, attendee: Option<AttendeeId>) -> String {
    match attendee {
        Some(attendee) => format!("/manage/{secret}/{action}?attendee={attendee}"),
        None => format!("/manage/{secret}/{action}"),
    }
}

/// Signing in; afterwards on to `next`, a path of this site.
pub fn sign_in(next: Option<&str>) -> String {
    match next {
        Some(next) => {
            format!("/sign-in?{}", form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish())
        }
        None => "/sign-in".to_owned(),
    }
}

/// Signing out.
pub fn sign_out() -> String {
    "/sign-out".to_owned()
}

/// The sign-in page, saying that one is signed out.
pub fn signed_out() -> String {
    "/sign-in?done=signed-out".to_owned()
}

/// The sign-in page, saying that the new password is set.
pub fn password_set() -> String {
    "/sign-in?done=password-set".to_owned()
}

/// Asking for a link to set a new password.
pub fn forgotten_password() -> String {
    "/forgotten-password".to_owned()
}

/// Setting a password, by a one-time secret.
pub fn set_password(secret: &Secret) -> String {
    format!("/set-password/{}", secret.reveal())
}

/// One's own account: logins, sign out elsewhere.
pub fn account() -> String {
    "/account".to_owned()
}

/// The same, saying that the password was changed.
pub fn account_password_changed() -> String {
    "/account?done=password".to_owned()
}

/// Where another password of one's own is sent.
pub fn account_password() -> String {
    "/account/password".to_owned()
}

/// Where one's logins are ended.
pub fn account_logins() -> String {
    "/account/logins".to_owned()
}

/// The staff desk.
pub fn staff() -> String {
    "/staff".to_owned()
}

/// All attendees of a conference.
pub fn attendees(conference: &str) -> String {
    format!("/staff/{conference}/attendees")
}

/// One attendee.
pub fn attendee(conference: &str, attendee: AttendeeId) -> String {
    format!("/staff/{conference}/attendees/{attendee}")
}

/// What is done with one attendee: `correct`, `cancel`, `resend`.
pub fn attendee_action(conference: &str, attendee: AttendeeId, action: &str) -> String {
    format!("/staff/{conference}/attendees/{attendee}/{action}")
}

/// One attendee, after something was done.
pub fn attendee_done(conference: &str, attendee: AttendeeId, done: &str) -> String {
    format!("/staff/{conference}/attendees/{attendee}?done={done}")
}

/// Those of the attendees whom these fields ask for.
pub fn attendees_where(conference: &str, fields: &[(&'static str, String)]) -> String {
    with_query(attendees(conference), fields)
}

/// The same as a file for spreadsheets.
pub fn attendees_csv(conference: &str, fields: &[(&'static str, String)]) -> String {
    with_query(format!("/staff/{conference}/attendees.csv"), fields)
}

fn with_query(path: String, fields: &[(&'static str, String)]) -> String {
    if fields.is_empty() {
        return path;
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("{path}?{query}")
}

/// The mails of a conference and their states.
pub fn messages(conference: &str) -> String {
    format!("/staff/{conference}/messages")
}

/// The mails in one state, from one on into the past.
pub fn messages_shown(conference: &str, state: Option<&str>, before: Option<MessageId>) -> String {
    let fields = [("state", state.map(str::to_owned)), ("before", before.map(|message| message.to_string()))];
    let given: Vec<_> = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    with_query(messages(conference), &given)
}

/// The mails in one state, after something was done with some of them.
pub fn messages_after(conference: &str, state: Option<&str>, done: &str) -> String {
    let state = state.map_or_else(String::new, |state| format!("state={state}&"));
    format!("/staff/{conference}/messages?{state}done={done}")
}

/// Releases or discards held mails.
pub fn messages_held(conference: &str) -> String {
    format!("/staff/{conference}/messages/held")
}

/// Sends one mail again.
pub fn message_again(conference: &str, message: MessageId) -> String {
    format!("/staff/{conference}/messages/{message}/again")
}

/// The editors.
pub fn organisers() -> String {
    "/organisers".to_owned()
}

/// All sessions, to edit.
pub fn edit_sessions(conference: &str) -> String {
    format!("/organisers/{conference}/sessions")
}

/// A new session.
pub fn new_session(conference: &str) -> String {
    format!("/organisers/{conference}/sessions/new")
}

/// A new session on this day.
pub fn new_session_on(conference: &str, day: Day) -> String {
    format!("/organisers/{conference}/sessions/new?day={}", day.iso())
}

/// One session, to edit.
pub fn edit_session(conference: &str, session: SessionId) -> String {
    format!("/organisers/{conference}/sessions/{session}")
}

/// The saved states of a session.
pub fn session_revisions(conference: &str, session: SessionId) -> String {
    format!("/organisers/{conference}/sessions/{session}/revisions")
}

/// One saved state of a session.
pub fn session_revision(conference: &str, session: SessionId, revision: RevisionId) -> String {
    format!("/organisers/{conference}/sessions/{session}/revisions/{revision}")
}

/// The rooms of the venue.
pub fn edit_rooms(conference: &str) -> String {
    format!("/organisers/{conference}/rooms")
}

/// All pages, to edit.
pub fn edit_pages(conference: &str) -> String {
    format!("/organisers/{conference}/pages")
}

/// One page, to edit.
pub fn edit_page(conference: &str, page: PageId) -> String {
    format!("/organisers/{conference}/pages/{page}")
}

/// A new page.
pub fn new_page(conference: &str) -> String {
    format!("/organisers/{conference}/pages/new")
}

/// The saved states of a page.
pub fn page_revisions(conference: &str, page: PageId) -> String {
    format!("/organisers/{conference}/pages/{page}/revisions")
}

/// One saved state of a page.
pub fn page_revision(conference: &str, page: PageId, revision: RevisionId) -> String {
    format!("/organisers/{conference}/pages/{page}/revisions/{revision}")
}

/// Markdown text shown as it will look.
pub fn preview(conference: &str) -> String {
    format!("/organisers/{conference}/preview")
}

/// Accounts, conferences and settings.
pub fn administration() -> String {
    "/administration".to_owned()
}

/// All accounts.
pub fn accounts() -> String {
    "/administration/accounts".to_owned()
}

/// One account.
pub fn account_of(account: AccountId) -> String {
    format!("/administration/accounts/{account}")
}

/// Inviting somebody.
pub fn invite() -> String {
    "/administration/accounts/new".to_owned()
}

/// One account, saying that it was saved.
pub fn account_saved(account: AccountId) -> String {
    format!("/administration/accounts/{account}?done=saved")
}

/// What is done with one account: `deactivate`, `reactivate`, `link`.
pub fn account_action(account: AccountId, action: &str) -> String {
    format!("/administration/accounts/{account}/{action}")
}

/// A conference's settings, saying that they were saved.
pub fn conference_settings_saved(conference: &str) -> String {
    format!("/administration/{conference}?done=saved")
}

/// A new category.
pub fn new_category(conference: &str) -> String {
    format!("/administration/{conference}/categories/new")
}

/// A conference's settings.
pub fn conference_settings(conference: &str) -> String {
    format!("/administration/{conference}")
}

/// One category's settings.
pub fn category_settings(conference: &str, category: CategoryId) -> String {
    format!("/administration/{conference}/categories/{category}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_named_without_scheme_and_port() {
        assert_eq!(host("https://conference.example.eu"), "conference.example.eu");
        assert_eq!(host("http://localhost:8080"), "localhost");
        assert_eq!(host("http://[::1]:8080"), "[::1]");
    }
}
