//! Clients that wait, and connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::Io;
use super::wait::Deadline;
use crate::endpoint::association::Shared;
use crate::endpoint::driver::Waiting;
use crate::endpoint::handle::{Handle, Running, connection_queries, incoming_queries};
use crate::{Error, ServerConfig};

/// A client that wants a connection. Dropping it lets the client wait, and try again.
pub struct Incoming {
    running: Arc<Running<Io>>,
    peer: SocketAddr,
    waiting: Option<Waiting>,
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl Incoming {
    pub(super) fn new(running: Arc<Running<Io>>, waiting: Waiting) -> Self {
        Self { running, peer: waiting.peer, waiting: Some(waiting) }
    }

    incoming_queries!();

    /// Makes the handshake with the endpoint's configuration, and returns when it is complete.
    /// One slow client should not keep others waiting: call this on a thread of its own.
    ///
    /// # Errors
    /// [`Error::Connection`] says why the handshake failed.
    pub fn accept(self) -> Result<Connection, Error> {
        self.accept_as(None)
    }

    /// As [`Self::accept`], with a configuration chosen for this client. Its suites and groups
    /// should be those of the endpoint's, which the cookie was made for.
    ///
    /// # Errors
    /// As [`Self::accept`].
    pub fn accept_with(self, config: ServerConfig) -> Result<Connection, Error> {
        self.accept_as(Some(config))
    }

    fn accept_as(mut self, config: Option<ServerConfig>) -> Result<Connection, Error> {
        let Some(waiting) = self.waiting.take() else { return Err(Error::Closed) };
        let association = self.running.0.accept(waiting, config)?;
        Connection::establish(self.running.clone(), association)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if self.waiting.is_some() {
            self.running.0.refuse(self.peer);
        }
    }
}

/// A connection whose handshake is complete. Clones are the same connection; dropping the last
/// closes it.
#[derive(Clone)]
pub struct Connection(Arc<Handle<Io>>);

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("peer", &self.0.association.peer).finish_non_exhaustive()
    }
}

impl Connection {
    pub(super) fn establish(
        running: Arc<Running<Io>>,
        association: Shared<Io>,
    ) -> Result<Self, Error> {
        let handle = Handle { running, association };
        let association = &handle.association;
        association.changed.until(Deadline::NEVER, || {
            let ready = association.lock().is_ready()?;
            Ok(ready.then_some(()))
        })?;
        Ok(Self(Arc::new(handle)))
    }

    /// Sends one datagram. As with UDP, it may get lost.
    ///
    /// # Errors
    /// [`Error::Send`] when it is longer than [`Self::max_payload`] or this side is closed,
    /// [`Error::Connection`] when the connection has failed, [`Error::Io`] when the socket
    /// refuses it.
    pub fn send(&self, datagram: &[u8]) -> Result<(), Error> {
        self.0.driver().send(&self.0.association, datagram)
    }

    /// Sends many datagrams, those of one size with one call of the system where it can.
    ///
    /// # Errors
    /// As [`Self::send`]; datagrams before the one that failed were sent.
    pub fn send_all<'d>(&self, datagrams: impl IntoIterator<Item = &'d [u8]>) -> Result<(), Error> {
        self.0.driver().send_all(&self.0.association, datagrams)
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    /// [`Error::ClosedByPeer`] when the peer has closed and everything it sent was received,
    /// [`Error::Connection`] when the connection has failed, [`Error::Closed`] when it was closed
    /// on this side and the peer has gone.
    pub fn recv(&self) -> Result<Vec<u8>, Error> {
        self.recv_until(Deadline::NEVER)
    }

    /// As [`Self::recv`], but waits no longer than `timeout`.
    ///
    /// # Errors
    /// [`Error::TimedOut`], and those of [`Self::recv`].
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Vec<u8>, Error> {
        self.recv_until(Deadline::after(timeout))
    }

    fn recv_until(&self, deadline: Deadline) -> Result<Vec<u8>, Error> {
        let association = &self.0.association;
        association.changed.until(deadline, || association.lock().try_receive_owned())
    }

    /// Waits for a datagram, writes it to `out` and returns its length. What does not fit is
    /// lost.
    ///
    /// # Errors
    /// As [`Self::recv`].
    pub fn recv_into(&self, out: &mut [u8]) -> Result<usize, Error> {
        self.recv_into_until(out, Deadline::NEVER)
    }

    /// As [`Self::recv_into`], but waits no longer than `timeout`.
    ///
    /// # Errors
    /// As [`Self::recv_timeout`].
    pub fn recv_into_timeout(&self, out: &mut [u8], timeout: Duration) -> Result<usize, Error> {
        self.recv_into_until(out, Deadline::after(timeout))
    }

    fn recv_into_until(&self, out: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
        let association = &self.0.association;
        association.changed.until(deadline, || association.lock().try_receive(out))
    }

    connection_queries!();
}
