//! A notice of what a delegate changed, for the contact or for the attendee concerned, with their link.

use crate::{
    domain::Conference,
    mail::{
        amounts,
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::{About, changed_rows, row},
        text::{Case, Link, Values},
        unlinked::unlinked,
    },
    store::{
        outbox::{ChangeData, ChangeOf, Claimed, for_mails::Attendee},
        registrations::amounts::{self as stored, Amounts},
    },
};

/// The data of the mail.
pub struct Change {
    about: About,
    data: ChangeData,
    /// What is owed, if the contact is told of a change that can change it.
    amounts: Option<Amounts>,
    /// Whether it is sent to the contact.
    is_contacts: bool,
    manage: Link,
}

impl Change {
    /// Returns the attendee concerned.
    fn attendee(&self) -> Option<&Attendee> {
        self.about.find(self.data.attendee)
    }

    /// Returns whether the attendee concerned reads it.
    fn is_readers(&self) -> bool {
        !self.is_contacts || self.attendee().is_some_and(|attendee| self.about.is_contact(attendee))
    }

    fn is(&self, of: ChangeOf) -> bool {
        self.data.of == of
    }
}

impl Kind for Change {
    const NAME: &'static str = "change";
    const TITLE: &'static str = "Notice of a change";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/change.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let data: ChangeData = serde_json::from_value(claimed.data.clone())?;
        let is_contacts = claimed.attendee.is_none();
        let mut tx = About::begin_links(context, claimed).await?;
        let amounts = if is_contacts && data.can_change_amounts() {
            stored::find(&mut tx, about.registration.conference, about.registration.id).await?
        } else {
            None
        };
        let manage = about.link(context, &mut tx, claimed.attendee).await?;
        tx.commit().await?;
        Ok(Self { about, data, amounts, is_contacts, manage })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        let attendee = self.attendee().map_or("", |attendee| &attendee.name);
        values.typed("name", if self.is_contacts { &self.about.registration.contact_name } else { attendee });
        values.typed("person", attendee);
        let before = self.data.changes.iter().find(|change| change.field == "name");
        values.typed("former", before.map_or("", |change| &change.before));
        values.rows("people", self.about.added(&self.data).map(row).collect());
        values.words("number", &self.data.added.len().to_string());
        values.rows("changes", changed_rows(&self.data.changes, unlinked));
        amounts::add(&mut values, &self.about.conference.zone, self.amounts.as_ref());
        values.link("manage", self.manage.clone());
        values
    }

    fn cases(&self) -> Vec<Case> {
        let is_details = self.is(ChangeOf::Details);
        let is_shared = self.data.attendee.is_none();
        let has_fields = is_details && !self.data.changes.is_empty();
        let mut cases = vec![
            ("somebody was added", self.is(ChangeOf::Added) && self.data.added.is_empty()),
            ("several people were added", !self.data.added.is_empty()),
            ("who was added waits", self.is(ChangeOf::Added) && self.data.waits),
            ("a place was transferred", self.is(ChangeOf::Transferred)),
            ("details were changed", is_details),
            ("the reader’s details were changed", is_details && !is_shared && self.is_readers()),
            ("the reader’s details were changed, field by field", has_fields && !is_shared && self.is_readers()),
            ("somebody else’s details were changed, field by field", has_fields && !is_shared && !self.is_readers()),
            ("the registration was changed, field by field", has_fields && is_shared),
            ("needs were changed", self.data.needs),
            ("answers were changed", self.data.answers),
        ];
        cases.extend(amounts::cases(self.amounts.as_ref()));
        cases
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, amounts, changed, key, ludwig, manage, payment, zeljka};

        let sample = |what, attendee: Option<u8>, changes| Self {
            about: about(of, vec![zeljka(), ludwig()]),
            data: ChangeData { of: what, attendee: attendee.map(key), changes, ..ChangeData::default() },
            amounts: None,
            is_contacts: true,
            manage: manage("contact-secret"),
        };
        let job = || vec![changed("job_title", "", "Head of IT")];
        let address = vec![
            changed("invoice_address", "Hauptplatz 1\n8010 Graz", "Finance office\nwww.graz.example"),
            changed("purchase_order", "PO-1", ""),
        ];
        let mut own =
            sample(ChangeOf::Details, Some(2), vec![changed("email", "l@graz.example", "ludwig@graz.example")]);
        own.is_contacts = false;
        own.data.needs = true;
        let mut several = sample(ChangeOf::Added, None, Vec::new());
        several.data.added = vec![key(1), key(2)];
        let mut waits = sample(ChangeOf::Added, Some(2), Vec::new());
        waits.data.waits = true;
        let to_ludwig = vec![changed("name", "Boris Maier", "Ludwig Maier")];
        let category = vec![changed("category", "Member city", "University")];
        let mut in_category = sample(ChangeOf::Details, Some(2), category.clone());
        in_category.data.answers = true;
        in_category.amounts = Some(amounts(of));
        let mut overpaid = sample(ChangeOf::Details, Some(2), category);
        overpaid.amounts = Some(Amounts { payments: vec![payment(of, 1, 90_000)], ..amounts(of) });
        vec![
            ("", sample(ChangeOf::Details, Some(1), job())),
            ("of_the_category", in_category),
            ("of_the_category_overpaid", overpaid),
            ("to_the_attendee", own),
            ("of_a_colleague", sample(ChangeOf::Details, Some(2), job())),
            ("of_the_registration", sample(ChangeOf::Details, None, address)),
            ("added", sample(ChangeOf::Added, Some(2), Vec::new())),
            ("added_to_the_waiting_list", waits),
            ("added_several", several),
            ("transferred", sample(ChangeOf::Transferred, Some(2), to_ludwig)),
        ]
    }
}
