//! What blocking and asynchronous endpoints share: one socket, many associations told apart by
//! address. It knows neither threads nor tasks: a [`Flavour`] sends datagrams and wakes whoever
//! waits, and its loop hands in what the socket received and calls when a deadline has passed.
//!
//! - [`driver`]: the way of a datagram in, deadlines, new connections
//! - [`association`]: one connection with its receive queue
//! - [`table`]: who is at which address
//! - [`timers`]: whose deadline is next
//! - [`socket`]: batched input and output through quinn-udp

pub(crate) mod association;
pub(crate) mod clock;
pub(crate) mod driver;
pub(crate) mod handle;
pub(crate) mod queue;
pub(crate) mod socket;
pub(crate) mod table;
pub(crate) mod timers;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use dtls_core::CookiePolicy;

use crate::config::{ConfigSource, ServerConfig};

/// Wakes everybody who waits for a change of one connection, or of the endpoint.
pub(crate) trait Signal: Default + Send + Sync + 'static {
    fn wake(&self);
}

/// What the driver needs from a flavour of endpoint.
pub(crate) trait Flavour: Send + Sync + 'static {
    type Signal: Signal;

    /// Sends datagrams of `segment_size` bytes each, the last of which may be shorter. What the
    /// network does not take is lost, as any datagram may be.
    fn send(&self, to: SocketAddr, datagrams: &[u8], segment_size: usize) -> io::Result<()>;

    /// How many datagrams may be handed to one call of [`Self::send`].
    fn max_segments(&self) -> usize;

    /// Lets the endpoint's loop look at the deadlines again.
    fn poke(&self);
}

/// What an endpoint may use, and whether it accepts clients.
#[derive(Clone)]
#[non_exhaustive]
pub struct EndpointOptions {
    /// Who says how clients are accepted; `None` for an endpoint that only connects.
    pub server: Option<Arc<dyn ConfigSource<ServerConfig>>>,
    /// When a client has to show by a cookie that it receives at its address: always.
    pub cookie_policy: CookiePolicy,
    /// The most connections at a time, those that are being made included: 65536.
    pub max_connections: usize,
    /// The most clients that wait to be taken by `accept`: 256. Others are told nothing and try
    /// again.
    pub backlog: usize,
    /// Handshakes under way from which on cookies are demanded under
    /// [`CookiePolicy::UnderLoad`]: 64.
    pub load_threshold: usize,
    /// Bytes of received data kept per connection until the application takes them: 1 MiB. What
    /// comes when there is no room is dropped and counted.
    pub receive_queue: usize,
}

impl Default for EndpointOptions {
    fn default() -> Self {
        Self {
            server: None,
            cookie_policy: CookiePolicy::default(),
            max_connections: 1 << 16,
            backlog: 256,
            load_threshold: 64,
            receive_queue: 1 << 20,
        }
    }
}

impl fmt::Debug for EndpointOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointOptions")
            .field("server", &self.server.is_some())
            .field("cookie_policy", &self.cookie_policy)
            .field("max_connections", &self.max_connections)
            .field("backlog", &self.backlog)
            .field("load_threshold", &self.load_threshold)
            .field("receive_queue", &self.receive_queue)
            .finish()
    }
}

impl EndpointOptions {
    /// An endpoint that only connects.
    pub fn client() -> Self {
        Self::default()
    }

    /// An endpoint that accepts clients, and may connect too. Takes a [`ServerConfig`], or
    /// whatever chooses one for each new connection.
    pub fn server(config: impl ConfigSource<ServerConfig> + 'static) -> Self {
        Self { server: Some(Arc::new(config)), ..Self::default() }
    }

    /// Sets [`Self::cookie_policy`].
    #[must_use]
    pub fn cookie_policy(mut self, policy: CookiePolicy) -> Self {
        self.cookie_policy = policy;
        self
    }

    /// Sets [`Self::max_connections`].
    #[must_use]
    pub fn max_connections(mut self, max: usize) -> Self {
        self.max_connections = max;
        self
    }

    /// Sets [`Self::receive_queue`].
    #[must_use]
    pub fn receive_queue(mut self, bytes: usize) -> Self {
        self.receive_queue = bytes;
        self
    }
}

/// Counters of one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// What the protocol core counted.
    pub protocol: dtls_core::Stats,
    /// Datagrams of application data that were dropped because the receive queue was full.
    pub queue_dropped: u64,
    /// How long the handshake took on this side.
    pub handshake: Option<std::time::Duration>,
}
