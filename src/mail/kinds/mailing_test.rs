//! A mailing as its author tries it, with the data of somebody who would get it. The link leads to the desk, because only the reader
//! may have the real one.

use std::borrow::Cow;

use crate::{
    domain::Conference,
    mail::{
        context::{ComposeError, Context},
        kind::{Audience, Kind},
        mailing::{Mailing, Reader},
        registration::About,
        text::Values,
    },
    store::outbox::{Claimed, MailingTestData},
};

/// The data of the mail.
pub struct MailingTest {
    written: Mailing,
    reader: Reader,
}

impl Kind for MailingTest {
    const NAME: &'static str = "mailing_test";
    const TITLE: &'static str = "Test of a mailing";
    const AUDIENCE: Audience = Audience::Delegate;
    /// Staff write it.
    const TEXT: &'static str = "";

    async fn read(context: &Context, claimed: &Claimed) -> Result<Self, ComposeError> {
        let data: MailingTestData = serde_json::from_value(claimed.data.clone())?;
        let about = About::of_registration(context, data.registration).await?;
        let link = about.desk(context, data.attendee.or(data.people.first().copied()));
        let readers = data.readers();
        let MailingTestData { attendee, people, subject, text, instead, .. } = data;
        let written = Mailing { readers, subject: format!("Test: {subject}"), text, instead };
        Ok(Self { written, reader: Reader { about, attendee, people, link } })
    }

    fn text(&self) -> Cow<'_, str> {
        self.written.source().into()
    }

    fn values(&self) -> Values {
        self.written.values_for(&self.reader)
    }

    fn samples(of: &Conference) -> Vec<(&'static str, Self)> {
        use crate::{
            domain::MailingReaders,
            mail::samples::{about, desk, key, zeljka},
        };

        let written = Mailing {
            readers: MailingReaders::Attendees,
            subject: "Test: See you at {venue}".to_owned(),
            text: "Dear {name},\n\n{manage_link}".to_owned(),
            instead: [].into(),
        };
        let reader =
            Reader { about: about(of, vec![zeljka()]), attendee: Some(key(1)), people: Vec::new(), link: desk(of) };
        vec![("", Self { written, reader })]
    }
}
