//! Tries every route in every role. The table of routes names the action that each route needs, and `Action::roles` the
//! roles that have it.

use conference::routes::{Action, Role, Route, TABLE, Who};
use reqwest::Method;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Account, LEIPZIG, Person, TestApp};

#[tokio::test]
async fn a_visitor_sees_public_pages_and_has_to_sign_in_for_all_others() {
    every_route_responds_as_the_table_says(None).await;
}

#[tokio::test]
async fn every_role_can_use_exactly_the_routes_of_its_actions() {
    for role in Role::ALL {
        every_route_responds_as_the_table_says(Some(role)).await;
    }
}

#[test]
fn each_role_has_the_actions_of_its_part_of_the_site() {
    // Which conference is the current one is a setting of the whole site.
    let whole_site = |route: &&Route| matches!(route.who, Who::May(Action::ManageConferences));
    let routes = |role, under: &str| {
        let under: Vec<_> = TABLE.iter().filter(|route| route.path.starts_with(under) && !whole_site(route)).collect();
        (under.iter().filter(|route| may(route.who, Some(role))).count(), under.len())
    };
    for (role, has) in [
        (Role::Staff, [true, false, false, false]),
        (Role::Organiser, [false, true, true, false]),
        (Role::Administrator, [true, true, true, true]),
    ] {
        let parts = ["/staff", "/organisers", "/administration/{c}", "/administration/accounts"];
        for (under, has) in parts.into_iter().zip(has) {
            let (mine, all) = routes(role, under);
            assert_eq!(mine, if has { all } else { 0 }, "{role} under {under}");
        }
    }
}

#[test]
fn only_administrators_choose_the_current_conference() {
    assert_eq!(Action::ManageConferences.roles(), [Role::Administrator]);
}

#[test]
fn staff_and_administrators_read_needs() {
    assert_eq!(Action::ReadNeeds.roles(), [Role::Staff, Role::Administrator]);
}

/// A role at one conference gives no rights at another.
#[tokio::test]
async fn staff_of_one_conference_cannot_use_the_desk_of_another() {
    let app = TestApp::start().await;
    let venice: Uuid = sqlx::query_scalar(
        "insert into conference (id, slug, title, theme, city, country, venue, venue_url, hosts, starts_on, ends_on,
             time_zone, contact_email, contact_telephone, contact_fax)
         select gen_random_uuid(), 'venice-2019', title, 'Channeling Change', 'Venice', 'IT', venue, venue_url, hosts,
             '2019-06-13', '2019-06-14', 'Europe/Rome', contact_email, contact_telephone, contact_fax
         from conference returning id",
    )
    .fetch_one(&app.db)
    .await
    .expect("a second conference");
    for role in [Role::Staff, Role::Organiser] {
        let account = app.account_without_role().await;
        account.also_is(&app.db, role.as_str(), Some(venice)).await;
        let theirs = |route: &&Route| matches!(route.who, Who::May(action) if action.roles().contains(&role));
        for route in TABLE.iter().filter(theirs).filter(|route| route.path.contains("{c}")) {
            let person = signed_in(&app, &account).await;
            let (path, _) = filled(&app.db, route.path).await;
            assert_eq!(status(&person, route, &path).await.0, 403, "{} {path} for {role} of Venice", route.method);
        }
    }
}

/// During a deploy, instances of the older version read what a newer one writes.
#[tokio::test]
async fn a_role_from_a_newer_version_gives_no_rights_and_causes_no_errors() {
    let app = TestApp::start().await;
    let account = app.account("staff").await;
    sqlx::query("alter table membership drop constraint membership_role_known").execute(&app.db).await.expect("it");
    sqlx::query("insert into membership (id, account_id, role) values (gen_random_uuid(), $1, 'doorkeeper')")
        .bind(account.id)
        .execute(&app.db)
        .await
        .expect("a newer role");
    let staff = signed_in(&app, &account).await;
    staff.opens("/staff").await.must_be(200);
    staff.tries("/organisers").await.must_be(403);
}

/// Tries every route in this role, and fails with all responses that differ from the table.
async fn every_route_responds_as_the_table_says(role: Option<Role>) {
    let app = TestApp::start().await;
    let account = match role {
        Some(role) => Some(app.account(role.as_str()).await),
        None => None,
    };
    app.account_without_role().await;
    let mut wrong = Vec::new();
    for route in TABLE {
        // Each route gets a new login, because some routes end it.
        let person = match &account {
            Some(account) => signed_in(&app, account).await,
            None => app.delegate(),
        };
        let (path, known) = filled(&app.db, route.path).await;
        let (status, location) = status(&person, route, &path).await;
        let to_sign_in = location.starts_with("/sign-in?next=");
        let right = match (may(route.who, role), role) {
            // The response has to come from the route itself and not from the guard. It must not be an error, and a
            // page that exists has to be found.
            (true, _) => {
                let missing = status == 404 && known && route.method == "GET";
                !(matches!(status, 401 | 403 | 405 | 500..) || to_sign_in || missing)
            }
            (false, None) if route.method == "GET" => status == 303 && to_sign_in,
            (false, None) => status == 401,
            (false, Some(_)) => status == 403,
        };
        if !right {
            wrong.push(format!("{} {} ({:?}) → {status} {location}", route.method, path, route.who));
        }
    }
    assert!(wrong.is_empty(), "{role:?} gets wrong answers:\n{}", wrong.join("\n"));
}

/// Whether the two tables allow a route in a role.
fn may(who: Who, role: Option<Role>) -> bool {
    match (who, role) {
        (Who::Anyone, _) | (Who::SignedIn, Some(_)) => true,
        (Who::May(action), Some(role)) => action.roles().contains(&role),
        (_, None) => false,
    }
}

async fn signed_in(app: &TestApp, account: &Account) -> Person {
    let secret = account.login(&app.db, app.now()).await;
    app.delegate().signed_in(account.clone(), &secret)
}

async fn status(person: &Person, route: &Route, path: &str) -> (u16, String) {
    let method = if route.method == "GET" { Method::GET } else { Method::POST };
    let body = (method == Method::POST).then(String::new);
    let answer = person.asks(method, path, &[("sec-fetch-site", "same-origin")], body).await;
    let location = answer.headers().get("location").map(|to| to.to_str().unwrap_or_default().to_owned());
    (answer.status().as_u16(), location.unwrap_or_default())
}

/// Creates an address from a pattern, with the keys of existing rows if there are any. The second value is whether all
/// of them exist.
pub async fn filled(db: &PgPool, pattern: &str) -> (String, bool) {
    let mut known = true;
    let mut path = String::new();
    let mut before = "";
    for part in pattern.split('/').skip(1) {
        path.push('/');
        match part.split_once('{').and_then(|(prefix, rest)| Some((prefix, rest.split_once('}')?))) {
            None => path.push_str(part),
            Some((prefix, (name, suffix))) => {
                let value = existing(db, name, before).await;
                known &= value.is_some();
                path.push_str(prefix);
                path.push_str(&value.unwrap_or_else(|| Uuid::now_v7().to_string()));
                path.push_str(suffix);
            }
        }
        before = part;
    }
    (path, known)
}

async fn existing(db: &PgPool, name: &str, before: &str) -> Option<String> {
    let query = match (name, before) {
        ("c", _) => return Some(LEIPZIG.trim_start_matches('/').to_owned()),
        ("slug", "sessions") => "select slug from revision where kind = 'session' limit 1",
        ("slug", "speakers") => "select slug from revision where kind = 'person' limit 1",
        ("slug", "pages") => "select slug from revision where kind = 'page' limit 1",
        ("session", _) => "select id::text from item where kind = 'session' limit 1",
        ("session_kind", _) => "select id::text from item where kind = 'session_kind' limit 1",
        ("room", _) => "select id::text from item where kind = 'room' limit 1",
        ("topic", _) => "select id::text from item where kind = 'topic' limit 1",
        ("person", _) => "select id::text from item where kind = 'person' limit 1",
        ("picture", _) => "select id::text from picture limit 1",
        ("file", _) => "select id::text from file limit 1",
        ("size", _) => return Some("96".to_owned()),
        ("page", _) => "select id::text from item where kind = 'page' limit 1",
        ("text", _) => "select id::text from item where kind = 'text' limit 1",
        ("release", _) => "select number::text from release limit 1",
        ("attendee", _) => "select id::text from attendee limit 1",
        ("registration", _) => "select id::text from registration limit 1",
        ("note", _) => "select id::text from attendee_note limit 1",
        ("batch", _) => "select id::text from batch limit 1",
        ("view", _) => "select id::text from saved_view limit 1",
        ("payment", _) => "select id::text from payment limit 1",
        ("message", _) => "select id::text from message where conference_id is not null limit 1",
        ("mailing", _) => "select id::text from mailing limit 1",
        ("mail_template", _) => "select id::text from mail_template limit 1",
        ("category", _) => "select id::text from category limit 1",
        ("code", _) => "select id::text from code limit 1",
        ("question", _) => "select id::text from question limit 1",
        // An account of its own, because some routes deactivate it.
        ("account", _) => "select id::text from account where email like 'guest-%' limit 1",
        // The test tries a key that does not exist.
        ("revision" | "token" | "*path", _) => return None,
        (name, _) => panic!("add an example of {{{name}}}"),
    };
    sqlx::query_scalar(query).fetch_optional(db).await.expect("the tables are there")
}
