//! One connection of an endpoint: the core's connection, the queue of what it received, and what
//! becomes of it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dtls_core::{Connection, Event, Inbound, Instant, NeedKind, Now, PathId};
use pki_types::CertificateDer;

use super::queue::Queue;
use super::{Flavour, Signal};
use crate::{Answers, Error};

/// One connection of an endpoint.
pub(crate) struct Association<F: Flavour> {
    pub(crate) id: u64,
    pub(crate) peer: SocketAddr,
    /// Whether this end is the client.
    pub(crate) is_client: bool,
    state: Mutex<State>,
    /// Something changed that a reader or a handshake may wait for.
    pub(crate) changed: F::Signal,
    /// Where datagrams of application data are sealed.
    pub(crate) outbox: Mutex<Vec<u8>>,
}

/// How long a finished connection still answers the peer's retransmissions: three times the
/// first retransmission timer.
const LINGER_TIMERS: u32 = 3;

/// What is behind the lock.
pub(crate) struct State {
    pub(crate) connection: Connection,
    pub(crate) answers: Answers,
    pub(crate) queue: Queue,
    pub(crate) peer_chain: Vec<CertificateDer<'static>>,
    pub(crate) started: Instant,
    pub(crate) connected_at: Option<Instant>,
    /// The deadline that stands in the timers.
    pub(crate) scheduled: Option<Instant>,
    pub(crate) linger_until: Option<Instant>,
    linger: Duration,
    /// Why the application gets nothing more, where the core does not know.
    pub(crate) ended: Option<Error>,
    peer_closed: bool,
}

/// What a step led to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// The handshake has just been completed.
    pub(crate) connected: bool,
    /// Somebody may wait for what happened.
    pub(crate) wake: bool,
}

impl<F: Flavour> Association<F> {
    pub(crate) fn new(
        id: u64,
        peer: SocketAddr,
        connection: Connection,
        answers: Answers,
        queue: Queue,
        now: Now,
    ) -> Self {
        let initial = answers.common().timers.initial;
        let state = State {
            connection,
            answers,
            queue,
            peer_chain: Vec::new(),
            started: now.monotonic,
            connected_at: None,
            scheduled: None,
            linger_until: None,
            linger: initial * LINGER_TIMERS,
            ended: None,
            peer_closed: false,
        };
        Self {
            id,
            peer,
            is_client: state.connection.is_client(),
            state: Mutex::new(state),
            changed: F::Signal::default(),
            outbox: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The application gets nothing more from this connection.
    pub(crate) fn end(&self, why: Error) {
        let mut state = self.lock();
        state.ended.get_or_insert(why);
        drop(state);
        self.changed.wake();
    }
}

impl State {
    /// Takes in one datagram, answers what it asks, and sends what it causes.
    pub(crate) fn receive<F: Flavour>(
        &mut self,
        io: &F,
        peer: SocketAddr,
        now: Now,
        datagram: &mut [u8],
        progress: &mut Progress,
    ) {
        self.take_in(now, datagram, progress);
        self.settle(io, peer, now, progress);
    }

    fn take_in(&mut self, now: Now, datagram: &mut [u8], progress: &mut Progress) {
        let path = self.connection.path();
        let mut received = self.connection.receive(now, path, datagram);
        while let Ok(Some(Inbound::Data { bytes, .. })) = received.next() {
            self.queue.push(bytes);
            progress.wake = true;
        }
    }

    /// Answers the connection's questions, takes its events, and sends what it has to send.
    pub(crate) fn settle<F: Flavour>(
        &mut self,
        io: &F,
        peer: SocketAddr,
        now: Now,
        progress: &mut Progress,
    ) {
        loop {
            if let Some(need) = self.connection.need() {
                let (id, kind) = (need.id, need.kind.clone());
                if let NeedKind::PeerCertificate(peer) = &kind {
                    self.peer_chain = peer.chain.iter().cloned().map(Into::into).collect();
                }
                let Some(answer) = self.answers.answer(&kind, now.wall) else {
                    // Left open, it ends the connection by its own deadline.
                    break;
                };
                // What it leads to shows in the connection's events.
                let _ = self.connection.resolve(now, id, answer);
                self.take_in(now, &mut [], progress);
            } else if let Some(event) = self.connection.poll_event() {
                self.event(now, &event, progress);
            } else {
                break;
            }
        }
        self.transmit(io, peer, now);
        if self.linger_until.is_none() && self.connection.is_closed() {
            self.linger(now);
        }
    }

    fn event(&mut self, now: Now, event: &Event, progress: &mut Progress) {
        match event {
            Event::Connected => {
                self.connected_at = Some(now.monotonic);
                progress.connected = true;
                progress.wake = true;
                self.take_in(now, &mut [], progress);
            }
            Event::PeerClosed => {
                self.peer_closed = true;
                progress.wake = true;
            }
            Event::Failed(_) => {
                progress.wake = true;
                self.linger(now);
            }
            Event::KeyLog(line) => self.answers.log(line),
            _ => {}
        }
    }

    /// Sends everything the connection has to send.
    pub(crate) fn transmit<F: Flavour>(&mut self, io: &F, peer: SocketAddr, now: Now) {
        let segments = io.max_segments();
        let mut out = [0; Self::TRANSMIT_LEN];
        let room = (Self::TRANSMIT_LEN / self.connection.mtu().max(1)).clamp(1, segments.max(1));
        while let Some(transmit) = self.connection.poll_transmit(now, &mut out, room) {
            // A datagram the socket does not take is lost like any other; timers repair it.
            let _ = io.send(peer, &out[..transmit.len], transmit.segment_size);
        }
    }

    /// Room for what is sent at a time: eight datagrams of an Ethernet.
    const TRANSMIT_LEN: usize = 12_000;

    /// From now on the connection is only there for the peer's retransmissions.
    pub(crate) fn linger(&mut self, now: Now) {
        self.linger_until.get_or_insert(now.monotonic + self.linger);
    }

    /// When [`Connection::handle_deadline`] or the end of lingering is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        [self.connection.deadline(), self.linger_until].into_iter().flatten().min()
    }

    /// Why the application gets nothing more, once it has everything that came.
    pub(crate) fn end(&self) -> Option<Error> {
        if let Some(error) = self.connection.error() {
            return Some(error.clone().into());
        }
        if self.peer_closed {
            return Some(Error::ClosedByPeer);
        }
        self.ended.clone()
    }

    /// The next datagram, `None` when there is none yet.
    pub(crate) fn try_receive(&mut self, out: &mut [u8]) -> Result<Option<usize>, Error> {
        match self.queue.pop_into(out) {
            Some(len) => Ok(Some(len)),
            None => self.end().map_or(Ok(None), Err),
        }
    }

    /// As [`Self::try_receive`], in a buffer of its own.
    pub(crate) fn try_receive_owned(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut out = vec![0; self.queue.next_len().unwrap_or_default()];
        Ok(self.try_receive(&mut out)?.map(|_| out))
    }

    /// Whether the handshake is complete, or why it never will be.
    pub(crate) fn is_ready(&self) -> Result<bool, Error> {
        if let (Some(error), false) = (self.end(), self.connection.is_connected()) {
            return Err(error);
        }
        Ok(self.connection.is_connected())
    }
}

/// An association's place in the endpoint: how the core knows it.
pub(crate) const fn path(id: u64) -> PathId {
    PathId(id)
}

/// How the listener knows an address: the octets of the IP address, then the port. An IPv4
/// address is the same with or without its IPv6 clothes.
pub(crate) fn address_bytes(address: SocketAddr) -> Vec<u8> {
    let mut bytes = match address.ip().to_canonical() {
        std::net::IpAddr::V4(ip) => ip.octets().to_vec(),
        std::net::IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    bytes.extend_from_slice(&address.port().to_be_bytes());
    bytes
}

/// A shared association.
pub(crate) type Shared<F> = Arc<Association<F>>;
