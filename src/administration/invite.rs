//! `/administration/accounts/new`: creates an account. The person gets a mail with a link to set a password.

use askama::Template;
use axum::extract::State;

use super::{link::LinkPage, roles};
use crate::{
    access::{Person, ResumedForm},
    domain::{AuditKind, EmailAddress, PersonName, Roles, SignedIn},
    store::{
        audit::{self, Actor, Change, Entry},
        editions::{self, Edition},
        people::{
            accounts::{self, AddError, LinkPurpose},
            memberships,
        },
    },
    web::{App, AppError, Desk, DeskNav, Errors, Missing, Result, Submitted, page, unprocessable},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/invite.html")]
struct InvitePage {
    desk: Desk,
    form: Submitted,
    errors: Errors,
    groups: Vec<roles::RoleGroup>,
}

/// The error messages of the invitation form.
#[derive(Template)]
#[template(path = "administration/invite_errors.txt")]
enum ErrorMessage {
    Taken,
}

/// A valid invitation.
struct Invitation {
    name: PersonName,
    email: EmailAddress,
    roles: Roles,
}

/// `GET /administration/accounts/new`.
pub async fn get(State(app): State<App>, Person(person): Person, resumed: ResumedForm) -> Result {
    let editions = editions::list(&mut *app.store.read().await?).await?;
    let none = Submitted::default();
    let ticked = roles::ticked(&none, &editions);
    let mut again = InvitePage::of(&person, none, Errors::default(), &editions, &ticked);
    if let Some(form) = resumed.shown_in(&mut again.desk) {
        again.groups = roles::offered(&editions, &roles::ticked(&form, &editions));
        again.form = form;
    }
    page(&again)
}

/// `POST /administration/accounts/new`.
pub async fn post(State(app): State<App>, Person(person): Person, form: Submitted) -> Result {
    let editions = editions::list(&mut *app.store.read().await?).await?;
    let (mut errors, chosen, invitation) = validate(&form, &editions);
    let Some(invitation) = invitation else {
        return unprocessable(&InvitePage::of(&person, form, errors, &editions, &chosen));
    };
    let mut tx = app.store.begin().await?;
    let account = match accounts::add(&mut tx, &invitation.email, &invitation.name, &invitation.roles).await {
        Ok(account) => account,
        Err(AddError::Taken) => {
            errors.add("email", &ErrorMessage::Taken);
            return unprocessable(&InvitePage::of(&person, form, errors, &editions, &chosen));
        }
        Err(AddError::Database(error)) => return Err(error.into()),
    };
    let changes = [
        Change { field: "email", before: String::new(), after: invitation.email.to_string() },
        Change { field: "name", before: String::new(), after: invitation.name.to_string() },
        Change { field: "roles", before: String::new(), after: roles::said(&invitation.roles, &editions) },
    ];
    let by = Entry::of(AuditKind::AccountInvited, Actor::Account(person.account));
    audit::note(&mut tx, Entry { subject: Some(account.0), changes: &changes, ..by }).await?;
    let account = memberships::find(&mut tx, account).await?.ok_or(AppError::NotFound)?;
    let link = LinkPage::mint(&app, tx, &person, account, LinkPurpose::Invitation).await?;
    page(&link)
}

/// Returns all errors, the roles that were ticked, and the invitation if there are no errors.
fn validate(form: &Submitted, editions: &[Edition]) -> (Errors, Roles, Option<Invitation>) {
    let mut errors = Errors::default();
    let name = errors.check_required("name", PersonName::parse(form.get("name")), Missing::Name);
    let email = errors.check_required("email", EmailAddress::parse(form.get("email")), Missing::Email);
    let roles = roles::validate(form, editions, &mut errors);
    let invitation = match (name, email) {
        (Some(name), Some(email)) if errors.is_empty() => Some(Invitation { name, email, roles: roles.clone() }),
        _ => None,
    };
    (errors, roles, invitation)
}

impl InvitePage {
    fn of(person: &SignedIn, form: Submitted, errors: Errors, editions: &[Edition], ticked: &Roles) -> Self {
        let desk = Desk::new(DeskNav::Administration, None, person);
        Self { desk, form, errors, groups: roles::offered(editions, ticked) }
    }
}
