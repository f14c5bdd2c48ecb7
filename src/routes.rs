//! The map of the site: every address, its handler, and who may use it. Nothing is reachable that does not stand here;
//! the test of every role on every route reads the same table.

use axum::{Router, routing::MethodRouter};

use crate::{
    access,
    organisers::{page::Page, session::Session},
    web::App,
};
pub use crate::{access::Who, domain::Role};

/// One line of the table.
pub struct Route {
    /// `GET` (which answers `HEAD` too) or `POST`.
    pub method: &'static str,
    /// The address's pattern; `{c}` is a conference's slug.
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

    /// A path that matches, in small letters but for what is a secret or an id.
    fn in_small_letters(&self, path: &str) -> String {
        let parts = self.path.split('/').zip(path.split('/'));
        let small = parts.map(|(pattern, part)| {
            let keeps = pattern.starts_with('{') && !matches!(pattern, "{c}" | "{slug}");
            if keeps { part.to_owned() } else { part.to_ascii_lowercase() }
        });
        small.collect::<Vec<_>>().join("/")
    }

    /// How many parts of its addresses are fixed.
    fn fixed(&self) -> usize {
        self.path.split('/').filter(|part| !part.starts_with('{')).count()
    }
}

/// The canonical address for a path with capitals or with a slash at the end: `None` if the path is canonical already, or
/// if no route matches it. Only the route's handler knows whether the page exists.
pub fn canonical(path: &str) -> Option<String> {
    let bare = path.strip_suffix('/').unwrap_or(path);
    let routes = TABLE.iter().filter(|route| route.method == "GET" && route.matches(bare));
    let canonical = routes.max_by_key(|route| route.fixed())?.in_small_letters(bare);
    // Browsers read a backslash as a slash, and two slashes as the start of another host.
    (canonical != path && !canonical.contains('\\')).then_some(canonical)
}

macro_rules! routes {
    ($($method:ident $path:literal $who:ident $handler:path;)+) => {
        /// The table.
        pub static TABLE: &[Route] = &[$(Route {
            method: routes!(@name $method),
            path: $path,
            who: $who,
            handler: || routes!(@handler $method $handler),
        }),+];
    };
    (@name GET) => { "GET" };
    (@name POST) => { "POST" };
    (@handler GET $handler:path) => { axum::routing::get($handler) };
    (@handler POST $handler:path) => { axum::routing::post($handler) };
}

const ANYONE: Who = Who::Anyone;
const SIGNED_IN: Who = Who::SignedIn;
const STAFF: Who = Who::Role(Role::Staff);
const ORGANISER: Who = Who::Role(Role::Organiser);
const ADMINISTRATOR: Who = Who::Role(Role::Administrator);

routes! {
    GET  "/"                        ANYONE crate::delegates::home::current;
    GET  "/programme"               ANYONE crate::delegates::current::programme;
    GET  "/register"                ANYONE crate::delegates::current::register;
    GET  "/sitemap.xml"             ANYONE crate::delegates::feeds::sitemap;
    GET  "/robots.txt"              ANYONE crate::delegates::feeds::robots;
    GET  "/{c}"                     ANYONE crate::delegates::home::get;
    GET  "/{c}/programme"           ANYONE crate::delegates::programme::get;
    GET  "/{c}/programme.ics"       ANYONE crate::delegates::feeds::programme;
    GET  "/{c}/sessions/{slug}"     ANYONE crate::delegates::session::get;
    GET  "/{c}/pages/{slug}"        ANYONE crate::delegates::page::get;
    GET  "/{c}/register"            ANYONE crate::delegates::register::get;
    POST "/{c}/register"            ANYONE crate::delegates::register::post;
    GET  "/{c}/registered/{token}"  ANYONE crate::delegates::registered::get;
    GET  "/{c}/registered/{token}/calendar.ics" ANYONE crate::delegates::registered::days;
    GET  "/manage/{token}"          ANYONE crate::delegates::manage::get;
    GET  "/manage/{token}/cancel"   ANYONE crate::delegates::cancel::get;
    POST "/manage/{token}/cancel"   ANYONE crate::delegates::cancel::post;
    GET  "/manage/{token}/withdraw" ANYONE crate::delegates::withdraw::get;
    POST "/manage/{token}/withdraw" ANYONE crate::delegates::withdraw::post;

    GET  "/static/{*path}" ANYONE crate::web::static_files::get;
    GET  "/favicon.ico"    ANYONE crate::web::static_files::favicon;
    GET  "/apple-touch-icon.png" ANYONE crate::web::static_files::apple_touch_icon;
    GET  "/health/live"    ANYONE crate::web::health::live;
    GET  "/health/ready"   ANYONE crate::web::health::ready;

    GET  "/staff"                                   STAFF crate::staff::home::get;
    GET  "/staff/{c}/attendees"                     STAFF crate::staff::attendees::get;
    GET  "/staff/{c}/attendees.csv"                 STAFF crate::staff::export::get;
    GET  "/staff/{c}/attendees/{attendee}"          STAFF crate::staff::attendee::get;
    GET  "/staff/{c}/attendees/{attendee}/correct"  STAFF crate::staff::correct::get;
    POST "/staff/{c}/attendees/{attendee}/correct"  STAFF crate::staff::correct::post;
    GET  "/staff/{c}/attendees/{attendee}/cancel"   STAFF crate::staff::cancel::get;
    POST "/staff/{c}/attendees/{attendee}/cancel"   STAFF crate::staff::cancel::post;
    GET  "/staff/{c}/attendees/{attendee}/reinstate" STAFF crate::staff::reinstate::get;
    POST "/staff/{c}/attendees/{attendee}/reinstate" STAFF crate::staff::reinstate::post;
    POST "/staff/{c}/attendees/{attendee}/resend"   STAFF crate::staff::resend::post;
    GET  "/staff/{c}/messages"                      STAFF crate::staff::messages::get;
    POST "/staff/{c}/messages/{message}/again"      STAFF crate::staff::messages::post;
    POST "/staff/{c}/messages/held"                 STAFF crate::staff::held::post;

    GET  "/sign-in"              ANYONE    access::sign_in::get;
    POST "/sign-in"              ANYONE    access::sign_in::post;
    POST "/sign-out"             ANYONE    access::sign_in::sign_out;
    GET  "/forgotten-password"   ANYONE    access::forgotten_password::get;
    POST "/forgotten-password"   ANYONE    access::forgotten_password::post;
    GET  "/set-password/{token}" ANYONE    access::set_password::get;
    POST "/set-password/{token}" ANYONE    access::set_password::post;
    GET  "/account"              SIGNED_IN access::account::get;
    POST "/account/password"     SIGNED_IN access::account::post_password;
    POST "/account/logins"       SIGNED_IN access::account::post_logins;

    GET  "/administration"                               ADMINISTRATOR crate::administration::home::get;
    GET  "/administration/accounts"                      ADMINISTRATOR crate::administration::accounts::get;
    GET  "/administration/accounts/new"                  ADMINISTRATOR crate::administration::invite::get;
    POST "/administration/accounts/new"                  ADMINISTRATOR crate::administration::invite::post;
    GET  "/administration/accounts/{account}"            ADMINISTRATOR crate::administration::account::get;
    POST "/administration/accounts/{account}"            ADMINISTRATOR crate::administration::account::post;
    POST "/administration/accounts/{account}/link"       ADMINISTRATOR crate::administration::link::post;
    GET  "/administration/accounts/{account}/deactivate" ADMINISTRATOR crate::administration::deactivate::get;
    POST "/administration/accounts/{account}/deactivate" ADMINISTRATOR crate::administration::deactivate::post;
    POST "/administration/accounts/{account}/reactivate" ADMINISTRATOR crate::administration::deactivate::reactivate;
    GET  "/administration/{c}"                           ADMINISTRATOR crate::administration::settings::get;
    POST "/administration/{c}"                           ADMINISTRATOR crate::administration::settings::post;
    GET  "/administration/{c}/categories/new"            ADMINISTRATOR crate::administration::category::get_new;
    POST "/administration/{c}/categories/new"            ADMINISTRATOR crate::administration::category::post_new;
    GET  "/administration/{c}/categories/{category}"     ADMINISTRATOR crate::administration::category::get;
    POST "/administration/{c}/categories/{category}"     ADMINISTRATOR crate::administration::category::post;

    GET  "/organisers"                                               ORGANISER crate::organisers::landing::get;
    GET  "/organisers/{c}/sessions"                                  ORGANISER crate::organisers::sessions::get;
    GET  "/organisers/{c}/sessions/new"                              ORGANISER crate::editing::add::get::<Session>;
    POST "/organisers/{c}/sessions/new"                              ORGANISER crate::editing::add::post::<Session>;
    GET  "/organisers/{c}/sessions/{session}"                        ORGANISER crate::editing::editor::get::<Session>;
    POST "/organisers/{c}/sessions/{session}"                        ORGANISER crate::editing::save::post::<Session>;
    GET  "/organisers/{c}/sessions/{session}/revisions"              ORGANISER crate::editing::history::list::<Session>;
    GET  "/organisers/{c}/sessions/{session}/revisions/{revision}"   ORGANISER crate::editing::history::get::<Session>;
    POST "/organisers/{c}/sessions/{session}/revisions/{revision}"   ORGANISER crate::editing::history::restore::<Session>;
    POST "/organisers/{c}/preview"                                   ORGANISER crate::editing::preview::post;
    GET  "/organisers/{c}/rooms"                                     ORGANISER crate::organisers::rooms::get;
    POST "/organisers/{c}/rooms"                                     ORGANISER crate::organisers::rooms::post;
    GET  "/organisers/{c}/pages"                                     ORGANISER crate::organisers::pages::get;
    GET  "/organisers/{c}/pages/new"                                 ORGANISER crate::editing::add::get::<Page>;
    POST "/organisers/{c}/pages/new"                                 ORGANISER crate::editing::add::post::<Page>;
    GET  "/organisers/{c}/pages/{page}"                              ORGANISER crate::editing::editor::get::<Page>;
    POST "/organisers/{c}/pages/{page}"                              ORGANISER crate::editing::save::post::<Page>;
    GET  "/organisers/{c}/pages/{page}/revisions"                    ORGANISER crate::editing::history::list::<Page>;
    GET  "/organisers/{c}/pages/{page}/revisions/{revision}"         ORGANISER crate::editing::history::get::<Page>;
    POST "/organisers/{c}/pages/{page}/revisions/{revision}"         ORGANISER crate::editing::history::restore::<Page>;
}

/// The router of the table, each route behind its guard.
pub fn router(app: &App) -> Router<App> {
    TABLE.iter().fold(Router::new(), |router, route| {
        let is_page = TABLE.iter().any(|other| other.method == "GET" && other.path == route.path);
        router.route(route.path, access::guarded((route.handler)(), app, route.who, is_page))
    })
}
