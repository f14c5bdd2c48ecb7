//! The registration that a mail is about. Dietary and access needs are not read: no mail contains them.

use sqlx::{PgConnection, PgTransaction};

use super::{
    conference,
    context::{ComposeError, Context},
    envelope::Attachment,
    text::{Link, Row, Values},
    unlinked::unlinked,
};
use crate::{
    documents::calendar,
    domain::{AttendeeId, AttendeeState, Conference, RegistrationId, Secret, Stored, email},
    store::{
        outbox::{
            self, CancellationData, ChangeData, ChangedField, Claimed, ConfirmationData,
            for_mails::{self, Attendee, Registration},
        },
        registrations::{
            amounts::{self, Amounts},
            links::{self, Purpose, Subject},
        },
        sites,
    },
    urls,
};

/// The registration that a mail is about, with its conference.
#[derive(Clone, Debug)]
pub struct About {
    /// The conference.
    pub conference: Conference,
    /// The registration.
    pub registration: Registration,
    /// The values that every mail about the conference may name.
    pub common: Values,
}

impl About {
    /// Reads the registration of this row.
    pub async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        Self::of_registration(context, claimed.registration.ok_or(ComposeError::Subject("registration"))?).await
    }

    /// Reads this registration.
    pub async fn of_registration(context: &Context, id: RegistrationId) -> Result<Self, ComposeError> {
        let mut conn = context.store.read().await?;
        let registration = for_mails::get_registration(&mut conn, id).await?;
        let conference = sites::find_conference(&mut conn, &registration.conference_slug).await?;
        let conference = conference.ok_or(ComposeError::Subject("conference"))?;
        Ok(Self::new(conference, registration, |path| context.absolute(path)))
    }

    /// Returns a registration for this conference. `absolute` returns the full address of a path.
    pub fn new(conference: Conference, registration: Registration, absolute: impl Fn(&str) -> String) -> Self {
        let mut common = conference::values(&conference, absolute);
        common.words("reference", &registration.reference);
        Self { conference, registration, common }
    }

    /// Reads what the registration owes; `None` if nothing was ever owed or paid.
    pub async fn amounts(&self, context: &Context) -> Result<Option<Amounts>, ComposeError> {
        let mut conn = context.store.read().await?;
        Ok(amounts::find(&mut conn, self.registration.conference, self.registration.id).await?)
    }

    /// Returns the values that every mail to the operations desk may name.
    pub fn values_for_operations(&self, desk: &Link) -> Values {
        let registration = &self.registration;
        let mut values = self.common.clone();
        values.typed("organisation", &registration.organisation);
        values.typed("town", &registration.city);
        values.words("country", &registration.country.to_string());
        values.link("desk", desk.clone());
        values
    }

    /// Returns the attendees who have a place.
    pub fn coming(&self) -> impl Iterator<Item = &Attendee> {
        self.registration.attendees.iter().filter(|attendee| attendee.is_coming())
    }

    /// Returns the attendees who wait for a place, or have not answered the offer of one yet.
    pub fn waiting(&self) -> impl Iterator<Item = &Attendee> {
        self.registration.attendees.iter().filter(|attendee| attendee.is_waiting())
    }

    /// Returns the attendee with this key.
    pub fn find(&self, id: Option<AttendeeId>) -> Option<&Attendee> {
        self.registration.attendees.iter().find(|attendee| Some(attendee.id) == id)
    }

    /// Returns whether the attendee is the contact.
    pub fn is_contact(&self, attendee: &Attendee) -> bool {
        self.registration.contact_attendee == Some(attendee.id)
    }

    /// Returns the attendees with the same address as this one. A shared mailbox gets one mail for all of them.
    pub fn readers(&self, id: AttendeeId) -> Result<Vec<AttendeeId>, ComposeError> {
        let one = self.find(Some(id)).ok_or(ComposeError::Subject("attendee"))?;
        let all = self.registration.attendees.iter();
        Ok(all.filter(|attendee| email::is_same(&attendee.email, &one.email)).map(|attendee| attendee.id).collect())
    }

    /// Returns the attendee whose cancellation was undone, if the confirmation is about that and the attendee still has a place.
    pub fn reinstated(&self, claimed: &Claimed) -> Result<Option<AttendeeId>, ComposeError> {
        let data: ConfirmationData = serde_json::from_value(claimed.data.clone())?;
        Ok(self.find(data.reinstated).filter(|attendee| attendee.is_coming()).map(|attendee| attendee.id))
    }

    /// Returns the attendee who accepted a place, if the confirmation is about that and the attendee still has it.
    pub fn accepted(&self, claimed: &Claimed) -> Result<Option<AttendeeId>, ComposeError> {
        let data: ConfirmationData = serde_json::from_value(claimed.data.clone())?;
        Ok(self.find(data.accepted).filter(|attendee| attendee.is_coming()).map(|attendee| attendee.id))
    }

    /// Returns the attendees who were just cancelled. If the row does not name them, returns all who are cancelled.
    pub fn cancelled(&self, data: &CancellationData) -> Vec<AttendeeId> {
        let is_meant = |attendee: &&Attendee| match data.attendees.as_slice() {
            [] => attendee.is_cancelled(),
            named => named.contains(&attendee.id),
        };
        self.registration.attendees.iter().filter(is_meant).map(|attendee| attendee.id).collect()
    }

    /// Returns the attendees who were added together.
    pub fn added(&self, data: &ChangeData) -> impl Iterator<Item = &Attendee> {
        data.added.iter().filter_map(|id| self.find(Some(*id)))
    }

    /// Returns the contact's name and address.
    pub fn contact(&self) -> (String, String) {
        (self.registration.contact_name.clone(), self.registration.contact_email.clone())
    }

    /// Begins a transaction that creates links. Fails if staff have just corrected the address of the mail.
    pub async fn begin_links(context: &Context, claimed: &Claimed) -> Result<PgTransaction<'static>, ComposeError> {
        let mut tx = context.store.begin().await?;
        if !outbox::is_still_for(&mut tx, claimed).await? {
            return Err(ComposeError::Moved);
        }
        Ok(tx)
    }

    /// Creates the link with which an attendee, or the contact, manages the registration.
    pub async fn link(
        &self,
        context: &Context,
        tx: &mut PgTransaction<'_>,
        attendee: Option<AttendeeId>,
    ) -> Result<Link, ComposeError> {
        let secret = self.secret(tx, attendee).await?;
        Ok(Link::secret(context.absolute(&urls::public::manage(&secret.reveal()))))
    }

    /// Creates the secret of such a link, which opens the pages of offers too.
    pub async fn secret(
        &self,
        tx: &mut PgTransaction<'_>,
        attendee: Option<AttendeeId>,
    ) -> Result<Secret, ComposeError> {
        let Registration { conference, id: registration, .. } = self.registration;
        Ok(links::mint(tx, Purpose::Manage, Subject { conference, registration, attendee }).await?)
    }

    /// Returns a link to the attendee on the desk's pages.
    pub fn desk(&self, context: &Context, attendee: Option<AttendeeId>) -> Link {
        let slug = &self.registration.conference_slug;
        let path =
            attendee.map_or_else(|| urls::staff::attendees(slug), |attendee| urls::staff::attendee(slug, attendee));
        Link::open(context.absolute(&path))
    }

    /// Returns a calendar file with the days of the conference.
    pub fn calendar(&self, context: &Context) -> Attachment {
        Attachment {
            name: format!("{}.ics", self.conference.slug),
            media_type: "text/calendar; charset=utf-8; method=PUBLISH",
            content: calendar::file(&self.conference.title, &[self.entry(context)]),
        }
    }

    /// Returns a calendar file that removes the days of the conference from the calendar of this recipient; `None` if they are
    /// still expected there, or still register others who are.
    pub async fn calendar_cancellation(
        &self,
        context: &Context,
        conn: &mut PgConnection,
        recipient: &str,
    ) -> Result<Option<Attachment>, sqlx::Error> {
        if for_mails::is_expected(conn, self.registration.conference, &email::normalised(recipient)).await? {
            return Ok(None);
        }
        Ok(Some(Attachment {
            name: format!("{}.ics", self.conference.slug),
            media_type: "text/calendar; charset=utf-8; method=CANCEL",
            content: calendar::cancellation(self.entry(context)),
        }))
    }

    fn entry(&self, context: &Context) -> calendar::Entry {
        let home = context.absolute(&urls::public::home(&self.conference.slug));
        calendar::Entry::conference(&self.conference, home, context.clock.now())
    }
}

/// Returns an attendee as a row for delegates: the name, the category and, unless they have a place, the state.
pub fn row(attendee: &Attendee) -> Row {
    Row::typed(&attendee.name, vec![standing(attendee)])
}

/// Returns the category of an attendee and, unless they have a place, the state.
pub fn standing(attendee: &Attendee) -> String {
    match &attendee.state {
        Stored::Known(AttendeeState::Confirmed) => attendee.category.clone(),
        Stored::Known(AttendeeState::Waiting) => match attendee.queue_position {
            Some(position) => format!("{}, on the waiting list as number {position}", attendee.category),
            None => format!("{}, on the waiting list", attendee.category),
        },
        Stored::Known(AttendeeState::Offered) => format!("{}, a place is offered", attendee.category),
        Stored::Known(state) => format!("{}, {}", attendee.category, state.as_str()),
        Stored::Newer(word) => format!("{}, {word}", attendee.category),
    }
}

/// Returns "1 attendee", "2 attendees" and so on.
pub fn attendees(number: usize) -> String {
    if number == 1 { "1 attendee".to_owned() } else { format!("{number} attendees") }
}

/// Returns what was typed, or "none given".
pub fn or_none_given(typed: &str) -> &str {
    if typed.is_empty() { "none given" } else { typed }
}

/// Returns the fields that a delegate changed, with their values before and now. `address` returns an e-mail address as this
/// mail shows it.
pub fn changed_rows(changes: &[ChangedField], address: impl Fn(&str) -> String) -> Vec<Row> {
    let row = |ChangedField { field, before, after }: &ChangedField| {
        let said = |value: &str| match field.as_str() {
            _ if value.is_empty() => "nothing".to_owned(),
            "email" | "contact_email" => address(value),
            _ => value.lines().map(unlinked).collect::<Vec<_>>().join(", "),
        };
        let small = vec![format!("before: {}", said(before)), format!("now: {}", said(after))];
        Row { strong: label(field).to_owned(), rest: String::new(), small }
    };
    changes.iter().map(row).collect()
}

/// Returns the name of a field of a registration or an attendee.
fn label(field: &str) -> &str {
    match field {
        "name" => "Name",
        "email" => "E-mail",
        "job_title" => "Job title",
        "category" => "Category",
        "organisation" => "Organisation",
        "city" => "City",
        "country" => "Country",
        "contact_name" => "Contact",
        "contact_email" => "Contact’s e-mail",
        "contact_telephone" => "Contact’s telephone",
        "purchase_order" => "Purchase-order number",
        "invoice_address" => "Invoice address",
        other => other,
    }
}
