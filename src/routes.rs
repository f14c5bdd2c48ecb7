//! The table of all routes: every address, its handler and the action that it needs. [`Action::roles`] says which roles
//! have which actions. A test tries every route in every role and compares the responses with these two tables.

use axum::{Router, routing::MethodRouter};

use crate::{
    access,
    organisers::{
        facts::Facts, page::Page, person::Person, room::Room, session::Session, session_kind::SessionKind, text::Text,
        topic::Topic,
    },
    web::App,
};
pub use crate::{
    access::Who,
    domain::{Action, Role},
};

/// A row of the table.
pub struct Route {
    /// `GET` (which answers `HEAD` too) or `POST`.
    pub method: &'static str,
    /// The pattern of the address. `{c}` is a conference's slug.
    pub path: &'static str,
    /// Who may use it.
    pub who: Who,
    handler: fn() -> MethodRouter<App>,
}

impl Route {
    /// Whether the path matches this pattern, ignoring case.
    fn matches(&self, path: &str) -> bool {
        let (pattern, path) = (self.path.split('/'), path.split('/'));
        pattern.clone().count() == path.clone().count()
            && pattern.zip(path).all(|(pattern, part)| {
                if pattern.starts_with('{') { !part.is_empty() } else { pattern.eq_ignore_ascii_case(part) }
            })
    }

    /// Returns a path that matches, in lower case except for secrets and ids.
    fn in_small_letters(&self, path: &str) -> String {
        let parts = self.path.split('/').zip(path.split('/'));
        let small = parts.map(|(pattern, part)| {
            let keeps = pattern.starts_with('{') && !matches!(pattern, "{c}" | "{slug}");
            if keeps { part.to_owned() } else { part.to_ascii_lowercase() }
        });
        small.collect::<Vec<_>>().join("/")
    }

    /// Returns the number of fixed parts in the pattern.
    fn fixed(&self) -> usize {
        self.path.split('/').filter(|part| !part.starts_with('{')).count()
    }
}

/// Returns the canonical address for a path with capital letters or a slash at the end. Returns `None` if the path is
/// already canonical or if no route matches it. Only the route's handler knows whether the page exists.
pub fn canonical(path: &str) -> Option<String> {
    let bare = path.strip_suffix('/').unwrap_or(path);
    let routes = TABLE.iter().filter(|route| route.method == "GET" && route.matches(bare));
    let canonical = routes.max_by_key(|route| route.fixed())?.in_small_letters(bare);
    // Browsers read a backslash as a slash, and two slashes as the start of a host name.
    (canonical != path && !canonical.contains('\\')).then_some(canonical)
}

macro_rules! routes {
    ($($method:ident $path:literal $who:ident$(($action:ident))? $handler:path;)+) => {
        /// The table.
        pub static TABLE: &[Route] = &[$(Route {
            method: routes!(@name $method),
            path: $path,
            who: Who::$who$((Action::$action))?,
            handler: || routes!(@handler $method $handler),
        }),+];
    };
    (@name GET) => { "GET" };
    (@name POST) => { "POST" };
    (@handler GET $handler:path) => { axum::routing::get($handler) };
    (@handler POST $handler:path) => { axum::routing::post($handler) };
}

routes! {
    GET  "/"                                    Anyone crate::delegates::home::current;
    GET  "/programme"                           Anyone crate::delegates::current::programme;
    GET  "/register"                            Anyone crate::delegates::current::register;
    GET  "/conferences"                         Anyone crate::delegates::conferences::get;
    GET  "/sitemap.xml"                         Anyone crate::delegates::feeds::sitemap;
    GET  "/robots.txt"                          Anyone crate::delegates::feeds::robots;
    GET  "/{c}"                                 Anyone crate::delegates::home::get;
    GET  "/{c}/programme"                       Anyone crate::delegates::programme::get;
    GET  "/{c}/programme.ics"                   Anyone crate::delegates::feeds::programme;
    GET  "/{c}/changes"                         Anyone crate::delegates::changes::get;
    GET  "/{c}/changes.atom"                    Anyone crate::delegates::changes::feed;
    GET  "/{c}/sessions/{slug}"                 Anyone crate::delegates::session::get;
    GET  "/{c}/speakers"                        Anyone crate::delegates::speakers::get;
    GET  "/{c}/speakers/{slug}"                 Anyone crate::delegates::speaker::get;
    GET  "/{c}/pictures/{picture}/{size}"       Anyone crate::delegates::picture::get;
    GET  "/{c}/files/{file}"                    Anyone crate::delegates::file::get;
    GET  "/{c}/pages/{slug}"                    Anyone crate::delegates::page::get;
    GET  "/{c}/register"                        Anyone crate::delegates::register::get;
    POST "/{c}/register"                        Anyone crate::delegates::register::post;
    GET  "/{c}/registered/{token}"              Anyone crate::delegates::registered::get;
    GET  "/{c}/registered/{token}/calendar.ics" Anyone crate::delegates::registered::days;
    GET  "/{c}/preview/{token}"                 Anyone crate::delegates::preview::get;
    GET  "/{c}/preview/{token}/sessions/{slug}" Anyone crate::delegates::preview::session;
    GET  "/{c}/preview/{token}/speakers/{slug}" Anyone crate::delegates::preview::speaker;
    GET  "/{c}/preview/{token}/pictures/{picture}/{size}" Anyone crate::delegates::preview::picture;
    GET  "/{c}/preview/{token}/files/{file}" Anyone crate::delegates::preview::file;
    GET  "/manage/{token}"                      Anyone crate::delegates::manage::get;
    GET  "/manage/{token}/calendar.ics"         Anyone crate::delegates::manage::days;
    GET  "/manage/{token}/details"              Anyone crate::delegates::correct_attendee::get;
    POST "/manage/{token}/details"              Anyone crate::delegates::correct_attendee::post;
    GET  "/manage/{token}/registration"         Anyone crate::delegates::correct_registration::get;
    POST "/manage/{token}/registration"         Anyone crate::delegates::correct_registration::post;
    GET  "/manage/{token}/choices"              Anyone crate::delegates::choose::get;
    POST "/manage/{token}/choices"              Anyone crate::delegates::choose::post;
    GET  "/manage/{token}/email"                Anyone crate::delegates::new_email::get;
    POST "/manage/{token}/email"                Anyone crate::delegates::new_email::post;
    GET  "/manage/{token}/add"                  Anyone crate::delegates::add_person::get;
    POST "/manage/{token}/add"                  Anyone crate::delegates::add_person::post;
    GET  "/manage/{token}/add-people"           Anyone crate::delegates::add_people::get;
    POST "/manage/{token}/add-people"           Anyone crate::delegates::add_people::post;
    GET  "/manage/{token}/transfer"             Anyone crate::delegates::transfer::get;
    POST "/manage/{token}/transfer"             Anyone crate::delegates::transfer::post;
    POST "/manage/{token}/undo"                 Anyone crate::delegates::undo::post;
    GET  "/confirm-email/{token}"               Anyone crate::delegates::confirm_email::get;
    POST "/confirm-email/{token}"               Anyone crate::delegates::confirm_email::post;
    GET  "/another-person/{token}"              Anyone crate::delegates::another_person::get;
    POST "/another-person/{token}"              Anyone crate::delegates::another_person::post;
    GET  "/{c}/check-your-mail"                 Anyone crate::delegates::check_mail::get;
    GET  "/{c}/my-registration"                 Anyone crate::delegates::my_registration::get;
    POST "/{c}/my-registration"                 Anyone crate::delegates::my_registration::post;
    GET  "/manage/{token}/cancel"               Anyone crate::delegates::cancel::get;
    POST "/manage/{token}/cancel"               Anyone crate::delegates::cancel::post;
    GET  "/manage/{token}/withdraw"             Anyone crate::delegates::withdraw::get;
    POST "/manage/{token}/withdraw"             Anyone crate::delegates::withdraw::post;
    GET  "/offers/{token}"                      Anyone crate::delegates::offer::get;
    POST "/offers/{token}/accept"               Anyone crate::delegates::offer::accept;
    GET  "/offers/{token}/decline"              Anyone crate::delegates::offer::ask;
    POST "/offers/{token}/decline"              Anyone crate::delegates::offer::decline;

    GET  "/static/{*path}"       Anyone crate::web::static_files::get;
    GET  "/favicon.ico"          Anyone crate::web::static_files::favicon;
    GET  "/apple-touch-icon.png" Anyone crate::web::static_files::apple_touch_icon;
    GET  "/health/live"          Anyone crate::web::health::live;
    GET  "/health/ready"         Anyone crate::web::health::ready;

    GET  "/staff"                                    May(ReadAttendees)   crate::staff::home::get;
    GET  "/staff/{c}"                                May(ReadAttendees)   crate::staff::figures::get;
    GET  "/staff/{c}/attendees"                      May(ReadAttendees)   crate::staff::attendees::get;
    GET  "/staff/{c}/attendees/new"                  May(EditAttendees)   crate::staff::register::get;
    POST "/staff/{c}/attendees/new"                  May(EditAttendees)   crate::staff::register::post;
    GET  "/staff/{c}/views"                          May(ReadAttendees)   crate::staff::views::get;
    POST "/staff/{c}/views"                          May(ReadAttendees)   crate::staff::views::post;
    POST "/staff/{c}/views/{view}/remove"            May(ReadAttendees)   crate::staff::views::remove;
    GET  "/staff/{c}/many"                           May(ReadAttendees)   crate::staff::many::get;
    GET  "/staff/{c}/many/cancel"                    May(EditAttendees)   crate::staff::many_cancel::get;
    POST "/staff/{c}/many/cancel"                    May(EditAttendees)   crate::staff::many_cancel::post;
    GET  "/staff/{c}/many/category"                  May(EditAttendees)   crate::staff::many_category::get;
    POST "/staff/{c}/many/category"                  May(EditAttendees)   crate::staff::many_category::post;
    GET  "/staff/{c}/batches/{batch}"                May(ReadAttendees)   crate::staff::batch::get;
    POST "/staff/{c}/batches/{batch}/undo"           May(EditAttendees)   crate::staff::batch::undo;
    POST "/staff/{c}/batches/{batch}/wait"           May(EditAttendees)   crate::staff::batch::wait;
    GET  "/staff/{c}/export"                         May(ExportAttendees) crate::staff::export::get;
    GET  "/staff/{c}/printed"                        May(ReadAttendees)   crate::staff::printed::get;
    GET  "/staff/{c}/attendees.csv"                  May(ExportAttendees) crate::staff::export::csv;
    GET  "/staff/{c}/attendees.xlsx"                 May(ExportAttendees) crate::staff::export::xlsx;
    GET  "/staff/{c}/attendees/{attendee}"           May(ReadAttendees)   crate::staff::attendee::get;
    GET  "/staff/{c}/attendees/{attendee}/needs"     May(ReadNeeds)       crate::staff::needs::get;
    POST "/staff/{c}/attendees/{attendee}/needs"     May(EditAttendees)   crate::staff::needs::withdraw;
    POST "/staff/{c}/attendees/{attendee}"           May(EditAttendees)   crate::staff::notes::post;
    POST "/staff/{c}/attendees/{attendee}/notes/{note}/remove" May(EditAttendees) crate::staff::notes::remove;
    GET  "/staff/{c}/attendees/{attendee}/correct"   May(EditAttendees)   crate::staff::correct::get;
    POST "/staff/{c}/attendees/{attendee}/correct"   May(EditAttendees)   crate::staff::correct::post;
    GET  "/staff/{c}/attendees/{attendee}/choices"   May(EditAttendees)   crate::staff::choices::get;
    POST "/staff/{c}/attendees/{attendee}/choices"   May(EditAttendees)   crate::staff::choices::post;
    GET  "/staff/{c}/attendees/{attendee}/offer"     May(EditAttendees)   crate::staff::offer::get;
    POST "/staff/{c}/attendees/{attendee}/offer"     May(EditAttendees)   crate::staff::offer::post;
    GET  "/staff/{c}/attendees/{attendee}/cancel"    May(EditAttendees)   crate::staff::cancel::get;
    POST "/staff/{c}/attendees/{attendee}/cancel"    May(EditAttendees)   crate::staff::cancel::post;
    GET  "/staff/{c}/attendees/{attendee}/reinstate" May(EditAttendees)   crate::staff::reinstate::get;
    POST "/staff/{c}/attendees/{attendee}/reinstate" May(EditAttendees)   crate::staff::reinstate::post;
    POST "/staff/{c}/attendees/{attendee}/resend"    May(SendMail)        crate::staff::resend::post;
    GET  "/staff/{c}/waiting"                        May(ReadAttendees)   crate::staff::waiting::get;
    POST "/staff/{c}/waiting"                        May(EditAttendees)   crate::staff::waiting::post;
    GET  "/staff/{c}/attendees/{attendee}/remaining" May(RecordPayments)  crate::staff::remaining::get;
    POST "/staff/{c}/attendees/{attendee}/remaining" May(RecordPayments)  crate::staff::remaining::post;
    GET  "/staff/{c}/owed"                           May(ReadAttendees)   crate::staff::owed::get;
    GET  "/staff/{c}/registrations/{registration}/amounts" May(ReadAttendees) crate::staff::amounts::get;
    POST "/staff/{c}/registrations/{registration}/amounts" May(RecordPayments) crate::staff::amounts::post;
    GET  "/staff/{c}/registrations/{registration}/payments/{payment}/reverse" May(RecordPayments) crate::staff::reverse_payment::get;
    POST "/staff/{c}/registrations/{registration}/payments/{payment}/reverse" May(RecordPayments) crate::staff::reverse_payment::post;
    GET  "/staff/{c}/registrations/{registration}/add" May(EditAttendees) crate::staff::add::get;
    POST "/staff/{c}/registrations/{registration}/add" May(EditAttendees) crate::staff::add::post;
    GET  "/staff/{c}/messages"                       May(ReadMail)        crate::staff::messages::get;
    GET  "/staff/{c}/messages/{message}"             May(ReadMail)        crate::staff::message::get;
    POST "/staff/{c}/messages/{message}/again"       May(SendMail)        crate::staff::messages::post;
    POST "/staff/{c}/messages/held"                  May(SendMail)        crate::staff::held::post;
    POST "/staff/{c}/messages/now"                   May(SendMail)        crate::staff::dealing::now;
    POST "/staff/{c}/messages/dealt-with"            May(SendMail)        crate::staff::dealing::dealt_with;
    GET  "/staff/{c}/messages/new"                   May(SendMail)        crate::staff::new_mailing::get;
    POST "/staff/{c}/messages/new"                   May(SendMail)        crate::staff::new_mailing::post;
    GET  "/staff/{c}/mailings"                       May(ReadMail)        crate::staff::mailings::get;
    GET  "/staff/{c}/mailings/{mailing}"             May(ReadMail)        crate::staff::mailing::get;
    POST "/staff/{c}/mailings/{mailing}"             May(SendMail)        crate::staff::mailing::post;
    GET  "/staff/{c}/mail-templates"                 May(SendMail)        crate::staff::mail_templates::get;
    GET  "/staff/{c}/mail-templates/new"             May(SendMail)        crate::staff::mail_template::get_new;
    POST "/staff/{c}/mail-templates/new"             May(SendMail)        crate::staff::mail_template::post_new;
    GET  "/staff/{c}/mail-templates/{mail_template}" May(SendMail)        crate::staff::mail_template::get;
    POST "/staff/{c}/mail-templates/{mail_template}" May(SendMail)        crate::staff::mail_template::post;
    GET  "/staff/{c}/mail-templates/{mail_template}/remove" May(SendMail) crate::staff::remove_mail_template::get;
    POST "/staff/{c}/mail-templates/{mail_template}/remove" May(SendMail) crate::staff::remove_mail_template::post;
    GET  "/staff/{c}/messages/{message}/correct"     May(EditAttendees)   crate::staff::correct_address::get;
    POST "/staff/{c}/messages/{message}/correct"     May(EditAttendees)   crate::staff::correct_address::post;

    GET  "/sign-in"              Anyone   access::sign_in::get;
    POST "/sign-in"              Anyone   access::sign_in::post;
    POST "/sign-out"             Anyone   access::sign_in::sign_out;
    GET  "/forgotten-password"   Anyone   access::forgotten_password::get;
    POST "/forgotten-password"   Anyone   access::forgotten_password::post;
    GET  "/set-password/{token}" Anyone   access::set_password::get;
    POST "/set-password/{token}" Anyone   access::set_password::post;
    GET  "/account"              SignedIn access::account::get;
    POST "/account/password"     SignedIn access::account::post_password;
    POST "/account/logins"       SignedIn access::account::post_logins;

    GET  "/administration"                               May(EditSettings)   crate::administration::home::get;
    GET  "/administration/audit"                         May(ReadAudit)      crate::administration::audit::get;
    GET  "/administration/audit.csv"                     May(ReadAudit)      crate::administration::audit_file::csv;
    GET  "/administration/audit.xlsx"                    May(ReadAudit)      crate::administration::audit_file::xlsx;
    GET  "/administration/accounts"                      May(ManageAccounts) crate::administration::accounts::get;
    GET  "/administration/accounts/new"                  May(ManageAccounts) crate::administration::invite::get;
    POST "/administration/accounts/new"                  May(ManageAccounts) crate::administration::invite::post;
    GET  "/administration/accounts/{account}"            May(ManageAccounts) crate::administration::account::get;
    POST "/administration/accounts/{account}"            May(ManageAccounts) crate::administration::account::post;
    POST "/administration/accounts/{account}/link"       May(ManageAccounts) crate::administration::link::post;
    GET  "/administration/accounts/{account}/deactivate" May(ManageAccounts) crate::administration::deactivate::get;
    POST "/administration/accounts/{account}/deactivate" May(ManageAccounts) crate::administration::deactivate::post;
    POST "/administration/accounts/{account}/reactivate" May(ManageAccounts) crate::administration::deactivate::reactivate;
    GET  "/administration/conferences/new"               May(ManageConferences) crate::organisers::new_conference::get;
    POST "/administration/conferences/new"               May(ManageConferences) crate::organisers::new_conference::post;
    GET  "/administration/{c}"                           May(EditSettings)   crate::administration::settings::get;
    POST "/administration/{c}"                           May(EditSettings)   crate::administration::settings::post;
    GET  "/administration/{c}/state"                     May(ManageConferences) crate::administration::state::get;
    POST "/administration/{c}/state"                     May(ManageConferences) crate::administration::state::post;
    GET  "/administration/{c}/payments"                  May(EditSettings)   crate::administration::payments::get;
    POST "/administration/{c}/payments"                  May(EditSettings)   crate::administration::payments::post;
    GET  "/administration/{c}/categories/new"            May(EditSettings)   crate::administration::category::get_new;
    POST "/administration/{c}/categories/new"            May(EditSettings)   crate::administration::category::post_new;
    GET  "/administration/{c}/categories/{category}"     May(EditSettings)   crate::administration::category::get;
    POST "/administration/{c}/categories/{category}"     May(EditSettings)   crate::administration::category::post;
    GET  "/administration/{c}/mails"                     May(EditSettings)   crate::administration::mails::get;
    POST "/administration/{c}/mails"                     May(EditSettings)   crate::administration::mails::post;
    GET  "/administration/{c}/questions"                 May(EditSettings)   crate::administration::questions::get;
    GET  "/administration/{c}/questions/new"             May(EditSettings)   crate::administration::question::get_new;
    POST "/administration/{c}/questions/new"             May(EditSettings)   crate::administration::question::post_new;
    GET  "/administration/{c}/questions/{question}"      May(EditSettings)   crate::administration::question::get;
    POST "/administration/{c}/questions/{question}"      May(EditSettings)   crate::administration::question::post;
    GET  "/administration/{c}/questions/{question}/remove" May(EditSettings) crate::administration::remove_question::get;
    POST "/administration/{c}/questions/{question}/remove" May(EditSettings) crate::administration::remove_question::post;
    GET  "/administration/{c}/codes"                     May(EditSettings)   crate::administration::codes::get;
    GET  "/administration/{c}/codes/new"                 May(EditSettings)   crate::administration::code::get_new;
    POST "/administration/{c}/codes/new"                 May(EditSettings)   crate::administration::code::post_new;
    GET  "/administration/{c}/codes/{code}"              May(EditSettings)   crate::administration::code::get;
    POST "/administration/{c}/codes/{code}"              May(EditSettings)   crate::administration::code::post;
    GET  "/administration/{c}/codes/{code}/end"          May(EditSettings)   crate::administration::end_code::get_end;
    POST "/administration/{c}/codes/{code}/end"          May(EditSettings)   crate::administration::end_code::end;
    GET  "/administration/{c}/codes/{code}/remove"       May(EditSettings)   crate::administration::end_code::get_remove;
    POST "/administration/{c}/codes/{code}/remove"       May(EditSettings)   crate::administration::end_code::remove;
    GET  "/administration/{c}/categories/{category}/remove" May(EditSettings) crate::administration::remove_category::get;
    POST "/administration/{c}/categories/{category}/remove" May(EditSettings) crate::administration::remove_category::post;

    GET  "/organisers"                                                  May(EditProgramme) crate::organisers::landing::get;
    GET  "/organisers/{c}"                                              May(EditProgramme) crate::organisers::landing::of_conference;
    GET  "/organisers/{c}/sessions"                                     May(EditProgramme) crate::organisers::sessions::get;
    POST "/organisers/{c}/sessions"                                     May(EditProgramme) crate::organisers::sessions::post;
    GET  "/organisers/{c}/warnings"                                     May(EditProgramme) crate::organisers::warnings::get;
    GET  "/organisers/{c}/sessions/new"                                 May(EditProgramme) crate::editing::add::get::<Session>;
    POST "/organisers/{c}/sessions/new"                                 May(EditProgramme) crate::editing::add::post::<Session>;
    GET  "/organisers/{c}/sessions/{session}"                           May(EditProgramme) crate::editing::editor::get::<Session>;
    POST "/organisers/{c}/sessions/{session}"                           May(EditProgramme) crate::editing::save::post::<Session>;
    GET  "/organisers/{c}/sessions/{session}/revisions"                 May(EditProgramme) crate::editing::history::list::<Session>;
    GET  "/organisers/{c}/sessions/{session}/revisions/{revision}"      May(EditProgramme) crate::editing::history::get::<Session>;
    POST "/organisers/{c}/sessions/{session}/revisions/{revision}"      May(EditProgramme) crate::editing::history::restore::<Session>;
    GET  "/organisers/{c}/unpublished"                                  May(EditProgramme) crate::organisers::unpublished::get;
    POST "/organisers/{c}/unpublished"                                  May(EditProgramme) crate::organisers::unpublished::post;
    GET  "/organisers/{c}/releases"                                     May(EditProgramme) crate::organisers::releases::get;
    GET  "/organisers/{c}/releases/{release}"                           May(EditProgramme) crate::organisers::release::get;
    POST "/organisers/{c}/releases/{release}"                           May(EditProgramme) crate::organisers::release::post;
    POST "/organisers/{c}/preview"                                      May(EditProgramme) crate::editing::preview::post;
    GET  "/organisers/{c}/rooms"                                        May(EditProgramme) crate::organisers::rooms::get;
    GET  "/organisers/{c}/rooms/new"                                    May(EditProgramme) crate::editing::add::get::<Room>;
    POST "/organisers/{c}/rooms/new"                                    May(EditProgramme) crate::editing::add::post::<Room>;
    GET  "/organisers/{c}/rooms/{room}"                                 May(EditProgramme) crate::editing::editor::get::<Room>;
    POST "/organisers/{c}/rooms/{room}"                                 May(EditProgramme) crate::editing::save::post::<Room>;
    GET  "/organisers/{c}/rooms/{room}/revisions"                       May(EditProgramme) crate::editing::history::list::<Room>;
    GET  "/organisers/{c}/rooms/{room}/revisions/{revision}"            May(EditProgramme) crate::editing::history::get::<Room>;
    POST "/organisers/{c}/rooms/{room}/revisions/{revision}"            May(EditProgramme) crate::editing::history::restore::<Room>;
    GET  "/organisers/{c}/topics"                                       May(EditProgramme) crate::organisers::topics::get;
    GET  "/organisers/{c}/topics/new"                                   May(EditProgramme) crate::editing::add::get::<Topic>;
    POST "/organisers/{c}/topics/new"                                   May(EditProgramme) crate::editing::add::post::<Topic>;
    GET  "/organisers/{c}/topics/{topic}"                               May(EditProgramme) crate::editing::editor::get::<Topic>;
    POST "/organisers/{c}/topics/{topic}"                               May(EditProgramme) crate::editing::save::post::<Topic>;
    GET  "/organisers/{c}/topics/{topic}/revisions"                     May(EditProgramme) crate::editing::history::list::<Topic>;
    GET  "/organisers/{c}/topics/{topic}/revisions/{revision}"          May(EditProgramme) crate::editing::history::get::<Topic>;
    POST "/organisers/{c}/topics/{topic}/revisions/{revision}"          May(EditProgramme) crate::editing::history::restore::<Topic>;
    GET  "/organisers/{c}/people"                                       May(EditProgramme) crate::organisers::people::get;
    GET  "/organisers/{c}/people/new"                                   May(EditProgramme) crate::editing::add::get::<Person>;
    POST "/organisers/{c}/people/new"                                   May(EditProgramme) crate::editing::add::post::<Person>;
    GET  "/organisers/{c}/people/{person}"                              May(EditProgramme) crate::editing::editor::get::<Person>;
    POST "/organisers/{c}/people/{person}"                              May(EditProgramme) crate::editing::save::post::<Person>;
    GET  "/organisers/{c}/people/{person}/same"                         May(EditProgramme) crate::organisers::same_person::get;
    POST "/organisers/{c}/people/{person}/same"                         May(EditProgramme) crate::organisers::same_person::post;
    GET  "/organisers/{c}/people/{person}/revisions"                    May(EditProgramme) crate::editing::history::list::<Person>;
    GET  "/organisers/{c}/people/{person}/revisions/{revision}"         May(EditProgramme) crate::editing::history::get::<Person>;
    POST "/organisers/{c}/people/{person}/revisions/{revision}"         May(EditProgramme) crate::editing::history::restore::<Person>;
    GET  "/organisers/{c}/pictures/{picture}/{size}"                    May(EditProgramme) crate::organisers::picture::get;
    GET  "/organisers/{c}/files/{file}"                                 May(EditProgramme) crate::organisers::files::get;
    GET  "/organisers/{c}/session-kinds"                                      May(EditProgramme) crate::organisers::session_kinds::get;
    GET  "/organisers/{c}/session-kinds/new"                                  May(EditProgramme) crate::editing::add::get::<SessionKind>;
    POST "/organisers/{c}/session-kinds/new"                                  May(EditProgramme) crate::editing::add::post::<SessionKind>;
    GET  "/organisers/{c}/session-kinds/{session_kind}"                       May(EditProgramme) crate::editing::editor::get::<SessionKind>;
    POST "/organisers/{c}/session-kinds/{session_kind}"                       May(EditProgramme) crate::editing::save::post::<SessionKind>;
    GET  "/organisers/{c}/session-kinds/{session_kind}/revisions"             May(EditProgramme) crate::editing::history::list::<SessionKind>;
    GET  "/organisers/{c}/session-kinds/{session_kind}/revisions/{revision}"  May(EditProgramme) crate::editing::history::get::<SessionKind>;
    POST "/organisers/{c}/session-kinds/{session_kind}/revisions/{revision}"  May(EditProgramme) crate::editing::history::restore::<SessionKind>;
    GET  "/organisers/{c}/facts"                                              May(EditProgramme) crate::editing::editor::get::<Facts>;
    POST "/organisers/{c}/facts"                                              May(EditProgramme) crate::editing::save::post::<Facts>;
    GET  "/organisers/{c}/facts/move"                                         May(EditProgramme) crate::organisers::move_sessions::get;
    POST "/organisers/{c}/facts/move"                                         May(EditProgramme) crate::organisers::move_sessions::post;
    GET  "/organisers/{c}/facts/revisions"                                    May(EditProgramme) crate::editing::history::list::<Facts>;
    GET  "/organisers/{c}/facts/revisions/{revision}"                         May(EditProgramme) crate::editing::history::get::<Facts>;
    POST "/organisers/{c}/facts/revisions/{revision}"                         May(EditProgramme) crate::editing::history::restore::<Facts>;
    GET  "/organisers/{c}/pages"                                        May(EditPages)     crate::organisers::pages::get;
    GET  "/organisers/{c}/pages/new"                                    May(EditPages)     crate::editing::add::get::<Page>;
    POST "/organisers/{c}/pages/new"                                    May(EditPages)     crate::editing::add::post::<Page>;
    GET  "/organisers/{c}/pages/{page}"                                 May(EditPages)     crate::editing::editor::get::<Page>;
    POST "/organisers/{c}/pages/{page}"                                 May(EditPages)     crate::editing::save::post::<Page>;
    GET  "/organisers/{c}/pages/{page}/revisions"                       May(EditPages)     crate::editing::history::list::<Page>;
    GET  "/organisers/{c}/pages/{page}/revisions/{revision}"            May(EditPages)     crate::editing::history::get::<Page>;
    POST "/organisers/{c}/pages/{page}/revisions/{revision}"            May(EditPages)     crate::editing::history::restore::<Page>;
    GET  "/organisers/{c}/texts"                                        May(EditPages)     crate::organisers::texts::get;
    GET  "/organisers/{c}/texts/{text}"                                 May(EditPages)     crate::editing::editor::get::<Text>;
    POST "/organisers/{c}/texts/{text}"                                 May(EditPages)     crate::editing::save::post::<Text>;
    POST "/organisers/{c}/texts/{text}/preview"                         May(EditPages)     crate::editing::preview::of_item::<Text>;
    GET  "/organisers/{c}/texts/{text}/revisions"                       May(EditPages)     crate::editing::history::list::<Text>;
    GET  "/organisers/{c}/texts/{text}/revisions/{revision}"            May(EditPages)     crate::editing::history::get::<Text>;
    POST "/organisers/{c}/texts/{text}/revisions/{revision}"            May(EditPages)     crate::editing::history::restore::<Text>;
}

/// Creates the router with all routes, each behind its guard.
pub fn router(app: &App) -> Router<App> {
    TABLE.iter().fold(Router::new(), |router, route| {
        let is_page = TABLE.iter().any(|other| other.method == "GET" && other.path == route.path);
        router.route(route.path, access::guarded((route.handler)(), app, (route.path, route.who), is_page))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urls;

    /// Routes that no page links to. Browsers, search engines and monitors request them, people type them, or (for
    /// files) their addresses are created when the program is built.
    const WITHOUT_LINK: [&str; 10] = [
        "/programme",
        "/register",
        "/organisers/{c}",
        "/sitemap.xml",
        "/robots.txt",
        "/static/{*path}",
        "/favicon.ico",
        "/apple-touch-icon.png",
        "/health/live",
        "/health/ready",
    ];

    #[test]
    fn every_link_leads_to_a_route() {
        let leads_nowhere: Vec<_> =
            urls::patterns().filter(|pattern| !TABLE.iter().any(|route| route.path == *pattern)).collect();
        assert!(leads_nowhere.is_empty(), "no route has these patterns: {leads_nowhere:#?}");
    }

    #[test]
    fn every_route_has_its_link() {
        let linked = |path| urls::patterns().any(|pattern| pattern == path);
        let wrong: Vec<_> =
            TABLE.iter().filter(|route| linked(route.path) == WITHOUT_LINK.contains(&route.path)).collect();
        let paths: Vec<_> = wrong.iter().map(|route| route.path).collect();
        assert!(
            paths.is_empty(),
            "these routes have no function in `urls`, or have one although WITHOUT_LINK lists them: {paths:#?}"
        );
    }
}
