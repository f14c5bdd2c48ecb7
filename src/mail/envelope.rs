//! A letter with its headers, as it goes over the wire.

use std::{fmt::Write, time::SystemTime};

use email_encoding::headers::{quoted_string, rfc2047, writer::EmailWriter};
use lettre::{
    Address, Message,
    message::{
        Attachment as Part, Mailbox, MultiPart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use super::text::Rendered;
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
    pub reply_to: ReplyTo<'a>,
    /// Whom it goes to: the address alone, for names are typed by anybody.
    pub to: &'a str,
    /// When it is sent.
    pub date: SystemTime,
}

/// Who reads the answers to a mail.
#[derive(Clone, Copy, Debug)]
pub struct ReplyTo<'a> {
    /// The name, as somebody typed it; may be empty.
    pub name: &'a str,
    /// The address.
    pub address: &'a str,
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
    /// A media type that is none.
    #[error(transparent)]
    MediaType(#[from] lettre::message::header::ContentTypeErr),
}

/// The whole mail.
pub fn build(
    envelope: &Envelope<'_>,
    rendered: &Rendered,
    attachment: Option<Attachment>,
) -> Result<Message, EnvelopeError> {
    let builder = Message::builder()
        .message_id(Some(format!("<{}@{}>", envelope.id, envelope.host)))
        .date(envelope.date)
        .from(envelope.from.clone())
        .to(mailbox(envelope.to)?)
        .raw_header(reply_to(envelope.reply_to)?)
        .raw_header(header("Subject", &rendered.subject))
        // No robot answers these (RFC 3834); Exchange looks for its own header.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"));
    let words = MultiPart::alternative_plain_html(rendered.text.clone(), rendered.html.clone());
    Ok(match attachment {
        None => builder.multipart(words)?,
        Some(Attachment { name, media_type, content }) => {
            let file = Part::new(name).body(content, ContentType::parse(media_type)?);
            builder.multipart(MultiPart::mixed().multipart(words).singlepart(file))?
        }
    })
}

/// A header with text, which every reader shows as it is here.
fn header(name: &'static str, text: &str) -> HeaderValue {
    if is_encoded(text) {
        written(name, text, |line| rfc2047::encode(text, line))
    } else {
        HeaderValue::new(HeaderName::new_from_ascii_str(name), text.to_owned())
    }
}

/// The header for answers.
fn reply_to(to: ReplyTo<'_>) -> Result<HeaderValue, EnvelopeError> {
    let address = mailbox(to.address)?;
    if to.name.is_empty() {
        return Ok(header("Reply-To", &address.to_string()));
    }
    let value = format!("{} <{address}>", to.name);
    Ok(written("Reply-To", &value, |line| {
        if is_encoded(to.name) {
            rfc2047::encode(to.name, line)?;
        } else {
            quoted_string::encode(to.name, line)?;
        }
        line.space();
        write!(line, "<{address}>")
    }))
}

/// Whether readers would take a part of the text for an encoded word (RFC 2047) and show something else. Then the whole
/// text is encoded.
fn is_encoded(text: &str) -> bool {
    text.contains("=?")
}

fn written(
    name: &'static str,
    value: &str,
    write: impl FnOnce(&mut EmailWriter<'_>) -> std::fmt::Result,
) -> HeaderValue {
    let mut encoded = String::new();
    let mut line = EmailWriter::new(&mut encoded, name.len() + ": ".len(), 0, false);
    write(&mut line).expect("a string takes everything");
    drop(line);
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.to_owned(), encoded)
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
            reply_to: ReplyTo { name: "", address: "operations@majorcities.example" },
            to,
            date: SystemTime::UNIX_EPOCH,
        }
    }

    fn rendered(subject: &str) -> Rendered {
        Rendered {
            subject: subject.to_owned(),
            text: "Grüße".to_owned(),
            html: "<p>Grüße</p>".to_owned(),
            masked: String::new(),
        }
    }

    fn sender() -> Mailbox {
        "Major Cities of Europe <operations@majorcities.example>".parse().expect("a mailbox")
    }

    #[test]
    fn the_headers_say_who_writes_and_that_no_robot_should_answer() {
        let file = Attachment {
            name: "leipzig-2018.ics".to_owned(),
            media_type: "text/calendar; charset=utf-8; method=PUBLISH",
            content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned(),
        };
        let from = sender();
        let built = build(&envelope(&from, "anna@city.example"), &rendered("Żółw"), Some(file)).expect("a mail");
        let raw = built.formatted();
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
        let from = sender();
        let built = build(&envelope(&from, "anna@city.example"), &rendered("Hello\r\nBcc: x@evil.example"), None);
        let raw = built.expect("a mail").formatted();
        let mail = MessageParser::default().parse(&raw).expect("a mail");
        assert!(mail.bcc().is_none(), "{}", String::from_utf8_lossy(&raw));
        assert!(build(&envelope(&from, "anna@city.example\r\nBcc: x@evil.example"), &rendered("Hello"), None).is_err());
    }

    #[test]
    fn a_domain_with_an_umlaut_goes_as_servers_know_it() {
        let from = sender();
        let built = build(&envelope(&from, "anna@müller.example"), &rendered("Hello"), None).expect("a mail");
        assert_eq!(built.envelope().to()[0].to_string(), "anna@xn--mller-kva.example");
    }

    /// Subject, name and address for answers, as a mail program reads them.
    fn read(subject: &str, reply_to: ReplyTo<'_>) -> (String, String, Option<(String, String)>) {
        let from = sender();
        let built = build(&Envelope { reply_to, ..envelope(&from, "anna@city.example") }, &rendered(subject), None);
        let raw = built.expect("a mail").formatted();
        assert!(raw.is_ascii());
        let mail = MessageParser::default().parse(&raw).expect("a mail");
        let answers = mail
            .reply_to()
            .and_then(|list| list.first())
            .map(|one| (one.name().unwrap_or_default().to_owned(), one.address().unwrap_or_default().to_owned()));
        (mail.subject().unwrap_or_default().to_owned(), String::from_utf8_lossy(&raw).into_owned(), answers)
    }

    #[test]
    fn a_text_that_looks_encoded_is_shown_as_it_was_typed() {
        for typed in
            ["=?utf-8?q?Hack?=", "Żółw =?utf-8?q?Hack?= GmbH", "x=?utf-8?b?SGFjaw==?=, Graz", "=?=?utf-8?q?a?="]
        {
            let (subject, raw, answers) = read(typed, ReplyTo { name: typed, address: "anna@city.example" });
            assert_eq!(subject, typed);
            assert_eq!(answers, Some((typed.to_owned(), "anna@city.example".to_owned())));
            assert!(!raw.contains("?q?"), "{raw}");
        }
    }

    #[test]
    fn the_name_for_answers_is_shown_as_it_was_typed_and_adds_no_address() {
        for typed in
            ["Anna Nagy", "Nagy, Anna", "Željka \"Z\" Horvat", "Operations <x@evil.example>,", &"Anna ".repeat(40)]
        {
            let name = typed.trim();
            let (_, raw, answers) = read("Hello", ReplyTo { name, address: "anna@city.example" });
            assert_eq!(answers, Some((name.to_owned(), "anna@city.example".to_owned())), "{raw}");
        }
        let (_, raw, _) = read("Hello", ReplyTo { name: "Anna\r\nBcc: x@evil.example", address: "anna@city.example" });
        assert!(!raw.contains("\r\nBcc"), "{raw}");
    }

    #[test]
    fn an_address_for_answers_goes_as_servers_know_it() {
        let answers = read("Hello", ReplyTo { name: "Anna", address: "anna@müller.example" }).2;
        assert_eq!(answers.map(|(_, address)| address).as_deref(), Some("anna@xn--mller-kva.example"));
    }
}
