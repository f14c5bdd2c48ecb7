//! `conference user …`: manages accounts on the command line, for the first administrator and for people who have lost
//! their password.

use clap::Subcommand;
use tokio_util::sync::CancellationToken;

use super::database::{Failure, with_database};
use crate::{
    clock::Clock,
    config::{PublicUrl, Settings},
    domain::{AccountChange, AuditKind, EmailAddress, PersonName, Role, Secret},
    postgres::{Database, IfAbsent},
    store::{
        audit::{self, Actor, Entry},
        outbox,
        people::accounts::{self, LinkPurpose},
    },
    urls,
};

/// The commands for accounts.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Adds an account and prints a one-time link to set its password
    Add {
        /// The person's e-mail address
        #[arg(long, value_parser = email)]
        email: EmailAddress,
        /// staff, organiser or administrator
        #[arg(long, value_parser = role)]
        role: Role,
        /// The person's name. Without it, the part of the address before the @ is used
        #[arg(long, value_parser = name)]
        name: Option<PersonName>,
    },
    /// Prints a new one-time link to set the password of an account
    Reset {
        /// The account's e-mail address
        #[arg(long, value_parser = email)]
        email: EmailAddress,
    },
}

fn email(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|_| "give an address in the form name@city.eu".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| format!("give one of {}", Role::ALL.map(Role::as_str).join(", ")))
}

fn name(text: &str) -> Result<PersonName, String> {
    PersonName::parse(text).map_err(|_| "give a name of 1 to 200 characters in one line".to_owned())
}

/// Runs the command.
pub async fn run(settings: &Settings, end: &CancellationToken, command: Command) -> Result<(), Failure> {
    let port = settings.listen.first().map_or(0, std::net::SocketAddr::port);
    let public_url = settings.public_url(port);
    with_database(settings, IfAbsent::Refuse, end, async |database| match command {
        Command::Add { email, role, name } => {
            let link = add(database, &email, role, name).await?;
            println!("{email} now has an account as {role} in the database {}.", database.place());
            println!("This link sets its password. It works once and is valid for seven days:");
            println!("{}", whole(&public_url, &link));
            Ok(())
        }
        Command::Reset { email } => {
            let link = reset(database, &email).await?;
            println!(
                "This link sets a new password for {email} in the database {}. It works once and is valid for one day:",
                database.place()
            );
            println!("{}", whole(&public_url, &link));
            Ok(())
        }
    })
    .await
}

/// Returns the complete address of a link with this secret.
pub fn whole(public_url: &PublicUrl, link: &Secret) -> String {
    format!("{public_url}{}", urls::access::set_password(link))
}

async fn add(
    database: &Database,
    email: &EmailAddress,
    role: Role,
    name: Option<PersonName>,
) -> Result<Secret, Failure> {
    let name = match name {
        Some(name) => name,
        None => PersonName::parse(email.as_str().split('@').next().unwrap_or_default())?,
    };
    let mut tx = database.pool().begin().await?;
    let account = accounts::add(&mut tx, email, &name, &[(None, role)]).await.map_err(|error| match error {
        accounts::AddError::Taken => Failure::from(format!(
            "{email} already has an account: `conference user reset --email {email}` prints a new link, \
             and administrators change roles on the site"
        )),
        accounts::AddError::Database(error) => error.into(),
    })?;
    let link = accounts::mint_link(&mut tx, account, Clock::default().now(), LinkPurpose::Invitation).await?;
    audit::note(&mut tx, Entry { subject: Some(account.0), ..Entry::of(AuditKind::AccountAdded, Actor::Program) })
        .await?;
    tx.commit().await?;
    Ok(link)
}

async fn reset(database: &Database, email: &EmailAddress) -> Result<Secret, Failure> {
    let mut tx = database.pool().begin().await?;
    let Some(found) = accounts::find_by_email(&mut tx, email).await? else {
        return Err(format!("there is no active account for {email}").into());
    };
    let now = Clock::default().now();
    let link = accounts::mint_link(&mut tx, found.account, now, LinkPurpose::Forgotten).await?;
    let entry = Entry { subject: Some(found.account.0), ..Entry::of(AuditKind::AccountLinkMade, Actor::Program) };
    audit::note(&mut tx, entry).await?;
    outbox::tell_owner(&mut tx, found.account, now, AccountChange::Link).await?;
    tx.commit().await?;
    Ok(link)
}

/// Returns a link for the first administrator, whose account has the operations address and is created if it does not
/// exist. Returns `None` if that account already has a password.
pub async fn first_administrator(database: &Database, email: &EmailAddress) -> Result<Option<Secret>, Failure> {
    let mut tx = database.pool().begin().await?;
    let account = match accounts::find_by_email(&mut tx, email).await? {
        Some(found) if found.password_hash.is_some() => return Ok(None),
        Some(found) => {
            accounts::give_role(&mut tx, found.account, None, Role::Administrator).await?;
            found.account
        }
        None => {
            let name = PersonName::parse("Administrator")?;
            accounts::add(&mut tx, email, &name, &[(None, Role::Administrator)]).await?
        }
    };
    let link = accounts::mint_link(&mut tx, account, Clock::default().now(), LinkPurpose::Forgotten).await?;
    let entry = Entry { subject: Some(account.0), ..Entry::of(AuditKind::AccountLinkMade, Actor::Program) };
    audit::note(&mut tx, entry).await?;
    tx.commit().await?;
    Ok(Some(link))
}
