//! Who gets the mails of a mailing, and what some of them lack.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::{AttendeeId, ConferenceId, MailingReaders};

/// What a text needs of each reader. People who lack it get no mail, unless a word stands for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// The text names the job title.
    pub job_title: bool,
    /// The text names the purchase-order number.
    pub purchase_order: bool,
}

/// The people of a view, and which of them get a mail.
#[derive(Clone, Copy, Debug)]
pub struct Readers<'a> {
    /// The conference.
    pub conference: ConferenceId,
    /// The attendees of the view.
    pub attendees: &'a [Uuid],
    /// Whether each attendee gets a mail, or the contact of each registration.
    pub who: MailingReaders,
    /// Whether people who are cancelled get one.
    pub with_cancelled: bool,
    /// What they need.
    pub needed: Needed,
}

/// Lists for whom there is a mail, in the order of the view: each attendee who gets one, or the first attendee of each registration
/// whose contact gets one.
pub async fn list(conn: &mut PgConnection, readers: Readers<'_>) -> Result<Vec<AttendeeId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select (array_agg(attendee.id order by wanted.place))[1] as "id!: AttendeeId"
           from unnest($1::uuid[]) with ordinality as wanted (attendee_id, place)
           join attendee on attendee.id = wanted.attendee_id
           join registration on registration.id = attendee.registration_id
           where attendee.conference_id = $2 and ($4 or attendee.state <> 'cancelled')
               and (not $5 or $3 or attendee.job_title <> '') and (not $6 or registration.purchase_order <> '')
           group by case when $3 then registration.id else attendee.id end
           order by min(wanted.place)"#,
        readers.attendees,
        readers.conference.0,
        readers.who == MailingReaders::Contacts,
        readers.with_cancelled,
        readers.needed.job_title,
        readers.needed.purchase_order,
    )
    .fetch_all(conn)
    .await
}

/// How many mails there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The attendees who get a mail, or whose contact gets one.
    pub people: i64,
    /// The mails.
    pub mails: i64,
    /// The addresses that they go to.
    pub addresses: i64,
}

/// Counts the mails.
pub async fn count(conn: &mut PgConnection, readers: Readers<'_>) -> Result<Counted, sqlx::Error> {
    sqlx::query_as!(
        Counted,
        r#"select count(*) as "people!",
               case when $3 then count(distinct registration.id) else count(*) end as "mails!",
               case when $3 then count(distinct coalesce(registration.contact_email_normalised, contact.email_normalised))
                    else count(distinct attendee.email_normalised) end as "addresses!"
           from attendee
           join registration on registration.id = attendee.registration_id
           left join attendee contact on contact.id = registration.contact_attendee_id
           where attendee.id = any($1) and attendee.conference_id = $2 and ($4 or attendee.state <> 'cancelled')
               and (not $5 or $3 or attendee.job_title <> '') and (not $6 or registration.purchase_order <> '')"#,
        readers.attendees,
        readers.conference.0,
        readers.who == MailingReaders::Contacts,
        readers.with_cancelled,
        readers.needed.job_title,
        readers.needed.purchase_order,
    )
    .fetch_one(conn)
    .await
}

/// People who lack something.
#[derive(Clone, Debug, Default)]
pub struct Lacking {
    /// How many there are.
    pub count: i64,
    /// The first of them: an attendee, and the name of whom the mail is for.
    pub first: Vec<(AttendeeId, String)>,
}

/// How many of them are named.
const NAMED: i64 = 10;

/// Lists the readers who lack what is needed; all of it must be one thing.
pub async fn list_lacking(conn: &mut PgConnection, readers: Readers<'_>) -> Result<Lacking, sqlx::Error> {
    let of_contacts = readers.who == MailingReaders::Contacts;
    let rows = sqlx::query!(
        r#"with lacking as (
               select distinct on (case when $3 then registration.id else attendee.id end)
                   attendee.id, case when $3 then contact.name else attendee.name end as name
               from attendee
               join registration on registration.id = attendee.registration_id
               join contact on contact.registration_id = registration.id
               where attendee.id = any($1) and attendee.conference_id = $2 and ($4 or attendee.state <> 'cancelled')
                   and ($5 and not $3 and attendee.job_title = '' or $6 and registration.purchase_order = '')
           )
           select id as "id!: AttendeeId", name as "name!", (select count(*) from lacking) as "count!"
           from lacking order by name, id limit $7"#,
        readers.attendees,
        readers.conference.0,
        of_contacts,
        readers.with_cancelled,
        readers.needed.job_title,
        readers.needed.purchase_order,
        NAMED,
    )
    .fetch_all(conn)
    .await?;
    Ok(Lacking {
        count: rows.first().map_or(0, |row| row.count),
        first: rows.into_iter().map(|row| (row.id, row.name)).collect(),
    })
}
