//! A registration, for the operations desk: the attendees, the organisation, the categories and the invoice details.

use crate::{
    domain::{AttendeeId, Conference},
    mail::{
        amounts,
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::{About, attendees, or_none_given, standing},
        text::{Case, Link, Row, Values},
        unlinked::{has_link, unlinked},
    },
    store::{
        outbox::{Claimed, for_mails::Attendee},
        registrations::amounts::Amounts,
    },
};

/// The data of the mail.
pub struct OperationsConfirmation {
    about: About,
    /// The attendee whose cancellation was undone, if the mail is about that.
    reinstated: Option<AttendeeId>,
    /// The attendee who accepted a place, if the mail is about that.
    accepted: Option<AttendeeId>,
    /// What is owed; `None` if nothing was ever owed or paid.
    amounts: Option<Amounts>,
    desk: Link,
}

impl OperationsConfirmation {
    /// Counts the attendees who have a place in each category.
    fn categories(&self) -> Vec<Row> {
        let mut categories: Vec<(&str, usize)> = Vec::new();
        for attendee in self.about.coming() {
            match categories.iter_mut().find(|(category, _)| *category == attendee.category) {
                Some((_, number)) => *number += 1,
                None => categories.push((&attendee.category, 1)),
            }
        }
        let row = |(category, number): (&str, usize)| Row {
            strong: category.to_owned(),
            rest: format!(": {number}"),
            small: Vec::new(),
        };
        categories.into_iter().map(row).collect()
    }

    /// Returns whether a delegate typed something that would become a link in a mail.
    fn has_link(&self) -> bool {
        let about = &self.about.registration;
        let of_all = [
            &about.organisation,
            &about.city,
            &about.contact_name,
            &about.contact_telephone,
            &about.purchase_order,
            &about.invoice_address,
        ];
        let of_each = about.attendees.iter().flat_map(|attendee| [&attendee.name, &attendee.job_title]);
        of_all.into_iter().chain(of_each).any(|typed| has_link(typed))
    }
}

impl Kind for OperationsConfirmation {
    const NAME: &'static str = "operations_confirmation";
    const TITLE: &'static str = "Confirmation for operations";
    const AUDIENCE: Audience = Audience::Operations;
    const TEXT: &'static str = markdown!("mail/operations_confirmation.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let amounts = about.amounts(context).await?;
        let (reinstated, accepted) = (about.reinstated(claimed)?, about.accepted(claimed)?);
        let first = about.registration.attendees.first().map(|attendee| attendee.id);
        let desk = about.desk(context, reinstated.or(accepted).or(first));
        Ok(Self { about, reinstated, accepted, amounts, desk })
    }

    fn values(&self) -> Values {
        let registration = &self.about.registration;
        let mut values = self.about.values_for_operations(&self.desk);
        amounts::add_sums(&mut values, self.amounts.as_ref());
        let coming = attendees(self.about.coming().count());
        let cancelled = match registration.attendees.iter().filter(|attendee| attendee.is_cancelled()).count() {
            0 => String::new(),
            number => number.to_string(),
        };
        let waiting = match self.about.waiting().count() {
            0 => String::new(),
            number => number.to_string(),
        };
        let mut numbers = coming.clone();
        for (number, state) in [(&waiting, "waiting"), (&cancelled, "cancelled")] {
            if !number.is_empty() {
                numbers = format!("{numbers}, {number} {state}");
            }
        }
        values.words("registered", &self.about.conference.zone.zoned_moment(registration.created_at));
        values.words("numbers", &numbers);
        values.words("coming", &coming);
        values.words("waiting", &waiting);
        values.words("cancelled", &cancelled);
        values.typed("accepted", self.about.find(self.accepted).map_or("", |attendee| &attendee.name));
        values.typed("reinstated", self.about.find(self.reinstated).map_or("", |attendee| &attendee.name));
        values.rows("attendees", registration.attendees.iter().map(guest).collect());
        values.rows("categories", self.categories());
        values.typed("contact", &registration.contact_name);
        values.words("contact_email", &registration.contact_email);
        values.typed("contact_telephone", &registration.contact_telephone);
        values.typed("purchase_order", or_none_given(&registration.purchase_order));
        values.typed_lines("invoice_address", or_none_given(&registration.invoice_address));
        values
    }

    fn cases(&self) -> Vec<Case> {
        vec![
            ("somebody comes", self.about.coming().next().is_some()),
            ("a cancellation is undone", self.reinstated.is_some()),
            ("an offer is accepted", self.accepted.is_some()),
            ("links are taken apart", self.has_link()),
        ]
    }

    fn delegate(&self) -> Option<(String, String)> {
        Some(self.about.contact())
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{
            about, about_without_invoice, amounts, attendee, cancelled, desk, key, ludwig, waiting, zeljka,
        };

        let sample = |about, reinstated| Self { about, reinstated, accepted: None, amounts: None, desk: desk(of) };
        let odd = attendee(2, "Ludwig https://evil.example", "ludwig@graz.example", "Member city");
        vec![
            ("", sample(about(of, vec![zeljka(), cancelled(ludwig())]), None)),
            ("with_fees", Self { amounts: Some(amounts(of)), ..sample(about(of, vec![zeljka(), ludwig()]), None) }),
            ("plain", sample(about_without_invoice(of, vec![zeljka()]), None)),
            ("reinstated", sample(about(of, vec![zeljka(), ludwig()]), Some(key(2)))),
            ("waiting", sample(about_without_invoice(of, vec![zeljka(), waiting(ludwig(), 3)]), None)),
            ("accepted", Self { accepted: Some(key(2)), ..sample(about(of, vec![zeljka(), ludwig()]), None) }),
            ("cancelled", sample(about(of, vec![cancelled(zeljka())]), None)),
            ("with_a_link", sample(about(of, vec![zeljka(), odd]), None)),
        ]
    }
}

/// Returns an attendee as a row for the operations desk.
fn guest(attendee: &Attendee) -> Row {
    let job_title = unlinked(&attendee.job_title);
    Row {
        rest: if job_title.is_empty() { job_title } else { format!(", {job_title}") },
        ..Row::typed(&attendee.name, vec![standing(attendee), attendee.email.clone()])
    }
}
