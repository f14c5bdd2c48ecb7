//! A notice of what a delegate or staff changed, for the operations desk.

use crate::{
    domain::Conference,
    mail::{
        amounts,
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::{About, changed_rows, row},
        text::{Case, Link, Values},
    },
    store::{
        outbox::{ChangeData, ChangeOf, Claimed},
        registrations::amounts::Amounts,
    },
};

/// The data of the mail.
pub struct OperationsChange {
    about: About,
    data: ChangeData,
    /// What is owed; `None` if nothing was ever owed or paid.
    amounts: Option<Amounts>,
    desk: Link,
}

impl OperationsChange {
    fn is(&self, of: ChangeOf) -> bool {
        self.data.of == of
    }
}

impl Kind for OperationsChange {
    const NAME: &'static str = "operations_change";
    const TITLE: &'static str = "Notice of a change for operations";
    const AUDIENCE: Audience = Audience::Operations;
    const TEXT: &'static str = markdown!("mail/operations_change.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let data: ChangeData = serde_json::from_value(claimed.data.clone())?;
        let amounts = about.amounts(context).await?;
        let first = about.registration.attendees.first().map(|attendee| attendee.id);
        let desk = about.desk(context, data.attendee.or(data.added.first().copied()).or(first));
        Ok(Self { about, data, amounts, desk })
    }

    fn values(&self) -> Values {
        let mut values = self.about.values_for_operations(&self.desk);
        amounts::add_sums(&mut values, self.amounts.as_ref());
        let attendee = self.about.find(self.data.attendee);
        values.typed("person", attendee.map_or("", |attendee| &attendee.name));
        values.words("email", attendee.map_or("", |attendee| &attendee.email));
        values.words("category", attendee.map_or("", |attendee| &attendee.category));
        values.rows("people", self.about.added(&self.data).map(row).collect());
        values.words("number", &self.data.added.len().to_string());
        values.rows("changes", changed_rows(&self.data.changes, str::to_owned));
        values
    }

    fn cases(&self) -> Vec<Case> {
        let is_details = self.is(ChangeOf::Details);
        vec![
            ("somebody was added", self.is(ChangeOf::Added) && self.data.added.is_empty()),
            ("staff added somebody", self.is(ChangeOf::Added) && self.data.by_staff),
            (
                "a delegate added somebody",
                self.is(ChangeOf::Added) && self.data.added.is_empty() && !self.data.by_staff,
            ),
            ("who was added waits", self.is(ChangeOf::Added) && self.data.waits),
            ("several people were added", !self.data.added.is_empty()),
            ("a place was transferred", self.is(ChangeOf::Transferred)),
            ("an attendee was changed", is_details && self.data.attendee.is_some()),
            ("staff changed it", is_details && self.data.by_staff),
            ("a delegate changed the registration", is_details && self.data.attendee.is_none() && !self.data.by_staff),
            ("needs were changed", self.data.needs),
            ("answers were changed", self.data.answers),
        ]
    }

    /// Returns who made the change: the attendee, if their own link was used; otherwise the contact.
    fn delegate(&self) -> Option<(String, String)> {
        // After a transfer, the person whose link was used is no longer on the registration.
        let by = self.data.by.filter(|_| !self.is(ChangeOf::Transferred));
        let attendee = self.about.find(by).map(|attendee| (attendee.name.clone(), attendee.email.clone()));
        Some(attendee.unwrap_or_else(|| self.about.contact()))
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, amounts, changed, desk, key, ludwig, zeljka};

        let sample = |what, attendee: Option<u8>, changes, needs| Self {
            about: about(of, vec![zeljka(), ludwig()]),
            data: ChangeData { of: what, attendee: attendee.map(key), changes, needs, ..ChangeData::default() },
            amounts: None,
            desk: desk(of),
        };
        let job = vec![changed("job_title", "CTO", "Head of IT")];
        let city = vec![changed("city", "Graz", "Linz")];
        let mut several = sample(ChangeOf::Added, None, Vec::new(), false);
        several.data.added = vec![key(1), key(2)];
        let mut by_staff = sample(ChangeOf::Added, Some(2), Vec::new(), false);
        (by_staff.data.by_staff, by_staff.data.waits) = (true, true);
        let mut at_desk = sample(ChangeOf::Details, None, Vec::new(), false);
        (at_desk.data.by_staff, at_desk.data.answers) = (true, true);
        let to_ludwig = vec![
            changed("name", "Boris Maier", "Ludwig Maier"),
            changed("email", "boris@graz.example", "ludwig@graz.example"),
        ];
        let mut with_fees =
            sample(ChangeOf::Details, Some(2), vec![changed("category", "Member city", "University")], false);
        with_fees.data.answers = true;
        with_fees.amounts = Some(amounts(of));
        vec![
            ("", sample(ChangeOf::Details, Some(2), job, true)),
            ("of_the_category", with_fees),
            ("of_the_registration", sample(ChangeOf::Details, None, city, false)),
            ("added", sample(ChangeOf::Added, Some(2), Vec::new(), false)),
            ("added_by_staff", by_staff),
            ("changed_by_staff", at_desk),
            ("added_several", several),
            ("transferred", sample(ChangeOf::Transferred, Some(2), to_ludwig, false)),
        ]
    }
}
