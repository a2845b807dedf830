//! The handshake: one message in, one state out, keys and messages produced (RFC 8446 4, RFC
//! 9147 5). It never looks at records, timers or sockets: what it wants done it returns as
//! actions.

pub mod client;
pub mod server;

mod certificate;
pub(crate) mod extensions;
mod transcript;
pub(crate) mod x509;

use alloc::boxed::Box;
use alloc::vec::Vec;

use dtls_crypto_api::{AeadAlgorithm, CipherSuite, HashAlgorithm, Secret};

use crate::connection::need::{Answer, NeedKind};
use crate::connection::summary::Summary;
use crate::error::{Error, LocalError};
use crate::flight::reassembly::Message;
use crate::key_schedule::{ExporterSecret, TrafficSecret};
use crate::wire::client_hello::RANDOM_LEN;
use crate::wire::handshake::HandshakeType;

pub use transcript::Transcript;

/// A cipher suite with its parts looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite {
    /// The code point.
    pub id: CipherSuite,
    /// Hash of schedule and transcript.
    pub hash: HashAlgorithm,
    /// Record protection.
    pub aead: AeadAlgorithm,
}

impl Suite {
    /// The suite of a code point this stack knows.
    pub fn new(id: CipherSuite) -> Option<Self> {
        Some(Self { id, hash: id.hash()?, aead: id.aead()? })
    }
}

/// Which traffic secret a key log line is about; the labels of the NSS key log format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLogLabel {
    /// The client's handshake traffic secret.
    ClientHandshake,
    /// The server's handshake traffic secret.
    ServerHandshake,
    /// The client's first application traffic secret.
    ClientTraffic,
    /// The server's first application traffic secret.
    ServerTraffic,
    /// The exporter secret.
    Exporter,
}

impl KeyLogLabel {
    /// The label as it stands in a key log file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientHandshake => "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            Self::ServerHandshake => "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            Self::ClientTraffic => "CLIENT_TRAFFIC_SECRET_0",
            Self::ServerTraffic => "SERVER_TRAFFIC_SECRET_0",
            Self::Exporter => "EXPORTER_SECRET",
        }
    }
}

/// What the handshake wants done, in order.
#[derive(Debug)]
pub(crate) enum Action {
    /// Add a message to the flight being made.
    Send { epoch: u64, msg_type: HandshakeType, body: Vec<u8> },
    /// The flight is complete: send it. `timed` is false for a HelloRetryRequest.
    SendFlight { timed: bool },
    /// DTLS 1.3 is agreed on: ACKs may be sent and are believed.
    VersionAgreed,
    /// From now on records of this epoch can be read.
    ReadKeys { epoch: u64, secret: TrafficSecret, aead: AeadAlgorithm },
    /// From now on messages of this epoch can be sent.
    WriteKeys { epoch: u64, secret: TrafficSecret, aead: AeadAlgorithm },
    /// Ask the caller.
    Need(NeedKind),
    /// Tell the caller a secret, if it asked for them.
    KeyLog { label: KeyLogLabel, client_random: [u8; RANDOM_LEN], secret: Secret },
    /// The handshake is complete.
    Complete(Box<Outcome>),
}

/// What is left when a handshake is complete.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub summary: Summary,
    pub suite: Suite,
    pub exporter: ExporterSecret,
}

pub(crate) type Actions = Vec<Action>;

/// The epoch of handshake keys.
pub(crate) const HANDSHAKE_EPOCH: u64 = 2;
/// The first epoch of application data.
pub(crate) const APPLICATION_EPOCH: u64 = 3;

/// A handshake of either role.
#[derive(Debug)]
pub(crate) enum Handshake {
    Client(Box<client::ClientHandshake>),
    Server(Box<server::ServerHandshake>),
}

impl Handshake {
    /// Takes in the next message in order.
    pub(crate) fn advance(&mut self, message: &Message) -> Result<Actions, Error> {
        match self {
            Self::Client(client) => client.advance(message),
            Self::Server(server) => server.advance(message),
        }
    }

    /// Takes in the caller's answer to the open need.
    pub(crate) fn answer(&mut self, answer: Answer) -> Result<Actions, Error> {
        match self {
            Self::Client(client) => client.answer(answer),
            Self::Server(server) => server.answer(answer),
        }
    }

    /// The name of the state, as RFC 8446 appendix A has it.
    pub(crate) fn state_name(&self) -> &'static str {
        match self {
            Self::Client(client) => client.state_name(),
            Self::Server(server) => server.state_name(),
        }
    }
}

pub(crate) const WRONG_ANSWER: Error = Error::Local(LocalError::WrongAnswer);

/// A key log line for a traffic secret.
pub(crate) fn key_log(
    label: KeyLogLabel,
    client_random: &[u8; RANDOM_LEN],
    secret: &TrafficSecret,
) -> Action {
    let secret = secret.secret().clone();
    Action::KeyLog { label, client_random: *client_random, secret }
}
