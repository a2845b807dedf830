//! The stateless door of a server (RFC 9147 5.1): nobody gets a [`Connection`] before it is
//! known, as far as the policy asks for it, that they receive at their address.
//!
//! What is kept about strangers is a small pool of incomplete ClientHellos, bounded in number,
//! bytes and time (see [`pool`]).

pub(crate) mod cookie;
pub mod pool;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use dtls_crypto_api::{CryptoProvider, Zeroizing};

use crate::config::ServerConfig;
use crate::connection::{AcceptedHello, Connection, PathId};
use crate::error::{Error, PeerMisbehaved};
use crate::handshake::server::CookieRetry;
use crate::handshake::server::negotiate::{
    KeyExchangeChoice, choose_group, choose_suite, parse_hello, server_name,
};
use crate::handshake::{Suite, Transcript};
use crate::time::Now;
use crate::wire::client_hello::ClientHello;
use crate::wire::codec::Reader;
use crate::wire::handshake::{Fragment, HandshakeType, put_fragment_header};
use crate::wire::header::{PLAINTEXT_HEADER_LEN, PlaintextRecord, plaintext_header};
use crate::wire::server_hello::put_hello_retry_request;
use crate::wire::{ContentType, RecordNumber, alert};

use cookie::{Cookie, CookieJar};
use pool::{HelloPool, MAX_HELLO_LEN, Reassembled};

/// When a client has to show that it receives at its address before it gets a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CookiePolicy {
    /// In every handshake. One more round trip, no state for strangers; early data is refused.
    #[default]
    Always,
    /// Only while [`Listener::set_under_load`] says so.
    UnderLoad,
    /// Never, as for ICE, where the address is known to be right. A connection then sends at
    /// most three times what it received until the client's address is shown by a record under
    /// the handshake keys.
    Never,
}

/// How many times the bytes of a datagram its answer may have (RFC 9147 5.1).
const AMPLIFICATION: usize = 3;

/// What is to be done about a datagram.
#[derive(Debug)]
pub enum Verdict {
    /// Nothing: noise, or an incomplete hello.
    Drop,
    /// Send the first so many bytes of the output buffer back to where it came from.
    Reply(usize),
    /// Somebody who may have a connection.
    Incoming(Incoming),
}

/// The door of one server.
#[derive(Debug)]
pub struct Listener {
    config: Arc<ServerConfig>,
    policy: CookiePolicy,
    under_load: bool,
    jar: CookieJar,
    pool: HelloPool,
}

impl Listener {
    /// A listener with a cookie secret of its own.
    ///
    /// # Errors
    /// What [`ServerConfig::check`] and the provider's random source return.
    pub fn new(config: Arc<ServerConfig>, policy: CookiePolicy) -> Result<Self, Error> {
        let mut secret = Zeroizing::new([0; 32]);
        config.common.provider.random(&mut secret[..])?;
        Self::with_secret(config, policy, secret)
    }

    /// A listener of a fleet: every member with the same secret accepts the others' cookies.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn with_secret(
        config: Arc<ServerConfig>,
        policy: CookiePolicy,
        secret: Zeroizing<[u8; 32]>,
    ) -> Result<Self, Error> {
        config.check()?;
        let mut seed = [0; 8];
        config.common.provider.random(&mut seed)?;
        let jar = CookieJar::new(secret);
        let pool = HelloPool::new(u64::from_be_bytes(seed));
        Ok(Self { config, policy, under_load: false, jar, pool })
    }

    /// Turns cookies on or off under [`CookiePolicy::UnderLoad`].
    pub const fn set_under_load(&mut self, under_load: bool) {
        self.under_load = under_load;
    }

    /// How many incomplete hellos are held now.
    pub fn held_hellos(&self) -> usize {
        self.pool.len()
    }

    /// Looks at a datagram that belongs to no connection.
    ///
    /// `address` is the sender's: octets of the IP address, then the port. `out` takes the
    /// answer; 1232 bytes are enough.
    pub fn handle(&mut self, now: Now, address: &[u8], datagram: &[u8], out: &mut [u8]) -> Verdict {
        let mut rest = datagram;
        let mut bytes_received = datagram.len() as u64;
        while let Some((record, fragment)) = first_fragment(rest) {
            let verdict = self.fragment(now, address, &record, &fragment, bytes_received, out);
            if !matches!(verdict, Verdict::Drop) {
                return verdict;
            }
            // A whole hello is judged once; and the datagram counts once, however many records
            // it holds.
            if fragment.body.len() as u64 == u64::from(fragment.length) {
                break;
            }
            bytes_received = 0;
            rest = rest.get(record.record_len..).unwrap_or_default();
        }
        Verdict::Drop
    }

    fn fragment(
        &mut self,
        now: Now,
        address: &[u8],
        record: &PlaintextRecord<'_>,
        fragment: &Fragment<'_>,
        bytes_received: u64,
        out: &mut [u8],
    ) -> Verdict {
        let number = RecordNumber::new(0, record.sequence);
        let message_seq = fragment.message_seq;
        if fragment.length > MAX_HELLO_LEN {
            return Verdict::Drop;
        }
        if fragment.body.len() as u64 == u64::from(fragment.length) {
            let hello = Hello { message_seq, number, bytes_received, body: fragment.body };
            return self.hello(now, address, &hello, out);
        }
        let provider = self.config.common.provider.clone();
        let known = cookie_of_first_fragment(fragment)
            .is_some_and(|cookie| self.jar.open(provider.as_ref(), now, address, cookie).is_ok());
        match self.pool.insert(now.monotonic, address, fragment, bytes_received, known) {
            Some(Reassembled { body, bytes_received }) => {
                let hello = Hello { message_seq, number, bytes_received, body: &body };
                self.hello(now, address, &hello, out)
            }
            None => Verdict::Drop,
        }
    }

    /// Looks at a complete ClientHello.
    fn hello(&self, now: Now, address: &[u8], hello: &Hello<'_>, out: &mut [u8]) -> Verdict {
        let room = usize::try_from(hello.bytes_received).unwrap_or(0) * AMPLIFICATION;
        let room = room.min(out.len());
        let out = out.get_mut(..room).unwrap_or_default();
        match self.judge(now, address, hello) {
            Ok(Judgement::Retry(body)) => {
                let message_type = HandshakeType::SERVER_HELLO;
                let mut content = Vec::new();
                let len = body.len() as u32;
                put_fragment_header(&mut content, message_type, len, 0, 0, len);
                content.extend_from_slice(&body);
                reply(out, hello.number, ContentType::HANDSHAKE, &content)
            }
            Ok(Judgement::Admit(incoming)) => Verdict::Incoming(incoming),
            Err(error) => match error.alert() {
                Some(alert) => {
                    let content = alert::encode_alert(alert);
                    reply(out, hello.number, ContentType::ALERT, &content)
                }
                None => Verdict::Drop,
            },
        }
    }

    fn judge(&self, now: Now, address: &[u8], hello: &Hello<'_>) -> Result<Judgement, Error> {
        let provider = self.config.common.provider.as_ref();
        let parsed = parse_hello(hello.body)?;
        let cookie = parsed.cookie().map_err(crate::handshake::extensions::bad_extension(
            crate::wire::extension::ExtensionType::COOKIE,
        ))?;
        if let Some(cookie) = cookie {
            if hello.message_seq != 1 {
                return Err(PeerMisbehaved::BadCookie.into());
            }
            let opened = self.jar.open(provider, now, address, cookie)?;
            let retry = self.retry_of(&opened, cookie)?;
            return Self::admit(&parsed, hello, Some(retry));
        }
        let ask = match self.policy {
            CookiePolicy::Always => true,
            CookiePolicy::UnderLoad => self.under_load,
            CookiePolicy::Never => false,
        };
        if !ask {
            return Self::admit(&parsed, hello, None);
        }
        let suite = choose_suite(&self.config, &parsed, None)?;
        let group = match choose_group(&self.config, &parsed, None)? {
            KeyExchangeChoice::Share { .. } => None,
            KeyExchangeChoice::Retry { group } => Some(group),
        };
        let mut transcript = Transcript::new();
        transcript.add(HandshakeType::CLIENT_HELLO, hello.body);
        transcript.start(provider, suite.hash)?;
        let first_hello_hash = transcript.current()?.as_ref().to_vec();
        let cookie = Cookie { suite, group, first_hello_hash };
        let sealed = self.jar.seal(provider, now, address, &cookie)?;
        Ok(Judgement::Retry(retry_body(suite, group, &sealed)))
    }

    /// What the cookie says about a handshake of which nothing else was kept.
    fn retry_of(&self, opened: &Cookie, sealed: &[u8]) -> Result<CookieRetry, Error> {
        let Cookie { suite, group, first_hello_hash } = opened.clone();
        if !self.config.common.cipher_suites.contains(&suite.id) {
            return Err(PeerMisbehaved::BadCookie.into());
        }
        let hello_retry_request = retry_body(suite, group, sealed);
        Ok(CookieRetry { suite, group, first_hello_hash, hello_retry_request })
    }

    fn admit(
        parsed: &ClientHello<'_>,
        hello: &Hello<'_>,
        retry: Option<CookieRetry>,
    ) -> Result<Judgement, Error> {
        // A second hello without a cookie answers a server that is not there any more.
        if retry.is_none() && hello.message_seq != 0 {
            return Err(PeerMisbehaved::BadCookie.into());
        }
        let server_name = server_name(parsed)?;
        let alpn = parsed.alpn().ok().flatten().unwrap_or_default();
        let alpn = alpn.into_iter().map(<[u8]>::to_vec).collect();
        let hello = AcceptedHello {
            body: hello.body.to_vec(),
            message_seq: hello.message_seq,
            record: hello.number,
            bytes_received: hello.bytes_received,
            retry,
        };
        Ok(Judgement::Admit(Incoming { hello, server_name, alpn }))
    }
}

/// A complete ClientHello as it was received.
struct Hello<'a> {
    message_seq: u16,
    number: RecordNumber,
    bytes_received: u64,
    body: &'a [u8],
}

enum Judgement {
    /// Answer with this HelloRetryRequest.
    Retry(Vec<u8>),
    Admit(Incoming),
}

/// Somebody who may have a connection. What they ask for can be looked at before a configuration
/// is chosen.
#[derive(Debug)]
pub struct Incoming {
    hello: AcceptedHello,
    server_name: Option<String>,
    alpn: Vec<Vec<u8>>,
}

impl Incoming {
    /// The host name asked for.
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// The application protocols offered, best first.
    pub fn alpn(&self) -> &[Vec<u8>] {
        &self.alpn
    }

    /// Whether a cookie has shown that the client receives at its address.
    pub const fn is_validated(&self) -> bool {
        self.hello.retry.is_some()
    }

    /// Makes the connection. It has processed the ClientHello: answer its
    /// [`Need`](crate::Need)s, then send. A hello that does not fit `config` gives a connection
    /// that has failed and has an alert to send.
    ///
    /// # Errors
    /// What [`ServerConfig::check`] returns.
    pub fn accept(
        self,
        now: Now,
        path: PathId,
        config: Arc<ServerConfig>,
    ) -> Result<Connection, Error> {
        Connection::accept(config, now, path, &self.hello)
    }
}

/// The record and fragment at the front of a datagram, if it is a piece of a ClientHello.
fn first_fragment(datagram: &[u8]) -> Option<(PlaintextRecord<'_>, Fragment<'_>)> {
    if datagram.first() != Some(&ContentType::HANDSHAKE.0) {
        return None;
    }
    let record = PlaintextRecord::parse(datagram).ok()?;
    let fragment = Fragment::parse(&mut Reader::new(record.fragment)).ok()?;
    let is_hello = fragment.msg_type == HandshakeType::CLIENT_HELLO && fragment.message_seq <= 1;
    (record.epoch == 0 && is_hello).then_some((record, fragment))
}

/// The cookie of an incomplete second ClientHello, if it stands first among the extensions.
fn cookie_of_first_fragment<'a>(fragment: &Fragment<'a>) -> Option<&'a [u8]> {
    if fragment.offset != 0 || fragment.message_seq != 1 {
        return None;
    }
    let mut reader = Reader::new(fragment.body);
    reader.take(34).ok()?; // legacy_version, random
    reader.vec8().ok()?; // legacy_session_id
    reader.vec8().ok()?; // legacy_cookie
    reader.vec16().ok()?; // cipher_suites
    reader.vec8().ok()?; // legacy_compression_methods
    reader.u16().ok()?; // length of the extensions
    if reader.u16().ok()? != crate::wire::extension::ExtensionType::COOKIE.0 {
        return None;
    }
    let mut body = Reader::new(reader.vec16().ok()?);
    body.vec16().ok()
}

fn retry_body(suite: Suite, group: Option<dtls_crypto_api::NamedGroup>, cookie: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    put_hello_retry_request(&mut body, suite.id.0, group.map(|g| g.0), Some(cookie));
    body
}

/// Writes one plaintext record with the number of the record it answers: so an answer never has
/// the number of another answer of this handshake (a client's replay window may look).
fn reply(out: &mut [u8], number: RecordNumber, kind: ContentType, content: &[u8]) -> Verdict {
    let len = PLAINTEXT_HEADER_LEN + content.len();
    let Some((head, body)) =
        out.get_mut(..len).and_then(|record| record.split_at_mut_checked(PLAINTEXT_HEADER_LEN))
    else {
        return Verdict::Drop;
    };
    head.copy_from_slice(&plaintext_header(kind, number.sequence, content.len() as u16));
    body.copy_from_slice(content);
    Verdict::Reply(len)
}

/// A provider is needed for every cookie, so it is passed in rather than kept twice.
type Provider<'a> = &'a dyn CryptoProvider;
