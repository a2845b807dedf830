//! What the caller is told.

use alloc::boxed::Box;

use dtls_crypto_api::Secret;

use crate::error::Error;
use crate::handshake::KeyLogLabel;
use crate::wire::client_hello::RANDOM_LEN;

/// Something that happened. [`Connection::poll_event`](crate::Connection::poll_event) hands
/// them out in order.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The handshake is complete; application data can be sent.
    /// [`Connection::summary`](crate::Connection::summary) tells what was agreed on.
    Connected,
    /// A client's last flight was acknowledged: the server has completed the handshake too.
    Confirmed,
    /// The peer has sent close_notify: it sends no more data.
    PeerClosed,
    /// The peer updated its sending keys; records now come in this epoch.
    ReceivingEpoch(u64),
    /// The peer acknowledged our key update; records now go in this epoch.
    SendingEpoch(u64),
    /// The peer gave a ticket for resumption. This version does not use tickets.
    TicketReceived,
    /// A secret for a key log. Only with [`CommonConfig::key_log`](crate::CommonConfig::key_log).
    KeyLog(Box<KeyLogLine>),
    /// The connection has failed.
    Failed(Error),
}

/// A line of a key log.
#[derive(Debug)]
pub struct KeyLogLine {
    /// Which secret.
    pub label: KeyLogLabel,
    /// Names the connection.
    pub client_random: [u8; RANDOM_LEN],
    /// The secret.
    pub secret: Secret,
}
