//! A peer that does everything by hand, so that a test can make it do anything.
//!
//! It speaks whole handshakes with one [`Connection`] of ours, as server against our client and
//! as client against our server, out of the public building blocks alone. A test may change each
//! message before it enters the transcript, each fragment, record, header, epoch and number on
//! its way out, and reads back, decrypted, every record our side sent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dtls_core::crypto::{
    CipherSuite, CryptoProvider, KeyExchange, NamedGroup, SignatureScheme, SigningKey,
};
use dtls_core::handshake::Transcript;
use dtls_core::key_schedule::{EarlySecret, HandshakeSecret, RecordKeys, TrafficSecrets};
use dtls_core::record::open::ReadEpoch;
use dtls_core::wire::ack::{parse_ack, put_ack};
use dtls_core::wire::alert::{AlertDescription, parse_alert};
use dtls_core::wire::certificate::{
    CertificateVerify, put_certificate, put_certificate_request, put_certificate_verify,
};
use dtls_core::wire::client_hello::{ClientHello, KeyShareEntry, put_code_points};
use dtls_core::wire::codec::{Reader, put_u16, put_vec8, put_vec16};
use dtls_core::wire::extension::{ExtensionType, Extensions, put_extension};
use dtls_core::wire::handshake::{Fragment, HandshakeType, put_fragment_header};
use dtls_core::wire::header::{CiphertextHeader, PlaintextRecord, RecordKind, plaintext_header};
use dtls_core::wire::server_hello::{ServerHello, put_hello_retry_request, put_server_hello};
use dtls_core::wire::{ContentType, DTLS13, RecordNumber};
use dtls_core::{
    ClientConfig, Connection, CookiePolicy, Error, Listener, Now, PathId, ServerConfig, Verdict,
};

use super::{End, START, credential, now_at, provider};

/// A key, what it signs with, and its chain.
pub type Identity = (Arc<dyn SigningKey>, SignatureScheme, Vec<Vec<u8>>);

/// A handshake message the puppet sends or has received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub epoch: u64,
    pub msg_type: HandshakeType,
    pub seq: u16,
    pub body: Vec<u8>,
}

impl Message {
    /// The bytes `from..to` of it as a fragment.
    pub fn fragment(&self, from: usize, to: usize) -> Vec<u8> {
        let (length, from_u32) = (self.body.len() as u32, from as u32);
        fragment(self.msg_type, length, self.seq, from_u32, &self.body[from..to])
    }

    /// All of it as one fragment.
    pub fn whole(&self) -> Vec<u8> {
        self.fragment(0, self.body.len())
    }
}

/// A fragment with this header, which need not make sense.
pub fn fragment(kind: HandshakeType, length: u32, seq: u16, offset: u32, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_fragment_header(&mut out, kind, length, seq, offset, body.len() as u32);
    out.extend_from_slice(body);
    out
}

/// A record our side sent, as it was before protection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub at: Duration,
    /// Which datagram it stood in.
    pub datagram: usize,
    pub first_byte: u8,
    pub number: RecordNumber,
    pub kind: ContentType,
    pub content: Vec<u8>,
}

/// One handshake fragment our side sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFragment {
    pub number: RecordNumber,
    pub msg_type: HandshakeType,
    pub seq: u16,
    pub length: u32,
    pub offset: u32,
    pub body: Vec<u8>,
}

/// How a protected record looks on the wire.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    pub short_number: bool,
    pub no_length: bool,
    pub cid: bool,
}

/// A hello's fields, to be changed one by one. Both roles' hellos fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    pub version: u16,
    pub random: [u8; 32],
    pub session_id: Vec<u8>,
    /// Only in a ClientHello.
    pub cookie: Vec<u8>,
    pub suites: Vec<u16>,
    pub compression: Vec<u8>,
    pub extensions: Vec<(ExtensionType, Vec<u8>)>,
}

impl Hello {
    pub fn client(body: &[u8]) -> Self {
        let hello = ClientHello::parse(body).expect("a well-formed ClientHello");
        Self {
            version: hello.legacy_version,
            random: *hello.random,
            session_id: hello.legacy_session_id.to_vec(),
            cookie: hello.legacy_cookie.to_vec(),
            suites: hello.cipher_suites.iter().collect(),
            compression: hello.legacy_compression_methods.to_vec(),
            extensions: list(&hello.extensions),
        }
    }

    pub fn server(body: &[u8]) -> Self {
        let hello = ServerHello::parse(body).expect("a well-formed ServerHello");
        Self {
            version: hello.legacy_version,
            random: *hello.random,
            session_id: hello.legacy_session_id_echo.to_vec(),
            cookie: Vec::new(),
            suites: vec![hello.cipher_suite],
            compression: vec![hello.legacy_compression_method],
            extensions: list(&hello.extensions),
        }
    }

    pub fn get(&self, kind: ExtensionType) -> Option<&[u8]> {
        self.extensions.iter().find(|(k, _)| *k == kind).map(|(_, body)| &body[..])
    }

    /// Replaces the extension where it stands, or adds it at the end.
    pub fn set(&mut self, kind: ExtensionType, body: &[u8]) {
        match self.extensions.iter_mut().find(|(k, _)| *k == kind) {
            Some((_, old)) => *old = body.to_vec(),
            None => self.extensions.push((kind, body.to_vec())),
        }
    }

    pub fn remove(&mut self, kind: ExtensionType) {
        self.extensions.retain(|(k, _)| *k != kind);
    }

    fn put_extensions(&self, out: &mut Vec<u8>) {
        put_vec16(out, |out| {
            for (kind, body) in &self.extensions {
                put_extension(out, *kind, |out| out.extend_from_slice(body));
            }
        });
    }

    pub fn to_client_hello(&self) -> Vec<u8> {
        let mut out = self.version.to_be_bytes().to_vec();
        out.extend_from_slice(&self.random);
        put_vec8(&mut out, |out| out.extend_from_slice(&self.session_id));
        put_vec8(&mut out, |out| out.extend_from_slice(&self.cookie));
        put_code_points(&mut out, self.suites.iter().copied());
        put_vec8(&mut out, |out| out.extend_from_slice(&self.compression));
        self.put_extensions(&mut out);
        out
    }

    pub fn to_server_hello(&self) -> Vec<u8> {
        let mut out = self.version.to_be_bytes().to_vec();
        out.extend_from_slice(&self.random);
        put_vec8(&mut out, |out| out.extend_from_slice(&self.session_id));
        put_u16(&mut out, self.suites[0]);
        out.push(self.compression[0]);
        self.put_extensions(&mut out);
        out
    }
}

fn list(extensions: &Extensions<'_>) -> Vec<(ExtensionType, Vec<u8>)> {
    extensions.iter().map(|e| (e.extension_type, e.body.to_vec())).collect()
}

/// For `flight` and `hello`: changes a ServerHello or HelloRetryRequest field by field.
pub fn server_hello(change: impl Fn(&mut Hello)) -> impl FnMut(&mut Message) {
    move |message| {
        if message.msg_type == HandshakeType::SERVER_HELLO {
            let mut hello = Hello::server(&message.body);
            change(&mut hello);
            message.body = hello.to_server_hello();
        }
    }
}

/// For `flight`: changes the body of one kind of message.
pub fn body_of(kind: HandshakeType, change: impl Fn(&mut Vec<u8>)) -> impl FnMut(&mut Message) {
    move |message| {
        if message.msg_type == kind {
            change(&mut message.body);
        }
    }
}

/// Changes nothing.
pub fn as_it_is(_: &mut Message) {}

/// The body of a `cookie` extension.
pub fn cookie_extension(cookie: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_vec16(&mut out, |out| out.extend_from_slice(cookie));
    out
}

/// The inner plaintext of a record: content, type, zeros.
pub fn inner(kind: ContentType, content: &[u8], padding: usize) -> Vec<u8> {
    let mut inner = content.to_vec();
    inner.push(kind.0);
    inner.resize(inner.len() + padding, 0);
    inner
}

#[derive(Debug, Default)]
struct Part {
    body: Vec<u8>,
    have: Vec<bool>,
}

/// The peer, and the connection of ours it talks to.
pub struct Puppet {
    /// Our side.
    pub end: End,
    /// The door of our server, if the puppet has to go through one.
    pub listener: Option<Listener>,
    /// Where the puppet sends from, as the listener sees it.
    pub address: Vec<u8>,
    server_config: Option<Arc<ServerConfig>>,
    is_client: bool,
    pub provider: Arc<dyn CryptoProvider>,
    pub now: Duration,
    pub suite: CipherSuite,
    pub group: NamedGroup,
    pub identity: Option<Identity>,
    /// As a server: ask for a certificate.
    pub request_certificate: bool,
    /// Messages to leave out of a flight.
    pub skip: Vec<HandshakeType>,
    pub transcript: Transcript,
    exchange: Option<Box<dyn KeyExchange>>,
    secret: Option<HandshakeSecret>,
    pub handshake: Option<TrafficSecrets>,
    pub application: Option<TrafficSecrets>,
    write: BTreeMap<u64, RecordKeys>,
    next_number: BTreeMap<u64, u64>,
    read: BTreeMap<u64, ReadEpoch>,
    pub next_seq: u16,
    parts: BTreeMap<u16, Part>,
    next_receive: u16,
    /// Every record our side sent that could be read.
    pub seen: Vec<Seen>,
    /// Every datagram our side sent.
    pub datagrams: Vec<Vec<u8>>,
    /// Every complete message of our side, once.
    pub messages: Vec<Message>,
    /// A certificate was asked of the puppet.
    pub asked: bool,
    peer_public_key: Vec<u8>,
}

impl Puppet {
    fn new(end: End, is_client: bool) -> Self {
        let provider = provider(3);
        let identity = Some(credential(provider.as_ref(), 100));
        Self {
            end,
            listener: None,
            address: b"\x7f\0\0\x01\x10\0".to_vec(),
            server_config: None,
            is_client,
            provider,
            now: START,
            suite: CipherSuite::TLS_AES_128_GCM_SHA256,
            group: NamedGroup::X25519,
            identity,
            request_certificate: false,
            skip: Vec::new(),
            transcript: Transcript::new(),
            exchange: None,
            secret: None,
            handshake: None,
            application: None,
            write: BTreeMap::new(),
            next_number: BTreeMap::new(),
            read: BTreeMap::new(),
            next_seq: 0,
            parts: BTreeMap::new(),
            next_receive: 0,
            seen: Vec::new(),
            datagrams: Vec::new(),
            messages: Vec::new(),
            asked: false,
            peer_public_key: Vec::new(),
        }
    }

    /// A server for a client of ours that sends a share for X25519.
    pub fn server() -> Self {
        Self::server_for(|_| ())
    }

    /// A server for a client of ours with this configuration. Its hello has arrived.
    pub fn server_for(configure: impl FnOnce(&mut ClientConfig)) -> Self {
        Self::server_for_end(End::new(None), configure)
    }

    /// A server for a client of ours that has a certificate.
    pub fn server_for_client_with_certificate() -> Self {
        let provider = provider(4);
        Self::server_for_end(End::new(Some(credential(provider.as_ref(), 100))), |_| ())
    }

    /// A server for this client of ours.
    pub fn server_with(connection: Connection) -> Self {
        let mut puppet = Self::new(End::new(None), false);
        puppet.end.connection = Some(connection);
        puppet.pump();
        puppet
    }

    fn server_for_end(end: End, configure: impl FnOnce(&mut ClientConfig)) -> Self {
        let mut config = ClientConfig::new(provider(1));
        config.key_shares = vec![NamedGroup::X25519];
        config.common.timers.use_rtt = false;
        configure(&mut config);
        let name = Some("example.com".to_owned());
        let connection = Connection::client(Arc::new(config), name, now_at(START), PathId(0));
        let mut puppet = Self::new(end, false);
        puppet.end.connection = Some(connection.expect("a valid configuration"));
        puppet.pump();
        puppet
    }

    /// A client for a server of ours that knows it to be at its address.
    pub fn client() -> Self {
        Self::client_for(|_| ())
    }

    /// A client for a server of ours with this configuration.
    pub fn client_for(configure: impl FnOnce(&mut ServerConfig)) -> Self {
        let (end, config) = Self::server_end(configure);
        let mut puppet = Self::new(end, true);
        let connection = Connection::server(config, now_at(START), PathId(0), true);
        puppet.end.connection = Some(connection.expect("a valid configuration"));
        puppet
    }

    /// A client before a listener of ours.
    pub fn client_before(policy: CookiePolicy, configure: impl FnOnce(&mut ServerConfig)) -> Self {
        let (end, config) = Self::server_end(configure);
        let mut puppet = Self::new(end, true);
        let listener = Listener::with_secret(config.clone(), policy, [7; 32].into());
        puppet.listener = Some(listener.expect("a valid configuration"));
        puppet.server_config = Some(config);
        puppet
    }

    fn server_end(configure: impl FnOnce(&mut ServerConfig)) -> (End, Arc<ServerConfig>) {
        let mut config = ServerConfig::new(provider(2));
        config.common.timers.use_rtt = false;
        configure(&mut config);
        let end = End::new(Some(credential(config.common.provider.as_ref(), 100)));
        (end, Arc::new(config))
    }

    pub fn now(&self) -> Now {
        now_at(self.now)
    }

    pub fn conn(&mut self) -> &mut Connection {
        self.end.conn()
    }

    // ---- what the puppet sends

    /// The number the next record of `epoch` gets; it counts as used.
    pub fn take_number(&mut self, epoch: u64) -> u64 {
        let next = self.next_number.entry(epoch).or_default();
        *next += 1;
        *next - 1
    }

    /// The number of the newest record of `epoch`.
    pub fn last_number(&self, epoch: u64) -> RecordNumber {
        RecordNumber::new(epoch, self.next_number[&epoch] - 1)
    }

    /// Goes on with this number in `epoch`.
    pub fn set_next_number(&mut self, epoch: u64, number: u64) {
        self.next_number.insert(epoch, number);
    }

    /// A record of `epoch` with its next number.
    pub fn record(&mut self, epoch: u64, kind: ContentType, content: &[u8]) -> Vec<u8> {
        let number = self.take_number(epoch);
        if epoch == 0 {
            let mut out = plaintext_header(kind, number, content.len() as u16).to_vec();
            out.extend_from_slice(content);
            return out;
        }
        self.seal(epoch, number, Shape::default(), &inner(kind, content, 0))
    }

    /// A protected record with this number, header and inner plaintext.
    pub fn seal(&self, epoch: u64, number: u64, shape: Shape, inner: &[u8]) -> Vec<u8> {
        let keys = &self.write[&epoch];
        let mut key = self.provider.seal_key(&keys.secrets()).expect("a key");
        let mut body = inner.to_vec();
        body.resize(inner.len() + key.tag_len(), 0);
        let mut flags = 0x20 | (epoch as u8 & 3);
        let mut header = vec![0];
        if shape.cid {
            flags |= 0x10;
            header.push(0x77);
        }
        let number_at = header.len();
        if shape.short_number {
            header.push(number as u8);
        } else {
            flags |= 0x08;
            header.extend_from_slice(&(number as u16).to_be_bytes());
        }
        let number_end = header.len();
        if !shape.no_length {
            flags |= 0x04;
            header.extend_from_slice(&(body.len() as u16).to_be_bytes());
        }
        header[0] = flags;
        key.seal(number, &header, &mut body).expect("sealing works");
        let sample = body.first_chunk().expect("sixteen bytes");
        let mask = key.record_number_mask(sample).expect("a mask");
        for (byte, mask) in header[number_at..number_end].iter_mut().zip(mask) {
            *byte ^= mask;
        }
        header.extend_from_slice(&body);
        header
    }

    /// A handshake record that holds `message` whole.
    pub fn message_record(&mut self, message: &Message) -> Vec<u8> {
        self.record(message.epoch, ContentType::HANDSHAKE, &message.whole())
    }

    /// Makes a message with the next number; it is in no transcript.
    pub fn message(&mut self, epoch: u64, msg_type: HandshakeType, body: &[u8]) -> Message {
        let seq = self.next_seq;
        self.next_seq += 1;
        Message { epoch, msg_type, seq, body: body.to_vec() }
    }

    /// Delivers a datagram to our side and reads what it answers.
    pub fn deliver(&mut self, datagram: Vec<u8>) {
        let mut datagram = datagram;
        let now = self.now();
        if self.end.connection.is_some() {
            self.end.deliver(now, &mut datagram);
        } else {
            let mut out = [0; 1232];
            let listener = self.listener.as_mut().expect("a listener or a connection");
            match listener.handle(now, &self.address, &datagram, &mut out) {
                Verdict::Drop => {}
                Verdict::Reply(len) => self.read_datagram(&out[..len]),
                Verdict::Incoming(incoming) => {
                    let config = self.server_config.clone().expect("a configuration");
                    let connection = incoming.accept(now, PathId(0), config);
                    self.end.connection = Some(connection.expect("a valid configuration"));
                }
            }
        }
        self.pump();
    }

    /// Delivers these messages, each in a record of its own, all in one datagram.
    pub fn send(&mut self, messages: &[Message]) {
        let records: Vec<_> = messages.iter().map(|m| self.message_record(m)).collect();
        self.deliver(records.concat());
    }

    /// Delivers one record.
    pub fn send_record(&mut self, epoch: u64, kind: ContentType, content: &[u8]) {
        let record = self.record(epoch, kind, content);
        self.deliver(record);
    }

    pub fn send_data(&mut self, epoch: u64, data: &[u8]) {
        self.send_record(epoch, ContentType::APPLICATION_DATA, data);
    }

    pub fn send_alert(&mut self, epoch: u64, level: u8, alert: AlertDescription) {
        self.send_record(epoch, ContentType::ALERT, &[level, alert.0]);
    }

    /// Delivers an ACK in `epoch`.
    pub fn ack(&mut self, epoch: u64, numbers: &[RecordNumber]) {
        let mut content = Vec::new();
        put_ack(&mut content, numbers.iter().copied());
        self.send_record(epoch, ContentType::ACK, &content);
    }

    /// Lets our side send what it has.
    pub fn pump(&mut self) {
        let now = self.now();
        self.end.answer_due(now);
        let mut buffer = vec![0; 65_536];
        while let Some(connection) = &mut self.end.connection {
            let Some(transmit) = connection.poll_transmit(now, &mut buffer, 1) else { break };
            self.read_datagram(&buffer[..transmit.len]);
        }
        self.end.drain(now);
    }

    /// Lets time pass; our side's timers run.
    pub fn sleep(&mut self, time: Duration) {
        let until = self.now + time;
        loop {
            let deadline = self.end.connection.as_ref().and_then(Connection::deadline);
            let Some(at) = deadline.map(dtls_core::Instant::since_origin) else { break };
            if at > until {
                break;
            }
            self.now = self.now.max(at);
            let now = self.now();
            self.conn().handle_deadline(now);
            self.pump();
        }
        self.now = until;
    }

    pub fn sleep_ms(&mut self, milliseconds: u64) {
        self.sleep(Duration::from_millis(milliseconds));
    }

    // ---- what the puppet reads

    fn read_datagram(&mut self, datagram: &[u8]) {
        let index = self.datagrams.len();
        self.datagrams.push(datagram.to_vec());
        let mut rest = datagram;
        while let Some(first_byte) = rest.first().copied() {
            let (len, record) = self.read_record(rest);
            rest = &rest[len..];
            let Some((number, kind, content)) = record else { continue };
            let seen = Seen { at: self.now, datagram: index, first_byte, number, kind, content };
            self.seen.push(seen.clone());
            if seen.kind == ContentType::HANDSHAKE {
                for fragment in fragments_of(&seen) {
                    self.take_fragment(&fragment);
                }
            }
        }
    }

    fn read_record(
        &mut self,
        rest: &[u8],
    ) -> (usize, Option<(RecordNumber, ContentType, Vec<u8>)>) {
        match RecordKind::of(rest[0]) {
            RecordKind::Plaintext => {
                let record = PlaintextRecord::parse(rest).expect("our side sends whole records");
                assert_eq!(record.epoch, 0, "our side sends plaintext in epoch 0 only");
                let number = RecordNumber::new(0, record.sequence);
                (record.record_len, Some((number, record.content_type, record.fragment.to_vec())))
            }
            RecordKind::Ciphertext => {
                let header = CiphertextHeader::parse(rest, 0).expect("a whole header");
                let len = header.header_len + header.encrypted_len;
                let bits = u64::from(header.epoch_bits);
                let read = self.read.iter_mut().rev().find(|(epoch, _)| **epoch & 3 == bits);
                let Some((epoch, read)) = read else { return (len, None) };
                let mut record = rest[..len].to_vec();
                let opened = read.open(&mut record, &header).expect("our side's records open");
                let number = RecordNumber::new(*epoch, opened.sequence);
                let content = record[opened.content.clone()].to_vec();
                (len, Some((number, opened.content_type, content)))
            }
            RecordKind::Unknown => panic!("our side sent first byte {}", rest[0]),
        }
    }

    fn take_fragment(&mut self, fragment: &SeenFragment) {
        if fragment.seq < self.next_receive {
            return;
        }
        let part = self.parts.entry(fragment.seq).or_default();
        part.body.resize(fragment.length as usize, 0);
        part.have.resize(fragment.length as usize, false);
        let range = fragment.offset as usize..fragment.offset as usize + fragment.body.len();
        part.body[range.clone()].copy_from_slice(&fragment.body);
        part.have[range].fill(true);
        if fragment.seq == self.next_receive && part.have.iter().all(|have| *have) {
            let body = std::mem::take(&mut part.body);
            self.parts.remove(&fragment.seq);
            self.next_receive += 1;
            let (epoch, seq, msg_type) = (fragment.number.epoch, fragment.seq, fragment.msg_type);
            self.messages.push(Message { epoch, msg_type, seq, body: body.clone() });
            self.take_message(msg_type, &body);
        }
    }

    fn take_message(&mut self, msg_type: HandshakeType, body: &[u8]) {
        match msg_type {
            HandshakeType::SERVER_HELLO => self.take_server_hello(body),
            HandshakeType::CERTIFICATE => {
                let read = dtls_core::wire::certificate::Certificate::parse(body).expect("valid");
                if let Some(leaf) = read.entries.first() {
                    self.peer_public_key = public_key(leaf.data);
                }
                self.transcript.add(msg_type, body);
            }
            HandshakeType::CERTIFICATE_VERIFY => {
                let read = CertificateVerify::parse(body).expect("a CertificateVerify");
                let message = self.to_be_signed(!self.is_client);
                let algorithm = SignatureScheme(read.scheme).algorithm().expect("a known scheme");
                let key = self.peer_public_key.as_slice().into();
                let verified =
                    self.provider.verify_signature(algorithm, &key, &message, read.signature);
                verified.expect("our side's signature is over the transcript");
                self.transcript.add(msg_type, body);
            }
            HandshakeType::FINISHED => {
                assert_eq!(body, self.verify_data(!self.is_client), "over the transcript");
                self.transcript.add(msg_type, body);
                if self.is_client {
                    self.derive_application();
                }
            }
            HandshakeType::CLIENT_HELLO
            | HandshakeType::ENCRYPTED_EXTENSIONS
            | HandshakeType::CERTIFICATE_REQUEST => {
                self.asked |= msg_type == HandshakeType::CERTIFICATE_REQUEST;
                self.transcript.add(msg_type, body);
            }
            _ => {}
        }
    }

    fn take_server_hello(&mut self, body: &[u8]) {
        let hello = ServerHello::parse(body).expect("a ServerHello");
        self.suite = CipherSuite(hello.cipher_suite);
        let hash = self.suite.hash().expect("a known suite");
        if hello.is_hello_retry_request() {
            self.transcript.retry(self.provider.as_ref(), hash).expect("a hash");
            self.transcript.add(HandshakeType::SERVER_HELLO, body);
            return;
        }
        self.transcript.start(self.provider.as_ref(), hash).expect("a hash");
        self.transcript.add(HandshakeType::SERVER_HELLO, body);
        let share = hello.key_share().expect("well-formed").expect("a share");
        let exchange = self.exchange.take().expect("a ClientHello was sent");
        let secret = exchange.complete(share.share).expect("a valid share");
        self.derive_handshake(&secret);
    }

    // ---- the key schedule

    fn derive_handshake(&mut self, shared: &dtls_core::crypto::Secret) {
        let provider = self.provider.clone();
        let hash = self.suite.hash().expect("a known suite");
        let secret = EarlySecret::new(provider.as_ref(), hash, None)
            .and_then(|early| early.into_handshake_secret(provider.as_ref(), shared))
            .expect("a secret");
        let transcript = self.transcript.current().expect("a hash");
        let traffic = secret.traffic_secrets(provider.as_ref(), &transcript).expect("secrets");
        self.secret = Some(secret);
        self.install(2, &traffic);
        self.handshake = Some(traffic);
    }

    fn derive_application(&mut self) {
        let Some(secret) = self.secret.take() else { return };
        let provider = self.provider.clone();
        let main = secret.into_main_secret(provider.as_ref()).expect("a secret");
        let transcript = self.transcript.current().expect("a hash");
        let traffic = main.traffic_secrets(provider.as_ref(), &transcript).expect("secrets");
        self.install(3, &traffic);
        self.application = Some(traffic);
    }

    fn install(&mut self, epoch: u64, secrets: &TrafficSecrets) {
        let TrafficSecrets { client, server } = secrets;
        let (ours, theirs) = if self.is_client { (client, server) } else { (server, client) };
        self.install_write(epoch, ours);
        self.install_read(epoch, theirs);
    }

    fn install_write(&mut self, epoch: u64, secret: &dtls_core::key_schedule::TrafficSecret) {
        let aead = self.suite.aead().expect("a known suite");
        let keys = secret.record_keys(self.provider.as_ref(), aead).expect("keys");
        self.write.insert(epoch, keys);
    }

    fn install_read(&mut self, epoch: u64, secret: &dtls_core::key_schedule::TrafficSecret) {
        let aead = self.suite.aead().expect("a known suite");
        let keys = secret.record_keys(self.provider.as_ref(), aead).expect("keys");
        let read = ReadEpoch::new(self.provider.as_ref(), epoch, &keys).expect("a key");
        self.read.insert(epoch, read);
    }

    /// Makes the keys for the puppet's next sending epoch, as after its KeyUpdate.
    pub fn next_write_epoch(&mut self) -> u64 {
        let epoch = self.write.last_key_value().map_or(0, |(epoch, _)| epoch + 1);
        let provider = self.provider.clone();
        let application = self.application.as_mut().expect("application keys");
        let secret = if self.is_client { &mut application.client } else { &mut application.server };
        *secret = secret.next(provider.as_ref()).expect("a secret");
        let secret = secret.clone();
        self.install_write(epoch, &secret);
        epoch
    }

    /// Makes the keys for our side's next sending epoch, as after its KeyUpdate.
    pub fn next_read_epoch(&mut self) -> u64 {
        let epoch = self.read.last_key_value().map_or(0, |(epoch, _)| epoch + 1);
        let provider = self.provider.clone();
        let application = self.application.as_mut().expect("application keys");
        let secret = if self.is_client { &mut application.server } else { &mut application.client };
        *secret = secret.next(provider.as_ref()).expect("a secret");
        let secret = secret.clone();
        self.install_read(epoch, &secret);
        epoch
    }

    /// What a CertificateVerify of this role signs now.
    pub fn to_be_signed(&self, by_client: bool) -> Vec<u8> {
        let context: &[u8] = if by_client {
            b"TLS 1.3, client CertificateVerify"
        } else {
            b"TLS 1.3, server CertificateVerify"
        };
        let hash = self.transcript.current().expect("a hash");
        [&[0x20; 64][..], context, &[0], hash.as_ref()].concat()
    }

    /// The Finished of this role over the transcript so far.
    pub fn verify_data(&self, of_client: bool) -> Vec<u8> {
        let secrets = self.handshake.as_ref().expect("handshake keys");
        let secret = if of_client { &secrets.client } else { &secrets.server };
        let hash = self.transcript.current().expect("a hash");
        secret.finished(self.provider.as_ref(), &hash).expect("a digest").as_ref().to_vec()
    }

    // ---- whole flights

    fn add(
        &mut self,
        out: &mut Vec<Message>,
        mut message: Message,
        alter: &mut dyn FnMut(&mut Message),
    ) {
        if self.skip.contains(&message.msg_type) {
            self.next_seq -= 1;
            return;
        }
        alter(&mut message);
        self.transcript.add(message.msg_type, &message.body);
        out.push(message);
    }

    fn add_certificate(&mut self, out: &mut Vec<Message>, alter: &mut dyn FnMut(&mut Message)) {
        let identity = self.identity.clone();
        let mut body = Vec::new();
        let chain = identity.as_ref().map_or(&[][..], |(_, _, chain)| chain);
        put_certificate(&mut body, &[], chain);
        let message = self.message(2, HandshakeType::CERTIFICATE, &body);
        self.add(out, message, alter);
        let Some((key, scheme, _)) = identity else { return };
        let algorithm = scheme.algorithm().expect("a known scheme");
        let signature = key.sign(algorithm, &self.to_be_signed(self.is_client)).expect("signs");
        let mut body = Vec::new();
        put_certificate_verify(&mut body, scheme.0, &signature);
        let message = self.message(2, HandshakeType::CERTIFICATE_VERIFY, &body);
        self.add(out, message, alter);
    }

    fn add_finished(&mut self, out: &mut Vec<Message>, alter: &mut dyn FnMut(&mut Message)) {
        let body = self.verify_data(self.is_client);
        let message = self.message(2, HandshakeType::FINISHED, &body);
        self.add(out, message, alter);
    }

    /// The newest ClientHello of our client.
    pub fn client_hello(&self) -> Hello {
        let mut messages = self.messages.iter().rev();
        let hello = messages.find(|m| m.msg_type == HandshakeType::CLIENT_HELLO);
        Hello::client(&hello.expect("a ClientHello").body)
    }

    /// As a server: ServerHello to Finished, each changed before it enters the transcript.
    pub fn flight(&mut self, mut alter: impl FnMut(&mut Message)) -> Vec<Message> {
        let provider = self.provider.clone();
        let mut out = Vec::new();
        let body = self.messages.iter().rev().find(|m| m.msg_type == HandshakeType::CLIENT_HELLO);
        let body = body.expect("a ClientHello").body.clone();
        let hello = ClientHello::parse(&body).expect("a ClientHello");
        let shares = hello.key_shares().expect("well-formed").unwrap_or_default();
        let share = shares.iter().find(|share| share.group == self.group.0).expect("a share");
        let response = provider.encapsulate(self.group, share.share).expect("a share");
        let hash = self.suite.hash().expect("a known suite");
        self.transcript.start(provider.as_ref(), hash).expect("a hash");
        let mut body = Vec::new();
        let share = KeyShareEntry { group: self.group.0, share: &response.share };
        put_server_hello(&mut body, &[0x5e; 32], self.suite.0, &share);
        let message = self.message(0, HandshakeType::SERVER_HELLO, &body);
        self.add(&mut out, message, &mut alter);
        self.derive_handshake(&response.secret);
        let message = self.message(2, HandshakeType::ENCRYPTED_EXTENSIONS, &[0, 0]);
        self.add(&mut out, message, &mut alter);
        if self.request_certificate {
            let mut body = Vec::new();
            let schemes = [SignatureScheme::ECDSA_SECP256R1_SHA256.0];
            put_certificate_request(&mut body, &[], schemes, [], &[] as &[&[u8]]);
            let message = self.message(2, HandshakeType::CERTIFICATE_REQUEST, &body);
            self.add(&mut out, message, &mut alter);
        }
        self.add_certificate(&mut out, &mut alter);
        self.add_finished(&mut out, &mut alter);
        self.derive_application();
        out
    }

    /// As a server: a HelloRetryRequest, changed before it enters the transcript.
    pub fn retry_request(
        &mut self,
        group: Option<NamedGroup>,
        cookie: Option<&[u8]>,
        mut alter: impl FnMut(&mut Message),
    ) -> Message {
        let hash = self.suite.hash().expect("a known suite");
        self.transcript.retry(self.provider.as_ref(), hash).expect("a hash");
        let mut body = Vec::new();
        put_hello_retry_request(&mut body, self.suite.0, group.map(|g| g.0), cookie);
        let message = self.message(0, HandshakeType::SERVER_HELLO, &body);
        let mut out = Vec::new();
        self.add(&mut out, message, &mut alter);
        out.remove(0)
    }

    /// As a client: the least that a server of ours accepts, with a share in [`Self::group`].
    pub fn offer(&mut self) -> Hello {
        let exchange = self.provider.start_key_exchange(self.group).expect("a share");
        let mut share = Vec::new();
        put_vec16(&mut share, |out| {
            KeyShareEntry { group: self.group.0, share: exchange.share() }.put(out);
        });
        self.exchange = Some(exchange);
        let mut groups = Vec::new();
        put_code_points(&mut groups, [self.group.0]);
        let mut schemes = Vec::new();
        put_code_points(&mut schemes, [SignatureScheme::ECDSA_SECP256R1_SHA256.0]);
        let mut versions = Vec::new();
        put_vec8(&mut versions, |out| put_u16(out, DTLS13));
        Hello {
            version: 0xfefd,
            random: [0xc1; 32],
            session_id: Vec::new(),
            cookie: Vec::new(),
            suites: vec![self.suite.0],
            compression: vec![0],
            extensions: vec![
                (ExtensionType::SUPPORTED_VERSIONS, versions),
                (ExtensionType::SIGNATURE_ALGORITHMS, schemes),
                (ExtensionType::SUPPORTED_GROUPS, groups),
                (ExtensionType::KEY_SHARE, share),
            ],
        }
    }

    /// As a client: makes `hello` the next message.
    pub fn hello_message(&mut self, hello: &Hello) -> Message {
        let body = hello.to_client_hello();
        let message = self.message(0, HandshakeType::CLIENT_HELLO, &body);
        self.transcript.add(HandshakeType::CLIENT_HELLO, &body);
        message
    }

    /// As a client: sends a hello with these changes.
    pub fn say_hello(&mut self, change: impl FnOnce(&mut Hello)) {
        let mut hello = self.offer();
        change(&mut hello);
        let message = self.hello_message(&hello);
        self.send(&[message]);
    }

    /// The cookie of the newest HelloRetryRequest.
    pub fn cookie(&self) -> Vec<u8> {
        let mut messages = self.messages.iter().rev();
        let hello = messages.find(|m| m.msg_type == HandshakeType::SERVER_HELLO);
        let hello = hello.expect("a HelloRetryRequest");
        let hello = ServerHello::parse(&hello.body).expect("a HelloRetryRequest");
        hello.cookie().expect("well-formed").expect("a cookie").to_vec()
    }

    /// As a client: the answer to our server's flight.
    pub fn answer(&mut self, mut alter: impl FnMut(&mut Message)) -> Vec<Message> {
        let mut out = Vec::new();
        if self.asked {
            self.add_certificate(&mut out, &mut alter);
        }
        self.add_finished(&mut out, &mut alter);
        out
    }

    /// A complete handshake of either role; afterwards nothing is unacknowledged, and what was
    /// seen is forgotten.
    #[track_caller]
    pub fn connect(&mut self) {
        self.connect_seen();
        self.forget();
    }

    /// As [`Self::connect`], but what was seen stays.
    #[track_caller]
    pub fn connect_seen(&mut self) {
        if self.is_client {
            if self.messages.is_empty() {
                self.say_hello(|_| ());
            }
            let answer = self.answer(as_it_is);
            self.send(&answer);
        } else {
            let flight = self.flight(as_it_is);
            self.send(&flight);
            let finished: Vec<_> = self.fragments().iter().map(|f| f.number).collect();
            let mut numbers: Vec<_> = finished.into_iter().filter(|n| n.epoch == 2).collect();
            numbers.dedup();
            self.ack(3, &numbers);
        }
        let (error, connected) = (self.end.error().cloned(), self.end.is_connected());
        assert!(connected, "{error:?} {}", self.conn().state_name());
    }

    /// Forgets what was seen so far.
    pub fn forget(&mut self) {
        self.seen.clear();
        self.datagrams.clear();
    }

    // ---- what a test asks about

    /// Every handshake fragment seen, in order.
    pub fn fragments(&self) -> Vec<SeenFragment> {
        self.seen.iter().flat_map(fragments_of).collect()
    }

    /// Types of the messages seen so far, one entry a fragment.
    pub fn fragment_types(&self) -> Vec<HandshakeType> {
        self.fragments().iter().map(|f| f.msg_type).collect()
    }

    /// The ACKs seen: epoch and the numbers each names.
    pub fn acks(&self) -> Vec<(u64, Vec<RecordNumber>)> {
        let acks = self.seen.iter().filter(|seen| seen.kind == ContentType::ACK);
        acks.map(|seen| {
            (seen.number.epoch, parse_ack(&seen.content).expect("a well-formed ACK").collect())
        })
        .collect()
    }

    /// The alerts seen: epoch, level and description.
    pub fn alerts(&self) -> Vec<(u64, u8, AlertDescription)> {
        let alerts = self.seen.iter().filter(|seen| seen.kind == ContentType::ALERT);
        alerts
            .map(|seen| {
                let alert = parse_alert(&seen.content).expect("two bytes");
                (seen.number.epoch, seen.content[0], alert)
            })
            .collect()
    }

    /// Our side has failed with this error, and has told so with its alert, once, in `epoch`.
    #[track_caller]
    pub fn assert_failed(&self, error: impl Into<Error>, epoch: u64) {
        let error = error.into();
        let alert = error.alert().expect("an error the peer is told");
        assert_eq!(self.end.error(), Some(&error));
        assert_eq!(self.alerts(), [(epoch, 2, alert)]);
    }

    /// The listener has turned the hello away with this alert.
    #[track_caller]
    pub fn assert_turned_away(&self, alert: AlertDescription) {
        assert!(self.end.connection.is_none());
        assert_eq!(self.alerts(), [(0, 2, alert)]);
    }

    /// Our side has neither failed nor answered anything since [`Self::forget`].
    #[track_caller]
    pub fn assert_silent(&self) {
        assert_eq!(self.end.error(), None);
        assert_eq!(self.seen, []);
    }
}

/// The fragments a record holds.
pub fn fragments_of(seen: &Seen) -> Vec<SeenFragment> {
    let mut out = Vec::new();
    let mut reader = Reader::new(&seen.content);
    while seen.kind == ContentType::HANDSHAKE && !reader.is_empty() {
        let fragment = Fragment::parse(&mut reader).expect("our side sends good fragments");
        out.push(SeenFragment {
            number: seen.number,
            msg_type: fragment.msg_type,
            seq: fragment.message_seq,
            length: fragment.length,
            offset: fragment.offset,
            body: fragment.body.to_vec(),
        });
    }
    out
}

/// The public key of one of [`super::certificate`]'s certificates: what stands behind the last
/// field before it.
fn public_key(certificate: &[u8]) -> Vec<u8> {
    let tbs = element(certificate).0;
    let mut rest = element(tbs).0;
    for _ in ["serial", "signature", "issuer", "validity", "subject"] {
        rest = element(rest).1;
    }
    rest.to_vec()
}

/// Content of the DER element at the front, and what stands behind it.
fn element(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (at, len) = match bytes[1] {
        len @ 0..=0x7f => (2, usize::from(len)),
        0x80..=0x81 => (3, usize::from(bytes[2])),
        _ => (4, usize::from(u16::from_be_bytes([bytes[2], bytes[3]]))),
    };
    (&bytes[at..at + len], &bytes[at + len..])
}
