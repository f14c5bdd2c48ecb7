//! A letter with its headers, as it goes over the wire.

use std::time::SystemTime;

use lettre::{
    Address, Message,
    message::{
        Attachment as Part, Mailbox, MultiPart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use super::letters::Letter;
use crate::domain::MessageId;

/// Who writes to whom, and as which mail.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// Which mail: its Message-ID is made of it, so that a mail that had to be sent twice is the same mail.
    pub id: MessageId,
    /// The host that the Message-ID names.
    pub host: &'a str,
    /// The sender.
    pub from: &'a Mailbox,
    /// Who reads the answers.
    pub reply_to: &'a str,
    /// Whom it goes to: the address alone, for names are typed by anybody.
    pub to: &'a str,
    /// When it is sent.
    pub date: SystemTime,
}

/// A file that goes with a letter.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What is in it.
    pub content: String,
}

/// Why a letter cannot be sent as it is.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// An address that no mail goes to.
    #[error("{0} is no address that mail can go to")]
    Address(String),
    /// lettre refuses it.
    #[error(transparent)]
    Mail(#[from] lettre::error::Error),
    /// A template failed.
    #[error(transparent)]
    Words(#[from] askama::Error),
    /// A media type that is none.
    #[error(transparent)]
    MediaType(#[from] lettre::message::header::ContentTypeErr),
}

/// The whole mail.
pub fn seal(
    envelope: &Envelope<'_>,
    letter: &Letter,
    attachment: Option<Attachment>,
) -> Result<Message, EnvelopeError> {
    let fixed = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
    let builder = Message::builder()
        .message_id(Some(format!("<{}@{}>", envelope.id, envelope.host)))
        .date(envelope.date)
        .from(envelope.from.clone())
        .reply_to(mailbox(envelope.reply_to)?)
        .to(mailbox(envelope.to)?)
        .subject(&letter.subject)
        // No robot answers these (RFC 3834); Exchange looks for its own header.
        .raw_header(fixed("Auto-Submitted", "auto-generated"))
        .raw_header(fixed("X-Auto-Response-Suppress", "All"));
    let words = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
    Ok(match attachment {
        None => builder.multipart(words)?,
        Some(Attachment { name, media_type, content }) => {
            let file = Part::new(name).body(content, ContentType::parse(media_type)?);
            builder.multipart(MultiPart::mixed().multipart(words).singlepart(file))?
        }
    })
}

/// The mailbox of an address. A domain like `müller.example` goes as servers know it (`xn--…`): few take it otherwise.
fn mailbox(address: &str) -> Result<Mailbox, EnvelopeError> {
    let wrong = || EnvelopeError::Address(address.to_owned());
    let (user, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
    let domain = idna::domain_to_ascii(domain).map_err(|_| wrong())?;
    Ok(Mailbox::new(None, Address::new(user, domain).map_err(|_| wrong())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::{MessageParser, MimeHeaders};

    fn envelope<'a>(from: &'a Mailbox, to: &'a str) -> Envelope<'a> {
        Envelope {
            id: "01932b6a-0000-7000-8000-000000000001".parse().expect("a key"),
            host: "conference.example",
            from,
            reply_to: "operations@majorcities.example",
            to,
            date: SystemTime::UNIX_EPOCH,
        }
    }

    fn letter(subject: &str) -> Letter {
        Letter { subject: subject.to_owned(), text: "Grüße".to_owned(), html: "<p>Grüße</p>".to_owned() }
    }

    fn house() -> Mailbox {
        "Major Cities of Europe <operations@majorcities.example>".parse().expect("a mailbox")
    }

    #[test]
    fn the_headers_say_who_writes_and_that_no_robot_should_answer() {
        let file = Attachment {
            name: "leipzig-2018.ics".to_owned(),
            media_type: "text/calendar; charset=utf-8; method=PUBLISH",
            content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned(),
        };
        let house = house();
        let sealed = seal(&envelope(&house, "anna@city.example"), &letter("Żółw"), Some(file)).expect("a mail");
        let raw = sealed.formatted();
        assert!(raw.is_ascii(), "no server needs 8BITMIME");
        let mail = MessageParser::default().parse(&raw).expect("a mail");
        assert_eq!(mail.message_id(), Some("01932b6a-0000-7000-8000-000000000001@conference.example"));
        assert_eq!(mail.subject(), Some("Żółw"));
        assert_eq!(mail.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
        assert_eq!(mail.header_raw("Reply-To").map(str::trim), Some("operations@majorcities.example"));
        assert_eq!(mail.header_raw("To").map(str::trim), Some("anna@city.example"));
        assert!(mail.date().is_some());
        assert_eq!(mail.body_text(0).as_deref(), Some("Grüße"));
        let calendar = mail.attachment(0).expect("the calendar");
        assert_eq!(calendar.attachment_name(), Some("leipzig-2018.ics"));
        assert_eq!(calendar.text_contents(), Some("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"));
    }

    #[test]
    fn no_text_makes_a_header() {
        let house = house();
        let sealed = seal(&envelope(&house, "anna@city.example"), &letter("Hello\r\nBcc: x@evil.example"), None);
        let raw = sealed.expect("a mail").formatted();
        let mail = MessageParser::default().parse(&raw).expect("a mail");
        assert!(mail.bcc().is_none(), "{}", String::from_utf8_lossy(&raw));
        assert!(seal(&envelope(&house, "anna@city.example\r\nBcc: x@evil.example"), &letter("Hello"), None).is_err());
    }

    #[test]
    fn a_domain_with_an_umlaut_goes_as_servers_know_it() {
        let house = house();
        let sealed = seal(&envelope(&house, "anna@müller.example"), &letter("Hello"), None).expect("a mail");
        assert_eq!(sealed.envelope().to()[0].to_string(), "anna@xn--mller-kva.example");
    }
}
