//! The mails that tell the contact, the attendee concerned and the operations desk of a change.

use sqlx::PgTransaction;

use crate::{
    domain::{AttendeeId, ConferenceId, EmailAddress, RegistrationId, email},
    store::{
        audit::Change,
        outbox::{ConfirmationData, Kind, NewMessage, enqueue},
    },
};

/// What was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeOf {
    /// Details of an attendee or of the registration.
    #[default]
    Details,
    /// The attendee was added.
    Added,
    /// The attendee's place was transferred to them.
    Transferred,
}

/// The `data` of the mails.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "fields of JSON that older instances read too")]
pub struct ChangeData {
    /// What was changed.
    pub of: ChangeOf,
    /// The attendee whom it concerns; `None` if it concerns the registration.
    pub attendee: Option<AttendeeId>,
    /// The attendees who were added together, if there are several.
    pub added: Vec<AttendeeId>,
    /// The fields that changed.
    pub changes: Vec<ChangedField>,
    /// Whether dietary or access needs were changed. No mail says what they are.
    pub needs: bool,
    /// Whether answers to the questions of the registration form were changed. No mail says what they are.
    pub answers: bool,
    /// The attendee whose link was used; `None` if it was the contact's.
    pub by: Option<AttendeeId>,
    /// Whether staff made the change at the desk.
    pub by_staff: bool,
    /// Whether who was added waits for a place.
    pub waits: bool,
}

/// A field that changed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChangedField {
    /// The name of its column.
    pub field: String,
    /// The value before.
    pub before: String,
    /// The value now.
    pub after: String,
}

impl From<&Change> for ChangedField {
    fn from(change: &Change) -> Self {
        Self { field: change.field.to_owned(), before: change.before.clone(), after: change.after.clone() }
    }
}

impl ChangeData {
    /// Whether what is owed can be another amount now.
    pub fn can_change_amounts(&self) -> bool {
        self.of == ChangeOf::Added || self.changes.iter().any(|change| change.field == "category")
    }
}

impl From<&ChangeData> for serde_json::Value {
    fn from(data: &ChangeData) -> Self {
        serde_json::to_value(data).expect("keys and text are JSON")
    }
}

/// Queues the mails in the transaction of the change: one for each address of the contact and the attendee concerned, as
/// they are now, and one for operations. An attendee who was just added or got the place gets a confirmation instead. Without
/// `tells`, only operations are told.
pub async fn tell_of_change(
    tx: &mut PgTransaction<'_>,
    about: (ConferenceId, RegistrationId),
    data: &ChangeData,
    (operations, tells): (&EmailAddress, bool),
) -> Result<(), sqlx::Error> {
    if tells {
        tell_people(tx, about, data).await?;
    }
    enqueue(tx, NewMessage::about(about, None, Kind("operations_change"), operations.as_str(), data)).await?;
    Ok(())
}

async fn tell_people(
    tx: &mut PgTransaction<'_>,
    about: (ConferenceId, RegistrationId),
    data: &ChangeData,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query!(
        r#"select contact.email as "contact!", attendee.email as "attendee?"
           from contact left join attendee on attendee.registration_id = contact.registration_id and attendee.id = $2
           where contact.registration_id = $1"#,
        about.1.0,
        data.attendee.map(|id| id.0),
    )
    .fetch_one(&mut **tx)
    .await?;
    enqueue(tx, NewMessage::about(about, None, Kind("change"), &row.contact, data)).await?;
    if let Some(own) = row.attendee.filter(|own| !email::is_same(own, &row.contact)) {
        if data.of == ChangeOf::Details {
            enqueue(tx, NewMessage::about(about, data.attendee, Kind("change"), &own, data)).await?;
        } else {
            let confirmation = ConfirmationData {
                attendees: data.attendee.into_iter().collect(),
                transferred: data.of == ChangeOf::Transferred,
                ..ConfirmationData::default()
            };
            let kind = if data.waits { Kind("waiting") } else { Kind("attendee_confirmation") };
            enqueue(tx, NewMessage::about(about, data.attendee, kind, &own, confirmation)).await?;
        }
    }
    confirm_to_each(tx, about, &data.added, &row.contact).await
}

/// Queues the confirmations of people who were added together: one for each address, except that of the contact.
async fn confirm_to_each(
    tx: &mut PgTransaction<'_>,
    about: (ConferenceId, RegistrationId),
    added: &[AttendeeId],
    contact: &str,
) -> Result<(), sqlx::Error> {
    if added.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = added.iter().map(|id| id.0).collect();
    let boxes = sqlx::query!(
        r#"select (array_agg(email order by position))[1] as "email!",
               array_agg(id order by position) as "attendees!: Vec<AttendeeId>"
           from attendee where registration_id = $1 and id = any($2)
           group by email_normalised order by min(position)"#,
        about.1.0,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    for own in boxes.into_iter().filter(|own| !email::is_same(&own.email, contact)) {
        let first = own.attendees.first().copied();
        let confirmation = ConfirmationData { attendees: own.attendees, ..ConfirmationData::default() };
        enqueue(tx, NewMessage::about(about, first, Kind("attendee_confirmation"), &own.email, confirmation)).await?;
    }
    Ok(())
}
