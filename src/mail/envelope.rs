//! Builds the message that is sent, with its headers.

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

/// The headers of a mail.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// The key of the mail. Its Message-ID contains it, so that a mail that is sent twice is recognised as one.
    pub id: MessageId,
    /// The host in the Message-ID.
    pub host: &'a str,
    /// The sender.
    pub from: &'a Mailbox,
    /// The recipient of replies.
    pub reply_to: ReplyTo<'a>,
    /// The recipient: only the address, because anybody can type a name.
    pub to: &'a str,
    /// The date.
    pub date: SystemTime,
}

/// The recipient of replies to a mail.
#[derive(Clone, Copy, Debug)]
pub struct ReplyTo<'a> {
    /// The name as it was typed; may be empty.
    pub name: &'a str,
    /// The address.
    pub address: &'a str,
}

/// A file that is attached to a mail.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub content: String,
}

/// Why a mail cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The address is not valid.
    #[error("{0} is not a valid e-mail address")]
    Address(String),
    /// lettre refuses the message.
    #[error(transparent)]
    Mail(#[from] lettre::error::Error),
    /// The media type is not valid.
    #[error(transparent)]
    MediaType(#[from] lettre::message::header::ContentTypeErr),
}

/// Builds the message.
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
        // Prevents automatic replies (RFC 3834). Exchange has a header of its own.
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

/// Returns a header whose text every mail program shows unchanged.
fn header(name: &'static str, text: &str) -> HeaderValue {
    if is_encoded(text) {
        written(name, text, |line| rfc2047::encode(text, line))
    } else {
        HeaderValue::new(HeaderName::new_from_ascii_str(name), text.to_owned())
    }
}

/// Returns the header for replies.
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

/// Returns whether mail programs would decode a part of the text as an encoded word (RFC 2047). Then the whole text must be
/// encoded.
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
    write(&mut line).expect("writing to a string");
    drop(line);
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.to_owned(), encoded)
}

/// Returns the mailbox of an address. A domain like `müller.example` is written as `xn--…`, because few servers accept it
/// otherwise.
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
    fn the_headers_name_the_sender_and_prevent_automatic_replies() {
        let file = Attachment {
            name: "leipzig-2018.ics".to_owned(),
            media_type: "text/calendar; charset=utf-8; method=PUBLISH",
            content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned(),
        };
        let from = sender();
        let built = build(&envelope(&from, "anna@city.example"), &rendered("Żółw"), Some(file)).expect("a mail");
        let raw = built.formatted();
        assert!(raw.is_ascii(), "needs no 8BITMIME");
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
    fn no_text_can_add_a_header() {
        let from = sender();
        let built = build(&envelope(&from, "anna@city.example"), &rendered("Hello\r\nBcc: x@evil.example"), None);
        let raw = built.expect("a mail").formatted();
        let mail = MessageParser::default().parse(&raw).expect("a mail");
        assert!(mail.bcc().is_none(), "{}", String::from_utf8_lossy(&raw));
        assert!(build(&envelope(&from, "anna@city.example\r\nBcc: x@evil.example"), &rendered("Hello"), None).is_err());
    }

    #[test]
    fn a_domain_with_an_umlaut_is_sent_as_punycode() {
        let from = sender();
        let built = build(&envelope(&from, "anna@müller.example"), &rendered("Hello"), None).expect("a mail");
        assert_eq!(built.envelope().to()[0].to_string(), "anna@xn--mller-kva.example");
    }

    /// Returns the subject, the raw mail, and the name and address for replies as a mail program reads them.
    fn read(subject: &str, reply_to: ReplyTo<'_>) -> (String, String, Option<(String, String)>) {
        let from = sender();
        let built = build(&Envelope { reply_to, ..envelope(&from, "anna@city.example") }, &rendered(subject), None);
        let raw = built.expect("a mail").formatted();
        assert!(raw.is_ascii());
        let mail = MessageParser::default().parse(&raw).expect("a mail");
        let replies = mail
            .reply_to()
            .and_then(|list| list.first())
            .map(|one| (one.name().unwrap_or_default().to_owned(), one.address().unwrap_or_default().to_owned()));
        (mail.subject().unwrap_or_default().to_owned(), String::from_utf8_lossy(&raw).into_owned(), replies)
    }

    #[test]
    fn a_text_that_looks_encoded_is_shown_as_it_was_typed() {
        for typed in
            ["=?utf-8?q?Hack?=", "Żółw =?utf-8?q?Hack?= GmbH", "x=?utf-8?b?SGFjaw==?=, Graz", "=?=?utf-8?q?a?="]
        {
            let (subject, raw, replies) = read(typed, ReplyTo { name: typed, address: "anna@city.example" });
            assert_eq!(subject, typed);
            assert_eq!(replies, Some((typed.to_owned(), "anna@city.example".to_owned())));
            assert!(!raw.contains("?q?"), "{raw}");
        }
    }

    #[test]
    fn the_name_in_reply_to_is_shown_as_it_was_typed_and_adds_no_address() {
        for typed in
            ["Anna Nagy", "Nagy, Anna", "Željka \"Z\" Horvat", "Operations <x@evil.example>,", &"Anna ".repeat(40)]
        {
            let name = typed.trim();
            let (_, raw, replies) = read("Hello", ReplyTo { name, address: "anna@city.example" });
            assert_eq!(replies, Some((name.to_owned(), "anna@city.example".to_owned())), "{raw}");
        }
        let (_, raw, _) = read("Hello", ReplyTo { name: "Anna\r\nBcc: x@evil.example", address: "anna@city.example" });
        assert!(!raw.contains("\r\nBcc"), "{raw}");
    }

    #[test]
    fn a_domain_with_an_umlaut_in_reply_to_is_sent_as_punycode() {
        let replies = read("Hello", ReplyTo { name: "Anna", address: "anna@müller.example" }).2;
        assert_eq!(replies.map(|(_, address)| address).as_deref(), Some("anna@xn--mller-kva.example"));
    }
}
