//! `/administration/accounts/new`: gives somebody an account. They get a mail with a link to set a password.

use askama::Template;
use axum::extract::State;

use super::{link::LinkPage, roles};
use crate::{
    access::{Carried, Person},
    domain::{EmailAddress, PersonName},
    store::{
        accounts::{self, AddError, LinkPurpose, Roles, SignedIn},
        audit::{self, Actor, Change, Entry},
        memberships,
        settings::{self, Edition},
    },
    web::{App, AppError, Desk, DeskNav, Errors, Result, Submitted, Words, page, unprocessable},
};

/// The page.
#[derive(Template)]
#[template(path = "administration/invite.html")]
struct InvitePage {
    desk: Desk,
    form: Submitted,
    errors: Errors,
    groups: Vec<roles::RoleGroup>,
    /// Whether the form is one that was sent after its login had ended.
    carried: bool,
}

/// What is wrong with an invitation, in words.
#[derive(Template)]
#[template(path = "administration/invite_words.txt")]
enum InviteWords {
    Taken,
}

/// Somebody to invite.
struct Invitation {
    name: PersonName,
    email: EmailAddress,
    roles: Roles,
}

/// `GET /administration/accounts/new`.
pub async fn get(State(app): State<App>, Person(person): Person, Carried(carried): Carried) -> Result {
    let editions = settings::list_editions(&mut *app.store.read().await?).await?;
    let is_carried = carried.is_some();
    let form = carried.unwrap_or_default();
    let ticked = roles::ticked(&form, &editions);
    let mut again = InvitePage::of(&person, form, Errors::default(), &editions, &ticked);
    again.carried = is_carried;
    page(&again)
}

/// `POST /administration/accounts/new`.
pub async fn post(State(app): State<App>, Person(person): Person, form: Submitted) -> Result {
    let editions = settings::list_editions(&mut *app.store.read().await?).await?;
    let (mut errors, chosen, invitation) = judge(&form, &editions);
    let Some(invitation) = invitation else {
        return unprocessable(&InvitePage::of(&person, form, errors, &editions, &chosen));
    };
    let mut tx = app.store.begin().await?;
    let account = match accounts::add(&mut tx, &invitation.email, &invitation.name, &invitation.roles).await {
        Ok(account) => account,
        Err(AddError::Taken) => {
            errors.add("email", &InviteWords::Taken);
            return unprocessable(&InvitePage::of(&person, form, errors, &editions, &chosen));
        }
        Err(AddError::Database(error)) => return Err(error.into()),
    };
    let changes = [
        Change { field: "email", before: String::new(), after: invitation.email.to_string() },
        Change { field: "name", before: String::new(), after: invitation.name.to_string() },
        Change { field: "roles", before: String::new(), after: roles::said(&invitation.roles, &editions) },
    ];
    let by = Entry::of("account_invited", Actor::Account(person.account));
    audit::note(&mut tx, Entry { subject: Some(account.0), changes: &changes, ..by }).await?;
    let account = memberships::find(&mut tx, account).await?.ok_or(AppError::NotFound)?;
    let link = LinkPage::mint(&app, tx, &person, account, LinkPurpose::Invitation).await?;
    page(&link)
}

/// Every error at once, the roles that were ticked, and the invitation if nothing is wrong.
fn judge(form: &Submitted, editions: &[Edition]) -> (Errors, Roles, Option<Invitation>) {
    let mut errors = Errors::default();
    let name = errors.keep("name", PersonName::parse(form.get("name")), Words::text("the name"));
    let email = errors.keep("email", EmailAddress::parse(form.get("email")), Words::email("the e-mail address"));
    let roles = roles::judge(form, editions, &mut errors);
    let invitation = match (name, email) {
        (Some(name), Some(email)) if errors.is_empty() => Some(Invitation { name, email, roles: roles.clone() }),
        _ => None,
    };
    (errors, roles, invitation)
}

impl InvitePage {
    fn of(person: &SignedIn, form: Submitted, errors: Errors, editions: &[Edition], ticked: &Roles) -> Self {
        let desk = Desk::new("Invite somebody", DeskNav::Administration, None, person);
        Self { desk, form, errors, groups: roles::offered(editions, ticked), carried: false }
    }
}
