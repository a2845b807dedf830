//! Endpoints for [tokio](https://docs.rs/tokio).
//!
//! An endpoint has one task, which receives for all its connections and keeps their timers. It
//! ends when the endpoint and all its connections are dropped.

mod connection;
mod wait;

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use ::tokio::io::Interest;
use ::tokio::net::UdpSocket;
use ::tokio::sync::Notify;
use quinn_udp::{UdpSockRef, UdpSocketState};

use crate::endpoint::driver::Driver;
use crate::endpoint::handle::Running;
use crate::endpoint::socket::{self, Batch};
use crate::endpoint::{EndpointOptions, Flavour};
use crate::{ClientConfig, ConfigSource, Error, ServerConfig};

pub use connection::{Connection, Incoming};
use wait::Wait;

/// The socket as this flavour uses it.
pub(crate) struct Io {
    socket: UdpSocket,
    state: UdpSocketState,
    poked: Notify,
}

impl Flavour for Io {
    type Signal = Wait;

    fn send(&self, to: SocketAddr, datagrams: &[u8], segment_size: usize) -> io::Result<()> {
        self.socket.try_io(Interest::WRITABLE, || {
            socket::send(&self.state, &self.socket, to, datagrams, segment_size)
        })
    }

    fn max_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    fn poke(&self) {
        self.poked.notify_one();
    }
}

impl Io {
    /// Waits until the socket takes what it would not take at once.
    async fn send_when_ready(&self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        loop {
            self.socket.writable().await?;
            match self.send(to, datagram, datagram.len()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }
}

/// One UDP socket with many connections. Clones are the same endpoint.
#[derive(Clone)]
pub struct Endpoint {
    running: Arc<Running<Io>>,
    local: SocketAddr,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("local", &self.local).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// An endpoint that only connects.
    ///
    /// # Errors
    /// [`Error::Io`] when the socket cannot be bound.
    ///
    /// # Panics
    /// Outside of a tokio runtime with I/O and time enabled.
    #[allow(clippy::unused_async, reason = "binding needs a runtime, and `.await` says so")]
    pub async fn bind(address: impl ToSocketAddrs) -> Result<Self, Error> {
        Self::bind_with(address, EndpointOptions::client()).await
    }

    /// An endpoint that accepts clients. Takes a [`ServerConfig`], or whatever chooses one for
    /// each new connection: see [`ConfigSource`].
    ///
    /// # Errors
    /// As [`Self::bind_with`].
    ///
    /// # Panics
    /// As [`Self::bind`].
    pub async fn server(
        address: impl ToSocketAddrs,
        config: impl ConfigSource<ServerConfig> + 'static,
    ) -> Result<Self, Error> {
        Self::bind_with(address, EndpointOptions::server(config)).await
    }

    /// An endpoint with options of its own.
    ///
    /// # Errors
    /// [`Error::Io`] when the socket cannot be bound, and [`Error::Connection`] when the provider
    /// has no randomness. What a [`ConfigSource`] returns when it can choose no configuration.
    ///
    /// # Panics
    /// As [`Self::bind`].
    pub async fn bind_with(
        address: impl ToSocketAddrs,
        options: EndpointOptions,
    ) -> Result<Self, Error> {
        let socket = std::net::UdpSocket::bind(address)?;
        let local = socket.local_addr()?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let socket = UdpSocket::from_std(socket)?;
        // Until the runtime has seen the socket ready once, it takes nothing, and the first
        // flight would have to wait for its retransmission.
        socket.writable().await?;
        let driver = Arc::new(Driver::new(Io { socket, state, poked: Notify::new() }, options)?);
        let running = Arc::new(Running::new(driver.clone(), None));
        ::tokio::spawn(async move { run(&driver).await });
        Ok(Self { running, local })
    }

    /// The address the endpoint is bound to.
    pub fn local_address(&self) -> SocketAddr {
        self.local
    }

    /// Connects to a server and returns when the handshake is complete. `name` is the host name
    /// or IP address the server's certificate has to be for. `config` is a [`ClientConfig`], or
    /// whatever chooses one: see [`ConfigSource`]. Dropping the future gives the handshake up.
    ///
    /// # Errors
    /// [`Error::Connection`] says why the handshake failed; it has its own time limit
    /// ([`TimerConfig::handshake_timeout`](dtls_core::TimerConfig::handshake_timeout)).
    /// [`Error::InvalidServerName`], and [`Error::TooManyConnections`] also when there is a
    /// connection to this address already. What `config` returns when it can choose none.
    pub async fn connect(
        &self,
        address: SocketAddr,
        name: &str,
        config: &(impl ConfigSource<ClientConfig> + ?Sized),
    ) -> Result<Connection, Error> {
        let association = self.running.0.connect(address, name, config.config()?)?;
        Connection::establish(self.running.clone(), association).await
    }

    /// Waits for the next client.
    ///
    /// # Errors
    /// [`Error::NotListening`] for an endpoint that does not accept clients (any more).
    pub async fn accept(&self) -> Result<Incoming, Error> {
        let driver = &self.running.0;
        let waiting = driver.changed.until(|| driver.next_waiting()).await?;
        Ok(Incoming::new(self.running.clone(), waiting))
    }

    /// Accepts nobody any more. Connections go on.
    pub fn stop_accepting(&self) {
        self.running.0.close_door();
    }

    /// Connections of this endpoint, those that are being made or linger after their end
    /// included.
    pub fn connections(&self) -> usize {
        self.running.0.connections()
    }

    /// Handshakes under way.
    pub fn handshakes(&self) -> usize {
        self.running.0.handshakes()
    }

    /// Waits until all connections are over, including the time in which they answer the peer's
    /// retransmissions.
    pub async fn wait_idle(&self) {
        let driver = &self.running.0;
        let idle = || Ok((driver.connections() == 0).then_some(()));
        // The attempt never fails.
        let _ = driver.changed.until(idle).await;
    }
}

/// For a task that has no deadline to wait for.
const LONG: Duration = Duration::from_secs(60 * 60);

/// The endpoint's task.
async fn run(driver: &Driver<Io>) {
    let mut batch = Batch::new();
    while !driver.is_stopped() {
        let patience = driver.sleep().unwrap_or(LONG);
        ::tokio::select! {
            ready = driver.io.socket.readable() => {
                if ready.is_err() {
                    break;
                }
            }
            () = driver.io.poked.notified() => {}
            () = ::tokio::time::sleep(patience) => {}
        }
        driver.awake();
        // A batch at a time, so that other tasks have their turn too.
        let _ = driver.io.socket.try_io(Interest::READABLE, || {
            let socket = UdpSockRef::from(&driver.io.socket);
            batch.receive(&driver.io.state, socket, |from, datagram| {
                driver.datagram(from, datagram);
            })
        });
    }
}
