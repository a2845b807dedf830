//! Two connections, a link between them, and time that only moves when the test says so.
//!
//! Everything random about the link comes from a seed. A test that fails prints it, and the same
//! seed gives the same datagrams, losses and times again.

#![allow(unreachable_pub, reason = "a module of each test that uses it")]
#![allow(dead_code, reason = "each test file uses its own part of this")]

pub mod puppet;

use std::collections::BinaryHeap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dtls_core::crypto::{CryptoError, CryptoProvider, Curve, KeyKind, SignatureScheme, SigningKey};
use dtls_core::{
    Answer, ClientConfig, Connection, CookiePolicy, Credential, Error, Event, Inbound, Instant,
    Listener, NeedKind, Now, PathId, ServerConfig, Verdict,
};
use dtls_provider_rustcrypto::{RandomSource, RustCryptoProvider};

/// A small generator (splitmix64): its whole state is the seed.
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    /// True with this probability in percent.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// What the link does to datagrams, both ways.
#[derive(Clone, Copy, Debug)]
pub struct LinkConfig {
    /// Percent of datagrams lost.
    pub drop: u64,
    /// Percent delivered twice.
    pub duplicate: u64,
    /// Percent delayed by up to ten times the latency.
    pub reorder: u64,
    /// Percent with one byte changed.
    pub corrupt: u64,
    /// One way.
    pub latency: Duration,
    /// Larger datagrams are lost.
    pub mtu: usize,
}

impl Default for LinkConfig {
    fn default() -> Self {
        Self {
            drop: 0,
            duplicate: 0,
            reorder: 0,
            corrupt: 0,
            latency: Duration::from_millis(10),
            mtu: 65_536,
        }
    }
}

#[derive(PartialEq, Eq)]
struct InFlight {
    at: Duration,
    order: u64,
    to_server: bool,
    bytes: Vec<u8>,
}

impl Ord for InFlight {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // The heap gives the greatest first; the earliest is wanted.
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for InFlight {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// A key, the scheme it signs with, and a chain for it.
pub type TestCredential = (Arc<dyn SigningKey>, SignatureScheme, Vec<Vec<u8>>);

/// One end: a connection, its key, what it was told and what it received.
pub struct End {
    pub connection: Option<Connection>,
    pub credential: Option<TestCredential>,
    pub events: Vec<Event>,
    pub received: Vec<Vec<u8>>,
    /// How long each answer to a `Need` takes.
    pub think: Duration,
    pub verdict: Result<(), dtls_core::CertificateRejection>,
    need_since: Option<Duration>,
}

impl End {
    fn new(credential: Option<TestCredential>) -> Self {
        Self {
            connection: None,
            credential,
            events: Vec::new(),
            received: Vec::new(),
            think: Duration::ZERO,
            verdict: Ok(()),
            need_since: None,
        }
    }

    pub fn conn(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("the connection exists")
    }

    pub fn is_connected(&self) -> bool {
        self.connection.as_ref().is_some_and(Connection::is_connected)
    }

    pub fn error(&self) -> Option<&Error> {
        self.connection.as_ref().and_then(Connection::error)
    }

    /// When the open question will be answered.
    fn answer_at(&mut self, now: Duration) -> Option<Duration> {
        let open = self.connection.as_ref().is_some_and(|c| c.need().is_some());
        if !open {
            self.need_since = None;
            return None;
        }
        Some(*self.need_since.get_or_insert(now) + self.think)
    }

    fn answer_due(&mut self, now: Now) {
        while self
            .answer_at(now.monotonic.since_origin())
            .is_some_and(|at| at <= now.monotonic.since_origin())
        {
            self.need_since = None;
            let Some(connection) = &mut self.connection else { return };
            let Some(need) = connection.need().cloned() else { return };
            let answer = match need.kind {
                NeedKind::Credential(request) => {
                    let fitting = self.credential.as_ref();
                    let fitting = fitting.filter(|(_, s, _)| request.schemes.contains(s));
                    Answer::Credential(fitting.map(|(_, scheme, chain)| Credential {
                        chain: chain.iter().cloned().map(Into::into).collect(),
                        scheme: *scheme,
                    }))
                }
                NeedKind::Signature { scheme, message } => {
                    let key = self.credential.as_ref().map(|(key, _, _)| key.clone());
                    let algorithm = scheme.algorithm().expect("a known scheme");
                    Answer::Signature(key.and_then(|key| key.sign(algorithm, &message).ok()))
                }
                NeedKind::PeerCertificate(_) => Answer::PeerCertificate(self.verdict),
                other => panic!("unknown need {other:?}"),
            };
            let _ = connection.resolve(now, need.id, answer);
            self.drain(now);
        }
    }

    /// Reads what was held back, and the events.
    fn drain(&mut self, now: Now) {
        let Some(connection) = &mut self.connection else { return };
        let mut received = connection.receive(now, PathId(0), &mut []);
        while let Ok(Some(Inbound::Data { bytes, .. })) = received.next() {
            self.received.push(bytes.to_vec());
        }
        drop(received);
        while let Some(event) = connection.poll_event() {
            self.events.push(event);
        }
    }

    pub fn deliver(&mut self, now: Now, datagram: &mut [u8]) {
        let Some(connection) = &mut self.connection else { return };
        let mut received = connection.receive(now, PathId(0), datagram);
        while let Ok(Some(inbound)) = received.next() {
            if let Inbound::Data { bytes, .. } = inbound {
                self.received.push(bytes.to_vec());
            }
        }
        drop(received);
        self.drain(now);
    }
}

/// Decides whether a datagram is lost: whether it goes to the server, its index, its bytes.
pub type LossRule = dyn FnMut(bool, usize, &[u8]) -> bool;

/// A client and a server with a link between them.
pub struct Pair {
    pub client: End,
    pub server: End,
    pub listener: Listener,
    pub server_config: Arc<ServerConfig>,
    pub link: LinkConfig,
    pub rng: Rng,
    pub now: Duration,
    /// Every datagram that was sent: time, whether to the server, bytes, what became of it.
    pub log: Vec<(Duration, bool, Vec<u8>, &'static str)>,
    /// Decides about single datagrams by their index in each direction: true loses it.
    pub lose: Box<LossRule>,
    counts: [usize; 2],
    queue: BinaryHeap<InFlight>,
    order: u64,
}

/// Randomness that a seed decides: keys, nonces and randoms of a test come again.
#[derive(Debug)]
struct SeededRandom(Mutex<Rng>);

impl RandomSource for SeededRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let mut rng = self.0.lock().expect("nobody panics with the lock");
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&rng.next().to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub fn provider(seed: u64) -> Arc<dyn CryptoProvider> {
    Arc::new(RustCryptoProvider::with_random(SeededRandom(Mutex::new(Rng(seed)))))
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        len @ 0..0x80 => out.push(len as u8),
        len => out.extend_from_slice(&[0x82, (len >> 8) as u8, len as u8]),
    }
    out.extend_from_slice(content);
    out
}

/// The least that passes for a certificate below the layer that judges chains: `padding` bytes
/// and a public key.
pub fn certificate(public_key: &[u8], padding: usize) -> Vec<u8> {
    let empty = der(0x30, &[]);
    let subject = der(0x30, &vec![0; padding]);
    let serial = der(0x02, &[1]);
    let fields = [&serial[..], &empty, &empty, &empty, &subject, public_key];
    let tbs = der(0x30, &fields.concat());
    der(0x30, &[&tbs[..], &empty].concat())
}

/// A P-256 key with a chain of about `chain_len` bytes.
pub fn credential(
    provider: &dyn CryptoProvider,
    chain_len: usize,
) -> (Arc<dyn SigningKey>, SignatureScheme, Vec<Vec<u8>>) {
    let key = provider.generate_private_key(KeyKind::Ecdsa(Curve::P256)).expect("a key").key;
    let chain = vec![certificate(key.public_key(), chain_len)];
    (key, SignatureScheme::ECDSA_SECP256R1_SHA256, chain)
}

/// What a pair is made of.
pub struct Setup {
    pub client: ClientConfig,
    pub server: ServerConfig,
    pub cookies: CookiePolicy,
    pub link: LinkConfig,
    pub seed: u64,
    pub server_chain_len: usize,
    pub client_has_certificate: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self::seeded(1)
    }
}

impl Setup {
    /// A setup in which everything random comes from `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self {
            client: ClientConfig::new(provider(seed ^ 0xc11e)),
            server: ServerConfig::new(provider(seed ^ 0x5e47)),
            cookies: CookiePolicy::Always,
            link: LinkConfig::default(),
            seed,
            server_chain_len: 300,
            client_has_certificate: false,
        }
    }
}

/// The time at which every test begins; wall time is the same and plausible for certificates.
pub const START: Duration = Duration::from_secs(1_800_000_000);

impl Pair {
    pub fn new(setup: Setup) -> Self {
        let provider = setup.server.common.provider.clone();
        let server_config = Arc::new(setup.server);
        let now = now_at(START);
        let listener = Listener::with_secret(server_config.clone(), setup.cookies, [7; 32].into())
            .expect("a valid configuration");
        let server = End::new(Some(credential(provider.as_ref(), setup.server_chain_len)));
        let client_credential =
            setup.client_has_certificate.then(|| credential(provider.as_ref(), 200));
        let mut client = End::new(client_credential);
        let connection = Connection::client(
            Arc::new(setup.client),
            Some("example.com".to_owned()),
            now,
            PathId(0),
        );
        client.connection = Some(connection.expect("a valid configuration"));
        Self {
            client,
            server,
            listener,
            server_config,
            link: setup.link,
            rng: Rng(setup.seed),
            now: START,
            log: Vec::new(),
            lose: Box::new(|_, _, _| false),
            counts: [0, 0],
            queue: BinaryHeap::new(),
            order: 0,
        }
    }

    pub fn now(&self) -> Now {
        now_at(self.now)
    }

    /// Puts a datagram on the link.
    pub fn send(&mut self, to_server: bool, mut bytes: Vec<u8>) {
        let index = self.counts[usize::from(to_server)];
        self.counts[usize::from(to_server)] += 1;
        let link = self.link;
        let lost = self.rng.percent(link.drop) || bytes.len() > link.mtu;
        let lost = (self.lose)(to_server, index, &bytes) || lost;
        self.log.push((self.now, to_server, bytes.clone(), if lost { "lost" } else { "" }));
        if lost {
            return;
        }
        if self.rng.percent(link.corrupt) {
            let at = self.rng.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << self.rng.below(8);
        }
        let copies = if self.rng.percent(link.duplicate) { 2 } else { 1 };
        for _ in 0..copies {
            let jitter = if self.rng.percent(link.reorder) { self.rng.below(10) } else { 0 };
            let at = self.now + link.latency + link.latency * jitter as u32;
            self.order += 1;
            self.queue.push(InFlight { at, order: self.order, to_server, bytes: bytes.clone() });
        }
    }

    /// Sends what both ends have to send, and answers what is due.
    pub fn flush(&mut self) {
        let now = self.now();
        self.client.answer_due(now);
        self.server.answer_due(now);
        let mut buffer = vec![0; 65_536];
        for to_server in [true, false] {
            let mut out = Vec::new();
            let end = if to_server { &mut self.client } else { &mut self.server };
            if let Some(connection) = &mut end.connection {
                while let Some(transmit) = connection.poll_transmit(now, &mut buffer, 4) {
                    let bytes = &buffer[..transmit.len];
                    out.extend(bytes.chunks(transmit.segment_size).map(<[u8]>::to_vec));
                }
                while let Some(event) = connection.poll_event() {
                    end.events.push(event);
                }
            }
            for datagram in out {
                self.send(to_server, datagram);
            }
        }
    }

    fn arrive_at_server(&mut self, mut bytes: Vec<u8>) {
        let now = self.now();
        if self.server.connection.is_some() {
            self.server.deliver(now, &mut bytes);
            return;
        }
        let mut out = [0; 1232];
        match self.listener.handle(now, b"\x7f\0\0\x01\x10\0", &bytes, &mut out) {
            Verdict::Drop => {}
            Verdict::Reply(len) => self.send(false, out[..len].to_vec()),
            Verdict::Incoming(incoming) => {
                let connection = incoming.accept(now, PathId(0), self.server_config.clone());
                self.server.connection = Some(connection.expect("a valid configuration"));
            }
        }
    }

    /// The time at which something happens next.
    fn next_time(&mut self) -> Option<Duration> {
        let now = self.now;
        let arrival = self.queue.peek().map(|in_flight| in_flight.at);
        let ends = [&mut self.client, &mut self.server];
        let timers = ends.into_iter().flat_map(|end| {
            let deadline = end.connection.as_ref().and_then(Connection::deadline);
            [deadline.map(Instant::since_origin), end.answer_at(now)]
        });
        timers.chain([arrival]).flatten().min()
    }

    /// One step: to the next time at which something happens, if that is before `until`.
    pub fn step(&mut self, until: Duration) -> bool {
        self.flush();
        let Some(next) = self.next_time().filter(|next| *next <= until) else {
            self.now = self.now.max(until);
            return false;
        };
        self.now = self.now.max(next);
        let now = self.now();
        while self.queue.peek().is_some_and(|in_flight| in_flight.at <= self.now) {
            let in_flight = self.queue.pop().expect("it was just seen");
            if in_flight.to_server {
                self.arrive_at_server(in_flight.bytes);
            } else {
                let mut bytes = in_flight.bytes;
                self.client.deliver(now, &mut bytes);
            }
            self.flush();
        }
        for end in [&mut self.client, &mut self.server] {
            let Some(connection) = &mut end.connection else { continue };
            if connection.deadline().is_some_and(|deadline| deadline <= now.monotonic) {
                connection.handle_deadline(now);
            }
        }
        self.flush();
        true
    }

    /// Lets this much time pass.
    pub fn run_for(&mut self, time: Duration) {
        let until = self.now + time;
        while self.step(until) {}
    }

    /// Runs until both ends are connected and the client knows it, or one has failed, or the
    /// time is over. Returns whether they are connected.
    pub fn connect_within(&mut self, time: Duration) -> bool {
        let until = self.now + time;
        loop {
            let confirmed = self.client.events.iter().any(|e| matches!(e, Event::Confirmed));
            if confirmed && self.server.is_connected() {
                return true;
            }
            if !self.step(until) {
                return false;
            }
        }
    }

    /// What went over the link, a line a datagram.
    pub fn story(&self) -> String {
        let mut story = String::new();
        for (at, to_server, bytes, fate) in &self.log {
            let at = at.saturating_sub(START).as_millis();
            let way = if *to_server { "->" } else { "<-" };
            let _ = writeln!(
                story,
                "{at:>7} {way} {} bytes, first {:02x} {fate}",
                bytes.len(),
                bytes[0]
            );
        }
        story
    }

    /// Runs a handshake that has to succeed.
    pub fn connect(&mut self) {
        self.connect_in(Duration::from_secs(120));
    }

    /// Runs a handshake that has to succeed in this time.
    pub fn connect_in(&mut self, time: Duration) {
        let connected = self.connect_within(time);
        assert!(
            connected,
            "{}no handshake: client {} {:?}, server {:?} {:?}",
            self.story(),
            self.client.conn().state_name(),
            self.client.error(),
            self.server.connection.as_ref().map(Connection::state_name),
            self.server.error(),
        );
    }

    /// Sends application data from one end.
    pub fn write(&mut self, from_client: bool, payload: &[u8]) {
        let now = self.now();
        let end = if from_client { &mut self.client } else { &mut self.server };
        let record = seal(end.conn(), now, payload);
        self.send(from_client, record);
    }

    /// How many datagrams have gone this way.
    pub fn sent(&self, to_server: bool) -> usize {
        self.counts[usize::from(to_server)]
    }
}

/// A record of application data.
pub fn seal(connection: &mut Connection, now: Now, payload: &[u8]) -> Vec<u8> {
    let headroom = connection.headroom();
    let mut buffer = vec![0; headroom + payload.len() + connection.tailroom()];
    buffer[headroom..headroom + payload.len()].copy_from_slice(payload);
    let range = connection
        .seal_in_place(now, &mut buffer, headroom..headroom + payload.len())
        .expect("application data can be sent");
    buffer[range].to_vec()
}

pub fn now_at(time: Duration) -> Now {
    Now { monotonic: Instant::from_origin(time), wall: time }
}
