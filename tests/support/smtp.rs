//! A mail server on loopback that accepts mail, or refuses it with a reply that the test chooses. It keeps what it
//! accepted as raw text.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use conference::config::Settings;
use mail_parser::{Message, MessageParser, MimeHeaders};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

/// A reply to a recipient that the server gives instead of accepting it.
#[derive(Clone, Debug)]
struct Answer {
    /// The recipient that it applies to; `None` for all.
    to: Option<String>,
    reply: String,
}

#[derive(Default)]
struct State {
    mails: Vec<Mail>,
    greeting: Option<String>,
    answers: Vec<Answer>,
    silent: bool,
    hangs: Option<String>,
    pause: Duration,
    most_per_connection: Option<usize>,
    connections: usize,
    busy: usize,
    busiest: usize,
}

/// The server. It ends with the test.
pub struct MailServer {
    port: u16,
    state: Arc<Mutex<State>>,
    stop: CancellationToken,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl MailServer {
    /// Starts a server that accepts everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(accept(listener, state.clone(), stop.clone())));
        Self { port, state, stop }
    }

    /// Returns its URL, as in `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Makes it the mail server in these settings.
    pub fn serves(&self, settings: &mut Settings) {
        settings.smtp_url = Some(self.url().into());
    }

    /// From now on, replies to every recipient with this, for example `550 5.1.1 Nobody of this name here`.
    pub fn answers(&self, reply: &str) {
        self.state().answers.push(Answer { to: None, reply: reply.to_owned() });
    }

    /// From now on, replies to this recipient with this.
    pub fn answers_about(&self, recipient: &str, reply: &str) {
        self.state().answers.push(Answer { to: Some(recipient.to_owned()), reply: reply.to_owned() });
    }

    /// From now on, greets everybody with this, for example `554 5.7.1 Go away`.
    pub fn greets(&self, greeting: &str) {
        self.state().greeting = Some(greeting.to_owned());
    }

    /// From now on, waits this long after each mail before accepting it.
    pub fn takes_its_time(&self, pause: Duration) {
        self.state().pause = pause;
    }

    /// From now on, closes each connection without a word after this many mails.
    pub fn closes_after(&self, mails: usize) {
        self.state().most_per_connection = Some(mails);
    }

    /// From now on, accepts connections but never answers.
    pub fn falls_silent(&self) {
        self.state().silent = true;
    }

    /// From now on, stops answering once it is given a recipient whose address begins with this.
    pub fn hangs_about(&self, recipients: &str) {
        self.state().hangs = Some(recipients.to_owned());
    }

    /// From now on, accepts everything again.
    pub fn recovers(&self) {
        let mut state = self.state();
        state.answers.clear();
        state.greeting = None;
        state.silent = false;
        state.hangs = None;
        state.pause = Duration::ZERO;
        state.most_per_connection = None;
    }

    /// Returns the mails that it has accepted so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.state().mails.clone()
    }

    /// Returns how many connections were made.
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// Returns the highest number of mails that were in progress at the same time.
    pub fn busiest(&self) -> usize {
        self.state().busiest
    }

    /// Waits until it has accepted this many mails, and returns them all, sorted by recipient.
    pub async fn received(&self, number: usize) -> Vec<Mail> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let mut mails = self.mails();
            if mails.len() >= number {
                mails.sort_by(|a, b| a.to.cmp(&b.to));
                assert_eq!(mails.len(), number, "more mails than expected: {:?}", subjects(&mails));
                return mails;
            }
            assert!(
                Instant::now() < deadline,
                "only {} of {number} mails arrived: {:?}",
                mails.len(),
                subjects(&mails)
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for a mail to this address and returns the newest.
    pub async fn mail_to(&self, address: &str) -> Mail {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(mail) = self.mails().into_iter().rev().find(|mail| mail.to == [address]) {
                return mail;
            }
            assert!(Instant::now() < deadline, "no mail arrived for {address}: {:?}", subjects(&self.mails()));
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn subjects(mails: &[Mail]) -> Vec<String> {
    mails.iter().map(|mail| format!("{:?}: {}", mail.to, mail.subject())).collect()
}

/// A mail as it was received.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The envelope sender (`MAIL FROM`).
    pub from: String,
    /// The envelope recipients (`RCPT TO`).
    pub to: Vec<String>,
    /// The complete mail.
    pub raw: Vec<u8>,
}

impl Mail {
    /// Parses a mail that was written to a file.
    pub fn read(raw: Vec<u8>) -> Self {
        let parsed = MessageParser::default().parse(&raw).expect("a mail");
        let address = |list: Option<&mail_parser::Address<'_>>| {
            list.and_then(|list| list.first()).and_then(|one| one.address()).unwrap_or_default().to_owned()
        };
        let (from, to) = (address(parsed.from()), vec![address(parsed.to())]);
        Self { from, to, raw }
    }

    fn parsed(&self) -> Message<'_> {
        MessageParser::default().parse(&self.raw).expect("a mail that can be read")
    }

    /// Returns the subject.
    pub fn subject(&self) -> String {
        self.parsed().subject().unwrap_or_default().to_owned()
    }

    /// Returns the plain text.
    pub fn text(&self) -> String {
        self.parsed().body_text(0).expect("a text").replace("\r\n", "\n")
    }

    /// Returns the HTML.
    pub fn html(&self) -> String {
        self.parsed().body_html(0).expect("HTML").into_owned()
    }

    /// Returns whom a reply goes to: the name and the address.
    pub fn reply_to(&self) -> (String, String) {
        let parsed = self.parsed();
        let one = parsed.reply_to().and_then(|list| list.first()).expect("a Reply-To header");
        (one.name().unwrap_or_default().to_owned(), one.address().unwrap_or_default().to_owned())
    }

    /// Returns a raw header, if there is one.
    pub fn header(&self, name: &str) -> Option<String> {
        self.parsed().header_raw(name).map(|value| value.trim().to_owned())
    }

    /// Returns the attachment: its name, its type and its content.
    pub fn file(&self) -> Option<(String, String, String)> {
        let parsed = self.parsed();
        let file = parsed.attachment(0)?;
        let kind = file.content_type().map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
        let content = file.text_contents().unwrap_or_default().to_owned();
        Some((file.attachment_name().unwrap_or_default().to_owned(), kind.unwrap_or_default(), content))
    }

    /// Returns the path of the first link in the text whose path begins with this.
    pub fn link(&self, path: &str) -> String {
        let text = self.text();
        let found = text.split_whitespace().filter_map(|word| word.split_once("://")).find_map(|(_, rest)| {
            let link = &rest[rest.find('/')?..];
            link.starts_with(path).then(|| link.to_owned())
        });
        found.unwrap_or_else(|| panic!("no link to {path}… in\n{text}"))
    }
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>, stop: CancellationToken) {
    while let Ok((stream, _)) = listener.accept().await {
        let talk = talk(stream, state.clone());
        tokio::spawn(stop.clone().run_until_cancelled_owned(async { drop(talk.await) }));
    }
}

async fn talk(stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let look = || state.lock().unwrap_or_else(PoisonError::into_inner);
    look().connections += 1;
    let mut stream = BufReader::new(stream);
    if look().silent {
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
        return Ok(());
    }
    let greeting = look().greeting.clone();
    if let Some(greeting) = greeting {
        return stream.write_all(format!("{greeting}\r\n").as_bytes()).await;
    }
    stream.write_all(b"220 mail.example ESMTP\r\n").await?;
    let (mut from, mut to, mut taken) = (String::new(), Vec::new(), 0);
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if look().silent {
            continue;
        }
        if look().most_per_connection.is_some_and(|most| taken >= most) {
            return Ok(());
        }
        let verb = line.trim_end().to_ascii_uppercase();
        let reply = if verb.starts_with("EHLO") {
            "250-mail.example\r\n250-8BITMIME\r\n250 SIZE 10000000".to_owned()
        } else if verb.starts_with("MAIL FROM:") {
            from = bare(&line);
            to.clear();
            "250 2.1.0 Ok".to_owned()
        } else if verb.starts_with("RCPT TO:") {
            let recipient = bare(&line);
            let hangs = look().hangs.clone().is_some_and(|start| recipient.starts_with(&start));
            if hangs {
                tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
                return Ok(());
            }
            let answers = look().answers.clone();
            let refusal = answers.iter().find(|answer| answer.to.as_ref().is_none_or(|to| *to == recipient));
            to.push(recipient);
            refusal.map_or_else(|| "250 2.1.5 Ok".to_owned(), |answer| answer.reply.clone())
        } else if verb == "DATA" {
            stream.write_all(b"354 Go ahead\r\n").await?;
            let raw = body(&mut stream).await?;
            let pause = {
                let mut state = look();
                state.busy += 1;
                state.busiest = state.busiest.max(state.busy);
                state.pause
            };
            sleep(pause).await;
            taken += 1;
            let mut state = look();
            state.busy -= 1;
            let number = state.mails.len();
            state.mails.push(Mail { from: std::mem::take(&mut from), to: std::mem::take(&mut to), raw });
            format!("250 2.0.0 Ok: queued as {number}")
        } else if verb == "QUIT" {
            return stream.write_all(b"221 2.0.0 Bye\r\n").await;
        } else {
            "250 2.0.0 Ok".to_owned()
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
}

/// Returns the address between angle brackets.
fn bare(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or_else(String::new, |(address, _)| address.to_owned())
}

/// Reads up to the line with a single dot and removes the extra dot of lines that begin with two (RFC 5321, section
/// 4.5.2).
async fn body(stream: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    loop {
        let start = raw.len();
        if (&mut *stream).take(1 << 20).read_until(b'\n', &mut raw).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if &raw[start..] == b".\r\n" {
            raw.truncate(start);
            return Ok(raw);
        }
        if raw[start] == b'.' {
            raw.remove(start);
        }
    }
}
