//! A registration, for the operations desk: who, from where, which category, how many, the invoice data, where to look.

use super::{Frame, Kind, Receiver, text};
use crate::{
    domain::AttendeeId,
    mail::{
        compose::{ComposeError, Context},
        has_link,
        registration::{About, attendees, or_none_given, standing},
        text::{Link, Placeholder, Row, Values},
        unlinked,
    },
    store::outbox::{Claimed, for_mails::Attendee},
};

/// What the mail needs.
pub struct OperationsConfirmation {
    about: About,
    /// Whose cancellation was undone, if it tells of that.
    reinstated: Option<AttendeeId>,
    desk: Link,
}

impl OperationsConfirmation {
    /// How many come in each category.
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

    /// Whether a delegate typed something into the form that would become a link in a mail.
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
    const RECEIVER: Receiver = Receiver::Operations;
    const TEXT: &'static str = text!("mail/operations_confirmation.md");
    const FRAME: Frame = Frame::Operations;
    const PLACEHOLDERS: &'static [Placeholder] = &[
        Placeholder::words("reference", "the short code of the registration"),
        Placeholder::words("registered", "when it was made"),
        Placeholder::words("organisation", "the organisation"),
        Placeholder::words("town", "the organisation’s city"),
        Placeholder::words("country", "the organisation’s country"),
        Placeholder::words("numbers", "how many come and how many are cancelled: “2 attendees, 1 cancelled”"),
        Placeholder::words("coming", "how many come: “2 attendees”"),
        Placeholder::words("cancelled", "how many are cancelled; empty when nobody is"),
        Placeholder::words("reinstated", "the name of the person whose cancellation is undone; else empty"),
        Placeholder::block("attendees", "the people on the registration, with all that the desk needs"),
        Placeholder::block("categories", "how many come in each category"),
        Placeholder::words("contact", "the contact’s name"),
        Placeholder::words("contact_email", "the contact’s address"),
        Placeholder::words("contact_telephone", "the contact’s telephone number; may be empty"),
        Placeholder::words("purchase_order", "the purchase-order number, or “none given”"),
        Placeholder::lines("invoice_address", "the invoice address, or “none given”"),
        Placeholder::address("desk", "the registration at the desk"),
    ];
    const CASES: &'static [&'static str] = &["somebody comes", "a cancellation is undone", "links are taken apart"];

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let reinstated = about.reinstated(claimed)?;
        let first = about.registration.attendees.first().map(|attendee| attendee.id);
        let desk = about.desk(context, reinstated.or(first));
        Ok(Self { about, reinstated, desk })
    }

    fn values(&self) -> Values {
        let registration = &self.about.registration;
        let mut values = self.about.edition.values();
        let coming = attendees(self.about.coming().count());
        let cancelled = match registration.attendees.iter().filter(|attendee| attendee.is_cancelled()).count() {
            0 => String::new(),
            number => number.to_string(),
        };
        let numbers = if cancelled.is_empty() { coming.clone() } else { format!("{coming}, {cancelled} cancelled") };
        values.words("reference", &registration.reference);
        values.words("registered", &self.about.conference.zone.zoned_moment(registration.created_at));
        values.typed("organisation", &registration.organisation);
        values.typed("town", &registration.city);
        values.words("country", &registration.country.to_string());
        values.words("numbers", &numbers);
        values.words("coming", &coming);
        values.words("cancelled", &cancelled);
        values.typed("reinstated", self.about.find(self.reinstated).map_or("", |attendee| &attendee.name));
        values.block("attendees", registration.attendees.iter().map(guest).collect());
        values.block("categories", self.categories());
        values.typed("contact", &registration.contact_name);
        values.words("contact_email", &registration.contact_email);
        values.typed("contact_telephone", &registration.contact_telephone);
        values.typed("purchase_order", or_none_given(&registration.purchase_order));
        values.typed_lines("invoice_address", or_none_given(&registration.invoice_address));
        values.address_of("desk", self.desk.clone());
        values
    }

    fn cases(&self) -> Vec<&'static str> {
        let mut cases = Vec::new();
        cases.extend(self.about.coming().next().map(|_| "somebody comes"));
        cases.extend(self.reinstated.map(|_| "a cancellation is undone"));
        cases.extend(self.has_link().then_some("links are taken apart"));
        cases
    }

    fn delegate(&self) -> Option<(String, String)> {
        Some(self.about.contact())
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)> {
        use crate::mail::registration::samples::{
            about, about_without_invoice, absolute, attendee, cancelled, key, ludwig, zeljka,
        };

        let desk = || Link::open(absolute("/staff/leipzig-2018/attendees/0193"));
        let sample = |about, reinstated| Self { about, reinstated, desk: desk() };
        let odd = attendee(2, "Ludwig https://evil.example", "ludwig@graz.example", "Member city");
        vec![
            ("", sample(about(vec![zeljka(), cancelled(ludwig())]), None)),
            ("plain", sample(about_without_invoice(vec![zeljka()]), None)),
            ("reinstated", sample(about(vec![zeljka(), ludwig()]), Some(key(2)))),
            ("cancelled", sample(about(vec![cancelled(zeljka())]), None)),
            ("with_a_link", sample(about(vec![zeljka(), odd]), None)),
        ]
    }
}

/// An attendee with all that the desk needs.
fn guest(attendee: &Attendee) -> Row {
    let job_title = unlinked(&attendee.job_title);
    Row {
        strong: unlinked(&attendee.name),
        rest: if job_title.is_empty() { job_title } else { format!(", {job_title}") },
        small: vec![standing(attendee), attendee.email.clone()],
    }
}
