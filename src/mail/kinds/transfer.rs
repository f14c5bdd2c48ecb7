//! Tells somebody that their place was transferred to a colleague.

use crate::{
    domain::Conference,
    mail::{
        context::{ComposeError, Context},
        envelope::Attachment,
        kind::{Audience, Kind, markdown},
        registration::About,
        text::{Case, Values},
    },
    store::outbox::{Claimed, TransferData},
};

/// The data of the mail.
pub struct Transfer {
    about: About,
    data: TransferData,
    /// The file that removes the conference from the reader's calendar.
    calendar: Option<Attachment>,
}

impl Kind for Transfer {
    const NAME: &'static str = "transfer";
    const TITLE: &'static str = "Notice of a transferred place";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/transfer.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        let mut conn = context.store.read().await?;
        let calendar = about.calendar_cancellation(context, &mut conn, &claimed.recipient).await?;
        Ok(Self { about, data: serde_json::from_value(claimed.data.clone())?, calendar })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        values.typed("name", &self.data.from);
        values.typed("person", &self.data.to);
        values
    }

    fn cases(&self) -> Vec<Case> {
        vec![("the conference leaves the calendar", self.calendar.is_some())]
    }

    fn calendar(&self) -> Option<Attachment> {
        self.calendar.clone()
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, calendar, ludwig, zeljka};

        let data = TransferData { from: "Boris Maier".to_owned(), to: "Ludwig Maier".to_owned() };
        let sample = |calendar| Self { about: about(of, vec![zeljka(), ludwig()]), data: data.clone(), calendar };
        vec![("", sample(Some(calendar()))), ("still_expected", sample(None))]
    }
}
