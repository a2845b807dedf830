//! Endpoints for threads: every call waits until it is done.
//!
//! An endpoint has one background thread, which receives for all its connections and keeps their
//! timers. It ends when the endpoint and all its connections are dropped.

mod connection;
mod wait;

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};
use quinn_udp::{UdpSockRef, UdpSocketState};

use crate::endpoint::driver::Driver;
use crate::endpoint::handle::Running;
use crate::endpoint::socket::{self, Batch};
use crate::endpoint::{EndpointOptions, Flavour};
use crate::{ClientConfig, ConfigSource, Error, ServerConfig};

pub use connection::{Connection, Incoming};
use wait::{Deadline, Wait};

/// The socket as this flavour uses it.
pub(crate) struct Io {
    socket: UdpSocket,
    state: UdpSocketState,
    waker: Waker,
}

/// How often a full send buffer is tried again, and how long is waited in between.
const SEND_TRIES: u32 = 20;
const SEND_PAUSE: Duration = Duration::from_micros(200);

impl Flavour for Io {
    type Signal = Wait;

    fn send(&self, to: SocketAddr, datagrams: &[u8], segment_size: usize) -> io::Result<()> {
        let mut tries = 1;
        loop {
            match socket::send(&self.state, &self.socket, to, datagrams, segment_size) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && tries < SEND_TRIES => {
                    tries += 1;
                    thread::sleep(SEND_PAUSE);
                }
                result => return result,
            }
        }
    }

    fn max_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    fn poke(&self) {
        // Fails only when the loop is gone.
        let _ = self.waker.wake();
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

const SOCKET: Token = Token(0);
const WAKER: Token = Token(1);

impl Endpoint {
    /// An endpoint that only connects.
    ///
    /// # Errors
    /// [`Error::Io`] when the socket cannot be bound.
    pub fn bind(address: impl ToSocketAddrs) -> Result<Self, Error> {
        Self::bind_with(address, EndpointOptions::client())
    }

    /// An endpoint that accepts clients. Takes a [`ServerConfig`], or whatever chooses one for
    /// each new connection: see [`ConfigSource`].
    ///
    /// # Errors
    /// As [`Self::bind_with`].
    pub fn server(
        address: impl ToSocketAddrs,
        config: impl ConfigSource<ServerConfig> + 'static,
    ) -> Result<Self, Error> {
        Self::bind_with(address, EndpointOptions::server(config))
    }

    /// An endpoint with options of its own.
    ///
    /// # Errors
    /// [`Error::Io`] when the socket cannot be bound, and [`Error::Connection`] when the provider
    /// has no randomness. What a [`ConfigSource`] returns when it can choose no configuration.
    pub fn bind_with(address: impl ToSocketAddrs, options: EndpointOptions) -> Result<Self, Error> {
        let socket = std::net::UdpSocket::bind(address)?;
        let local = socket.local_addr()?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let mut socket = UdpSocket::from_std(socket);
        let poll = Poll::new()?;
        poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        let driver = Arc::new(Driver::new(Io { socket, state, waker }, options)?);
        let its_driver = driver.clone();
        let thread = thread::Builder::new().name("dtls13".to_owned());
        let thread = thread.spawn(move || run(&its_driver, poll))?;
        Ok(Self { running: Arc::new(Running::new(driver, Some(thread))), local })
    }

    /// The address the endpoint is bound to.
    pub fn local_address(&self) -> SocketAddr {
        self.local
    }

    /// Connects to a server and returns when the handshake is complete. `name` is the host name
    /// or IP address the server's certificate has to be for. `config` is a [`ClientConfig`], or
    /// whatever chooses one: see [`ConfigSource`].
    ///
    /// # Errors
    /// [`Error::Connection`] says why the handshake failed; it has its own time limit
    /// ([`TimerConfig::handshake_timeout`](dtls_core::TimerConfig::handshake_timeout)).
    /// [`Error::InvalidServerName`], and [`Error::TooManyConnections`] also when there is a
    /// connection to this address already. What `config` returns when it can choose none.
    pub fn connect(
        &self,
        address: SocketAddr,
        name: &str,
        config: &(impl ConfigSource<ClientConfig> + ?Sized),
    ) -> Result<Connection, Error> {
        let association = self.running.0.connect(address, name, config.config()?)?;
        Connection::establish(self.running.clone(), association)
    }

    /// Waits for the next client.
    ///
    /// # Errors
    /// [`Error::NotListening`] for an endpoint that does not accept clients (any more).
    pub fn accept(&self) -> Result<Incoming, Error> {
        self.accept_until(Deadline::NEVER)
    }

    /// As [`Self::accept`], but waits no longer than `timeout`.
    ///
    /// # Errors
    /// [`Error::TimedOut`], and those of [`Self::accept`].
    pub fn accept_timeout(&self, timeout: Duration) -> Result<Incoming, Error> {
        self.accept_until(Deadline::after(timeout))
    }

    fn accept_until(&self, deadline: Deadline) -> Result<Incoming, Error> {
        let driver = &self.running.0;
        let waiting = driver.changed.until(deadline, || driver.next_waiting())?;
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
    /// retransmissions. Returns whether they are.
    pub fn wait_idle(&self, timeout: Duration) -> bool {
        let driver = &self.running.0;
        let idle = || Ok((driver.connections() == 0).then_some(()));
        driver.changed.until(Deadline::after(timeout), idle).is_ok()
    }
}

/// The background thread.
fn run(driver: &Driver<Io>, mut poll: Poll) {
    let mut events = Events::with_capacity(4);
    let mut batch = Batch::new();
    while !driver.is_stopped() {
        match poll.poll(&mut events, driver.sleep()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
        driver.awake();
        // Until there is nothing more: the system tells only once.
        while !driver.is_stopped() {
            let socket = UdpSockRef::from(&driver.io.socket);
            let received = batch.receive(&driver.io.state, socket, |from, datagram| {
                driver.datagram(from, datagram);
            });
            match received {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // What an earlier datagram met on its way; the socket itself is well.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
            driver.awake();
        }
    }
}
