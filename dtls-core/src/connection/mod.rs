//! The public face of the core: one connection, without sockets, clocks or threads.
//!
//! Datagrams go in through [`Connection::receive`], come out through
//! [`Connection::poll_transmit`]; [`Connection::deadline`] says when
//! [`Connection::handle_deadline`] wants to be called; [`Connection::need`] asks what only the
//! caller can decide.

pub(crate) mod ack;
mod close;
pub(crate) mod epochs;
pub mod event;
mod handshaking;
pub mod need;
mod post_handshake;
pub mod receive;
mod records_in;
pub mod stats;
pub mod summary;
mod timers;
pub mod transmit;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use dtls_crypto_api::CryptoProvider;

use crate::config::{ClientConfig, CommonConfig, ServerConfig};
use crate::error::{Error, LocalError};
use crate::flight::outgoing::Flight;
use crate::flight::reassembly::Reassembly;
use crate::flight::timer::RetransmitTimer;
use crate::handshake::client::ClientHandshake;
use crate::handshake::server::{CookieRetry, ServerHandshake};
use crate::handshake::{Handshake, Suite};
use crate::key_schedule::{ExporterSecret, TrafficSecret};
use crate::record::seal::PlaintextWriter;
use crate::time::{Instant, Now};
use crate::wire::RecordNumber;
use crate::wire::alert::AlertDescription;

use ack::Acks;
use close::Closing;
use epochs::Epochs;
use event::Event;
use need::{Answer, DecisionId, Need};
use stats::Stats;
use summary::Summary;

/// A network path of the caller's: local and remote address. The core only carries it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PathId(pub u64);

/// Which end of the connection this is.
#[derive(Clone, Debug)]
enum Role {
    Client(Arc<ClientConfig>),
    Server(Arc<ServerConfig>),
}

impl Role {
    fn common(&self) -> &CommonConfig {
        match self {
            Self::Client(config) => &config.common,
            Self::Server(config) => &config.common,
        }
    }
}

/// What a flight is for, and so what its acknowledgement means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// A flight of the handshake; `timed` is false for a HelloRetryRequest.
    Handshake { timed: bool },
    /// Our KeyUpdate.
    KeyUpdate,
}

#[derive(Debug)]
struct Exchange {
    purpose: Purpose,
    flight: Flight,
}

/// What only the handshake needs; gone when it is complete.
#[derive(Debug)]
struct Handshaking {
    machine: Handshake,
    /// Messages of a flight that is not complete yet.
    building: Flight,
    deadline: Instant,
}

/// What there is once the handshake is complete.
#[derive(Debug)]
struct Established {
    suite: Suite,
    summary: Summary,
    /// Gone when the connection has failed.
    exporter: Option<ExporterSecret>,
}

/// The bytes an unvalidated address has cost and may cost (RFC 9147 5.1).
#[derive(Clone, Copy, Debug)]
struct Amplification {
    received: u64,
    sent: u64,
    /// The next datagram may use the reserve.
    probe: bool,
}

impl Amplification {
    const fn new(received: u64) -> Self {
        Self { received, sent: 0, probe: false }
    }
}

/// One DTLS 1.3 connection.
///
/// Every [`Error`] is fatal and sticky: once one was returned, [`Self::error`] and every later
/// call return it too.
#[derive(Debug)]
pub struct Connection {
    role: Role,
    path: PathId,
    handshaking: Option<Box<Handshaking>>,
    established: Option<Box<Established>>,
    /// The newest receiving and sending traffic secrets of application data.
    read_secret: Option<TrafficSecret>,
    write_secret: Option<TrafficSecret>,
    epochs: Epochs,
    incoming: Reassembly,
    exchanges: Vec<Exchange>,
    next_message_seq: u32,
    acks: Acks,
    timer: RetransmitTimer,
    /// Protected records that came before their keys.
    held: VecDeque<Vec<u8>>,
    held_bytes: usize,
    events: VecDeque<Event>,
    need: Option<Box<Need>>,
    need_deadline: Option<Instant>,
    next_decision: u64,
    version_agreed: bool,
    /// A protected record of the peer's has authenticated.
    peer_authenticated: bool,
    amplification: Option<Amplification>,
    closing: Closing,
    /// A key update is to be made, and whether the peer is asked for one in return.
    update_wanted: Option<bool>,
    /// Flights go unanswered: perhaps their datagrams are too large for the path.
    narrow_path: bool,
    mtu: usize,
    last_activity: Instant,
    /// When a repeated flight of the peer's last made us send ours again.
    last_repeat: Option<Instant>,
    stats: Stats,
}

impl Connection {
    /// A client's connection; the first flight is ready to be sent.
    ///
    /// `server_name` is the host name to ask for (SNI, without trailing dot); `None` for an IP
    /// address.
    ///
    /// # Errors
    /// [`LocalError::Config`] when the configuration asks for what
    /// its provider lacks, and what the provider returns.
    pub fn client(
        config: Arc<ClientConfig>,
        server_name: Option<String>,
        now: Now,
        path: PathId,
    ) -> Result<Self, Error> {
        let bad_name = |name: &String| name.is_empty() || name.len() > 255 || !name.is_ascii();
        if server_name.as_ref().is_some_and(bad_name) {
            let what = "server_name is empty, longer than 255 bytes, or not ASCII";
            return Err(Error::Local(LocalError::Config(what)));
        }
        let (machine, actions) = ClientHandshake::start(config.clone(), server_name)?;
        let plaintext = PlaintextWriter::default();
        let mut connection = Self::new(Role::Client(config), machine, plaintext, now, path);
        connection.perform(now, actions)?;
        Ok(connection)
    }

    /// A server's connection that waits for a ClientHello. `validated` says that the client was
    /// shown to receive at its address. Use a [`Listener`](crate::Listener) unless the transport
    /// is protected against forged addresses by itself.
    ///
    /// # Errors
    /// As for [`Self::client`].
    pub fn server(
        config: Arc<ServerConfig>,
        now: Now,
        path: PathId,
        validated: bool,
    ) -> Result<Self, Error> {
        let machine = ServerHandshake::start(config.clone(), None)?;
        let plaintext = PlaintextWriter::default();
        let mut connection = Self::new(Role::Server(config), machine, plaintext, now, path);
        if !validated {
            connection.amplification = Some(Amplification::new(0));
        }
        Ok(connection)
    }

    /// A server's connection for a ClientHello the listener has read.
    pub(crate) fn accept(
        config: Arc<ServerConfig>,
        now: Now,
        path: PathId,
        hello: &AcceptedHello,
    ) -> Result<Self, Error> {
        let machine = ServerHandshake::start(config.clone(), hello.retry.as_ref())?;
        // HelloRetryRequest and ServerHello never share a record number: each goes on from the
        // number of the ClientHello it answers. A number near the end of the space is cut.
        let first_number = hello.record.sequence & 0xffff_ffff;
        let plaintext = PlaintextWriter::starting_at(first_number);
        let mut connection = Self::new(Role::Server(config), machine, plaintext, now, path);
        if hello.retry.is_none() {
            connection.amplification = Some(Amplification::new(hello.bytes_received));
        } else {
            connection.next_message_seq = 1;
        }
        let max_len = connection.config().max_message_len;
        connection.incoming = Reassembly::new(max_len).starting_at(hello.message_seq);
        connection.stats.bytes_received = hello.bytes_received;
        connection.stats.datagrams_received = 1;
        connection.acks.list.insert(hello.record);
        connection.accept_hello(now, hello.message_seq, &hello.body);
        Ok(connection)
    }

    fn new(
        role: Role,
        machine: Handshake,
        plaintext: PlaintextWriter,
        now: Now,
        path: PathId,
    ) -> Self {
        let config = role.common();
        let deadline = now.monotonic + config.timers.handshake_timeout;
        let building = Flight::default();
        Self {
            path,
            handshaking: Some(Box::new(Handshaking { machine, building, deadline })),
            established: None,
            read_secret: None,
            write_secret: None,
            epochs: Epochs::new(plaintext),
            incoming: Reassembly::new(config.max_message_len),
            exchanges: Vec::new(),
            next_message_seq: 0,
            acks: Acks::default(),
            timer: RetransmitTimer::new(config.timers),
            held: VecDeque::new(),
            held_bytes: 0,
            events: VecDeque::new(),
            need: None,
            need_deadline: None,
            next_decision: 0,
            version_agreed: false,
            peer_authenticated: false,
            amplification: None,
            closing: Closing::default(),
            update_wanted: None,
            narrow_path: false,
            mtu: config.mtu,
            last_activity: now.monotonic,
            last_repeat: None,
            stats: Stats::default(),
            role,
        }
    }

    fn config(&self) -> &CommonConfig {
        self.role.common()
    }

    fn provider(&self) -> Arc<dyn CryptoProvider> {
        self.config().provider.clone()
    }

    /// Whether this is the client.
    pub const fn is_client(&self) -> bool {
        matches!(self.role, Role::Client(_))
    }

    /// Whether the handshake is complete.
    pub const fn is_connected(&self) -> bool {
        self.established.is_some()
    }

    /// What was agreed on, once the handshake is complete.
    pub fn summary(&self) -> Option<&Summary> {
        self.established.as_deref().map(|established| &established.summary)
    }

    /// Counters.
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The path the connection sends on.
    pub const fn path(&self) -> PathId {
        self.path
    }

    /// The last measured round trip.
    pub const fn rtt(&self) -> Option<core::time::Duration> {
        self.timer.rtt()
    }

    /// The error the connection failed with.
    pub const fn error(&self) -> Option<&Error> {
        self.closing.error.as_ref()
    }

    /// The state's name, after RFC 8446 appendix A.
    pub fn state_name(&self) -> &'static str {
        if self.closing.error.is_some() {
            return "FAILED";
        }
        match (&self.handshaking, self.closing.is_over()) {
            (_, true) => "CLOSED",
            (Some(handshaking), _) => handshaking.machine.state_name(),
            (None, _) => "CONNECTED",
        }
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() {
            self.events = VecDeque::new();
        }
        event
    }

    /// Adds an event that a peer can cause as often as it likes, unless nobody reads them.
    fn inform(&mut self, event: Event) {
        if self.events.len() < MAX_EVENTS {
            self.events.push_back(event);
        }
    }

    /// The open question, if there is one.
    pub fn need(&self) -> Option<&Need> {
        self.need.as_deref()
    }

    /// Answers the open question.
    ///
    /// # Errors
    /// [`LocalError::WrongAnswer`] when `answer` is not to the
    /// open question (with another `id` nothing changes; an answer of the wrong kind is fatal),
    /// and what the answer leads to, such as a certificate that was refused.
    pub fn resolve(&mut self, now: Now, id: DecisionId, answer: Answer) -> Result<(), Error> {
        if let Some(error) = self.error() {
            return Err(error.clone());
        }
        if self.need.as_ref().is_none_or(|need| need.id != id) {
            return Err(crate::handshake::WRONG_ANSWER);
        }
        self.need = None;
        self.need_deadline = None;
        let result = self.answer_handshake(now, answer).and_then(|()| self.advance(now));
        result.map_err(|error| self.fail(error))
    }

    /// Keying material for another protocol (RFC 8446 7.5). No context equals an empty one.
    ///
    /// # Errors
    /// [`SendError::NotConnected`](crate::SendError::NotConnected) before the handshake is
    /// complete; [`SendError::Crypto`](crate::SendError::Crypto) for a label or output that is
    /// too long.
    pub fn export_keying_material(
        &self,
        label: &[u8],
        context: &[u8],
        out: &mut [u8],
    ) -> Result<(), crate::SendError> {
        let established = self.established.as_ref().ok_or(crate::SendError::NotConnected)?;
        let exporter = established.exporter.as_ref().ok_or(crate::SendError::Closed)?;
        let provider = self.config().provider.as_ref();
        Ok(exporter.export(provider, label, context, out)?)
    }

    /// Sets the largest datagram to send, in bytes of UDP payload. It holds for what is sent
    /// from now on, retransmissions included.
    pub fn set_mtu(&mut self, mtu: usize) {
        self.mtu = mtu.max(crate::config::MIN_MTU);
    }

    /// The largest datagram the connection sends now.
    pub const fn mtu(&self) -> usize {
        self.mtu
    }

    /// Ends the connection with an error: tells the peer, forgets the keys to read.
    fn fail(&mut self, error: Error) -> Error {
        if let Some(first) = self.error() {
            return first.clone();
        }
        self.closing.alert = error.alert();
        let alert_epoch = self.alert_epoch();
        self.closing.alert_epoch = Some(alert_epoch);
        self.closing.error = Some(error.clone());
        self.events.push_back(Event::Failed(error.clone()));
        self.handshaking = None;
        self.read_secret = None;
        self.write_secret = None;
        self.exchanges = Vec::new();
        self.acks = Acks::default();
        self.held = VecDeque::new();
        self.held_bytes = 0;
        self.need = None;
        self.need_deadline = None;
        if let Some(established) = &mut self.established {
            established.exporter = None;
        }
        self.incoming = Reassembly::new(0);
        self.epochs.forget_readers();
        if self.closing.alert.is_some() {
            self.epochs.keep_writers(|epoch| epoch == alert_epoch);
        } else {
            self.epochs.forget_writers();
        }
        error
    }
}

/// A complete ClientHello that the listener read, and what it knows about it.
#[derive(Debug)]
pub(crate) struct AcceptedHello {
    pub(crate) body: Vec<u8>,
    pub(crate) message_seq: u16,
    pub(crate) record: RecordNumber,
    pub(crate) bytes_received: u64,
    pub(crate) retry: Option<CookieRetry>,
}

/// Events kept for a caller that does not read them, beyond which those a peer can repeat at will
/// are left out.
const MAX_EVENTS: usize = 64;

/// The alert that closes a connection in good order.
const CLOSE_NOTIFY: AlertDescription = AlertDescription::CLOSE_NOTIFY;
