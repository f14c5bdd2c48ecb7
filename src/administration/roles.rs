//! The checkboxes for roles at every conference or at one conference.

use askama::Template;

use crate::{
    domain::{ConferenceId, Role, Roles},
    store::editions::Edition,
    web::{Errors, Submitted},
};

/// The field's name. Each ticked checkbox sends one value.
const FIELD: &str = "role";

/// What a value contains instead of a slug if the role is for all conferences.
const EVERYWHERE: &str = "everywhere";

/// The checkboxes for one conference, or for all conferences.
pub struct RoleGroup {
    /// The short name of the conference, such as "Leipzig 2018". `None` means all conferences.
    pub conference: Option<String>,
    /// The checkboxes.
    pub choices: Vec<RoleChoice>,
}

/// One checkbox.
pub struct RoleChoice {
    /// The value that is sent.
    pub value: String,
    /// The element's id. The first one is the field's name, because the link in the error summary leads there.
    pub id: String,
    /// The role.
    pub role: Role,
    /// Whether the checkbox is ticked.
    pub ticked: bool,
}

/// The error messages of the roles.
#[derive(Template)]
#[template(path = "administration/roles_errors.txt")]
pub enum ErrorMessage {
    /// No role was ticked.
    None,
    /// The form contains a role that the page does not offer.
    Unknown,
    /// No active administrator would be left.
    LastAdministrator,
}

/// Returns all checkboxes. Administrators have their role at every conference, because somebody who manages accounts
/// could give themselves any other role.
pub fn offered(editions: &[Edition], ticked: &Roles) -> Vec<RoleGroup> {
    let group = |conference: Option<String>, slug: &str, id: Option<ConferenceId>, roles: &[Role]| RoleGroup {
        conference,
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
    let everywhere = group(None, EVERYWHERE, None, &Role::ALL);
    let at =
        editions.iter().map(|one| group(Some(one.short()), &one.slug, Some(one.id), &[Role::Staff, Role::Organiser]));
    std::iter::once(everywhere).chain(at).collect()
}

/// Returns the ticked roles. Adds an error if none is ticked or one is unknown.
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

/// Returns the ticked roles and ignores unknown ones.
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

/// Adds the error that no active administrator would be left.
pub fn last_administrator(errors: &mut Errors) {
    errors.add(FIELD, &ErrorMessage::LastAdministrator);
}

/// Returns the roles in alphabetical order, such as "administrator, staff (Leipzig 2018)".
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
