//! A proxy in front of the database that can forward connections, stall them or close them.

use std::path::{Path, PathBuf};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
};

/// The proxy. It runs as long as the test.
pub struct DatabaseProxy {
    /// The URL of the database through this proxy, as in `DATABASE_URL`.
    pub url: String,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Forwards,
    Closes,
}

impl DatabaseProxy {
    /// Starts a proxy to the database with this URL on a server of the tests.
    pub fn to(url: &str) -> Self {
        let (rest, folder) = url.split_once("?host=").expect("a socket's folder");
        let (role, database) = rest.split_once("@localhost/").expect("a role and a database");
        let socket = Path::new(folder).join(".s.PGSQL.5432");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        listener.set_nonblocking(true).expect("a socket");
        let (state, seen) = watch::channel(State::Forwards);
        tokio::spawn(accept(listener, socket, seen));
        Self { url: format!("{role}@127.0.0.1:{port}/{database}"), state }
    }

    /// Stalls existing connections without closing them; forwards new ones.
    pub fn stalls(&self) {
        self.state.send_replace(State::Forwards);
    }

    /// Closes all connections and accepts and closes new ones, as a proxy does whose server is down.
    pub fn closes(&self) {
        self.state.send_replace(State::Closes);
    }

    /// Forwards new connections again.
    pub fn forwards(&self) {
        self.state.send_replace(State::Forwards);
    }
}

async fn accept(listener: std::net::TcpListener, socket: PathBuf, state: watch::Receiver<State>) {
    let listener = TcpListener::from_std(listener).expect("a listening socket");
    while let Ok((stream, _)) = listener.accept().await {
        let mut state = state.clone();
        state.mark_unchanged();
        if *state.borrow() == State::Forwards {
            tokio::spawn(forward(stream, socket.clone(), state));
        }
    }
}

async fn forward(mut stream: TcpStream, socket: PathBuf, mut state: watch::Receiver<State>) {
    let mut server = UnixStream::connect(socket).await.expect("the server runs");
    tokio::select! {
        _ = copy_bidirectional(&mut stream, &mut server) => {}
        Ok(()) = state.changed() => {
            if *state.borrow() == State::Forwards {
                std::future::pending::<()>().await;
            }
        }
    }
}
