//! Roles as a form offers them: each at every conference or at one.

use askama::Template;

use crate::{
    domain::{ConferenceId, Role, Roles},
    store::settings::Edition,
    web::{Errors, Submitted},
};

/// The field's name; each tick is one value.
const FIELD: &str = "role";

/// What stands for all conferences in a tick's value.
const EVERYWHERE: &str = "everywhere";

/// The ticks of one conference, or of all.
pub struct RoleGroup {
    /// "At every conference", "Leipzig 2018".
    pub place: String,
    /// The ticks.
    pub choices: Vec<RoleChoice>,
}

/// One tick.
pub struct RoleChoice {
    /// What is sent.
    pub value: String,
    /// Its id; the first has the field's name, so that the error's link finds it.
    pub id: String,
    /// The role.
    pub role: Role,
    /// Whether it is ticked.
    pub ticked: bool,
}

/// The error messages of this form.
#[derive(Template)]
#[template(path = "administration/roles_errors.txt")]
pub enum ErrorMessage {
    /// None was ticked.
    None,
    /// A tick that the page does not have.
    Unknown,
    /// Nobody would be left who can give roles.
    LastAdministrator,
}

/// All that can be ticked. Administrators are so everywhere: whoever gives accounts could give themselves the rest.
pub fn offered(editions: &[Edition], ticked: &Roles) -> Vec<RoleGroup> {
    let group = |place: String, slug: &str, id: Option<ConferenceId>, roles: &[Role]| RoleGroup {
        place,
        choices: roles
            .iter()
            .map(|role| RoleChoice {
                value: value(slug, *role),
                id: match (id, role) {
                    (None, Role::Staff) => FIELD.to_owned(),
                    _ => format!("{FIELD}-{slug}-{role}"),
                },
                role: *role,
                ticked: ticked.contains(&(id, *role)),
            })
            .collect(),
    };
    let everywhere = group("At every conference".to_owned(), EVERYWHERE, None, &Role::ALL);
    let at = editions
        .iter()
        .map(|one| group(format!("Only at {}", one.short()), &one.slug, Some(one.id), &[Role::Staff, Role::Organiser]));
    std::iter::once(everywhere).chain(at).collect()
}

/// The roles that were ticked. What is unknown is an error, and so is nothing.
pub fn validate(form: &Submitted, editions: &[Edition], errors: &mut Errors) -> Roles {
    let chosen = ticked(form, editions);
    let sent = sent(form).count();
    if sent == 0 {
        errors.add(FIELD, &ErrorMessage::None);
    } else if chosen.len() < sent {
        errors.add(FIELD, &ErrorMessage::Unknown);
    }
    chosen
}

/// The roles that were ticked, as far as they are known.
pub fn ticked(form: &Submitted, editions: &[Edition]) -> Roles {
    let everywhere = Role::ALL.map(|role| (None, EVERYWHERE, role));
    let at = editions
        .iter()
        .flat_map(|one| [Role::Staff, Role::Organiser].map(|role| (Some(one.id), one.slug.as_str(), role)));
    let known = everywhere.into_iter().chain(at);
    let chosen = known.filter(|(_, slug, role)| sent(form).any(|sent| sent == value(slug, *role)));
    chosen.map(|(id, _, role)| (id, role)).collect()
}

fn sent(form: &Submitted) -> impl Iterator<Item = &str> {
    form.fields().iter().filter(|(name, _)| name == FIELD).map(|(_, value)| value.as_str())
}

/// Notes that nobody would be left who can give roles.
pub fn last_administrator(errors: &mut Errors) {
    errors.add(FIELD, &ErrorMessage::LastAdministrator);
}

/// The roles in words, in the order of the alphabet whatever order they come in: "administrator", "staff (Leipzig 2018)".
pub fn said(roles: &Roles, editions: &[Edition]) -> String {
    let one = |(at, role): &(Option<ConferenceId>, Role)| match at
        .and_then(|id| editions.iter().find(|edition| edition.id == id))
    {
        Some(edition) => format!("{role} ({})", edition.short()),
        None => role.to_string(),
    };
    let mut words: Vec<_> = roles.iter().map(one).collect();
    words.sort_unstable();
    words.join(", ")
}

fn value(slug: &str, role: Role) -> String {
    format!("{slug}:{role}")
}
