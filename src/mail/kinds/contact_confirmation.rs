//! The confirmation for the contact of a registration, with a link that manages all of it.

use crate::{
    domain::{AttendeeId, Conference, email},
    mail::{
        amounts,
        context::{ComposeError, Context},
        envelope::Attachment,
        kind::{Audience, Kind, markdown},
        registration::{About, or_none_given, row},
        text::{Case, Link, Row, Values},
    },
    store::{
        outbox::Claimed,
        registrations::{
            amounts::{self as stored, Amounts},
            same_person,
        },
    },
};

/// The data of the mail.
pub struct ContactConfirmation {
    about: About,
    /// The attendee whose cancellation was undone, if the mail is about that.
    reinstated: Option<AttendeeId>,
    /// The attendee who accepted a place, if the mail is about that.
    accepted: Option<AttendeeId>,
    /// The names of the people on the form whose registration waits for an answer to a mail.
    asked: Vec<String>,
    /// What is owed; `None` if nothing was ever owed or paid.
    amounts: Option<Amounts>,
    manage: Link,
    calendar: Option<Attachment>,
}

impl Kind for ContactConfirmation {
    const NAME: &'static str = "contact_confirmation";
    const TITLE: &'static str = "Confirmation for the contact";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/contact_confirmation.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let mut tx = About::begin_links(context, claimed).await?;
        let amounts = stored::find(&mut tx, about.registration.conference, about.registration.id).await?;
        let asked = same_person::list_beside(&mut tx, about.registration.id, context.clock.now()).await?;
        let asked = asked.into_iter().map(|(name, _)| name).collect();
        let manage = about.link(context, &mut tx, None).await?;
        tx.commit().await?;
        let calendar = about.coming().next().map(|_| about.calendar(context));
        let accepted = about.accepted(claimed)?;
        Ok(Self { reinstated: about.reinstated(claimed)?, accepted, asked, amounts, manage, calendar, about })
    }

    fn values(&self) -> Values {
        let registration = &self.about.registration;
        let mut values = self.about.common.clone();
        let other = self.about.find(self.reinstated).filter(|attendee| !self.about.is_contact(attendee));
        values.typed("contact", &registration.contact_name);
        values.typed("reinstated", other.map_or("", |attendee| &attendee.name));
        let accepted = self.about.find(self.accepted).filter(|attendee| !self.about.is_contact(attendee));
        values.typed("accepted", accepted.map_or("", |attendee| &attendee.name));
        values.rows("attendees", registration.attendees.iter().map(row).collect());
        values.rows("asked", self.asked.iter().map(|name| Row::typed(name, Vec::new())).collect());
        values.typed("purchase_order", or_none_given(&registration.purchase_order));
        values.typed_lines("invoice_address", or_none_given(&registration.invoice_address));
        amounts::add(&mut values, &self.about.conference.zone, self.amounts.as_ref());
        values.link("manage", self.manage.clone());
        values
    }

    fn cases(&self) -> Vec<Case> {
        let about = &self.about;
        let coming = about.coming().count();
        let waiting = about.waiting().count();
        let contact_comes = about.coming().any(|attendee| about.is_contact(attendee));
        let contact = &about.registration.contact_email;
        let reinstated = about.find(self.reinstated);
        let mut cases = vec![
            ("nobody comes", coming == 0 && waiting == 0),
            ("everybody waits", coming == 0 && waiting > 0),
            ("somebody waits", waiting > 0),
            ("somebody comes", coming > 0),
            ("the contact comes", contact_comes),
            ("one colleague comes", coming == 1 && !contact_comes),
            ("several colleagues come", coming > 1 && !contact_comes),
            (
                "others get their own mail",
                about.coming().chain(about.waiting()).any(|attendee| !email::is_same(&attendee.email, contact)),
            ),
            ("somebody has to answer first", !self.asked.is_empty()),
            ("a cancellation is undone", reinstated.is_some()),
            ("the contact’s cancellation is undone", reinstated.is_some_and(|attendee| about.is_contact(attendee))),
        ];
        cases.extend(amounts::cases(self.amounts.as_ref()));
        cases
    }

    fn calendar(&self) -> Option<Attachment> {
        self.calendar.clone()
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{
            about, about_without_invoice, amounts, attendee, cancelled, key, ludwig, manage, payment, waiting, zeljka,
        };

        let sample = |about, reinstated| Self {
            about,
            reinstated,
            accepted: None,
            asked: Vec::new(),
            amounts: None,
            manage: manage("contact-secret"),
            calendar: None,
        };
        let waits = || waiting(ludwig(), 3);
        let with_amounts = |payments| Self {
            amounts: Some(Amounts { payments, ..amounts(of) }),
            ..sample(about(of, vec![zeljka(), ludwig()]), None)
        };
        let odd = attendee(2, "*Ludwig* [O’Neill] <b>", "ludwig@graz.example", "University");
        let eva = attendee(3, "Eva Roth", "eva@graz.example", "University");
        vec![
            ("", sample(about(of, vec![zeljka(), odd]), None)),
            ("with_fees", with_amounts(Vec::new())),
            ("overpaid", with_amounts(vec![payment(of, 1, 90_000)])),
            ("for_another", sample(about_without_invoice(of, vec![ludwig()]), None)),
            ("for_others", sample(about_without_invoice(of, vec![ludwig(), eva]), None)),
            ("with_one_waiting", sample(about_without_invoice(of, vec![zeljka(), waits()]), None)),
            ("waiting", sample(about_without_invoice(of, vec![waits()]), None)),
            (
                "with_one_asked",
                Self {
                    asked: vec!["Ludwig Maier".to_owned()],
                    ..sample(about_without_invoice(of, vec![zeljka()]), None)
                },
            ),
            (
                "accepted",
                Self { accepted: Some(key(2)), ..sample(about_without_invoice(of, vec![zeljka(), ludwig()]), None) },
            ),
            ("cancelled", sample(about_without_invoice(of, vec![cancelled(zeljka())]), None)),
            ("reinstated", sample(about_without_invoice(of, vec![zeljka(), ludwig()]), Some(key(2)))),
            ("reinstated_contact", sample(about_without_invoice(of, vec![zeljka()]), Some(key(1)))),
        ]
    }
}
