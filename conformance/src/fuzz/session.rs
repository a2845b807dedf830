//! One connection, brought to some state of its life by an honest peer and then attacked there.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use dtls_core::wire::ContentType;
use dtls_core::wire::codec::Reader;
use dtls_core::wire::handshake::{Fragment, HandshakeType};
use dtls_core::wire::header::{CiphertextHeader, PlaintextRecord, RecordKind};
use dtls_core::wire::server_hello::HELLO_RETRY_REQUEST_RANDOM;
use dtls_core::{
    ClientAuth, ClientConfig, CommonConfig, Connection, CookiePolicy, Error, Event, Listener, Now,
    PathId, ServerConfig, Verdict,
};
use dtls_crypto_api::{CryptoProvider, NamedGroup};
use fastrand::Rng;

use super::forge::{self, plaintext_content, plaintext_record};
use super::keyring::{Content, Keyring};
use super::mutate::{damage, few, noise, pick};
use super::{Fault, MAX_CONNECTION_BYTES, Progress};
use crate::memory::{Measure, Watched, unmeasured};
use crate::pair::{Identity, MAX_DATAGRAM, START, later};

/// More datagrams than a connection has to say at any one time: a flight is ten records, and
/// there are ACKs and alerts besides.
const MAX_DATAGRAMS_AT_ONCE: usize = 32;

/// More events than one datagram can cause: every message in it one.
const MAX_EVENTS_AT_ONCE: usize = MAX_DATAGRAM / 12;

/// More steps than a handshake has.
const MAX_STEPS: usize = 300;

/// How long a path that nobody answers on is waited for.
const MAX_WAIT: Duration = Duration::from_secs(20);

const ADDRESS: &[u8] = &[192, 0, 2, 1, 0x12, 0x34];

/// How a server answers the first ClientHello.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retry {
    No,
    Group,
    Cookie,
}

/// Where the connection is attacked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// So many steps into the handshake.
    Handshake(usize),
    Connected,
    UpdatedHere,
    UpdatedThere,
    Closing,
    ClosedByPeer,
    Failed,
}

pub(super) struct Session<'a> {
    rng: Rng,
    progress: &'a mut Progress,
    victim: Watched,
    peer: Watched,
    identity: Identity,
    now: Now,
    /// Records on their way to the victim.
    queue: VecDeque<Vec<u8>>,
    /// Records either side sent.
    seen: Vec<Vec<u8>>,
    /// What the peer's records held.
    contents: Vec<Content>,
    keyring: Keyring,
    /// Each message of the peer comes in a record of its own.
    one_by_one: bool,
    /// The attacker has no keys.
    stranger: bool,
    retried: bool,
    next_seq: u16,
    buffer: Vec<u8>,
}

/// Runs one session.
///
/// # Errors
/// What the harness watches for.
pub(super) fn run(
    provider: &Arc<dyn CryptoProvider>,
    identity: &Identity,
    measure: Measure,
    mut rng: Rng,
    progress: &mut Progress,
) -> Result<(), Fault> {
    let victim_is_client = rng.bool();
    let retry = [Retry::No, Retry::No, Retry::Group, Retry::Cookie][rng.usize(0..4)];
    let stage = match rng.u8(0..16) {
        0 => Stage::UpdatedHere,
        1 => Stage::UpdatedThere,
        2 => Stage::Closing,
        3 => Stage::ClosedByPeer,
        4 => Stage::Failed,
        5..=7 => Stage::Connected,
        _ => Stage::Handshake(few(&mut rng, 24)),
    };
    let mut session =
        Session::new(provider, identity, measure, rng, progress, victim_is_client, retry)?;
    session.approach(stage);
    session.attack(stage)
}

/// A new connection and its honest peer.
fn pair(
    provider: &Arc<dyn CryptoProvider>,
    rng: &mut Rng,
    measures: [Measure; 2],
    victim_is_client: bool,
    retry: Retry,
) -> Result<(Watched, Watched, Keyring), Fault> {
    let mut client = ClientConfig::new(provider.clone());
    let mut server = ServerConfig::new(provider.clone());
    let suites: Vec<_> = provider.capabilities().cipher_suites.iter().map(|s| s.id).collect();
    let suite = *pick(rng, &suites).ok_or(Fault::Harness("the provider has no suites"))?;
    let mtu = [1232, 1232, 400, 250][rng.usize(0..4)];
    let alpn = if rng.bool() { vec![b"h3".to_vec(), b"coap".to_vec()] } else { Vec::new() };
    for (common, key_log) in
        [(&mut client.common, !victim_is_client), (&mut server.common, victim_is_client)]
    {
        let CommonConfig { cipher_suites, mtu: size, alpn: names, key_log: log, .. } = common;
        *cipher_suites = vec![suite];
        *size = mtu;
        names.clone_from(&alpn);
        *log = key_log;
    }
    client.common.groups = vec![NamedGroup::X25519, NamedGroup::SECP256R1];
    client.key_shares = vec![NamedGroup::X25519];
    let group = if retry == Retry::Group { NamedGroup::SECP256R1 } else { NamedGroup::X25519 };
    server.common.groups = vec![group];
    server.client_auth =
        [ClientAuth::None, ClientAuth::Optional, ClientAuth::Required][rng.usize(0..3)];
    let (client, server) = (Arc::new(client), Arc::new(server));

    let name = Some("fuzz.example".to_owned());
    let mut client =
        Watched::new(measures[0], || Connection::client(client, name, START, PathId(0)))
            .map_err(Fault::Setup)?;
    let server = if retry == Retry::Cookie {
        let mut door = Listener::new(server.clone(), CookiePolicy::Always).map_err(Fault::Setup)?;
        let incoming = knock(&mut client, &mut door)?;
        Watched::new(measures[1], || incoming.accept(START, PathId(0), server))
    } else {
        let validated = rng.bool();
        Watched::new(measures[1], || Connection::server(server, START, PathId(0), validated))
    };
    let server = server.map_err(Fault::Setup)?;
    let keyring = Keyring::new(provider.clone(), suite, !victim_is_client)
        .ok_or(Fault::Harness("a suite without AEAD"))?;
    Ok(if victim_is_client { (client, server, keyring) } else { (server, client, keyring) })
}

/// A client shows the listener's cookie.
fn knock(client: &mut Watched, door: &mut Listener) -> Result<dtls_core::Incoming, Fault> {
    let (mut buffer, mut reply) = (vec![0; MAX_DATAGRAM], vec![0; 1232]);
    for _ in 0..MAX_DATAGRAMS_AT_ONCE {
        let sent = client.run(|client| client.poll_transmit(START, &mut buffer, 1));
        let Some(sent) = sent else { break };
        match door.handle(START, ADDRESS, &buffer[..sent.len], &mut reply) {
            Verdict::Incoming(incoming) => return Ok(incoming),
            Verdict::Reply(len) => {
                let answer = &mut reply[..len];
                let read = client.run(|c| c.receive(START, PathId(0), answer).next().map(drop));
                read.map_err(Fault::Setup)?;
            }
            Verdict::Drop => {}
        }
    }
    Err(Fault::Harness("the listener lets nobody in"))
}

/// The records of a datagram.
fn records(mut datagram: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while let Some(first) = datagram.first() {
        let len = match RecordKind::of(*first) {
            RecordKind::Plaintext => PlaintextRecord::parse(datagram).map(|r| r.record_len),
            _ => CiphertextHeader::parse(datagram, 0).map(|h| h.header_len + h.encrypted_len),
        };
        let (record, rest) = datagram.split_at(len.unwrap_or(datagram.len()));
        records.push(record.to_vec());
        datagram = rest;
    }
    records
}

/// Whether a record of the peer's has authenticated: from then on nobody without keys can end the
/// connection. Before that a forged alert does, and nothing can be done about it.
fn is_protected(connection: &Connection) -> bool {
    match (connection.is_client(), connection.state_name()) {
        (true, state) => state != "WAIT_SH" && state != "WAIT_EE",
        (false, state) => ["WAIT_CERT_VERDICT", "WAIT_CV", "CONNECTED"].contains(&state),
    }
}

/// Errors that are nobody's doing, or that enough forgeries lead to by rule.
const fn is_own(error: &Error) -> bool {
    matches!(error, Error::Timeout(_) | Error::LimitReached(_) | Error::Local(_))
}

impl<'a> Session<'a> {
    fn new(
        provider: &Arc<dyn CryptoProvider>,
        identity: &Identity,
        measure: Measure,
        mut rng: Rng,
        progress: &'a mut Progress,
        victim_is_client: bool,
        retry: Retry,
    ) -> Result<Self, Fault> {
        let measures = if victim_is_client { [measure, unmeasured] } else { [unmeasured, measure] };
        let (victim, peer, keyring) = pair(provider, &mut rng, measures, victim_is_client, retry)?;
        let (one_by_one, stranger) = (rng.bool(), rng.u8(0..3) == 0);
        Ok(Self {
            rng,
            progress,
            victim,
            peer,
            identity: identity.clone(),
            now: START,
            queue: VecDeque::new(),
            seen: Vec::new(),
            contents: Vec::new(),
            keyring,
            one_by_one,
            stranger,
            retried: retry == Retry::Cookie,
            next_seq: 0,
            buffer: vec![0; MAX_DATAGRAM],
        })
    }

    /// Takes the honest handshake, and what may come behind it, to where the attack begins.
    fn approach(&mut self, stage: Stage) {
        let steps = match stage {
            Stage::Handshake(steps) => steps,
            _ => MAX_STEPS,
        };
        self.walk(steps);
        match stage {
            Stage::Handshake(_) | Stage::Connected => {}
            Stage::UpdatedHere => {
                // Refused only when the handshake did not get through.
                let now = self.now;
                let _ = self.victim.run(|victim| victim.update_keys(now));
                let steps = self.rng.usize(0..4);
                self.walk(steps);
            }
            Stage::UpdatedThere => {
                let now = self.now;
                let _ = self.peer.run(|peer| peer.update_keys(now));
                let steps = self.rng.usize(0..4);
                self.walk(steps);
            }
            Stage::Closing => self.victim.run(Connection::close),
            Stage::ClosedByPeer => {
                self.peer.run(Connection::close);
                self.walk(4);
            }
            Stage::Failed => {
                let kind = ContentType::ALERT;
                let alert = Content { epoch: 3, kind, bytes: vec![2, 40] };
                if let Some(mut record) = self.keyring.seal(&alert) {
                    let now = self.now;
                    self.victim.run(|v| drop(v.receive(now, PathId(0), &mut record)));
                }
            }
        }
    }

    /// Lets both sides do as they should, so many steps of the victim's.
    fn walk(&mut self, steps: usize) {
        for _ in 0..steps {
            if self.victim.get().error().is_some() {
                break;
            }
            if self.victim.get().need().is_some() {
                self.answer();
            } else if let Some(record) = self.queue.pop_front() {
                // What an honest peer sent is read or dropped; both are in order.
                let _ = self.deliver(&record);
            } else {
                self.exchange();
                if self.queue.is_empty() && !self.wait() {
                    break;
                }
            }
        }
    }

    /// Lets time pass until one of the two has something to do, if that is soon.
    fn wait(&mut self) -> bool {
        let deadlines = [self.victim.get().deadline(), self.peer.get().deadline()];
        let Some(next) = deadlines.into_iter().flatten().min() else { return false };
        let wait = next - self.now.monotonic;
        if wait > MAX_WAIT {
            return false;
        }
        self.now = later(self.now, wait);
        let now = self.now;
        self.victim.run(|victim| victim.handle_deadline(now));
        self.peer.run(|peer| peer.handle_deadline(now));
        self.exchange();
        true
    }

    fn answer(&mut self) {
        let (now, identity) = (self.now, &self.identity);
        if let Some(need) = self.victim.get().need().cloned()
            && let Some(answer) = identity.answer(&need.kind)
        {
            // An error is the connection's own and stays with it.
            let _ = self.victim.run(|victim| victim.resolve(now, need.id, answer));
            self.victim.run(|victim| drop(victim.receive(now, PathId(0), &mut [])));
        }
    }

    fn deliver(&mut self, datagram: &[u8]) -> Result<(), Error> {
        let (now, len) = (self.now, datagram.len());
        self.buffer[..len].copy_from_slice(datagram);
        let datagram = &mut self.buffer[..len];
        self.victim.run(|victim| {
            let mut received = victim.receive(now, PathId(0), datagram);
            while received.next()?.is_some() {}
            Ok(())
        })
    }

    /// Carries what both have to say, up to the victim's door.
    fn exchange(&mut self) {
        let (now, identity) = (self.now, &self.identity);
        let _ = self.peer.run(|peer| identity.answer_all(peer, now));
        for _ in 0..MAX_DATAGRAMS_AT_ONCE {
            let Self { victim, peer, buffer, identity, seen, .. } = self;
            let Some(sent) = victim.run(|v| v.poll_transmit(now, buffer, 1)) else { break };
            seen.extend(records(&buffer[..sent.len]));
            // The peer is honest; if the victim has gone wrong before, it may fail too.
            peer.run(|peer| drop(peer.receive(now, PathId(0), &mut buffer[..sent.len])));
            let _ = peer.run(|peer| identity.answer_all(peer, now));
        }
        for _ in 0..MAX_DATAGRAMS_AT_ONCE {
            let Self { peer, buffer, keyring, .. } = self;
            let sent = peer.run(|peer| peer.poll_transmit(now, buffer, 1));
            while let Some(event) = peer.run(Connection::poll_event) {
                if let Event::KeyLog(line) = event {
                    keyring.learn(&line);
                }
            }
            let Some(sent) = sent else { break };
            let records = records(&buffer[..sent.len]);
            for record in records {
                self.sent_by_peer(record);
            }
        }
    }

    fn sent_by_peer(&mut self, record: Vec<u8>) {
        let plain = RecordKind::of(record[0]) == RecordKind::Plaintext;
        let content = if plain { plaintext_content(&record) } else { self.keyring.open(&record) };
        let Some(content) = content else { return self.queue.push_back(record) };
        let mut apart = Vec::new();
        if content.kind == ContentType::HANDSHAKE {
            let mut reader = Reader::new(&content.bytes);
            let mut start = 0;
            while let Ok(fragment) = Fragment::parse(&mut reader) {
                self.next_seq = self.next_seq.max(fragment.message_seq + 1);
                self.retried |= fragment.msg_type == HandshakeType::SERVER_HELLO
                    && fragment.body.get(2..34) == Some(&HELLO_RETRY_REQUEST_RANDOM);
                let end = content.bytes.len() - reader.rest().len();
                apart.push(content.bytes[start..end].to_vec());
                start = end;
            }
        }
        self.seen.push(record.clone());
        if self.one_by_one && !plain && apart.len() > 1 {
            for bytes in apart {
                let content = Content { bytes, ..content };
                self.queue.extend(self.keyring.seal(&content));
            }
        } else {
            self.queue.push_back(record);
        }
        self.contents.push(content);
    }

    /// Damaged and forged datagrams, one after the other.
    fn attack(mut self, stage: Stage) -> Result<(), Fault> {
        // What the peer would say next is what is best to damage.
        if stage != Stage::Failed {
            self.exchange();
        }
        let state = self.state(stage);
        let protected = stage != Stage::Failed && is_protected(self.victim.get());
        let inputs = self.rng.usize(1..=48);
        let mut inputs_in_state = 0;
        for _ in 0..inputs {
            let datagram = self.datagram();
            self.progress.last.clone_from(&datagram);
            inputs_in_state += 1;
            // Whether it is an error does not matter here.
            let _ = self.deliver(&datagram);
            self.progress.inputs += 1;
            self.watch()?;
            if let Some(error) = self.victim.get().error() {
                if self.stranger && protected && !is_own(error) {
                    return Err(Fault::Killed(error.clone()));
                }
                self.progress.failures += 1;
                // The dead are poked a few times more.
                let datagram = self.datagram();
                let _ = self.deliver(&datagram);
                self.progress.inputs += 1;
                self.watch()?;
                break;
            }
            self.life_goes_on();
            self.watch()?;
        }
        *self.progress.states.entry(state).or_default() += inputs_in_state;
        self.progress.peak = self.progress.peak.max(self.victim.peak());
        Ok(())
    }

    fn state(&self, stage: Stage) -> String {
        let connection = self.victim.get();
        let role = if connection.is_client() { "client" } else { "server" };
        let mut state = format!("{role} {}", connection.state_name());
        if connection.need().is_some() {
            state += " (question open)";
        } else if self.retried && !connection.is_connected() {
            state += " (after a retry)";
        }
        state += match stage {
            Stage::UpdatedHere | Stage::UpdatedThere if connection.is_connected() => {
                " (after a key update)"
            }
            Stage::Closing => " (closing)",
            Stage::ClosedByPeer => " (closed by the peer)",
            _ => "",
        };
        state
    }

    /// Sometimes time passes, a question is answered, the application speaks.
    fn life_goes_on(&mut self) {
        match self.rng.u8(0..24) {
            0 | 1 => self.answer(),
            2 | 3 => {
                let wait = self.rng.u64(0..MAX_WAIT.as_millis() as u64);
                self.now = later(self.now, Duration::from_millis(wait));
                let now = self.now;
                self.victim.run(|victim| victim.handle_deadline(now));
            }
            4 => {
                let (now, buffer) = (self.now, &mut self.buffer);
                // Refused before the handshake is complete.
                let _ = self.victim.run(|v| v.seal_in_place(now, buffer, 16..80).map(drop));
            }
            5 => {
                let now = self.now;
                // Refused before the handshake is complete.
                let _ = self.victim.run(|victim| victim.update_keys(now));
            }
            6 | 7 => self.exchange(),
            8 => {
                let mtu = self.rng.usize(0..2000);
                self.victim.run(|victim| victim.set_mtu(mtu));
            }
            9 if self.rng.u8(0..8) == 0 => self.victim.run(Connection::close),
            _ => {}
        }
    }

    /// One datagram to attack with.
    fn datagram(&mut self) -> Vec<u8> {
        let mut datagram = self.input();
        while self.rng.u8(0..6) == 0 && datagram.len() < MAX_DATAGRAM / 2 {
            let more = self.input();
            datagram.extend_from_slice(&more);
        }
        datagram.truncate(MAX_DATAGRAM);
        datagram
    }

    fn input(&mut self) -> Vec<u8> {
        let Self { rng, queue, seen, .. } = self;
        match rng.u8(0..20) {
            0 => noise(rng, 1500),
            1 => {
                // Noise that begins like a record.
                let mut bytes = noise(rng, 100);
                let flags = [0x2c, 0x2d, 0x2e, 0x2f, 0x3e, 0x22, 0x23, 22, 21, 26, 25];
                bytes.insert(0, flags[rng.usize(0..flags.len())]);
                bytes
            }
            2..=5 => {
                let honest = queue.pop_front().or_else(|| pick(rng, seen).cloned());
                let mut bytes = honest.unwrap_or_default();
                let other = pick(rng, seen).cloned().unwrap_or_default();
                damage(rng, &mut bytes, &other);
                bytes
            }
            6 => pick(rng, seen).cloned().unwrap_or_default(),
            7 | 8 => queue.pop_front().unwrap_or_default(),
            _ if self.stranger && self.progress.inputs.is_multiple_of(2) => {
                let content = forge::content(rng, 0, &self.contents, self.next_seq);
                plaintext_record(rng, &content)
            }
            9..=11 => {
                let content = forge::content(rng, 0, &self.contents, self.next_seq);
                plaintext_record(rng, &content)
            }
            _ if self.stranger => pick(rng, seen).cloned().unwrap_or_default(),
            _ => self.forged().unwrap_or_default(),
        }
    }

    /// A record that authenticates around content that is wrong.
    fn forged(&mut self) -> Option<Vec<u8>> {
        let (handshake, application) = self.keyring.has();
        if !handshake {
            let content = forge::content(&mut self.rng, 0, &self.contents, self.next_seq);
            return Some(plaintext_record(&mut self.rng, &content));
        }
        let newest = if application { 4 } else { 2 };
        let epoch = match self.rng.u8(0..10) {
            0..=3 => 2,
            4..=8 if application => 3,
            _ => newest,
        };
        // Mostly what is still on its way, so that it comes when it is expected.
        let waiting: Vec<Content> =
            self.queue.iter().filter_map(|record| self.keyring.open(record)).collect();
        let honest =
            if waiting.is_empty() || self.rng.u8(0..4) == 0 { &self.contents } else { &waiting };
        let mut content = forge::content(&mut self.rng, epoch, honest, self.next_seq);
        if self.rng.u8(0..3) == 0 {
            // In the epoch where it belongs.
            if let Some(honest) = honest.first() {
                content.epoch = honest.epoch.max(2);
            }
        }
        self.keyring.seal(&content)
    }

    /// What has to hold after every input.
    fn watch(&mut self) -> Result<(), Fault> {
        let now = self.now;
        let mut events = 0;
        while self.victim.run(|victim| victim.poll_event().is_some()) {
            events += 1;
            if events > MAX_EVENTS_AT_ONCE {
                return Err(Fault::Endless("poll_event"));
            }
        }
        // Half of the time nothing gets out.
        if self.rng.bool() {
            let Self { victim, buffer, .. } = self;
            let mut datagrams = 0;
            while victim.run(|victim| victim.poll_transmit(now, buffer, 1).is_some()) {
                datagrams += 1;
                if datagrams > MAX_DATAGRAMS_AT_ONCE {
                    return Err(Fault::Endless("poll_transmit"));
                }
            }
        }
        let _ = self.victim.run(|victim| victim.deadline());
        if self.victim.live() > MAX_CONNECTION_BYTES {
            return Err(Fault::Memory(self.victim.live()));
        }
        Ok(())
    }
}
