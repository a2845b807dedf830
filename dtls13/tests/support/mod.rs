//! What the tests share: an authority, and a server and client that trust it.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod authority;
pub(crate) mod breakable;

use std::net::{Ipv4Addr, SocketAddr};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dtls13::blocking::{Connection, Endpoint};
use dtls13::{
    ClientConfig, EndpointOptions, Error, RootStore, ServerConfig, TimerConfig, provider,
};

use authority::{Authority, Leaf};

pub(crate) const NAME: &str = "server.example";
/// Longer than anything here takes; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const LOCAL: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// Timers that do not let a test of a silent peer take minutes.
pub(crate) fn timers() -> TimerConfig {
    TimerConfig { handshake_timeout: Duration::from_secs(10), ..TimerConfig::default() }
}

/// A server with a certificate of `authority`.
pub(crate) fn server(authority: &Authority, leaf: &Leaf) -> ServerConfig {
    let made = authority.issue(leaf);
    ServerConfig::builder(provider::rustcrypto())
        .with_no_client_auth()
        .with_cert(made.chain, &made.key)
        .unwrap()
        .timers(timers())
}

pub(crate) fn roots(authority: &Authority) -> RootStore {
    let mut roots = RootStore::new();
    roots.add(&authority.certificate()).unwrap();
    roots
}

/// A client that trusts `authority` and shows no certificate.
pub(crate) fn client(authority: &Authority) -> ClientConfig {
    ClientConfig::builder(provider::rustcrypto())
        .with_roots(roots(authority))
        .with_no_client_auth()
        .unwrap()
        .timers(timers())
}

/// An endpoint that accepts one client on a thread of its own.
pub(crate) struct Accepting {
    pub(crate) endpoint: Endpoint,
    thread: JoinHandle<Result<Connection, Error>>,
}

impl Accepting {
    pub(crate) fn start(config: ServerConfig) -> Self {
        Self::with(EndpointOptions::server(config))
    }

    pub(crate) fn with(options: EndpointOptions) -> Self {
        let endpoint = Endpoint::bind_with(LOCAL, options).unwrap();
        let accepting = endpoint.clone();
        let thread = thread::spawn(move || accepting.accept_timeout(PATIENCE)?.accept());
        Self { endpoint, thread }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.endpoint.local_address()
    }

    pub(crate) fn connection(self) -> Result<Connection, Error> {
        self.thread.join().unwrap()
    }
}

/// One handshake. What the client and the server say.
pub(crate) fn meet(
    client: &ClientConfig,
    server: ServerConfig,
) -> (Result<Connection, Error>, Result<Connection, Error>) {
    let accepting = Accepting::start(server);
    let endpoint = Endpoint::bind(LOCAL).unwrap();
    let client = endpoint.connect(accepting.address(), NAME, client);
    (client, accepting.connection())
}
