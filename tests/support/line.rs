//! A line to the database, as a proxy before it: it carries, falls silent, or accepts and closes.

use std::path::{Path, PathBuf};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
};

/// The line. It is there for as long as the test runs.
pub struct Line {
    /// The database's address by this line, as `DATABASE_URL` has it.
    pub url: String,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Carries,
    Closes,
}

impl Line {
    /// To the database of this address on a server of the tests.
    pub fn to(url: &str) -> Self {
        let (rest, folder) = url.split_once("?host=").expect("a socket's folder");
        let (role, database) = rest.split_once("@localhost/").expect("a role and a database");
        let socket = Path::new(folder).join(".s.PGSQL.5432");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        listener.set_nonblocking(true).expect("a socket");
        let (state, seen) = watch::channel(State::Carries);
        tokio::spawn(accept(listener, socket, seen));
        Self { url: format!("{role}@127.0.0.1:{port}/{database}"), state }
    }

    /// What was said before hangs, unclosed; new calls come through.
    pub fn falls_silent(&self) {
        self.state.send_replace(State::Carries);
    }

    /// All calls are closed, and new ones are taken and closed: as by a proxy whose server is away.
    pub fn closes(&self) {
        self.state.send_replace(State::Closes);
    }

    /// New calls come through again.
    pub fn carries(&self) {
        self.state.send_replace(State::Carries);
    }
}

async fn accept(listener: std::net::TcpListener, socket: PathBuf, state: watch::Receiver<State>) {
    let listener = TcpListener::from_std(listener).expect("a listening socket");
    while let Ok((call, _)) = listener.accept().await {
        let mut state = state.clone();
        state.mark_unchanged();
        if *state.borrow() == State::Carries {
            tokio::spawn(carry(call, socket.clone(), state));
        }
    }
}

async fn carry(mut call: TcpStream, socket: PathBuf, mut state: watch::Receiver<State>) {
    let mut server = UnixStream::connect(socket).await.expect("the server runs");
    tokio::select! {
        _ = copy_bidirectional(&mut call, &mut server) => {}
        Ok(()) = state.changed() => {
            if *state.borrow() == State::Carries {
                std::future::pending::<()>().await;
            }
        }
    }
}
