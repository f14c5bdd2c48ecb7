//! The public pages.

use super::query::with_query;
use crate::domain::{AttendeeId, Day, FileId, PictureId, PictureSize, ReleaseNumber, Secret};

links! {
    /// The current conference's home page.
    pub fn root() => "/";
    /// All conferences.
    pub fn conferences() => "/conferences";
    /// A conference's home page.
    pub fn home(c: &str) => "/{c}";
    /// The programme.
    pub fn programme(c: &str) => "/{c}/programme";
    /// The programme as a calendar.
    pub fn programme_calendar(c: &str) => "/{c}/programme.ics";
    /// What has changed in the programme.
    pub fn changes(c: &str) => "/{c}/changes";
    /// The same as a feed.
    pub fn changes_feed(c: &str) => "/{c}/changes.atom";
    /// One session.
    pub fn session(c: &str, slug: &str) => "/{c}/sessions/{slug}";
    /// The people who take part in sessions.
    pub fn speakers(c: &str) => "/{c}/speakers";
    /// One of them.
    pub fn speaker(c: &str, slug: &str) => "/{c}/speakers/{slug}";
    /// A picture that the public sees.
    pub fn picture(c: &str, picture: PictureId, size: PictureSize) => "/{c}/pictures/{picture}/{size}";
    /// A file that the public can download.
    pub fn file(c: &str, file: FileId) => "/{c}/files/{file}";
    /// A page that organisers write.
    pub fn page(c: &str, slug: &str) => "/{c}/pages/{slug}";
    /// The registration form.
    pub fn register(c: &str) => "/{c}/register";
    fn receipt(c: &str, token: &str) => "/{c}/registered/{token}";
    /// A calendar entry for the conference's days, for people who have registered.
    pub fn registered_calendar(c: &str, token: &str) => "/{c}/registered/{token}/calendar.ics";
    /// The draft of the programme, with the secret that an organiser passed on.
    pub fn preview(c: &str, token: &str) => "/{c}/preview/{token}";
    /// One session of the draft.
    pub fn preview_session(c: &str, token: &str, slug: &str) => "/{c}/preview/{token}/sessions/{slug}";
    /// One of the people in the draft.
    pub fn preview_speaker(c: &str, token: &str, slug: &str) => "/{c}/preview/{token}/speakers/{slug}";
    /// A picture in the draft.
    pub fn preview_picture(c: &str, token: &str, picture: PictureId, size: PictureSize) =>
        "/{c}/preview/{token}/pictures/{picture}/{size}";
    /// A file in the draft.
    pub fn preview_file(c: &str, token: &str, file: FileId) => "/{c}/preview/{token}/files/{file}";
    /// A delegate's own registration, with the secret from a mail.
    pub fn manage(token: &str) => "/manage/{token}";
    /// The days of the conference as a calendar file, for somebody with a manage link.
    pub fn manage_calendar(token: &str) => "/manage/{token}/calendar.ics";
    /// The page on which the contact corrects what all attendees share.
    pub fn correct_registration(token: &str) => "/manage/{token}/registration";
    /// The page on which the contact adds a person.
    pub fn add_person(token: &str) => "/manage/{token}/add";
    /// The page on which the contact adds several people from a spreadsheet.
    pub fn add_people(token: &str) => "/manage/{token}/add-people";
    /// The page that asks for the link to a registration again.
    pub fn my_registration(c: &str) => "/{c}/my-registration";
    /// The page that confirms a new e-mail address, with the secret from a mail.
    pub fn confirm_email(token: &str) => "/confirm-email/{token}";
    /// The page that registers another person of the same name and address, with the secret from a mail.
    pub fn another_person(token: &str) => "/another-person/{token}";
    /// The page after a registration that is to be completed with a link in a mail.
    pub fn check_mail(c: &str) => "/{c}/check-your-mail";
    fn correct_any(token: &str) => "/manage/{token}/details";
    fn choose_any(token: &str) => "/manage/{token}/choices";
    fn new_email_any(token: &str) => "/manage/{token}/email";
    fn transfer_any(token: &str) => "/manage/{token}/transfer";
    fn undo_any(token: &str) => "/manage/{token}/undo";
    fn cancel_any(token: &str) => "/manage/{token}/cancel";
    fn withdraw_any(token: &str) => "/manage/{token}/withdraw";
    fn offer_any(token: &str) => "/offers/{token}";
    fn accept_any(token: &str) => "/offers/{token}/accept";
    fn decline_any(token: &str) => "/offers/{token}/decline";
}

/// The programme of one day, of one topic, or of both.
pub fn programme_of(c: &str, day: Option<Day>, topic: Option<&str>) -> String {
    filtered(programme(c), day, topic)
}

/// The draft of the programme of one day, of one topic, or of both.
pub fn preview_of(c: &str, token: &str, day: Option<Day>, topic: Option<&str>) -> String {
    filtered(preview(c, token), day, topic)
}

fn filtered(path: String, day: Option<Day>, topic: Option<&str>) -> String {
    let fields = [("day", day.map(Day::iso)), ("topic", topic.map(str::to_owned))];
    let given: Vec<_> = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    with_query(path, &given)
}

/// What one release has changed.
pub fn changes_of(c: &str, release: ReleaseNumber) -> String {
    format!("{}#release-{release}", changes(c))
}

/// One session as a calendar entry.
pub fn session_calendar(c: &str, slug: &str) -> String {
    session(c, &format!("{slug}.ics"))
}

/// The address that the registration form is sent to. It differs from the form's address, because otherwise the
/// browser's Back button would lead to an empty form.
pub fn send_registration(c: &str) -> String {
    format!("{}?send", register(c))
}

/// Whether the path is that of a form into which people are pasted from a spreadsheet.
pub fn takes_paste(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let is = |part: Option<&str>, form: fn(&str) -> String| part.is_some_and(|part| path == form(part));
    is(parts.next(), register) || is(parts.next(), add_people)
}

/// The registration form for somebody with this code.
pub fn register_with(c: &str, code: &str) -> String {
    with_query(register(c), &[("code", code.to_owned())])
}

/// The page that a delegate sees after registering.
pub fn registered(c: &str, secret: &Secret) -> String {
    receipt(c, &secret.reveal())
}

/// A delegate's own registration with a notice of what was done, perhaps for one attendee.
pub fn manage_done(token: &str, done: &str, attendee: Option<AttendeeId>) -> String {
    let whom = attendee.map(|attendee| format!("&attendee={attendee}")).unwrap_or_default();
    format!("{}?done={done}{whom}", manage(token))
}

/// The page that corrects an attendee.
pub fn correct_attendee(token: &str, attendee: AttendeeId) -> String {
    of_attendee(correct_any(token), Some(attendee))
}

/// The page that gives an attendee, or the contact, a new e-mail address.
pub fn new_email(token: &str, attendee: Option<AttendeeId>) -> String {
    of_attendee(new_email_any(token), attendee)
}

/// The page that changes the category of an attendee and answers, or the answers about the registration.
pub fn choose(token: &str, attendee: Option<AttendeeId>) -> String {
    of_attendee(choose_any(token), attendee)
}

/// The page that transfers an attendee's place.
pub fn transfer(token: &str, attendee: AttendeeId) -> String {
    of_attendee(transfer_any(token), Some(attendee))
}

/// The address that undoes an attendee's cancellation.
pub fn undo(token: &str, attendee: AttendeeId) -> String {
    of_attendee(undo_any(token), Some(attendee))
}

/// The page that cancels one attendee or all.
pub fn cancel(token: &str, attendee: Option<AttendeeId>) -> String {
    of_attendee(cancel_any(token), attendee)
}

/// The page that withdraws an attendee's consent.
pub fn withdraw(token: &str, attendee: AttendeeId) -> String {
    of_attendee(withdraw_any(token), Some(attendee))
}

/// The page of the last offer of a place to an attendee. The link of an attendee opens no other's.
pub fn offer(token: &str, attendee: Option<AttendeeId>) -> String {
    of_attendee(offer_any(token), attendee)
}

/// Accepts the place that is offered to this attendee.
pub fn accept(token: &str, attendee: AttendeeId) -> String {
    of_attendee(accept_any(token), Some(attendee))
}

/// The page that declines it.
pub fn decline(token: &str, attendee: AttendeeId) -> String {
    of_attendee(decline_any(token), Some(attendee))
}

fn of_attendee(path: String, attendee: Option<AttendeeId>) -> String {
    let whom = attendee.map(|attendee| ("attendee", attendee.to_string()));
    with_query(path, whom.as_slice())
}

/// A public page to which a path of this site leads, if the conference and the item exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// The conference's slug; empty for pages of no conference.
    pub conference: String,
    /// The part of the path that says what kind of item it is, such as `sessions`; empty for other pages.
    pub folder: String,
    /// The item's slug; empty for other pages.
    pub slug: String,
}

/// Returns where a path of this site leads. Returns `None` if no public page has such an address, or only pages for
/// people with a secret.
pub fn destination(path: &str) -> Option<Destination> {
    let path = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let path = if path.len() == 1 { &path } else { path.strip_suffix('/').unwrap_or(&path) };
    let open = PATTERNS.iter().filter(|pattern| !pattern.contains("{token}"));
    let found = open.filter_map(|pattern| {
        let fixed = pattern.split('/').filter(|part| !part.starts_with('{')).count();
        Some((fixed, matched(pattern, path)?))
    });
    found.max_by_key(|(fixed, _)| *fixed).map(|(_, destination)| destination)
}

fn matched(pattern: &str, path: &str) -> Option<Destination> {
    let mut destination = Destination::default();
    let mut parts = path.split('/');
    let mut before = "";
    for name in pattern.split('/') {
        let part = parts.next()?;
        match name {
            "{c}" if !part.is_empty() => part.clone_into(&mut destination.conference),
            "{slug}" if !part.is_empty() => {
                before.clone_into(&mut destination.folder);
                part.strip_suffix(".ics").unwrap_or(part).clone_into(&mut destination.slug);
            }
            fixed if fixed == part => {}
            _ => return None,
        }
        before = part;
    }
    parts.next().is_none().then_some(destination)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_a_public_page_or_nowhere() {
        let leads = |path: &str| destination(path).map(|to| [to.conference, to.folder, to.slug].join(" "));
        for (path, expected) in [
            ("/", "  "),
            ("/leipzig-2018", "leipzig-2018  "),
            ("/Leipzig-2018/programme/?day=2018-05-29#x", "leipzig-2018  "),
            ("/leipzig-2018/sessions/world-cafe", "leipzig-2018 sessions world-cafe"),
            ("/leipzig-2018/sessions/world-cafe.ics", "leipzig-2018 sessions world-cafe"),
            ("/leipzig-2018/pages/imprint", "leipzig-2018 pages imprint"),
        ] {
            assert_eq!(leads(path).as_deref(), Some(expected), "{path}");
        }
        for path in [
            "",
            "travel",
            "//evil.example",
            "/leipzig-2018/nowhere",
            "/leipzig-2018/sessions/",
            "/leipzig-2018/preview/secret",
            "/manage/secret",
            "/staff/leipzig-2018/attendees",
        ] {
            assert_eq!(leads(path), None, "{path}");
        }
    }
}
