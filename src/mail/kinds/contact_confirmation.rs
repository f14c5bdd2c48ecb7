//! The confirmation for the contact of a registration, with the link that manages all of it.

use super::{Frame, Kind, Receiver, text};
use crate::{
    domain::{AttendeeId, email},
    mail::{
        compose::{Calendar, ComposeError, Context},
        registration::{About, or_none_given, row},
        text::{Link, Placeholder, Values},
    },
    store::outbox::Claimed,
};

/// What the mail needs.
pub struct ContactConfirmation {
    about: About,
    /// Whose cancellation was undone, if it tells of that.
    reinstated: Option<AttendeeId>,
    manage: Link,
    calendar: Calendar,
}

impl Kind for ContactConfirmation {
    const NAME: &'static str = "contact_confirmation";
    const TITLE: &'static str = "Confirmation for the contact";
    const RECEIVER: Receiver = Receiver::Delegate;
    const TEXT: &'static str = text!("mail/contact_confirmation.md");
    const FRAME: Frame = Frame::Conference;
    const PLACEHOLDERS: &'static [Placeholder] = &[
        Placeholder::words("reference", "the short code of the registration"),
        Placeholder::words("contact", "the contact’s name"),
        Placeholder::words("reinstated", "the name of the other person whose cancellation is undone; else empty"),
        Placeholder::block("attendees", "the people on the registration, with their categories"),
        Placeholder::words("purchase_order", "the purchase-order number, or “none given”"),
        Placeholder::lines("invoice_address", "the invoice address, or “none given”"),
        Placeholder::address("manage", "the page that shows and cancels the registration; a secret"),
    ];
    const CASES: &'static [&'static str] = &[
        "nobody comes",
        "somebody comes",
        "the contact comes",
        "one colleague comes",
        "several colleagues come",
        "others get their own mail",
        "a cancellation is undone",
        "the contact’s cancellation is undone",
    ];

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let mut tx = About::minting(context, claimed).await?;
        let manage = about.link(context, &mut tx, None).await?;
        tx.commit().await?;
        let calendar = about.coming().next().map(|_| about.calendar(context));
        Ok(Self { reinstated: about.reinstated(claimed)?, manage, calendar, about })
    }

    fn values(&self) -> Values {
        let registration = &self.about.registration;
        let mut values = self.about.edition.values();
        let other = self.about.find(self.reinstated).filter(|attendee| !self.about.is_contact(attendee));
        values.words("reference", &registration.reference);
        values.typed("contact", &registration.contact_name);
        values.typed("reinstated", other.map_or("", |attendee| &attendee.name));
        values.block("attendees", registration.attendees.iter().map(row).collect());
        values.typed("purchase_order", or_none_given(&registration.purchase_order));
        values.typed_lines("invoice_address", or_none_given(&registration.invoice_address));
        values.address_of("manage", self.manage.clone());
        values
    }

    fn cases(&self) -> Vec<&'static str> {
        let about = &self.about;
        let coming = about.coming().count();
        if coming == 0 {
            return vec!["nobody comes"];
        }
        let mut cases = vec!["somebody comes"];
        cases.push(match coming {
            _ if about.coming().any(|attendee| about.is_contact(attendee)) => "the contact comes",
            1 => "one colleague comes",
            _ => "several colleagues come",
        });
        if about.coming().any(|attendee| !email::is_same(&attendee.email, &about.registration.contact_email)) {
            cases.push("others get their own mail");
        }
        if let Some(attendee) = about.find(self.reinstated) {
            cases.push("a cancellation is undone");
            cases.extend(about.is_contact(attendee).then_some("the contact’s cancellation is undone"));
        }
        cases
    }

    fn calendar(&self) -> Calendar {
        self.calendar.clone()
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)> {
        use crate::mail::registration::samples::{
            about, about_without_invoice, attendee, cancelled, key, ludwig, manage, zeljka,
        };

        let sample = |about, reinstated| Self { about, reinstated, manage: manage("contact-secret"), calendar: None };
        let odd = attendee(2, "*Ludwig* [O’Neill] <b>", "ludwig@graz.example", "University");
        let eva = attendee(3, "Eva Roth", "eva@graz.example", "University");
        vec![
            ("", sample(about(vec![zeljka(), odd]), None)),
            ("for_another", sample(about_without_invoice(vec![ludwig()]), None)),
            ("for_others", sample(about_without_invoice(vec![ludwig(), eva]), None)),
            ("cancelled", sample(about_without_invoice(vec![cancelled(zeljka())]), None)),
            ("reinstated", sample(about_without_invoice(vec![zeljka(), ludwig()]), Some(key(2)))),
            ("reinstated_contact", sample(about_without_invoice(vec![zeljka()]), Some(key(1)))),
        ]
    }
}
