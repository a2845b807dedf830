//! Clients that wait, and connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::Io;
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
    /// One slow client should not keep others waiting: await this in a task of its own.
    ///
    /// # Errors
    /// [`Error::Connection`] says why the handshake failed.
    pub async fn accept(self) -> Result<Connection, Error> {
        self.accept_as(None).await
    }

    /// As [`Self::accept`], with a configuration chosen for this client. Its suites and groups
    /// should be those of the endpoint's, which the cookie was made for.
    ///
    /// # Errors
    /// As [`Self::accept`].
    pub async fn accept_with(self, config: ServerConfig) -> Result<Connection, Error> {
        self.accept_as(Some(config)).await
    }

    async fn accept_as(mut self, config: Option<ServerConfig>) -> Result<Connection, Error> {
        let Some(waiting) = self.waiting.take() else { return Err(Error::Closed) };
        let association = self.running.0.accept(waiting, config)?;
        Connection::establish(self.running.clone(), association).await
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
    pub(super) async fn establish(
        running: Arc<Running<Io>>,
        association: Shared<Io>,
    ) -> Result<Self, Error> {
        let handle = Handle { running, association };
        let association = &handle.association;
        association
            .changed
            .until(|| {
                let ready = association.lock().is_ready()?;
                Ok(ready.then_some(()))
            })
            .await?;
        Ok(Self(Arc::new(handle)))
    }

    /// Sends one datagram. As with UDP, it may get lost.
    ///
    /// # Errors
    /// [`Error::Send`] when it is longer than [`Self::max_payload`] or this side is closed,
    /// [`Error::Connection`] when the connection has failed, [`Error::Io`] when the socket
    /// refuses it.
    pub async fn send(&self, datagram: &[u8]) -> Result<(), Error> {
        let (driver, association) = (self.0.driver(), &self.0.association);
        let unsent = driver.send_or_keep(association, datagram, |error| {
            error.kind() == io::ErrorKind::WouldBlock
        })?;
        if let Some(record) = unsent {
            driver.io.send_when_ready(association.peer, &record).await?;
        }
        Ok(())
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    /// [`Error::ClosedByPeer`] when the peer has closed and everything it sent was received,
    /// [`Error::Connection`] when the connection has failed, [`Error::Closed`] when it was closed
    /// on this side and the peer has gone.
    pub async fn recv(&self) -> Result<Vec<u8>, Error> {
        let association = &self.0.association;
        association.changed.until(|| association.lock().try_receive_owned()).await
    }

    /// Waits for a datagram, writes it to `out` and returns its length. What does not fit is
    /// lost.
    ///
    /// # Errors
    /// As [`Self::recv`].
    pub async fn recv_into(&self, out: &mut [u8]) -> Result<usize, Error> {
        let association = &self.0.association;
        association.changed.until(|| association.lock().try_receive(out)).await
    }

    connection_queries!();
}
