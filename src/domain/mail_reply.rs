//! What the reply of a mail server means, in plain words.

/// The meaning of a reply, for people who do not know mail servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailReply {
    /// Nobody has this address.
    NoMailbox,
    /// The domain does not exist or accepts no mail.
    NoDomain,
    /// The address is not written as addresses are.
    NotAnAddress,
    /// The mailbox exists, but it is closed.
    Closed,
    /// The mailbox is full.
    Full,
    /// The mail is too large.
    TooLarge,
    /// The server asks unknown senders to try again.
    Greylisted,
    /// The server refuses the mail as unwanted.
    RefusedAsSpam,
    /// The server does not accept mails from this sender or this mail server.
    RefusedSender,
    /// Our own mail server does not let the website sign in.
    NotSignedIn,
    /// The server of the address does not answer.
    NoAnswer,
    /// The server cannot take the mail at the moment.
    NotNow,
    /// The server refuses the mail for another reason.
    Refused,
}

impl MailReply {
    /// Reads a reply: its code (RFC 5321), its enhanced code (RFC 3463) if it has one, and then its words. Returns `None` if it is no
    /// refusal by a server.
    pub fn read(reply: &str) -> Option<Self> {
        let mut parts = reply.split_whitespace();
        let code: u16 = parts.next().filter(|code| code.len() == 3)?.parse().ok()?;
        let is_for_now = match code {
            400..500 => true,
            500..600 => false,
            _ => return None,
        };
        let words = reply.to_lowercase();
        let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
        if is_for_now && says(&["greylist", "graylist", "grey-list", "gray-list", "postgrey"]) {
            return Some(Self::Greylisted);
        }
        let by_code =
            parts.next().and_then(enhanced).and_then(|(subject, detail)| Self::of(subject, detail, is_for_now));
        // The words decide if the code only says that the mail is refused, because many servers give the same code for everything.
        Some(match by_code {
            Some(Self::RefusedSender | Self::Refused) | None if says(SPAM) => Self::RefusedAsSpam,
            Some(meaning) => meaning,
            None if says(&["quota", "mailbox full", "mailbox is full", "over limit", "insufficient"]) => Self::Full,
            None => Self::of_code(code),
        })
    }

    /// Returns the meaning of an enhanced code; `None` if it says no more than the code before it.
    fn of(subject: u16, detail: u16, is_for_now: bool) -> Option<Self> {
        Some(match (subject, detail) {
            (1, 1 | 6) => Self::NoMailbox,
            (1, 2 | 10) => Self::NoDomain,
            (1, 3) => Self::NotAnAddress,
            (2, 1) => Self::Closed,
            (2, 2) => Self::Full,
            (2, 3) | (3, 4) => Self::TooLarge,
            (4, 1 | 2 | 4 | 7) => Self::NoAnswer,
            (3 | 4, _) => Self::NotNow,
            (7, 8) => Self::NotSignedIn,
            (7, 0 | 1) if is_for_now => Self::Greylisted,
            (1, 7 | 8) | (7, _) => Self::RefusedSender,
            _ => return None,
        })
    }

    fn of_code(code: u16) -> Self {
        match code {
            452 | 552 => Self::Full,
            501 | 553 => Self::NotAnAddress,
            530 | 534 | 535 => Self::NotSignedIn,
            550 | 551 => Self::NoMailbox,
            _ if code < 500 => Self::NotNow,
            _ => Self::Refused,
        }
    }

    /// Whether another address can help.
    pub fn is_about_address(self) -> bool {
        matches!(self, Self::NoMailbox | Self::NoDomain | Self::NotAnAddress | Self::Closed | Self::Full)
    }

    /// Returns the meaning in words, and what can be done.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoMailbox => "There is no mailbox with this address. Ask for the right one.",
            Self::NoDomain => "The part after the @ does not exist or accepts no mail. It may be misspelt.",
            Self::NotAnAddress => "The mail server does not understand this address. It may be misspelt.",
            Self::Closed => "The mailbox is closed. Ask for another address.",
            Self::Full => "The mailbox is full. Telephone, or try again later.",
            Self::TooLarge => "The mail is too large for this mailbox.",
            Self::Greylisted => {
                "The mail server asks unknown senders to try again later, to keep spam away. Nothing needs to be done."
            }
            Self::RefusedAsSpam => {
                "The mail server takes this mail for spam. Write from another mailbox, or telephone."
            }
            Self::RefusedSender => "The mail server does not accept mail from us. Tell whoever runs our mail server.",
            Self::NotSignedIn => "Our own mail server does not let the website send. Tell whoever runs the website.",
            Self::NoAnswer => "The mail server of this address does not answer. The part after the @ may be misspelt.",
            Self::NotNow => "The mail server cannot take the mail at the moment. Nothing needs to be done.",
            Self::Refused => "The mail server refuses this mail.",
        }
    }
}

const SPAM: &[&str] =
    &["spam", "blacklist", "blocklist", "blocked", "block list", "reputation", "junk", "rbl", "spamhaus"];

/// Returns the second and third number of a code like `5.1.1`.
fn enhanced(part: &str) -> Option<(u16, u16)> {
    let mut numbers = part.split('.').map(|number| number.parse::<u16>().ok());
    let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
    (matches!(class, 4 | 5) && numbers.next().is_none()).then_some((subject, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_replies_of_common_servers_are_understood() {
        for (reply, meaning) in [
            ("550 5.1.1 <ana@graz.example>: Recipient address rejected: User unknown", MailReply::NoMailbox),
            ("550 No such user here", MailReply::NoMailbox),
            ("550 5.1.1 The email account that you tried to reach does not exist", MailReply::NoMailbox),
            ("556 5.1.10 Recipient address has null MX", MailReply::NoDomain),
            ("550 5.1.2 Host unknown", MailReply::NoDomain),
            ("553 5.1.3 Invalid address", MailReply::NotAnAddress),
            ("550 5.2.1 The account is disabled", MailReply::Closed),
            ("552 5.2.2 Mailbox full", MailReply::Full),
            ("452 4.2.2 The recipient is out of storage space", MailReply::Full),
            ("552 Mailbox quota exceeded", MailReply::Full),
            ("552 5.3.4 Message size exceeds fixed limit", MailReply::TooLarge),
            ("450 4.2.0 Greylisted, see http://postgrey.example", MailReply::Greylisted),
            ("451 4.7.1 Please try again later", MailReply::Greylisted),
            ("554 5.7.1 Message rejected as spam by content filtering", MailReply::RefusedAsSpam),
            ("550 5.7.1 Service unavailable, client host blocked using Spamhaus", MailReply::RefusedAsSpam),
            ("550 5.7.26 This mail is unauthenticated", MailReply::RefusedSender),
            ("535 5.7.8 Authentication failed", MailReply::NotSignedIn),
            ("451 4.4.1 No answer from host", MailReply::NoAnswer),
            ("421 4.3.2 Shutting down", MailReply::NotNow),
            ("450 mailbox unavailable", MailReply::NotNow),
            ("554 Transaction failed", MailReply::Refused),
        ] {
            assert_eq!(MailReply::read(reply), Some(meaning), "{reply}");
        }
    }

    #[test]
    fn what_is_no_refusal_by_a_server_has_no_meaning() {
        for reply in
            ["250 2.0.0 Ok: queued as 7", "Written to /data/mail/x.eml", "", "Connection refused", "5501 x", "550x"]
        {
            assert_eq!(MailReply::read(reply), None, "{reply}");
        }
    }
}
