//! A payment was recorded, or reversed because it was recorded by mistake.

use crate::{
    domain::{Cents, Conference, Day, PaymentId},
    mail::{
        amounts,
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::About,
        text::{Case, Link, Values},
    },
    store::{
        outbox::{Claimed, PaymentData},
        registrations::amounts::{self as stored, Amounts, Payment},
    },
};

/// The data of the mail.
pub struct PaymentRecorded {
    about: About,
    amounts: Amounts,
    payment: PaymentId,
    manage: Link,
}

impl PaymentRecorded {
    fn payment(&self) -> Option<&Payment> {
        self.amounts.payments.iter().find(|payment| payment.id == self.payment)
    }

    fn is_reversal(&self) -> bool {
        self.payment().is_some_and(|payment| payment.is_reversal)
    }

    fn is_out(&self) -> bool {
        !self.is_reversal() && self.payment().is_some_and(|payment| payment.amount < Cents::ZERO)
    }
}

impl Kind for PaymentRecorded {
    const NAME: &'static str = "payment_recorded";
    const TITLE: &'static str = "Payment recorded";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/payment_recorded.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let PaymentData { payment } = serde_json::from_value(claimed.data.clone())?;
        let mut tx = About::begin_links(context, claimed).await?;
        let amounts = stored::find(&mut tx, about.registration.conference, about.registration.id).await?;
        let manage = about.link(context, &mut tx, None).await?;
        tx.commit().await?;
        Ok(Self { amounts: amounts.ok_or(ComposeError::Subject("payment"))?, payment, manage, about })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        amounts::add(&mut values, &self.about.conference.zone, Some(&self.amounts));
        let amount = self.payment().map(|payment| Cents(payment.amount.0.abs())).unwrap_or_default();
        let day = self.payment().map(|payment| Day(payment.paid_on));
        values.typed("contact", &self.about.registration.contact_name);
        values.words("amount", &self.amounts.say(amount));
        values.words("day", &day.map(|day| format!("{} {}", day.long(), day.0.year())).unwrap_or_default());
        values.link("manage", self.manage.clone());
        values
    }

    fn cases(&self) -> Vec<Case> {
        let open = self.amounts.open();
        vec![
            ("it arrived", !self.is_reversal() && !self.is_out()),
            ("it was paid back", self.is_out()),
            ("it was a mistake", self.is_reversal()),
            ("something is open", open.is_positive()),
            ("nothing is open", open == Cents::ZERO),
            ("too much was paid", open < Cents::ZERO),
        ]
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, amounts, ludwig, manage, payment, zeljka};

        let sample = |paid: Vec<Payment>| Self {
            about: about(of, vec![zeljka(), ludwig()]),
            payment: paid.last().map_or_else(PaymentId::new, |last| last.id),
            amounts: Amounts { payments: paid, ..amounts(of) },
            manage: manage("contact-secret"),
        };
        let reversal = || Payment { is_reversal: true, ..payment(of, 2, -45_000) };
        vec![
            ("", sample(vec![payment(of, 1, 45_000)])),
            ("all", sample(vec![payment(of, 1, 80_000)])),
            ("too_much", sample(vec![payment(of, 1, 90_000)])),
            ("back", sample(vec![payment(of, 1, 90_000), payment(of, 2, -10_000)])),
            ("reversed", sample(vec![Payment { is_reversed: true, ..payment(of, 1, 45_000) }, reversal()])),
        ]
    }
}
