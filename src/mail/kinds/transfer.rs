//! Tells somebody that their place was transferred to a colleague.

use crate::{
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind, markdown},
        registration::About,
        text::Values,
    },
    store::outbox::{Claimed, TransferData},
};

/// The data of the mail.
pub struct Transfer {
    about: About,
    data: TransferData,
}

impl Kind for Transfer {
    const NAME: &'static str = "transfer";
    const TITLE: &'static str = "Notice of a transferred place";
    const AUDIENCE: Audience = Audience::Delegate;
    const TEXT: &'static str = markdown!("mail/transfer.md");

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let about = About::read(context, claimed).await?;
        Ok(Self { about, data: serde_json::from_value(claimed.data.clone())? })
    }

    fn values(&self) -> Values {
        let mut values = self.about.common.clone();
        values.typed("name", &self.data.from);
        values.typed("person", &self.data.to);
        values
    }

    #[cfg(test)]
    fn samples() -> Vec<(&'static str, Self)> {
        use crate::mail::samples::{about, ludwig, zeljka};

        let data = TransferData { from: "Boris Maier".to_owned(), to: "Ludwig Maier".to_owned() };
        vec![("", Self { about: about(vec![zeljka(), ludwig()]), data })]
    }
}
