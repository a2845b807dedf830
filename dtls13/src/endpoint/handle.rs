//! What the application holds: handles that end what they stand for when the last is dropped.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::Flavour;
use super::association::{Shared, State};
use super::driver::Driver;
use crate::Error;

/// Keeps an endpoint running. Everything the application holds has a share in it; the endpoint's
/// loop has none, and ends when this is dropped.
pub(crate) struct Running<F: Flavour>(pub(crate) Arc<Driver<F>>, Option<JoinHandle<()>>);

impl<F: Flavour> Running<F> {
    /// With the thread that runs the loop, where there is one.
    pub(crate) fn new(driver: Arc<Driver<F>>, thread: Option<JoinHandle<()>>) -> Self {
        Self(driver, thread)
    }
}

impl<F: Flavour> Drop for Running<F> {
    /// Waits for the thread: when a program ends, nobody may still hold keys of a library whose
    /// own end has come (a C++ library's global objects are destroyed when `main` returns).
    fn drop(&mut self) {
        self.0.stop();
        if let Some(thread) = self.1.take()
            // Foreign code that the loop calls may have held the last share.
            && thread.thread().id() != thread::current().id()
        {
            // A loop that panicked has ended too.
            let _ = thread.join();
        }
    }
}

/// The application's side of a connection. Dropping it closes the connection.
pub(crate) struct Handle<F: Flavour> {
    pub(crate) running: Arc<Running<F>>,
    pub(crate) association: Shared<F>,
}

impl<F: Flavour> Drop for Handle<F> {
    fn drop(&mut self) {
        self.running.0.abandon(&self.association);
    }
}

impl<F: Flavour> Handle<F> {
    pub(crate) fn driver(&self) -> &Driver<F> {
        &self.running.0
    }

    pub(crate) fn with<T>(&self, read: impl FnOnce(&mut State) -> T) -> T {
        read(&mut self.association.lock())
    }

    pub(crate) fn export(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), Error> {
        Ok(self.association.lock().connection.export_keying_material(label, context, out)?)
    }
}

/// What can be asked of a connection without waiting, in both flavours.
macro_rules! connection_queries {
    () => {
        /// The peer's address.
        pub fn peer_address(&self) -> std::net::SocketAddr {
            self.0.association.peer
        }

        /// What the handshake agreed on.
        ///
        /// # Panics
        /// Never: there is no such value before the handshake is complete.
        pub fn summary(&self) -> dtls_core::Summary {
            let summary = self.0.with(|state| state.connection.summary().cloned());
            summary.unwrap_or_else(|| unreachable!("handed out when the handshake is complete"))
        }

        /// Counters.
        pub fn stats(&self) -> crate::Stats {
            self.0.with(|state| crate::Stats {
                protocol: *state.connection.stats(),
                queue_dropped: state.queue.dropped(),
                handshake: state.connected_at.map(|at| at - state.started),
            })
        }

        /// The peer's certificate chain, end entity first; empty if it showed none.
        pub fn peer_certificates(&self) -> Vec<pki_types::CertificateDer<'static>> {
            self.0.with(|state| state.peer_chain.clone())
        }

        /// Whether the client showed a certificate: to a server its peer did, to a client it did
        /// itself.
        pub fn is_client_authenticated(&self) -> bool {
            self.summary().client_scheme.is_some()
        }

        /// Keying material for another protocol (RFC 8446 7.5): fills all of `out`.
        ///
        /// # Errors
        /// [`Error::Send`] for a label or an output that is too long.
        pub fn export_keying_material(
            &self,
            label: &[u8],
            context: &[u8],
            out: &mut [u8],
        ) -> Result<(), Error> {
            self.0.export(label, context, out)
        }

        /// The longest datagram that can be sent now, in bytes.
        pub fn max_payload(&self) -> usize {
            self.0.with(|state| state.connection.max_payload())
        }

        /// Bytes of the header before each record of application data.
        pub fn header_len(&self) -> usize {
            self.0.with(|state| state.connection.headroom())
        }

        /// The largest datagram the connection sends now, in bytes of UDP payload.
        pub fn mtu(&self) -> usize {
            self.0.with(|state| state.connection.mtu())
        }

        /// Sets the largest datagram to send, in bytes of UDP payload, headers included.
        pub fn set_mtu(&self, mtu: usize) {
            self.0.with(|state| state.connection.set_mtu(mtu));
        }

        /// The last measured round trip of handshake messages.
        pub fn rtt(&self) -> Option<std::time::Duration> {
            self.0.with(|state| state.connection.rtt())
        }

        /// Says with close_notify that this side sends nothing more. What the peer still sends
        /// can be received. Dropping the connection does the same, but then nobody receives.
        pub fn close(&self) {
            self.0.driver().close(&self.0.association);
        }

        /// Writes the next datagram to `out`, if there is one already, and returns its length.
        /// What does not fit is lost.
        ///
        /// # Errors
        /// As for `recv`.
        pub fn try_recv_into(&self, out: &mut [u8]) -> Result<Option<usize>, Error> {
            self.0.with(|state| state.try_receive(out))
        }

        /// The next datagram if there is one already.
        ///
        /// # Errors
        /// As for `recv`.
        pub fn try_recv(&self) -> Result<Option<Vec<u8>>, Error> {
            self.0.with(crate::endpoint::association::State::try_receive_owned)
        }
    };
}
pub(crate) use connection_queries;

/// What can be asked of an incoming client, in both flavours.
macro_rules! incoming_queries {
    () => {
        /// Where the client is.
        pub fn peer_address(&self) -> std::net::SocketAddr {
            self.peer
        }

        /// The host name the client asks for.
        pub fn server_name(&self) -> Option<&str> {
            self.waiting.as_ref().and_then(|waiting| waiting.hello.server_name())
        }

        /// The application protocols the client offers, best first.
        pub fn alpn(&self) -> &[Vec<u8>] {
            self.waiting.as_ref().map_or(&[], |waiting| waiting.hello.alpn())
        }

        /// Whether the client has shown by a cookie that it receives at its address.
        pub fn is_validated(&self) -> bool {
            self.waiting.as_ref().is_some_and(|waiting| waiting.hello.is_validated())
        }
    };
}
pub(crate) use incoming_queries;
