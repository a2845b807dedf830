//! What both ends are told before a connection begins.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use dtls_crypto_api::{CipherSuite, CryptoProvider, NamedGroup, SignatureScheme};

use crate::error::{Error, LocalError};
use crate::flight::timer::TimerConfig;

/// The datagram size to begin with: what any IPv6 path carries, less IP and UDP headers.
pub const DEFAULT_MTU: usize = 1232;

/// The smallest datagram size this stack works with. Below it the headers of a handshake
/// fragment leave next to nothing for its content.
pub const MIN_MTU: usize = 228;

/// What client and server configurations have in common.
#[derive(Clone, Debug)]
pub struct CommonConfig {
    /// The source of all cryptography.
    pub provider: Arc<dyn CryptoProvider>,
    /// Suites to offer or accept, best first.
    pub cipher_suites: Vec<CipherSuite>,
    /// Groups to offer or accept, best first.
    pub groups: Vec<NamedGroup>,
    /// Signatures accepted from the peer, best first. Those that TLS 1.3 forbids in
    /// CertificateVerify (PKCS#1 v1.5) are accepted in certificates only.
    pub signature_schemes: Vec<SignatureScheme>,
    /// Signatures accepted in the peer's certificates, if they differ from
    /// [`Self::signature_schemes`].
    pub signature_schemes_cert: Vec<SignatureScheme>,
    /// Application protocols, best first; empty for no ALPN.
    pub alpn: Vec<Vec<u8>>,
    /// Retransmission and acknowledgement.
    pub timers: TimerConfig,
    /// Largest datagram to send, in bytes of UDP payload.
    pub mtu: usize,
    /// Longest handshake message to accept, in bytes. 64 KiB holds any sane chain.
    pub max_message_len: u32,
    /// How long records of an epoch that is no longer current are still read: 240 s, twice the
    /// segment lifetime of TCP, as RFC 9147 5.8.1 asks of a server for the client's last flight.
    pub old_epoch_lifetime: Duration,
    /// Bytes of records kept that came before the keys to read them: 16 KiB.
    pub max_held_bytes: usize,
    /// Whether traffic secrets are handed out as [`Event::KeyLog`](crate::Event::KeyLog).
    pub key_log: bool,
}

/// The suites offered when nothing else is asked for. CCM_8 is not among them (RFC 9147 4.5.3).
fn default_suites(provider: &dyn CryptoProvider) -> Vec<CipherSuite> {
    let offered = provider.capabilities().cipher_suites.iter().map(|o| o.id);
    offered.filter(|s| *s != CipherSuite::TLS_AES_128_CCM_8_SHA256).collect()
}

impl CommonConfig {
    /// Everything the provider offers, with the defaults of RFC 9147.
    pub fn new(provider: Arc<dyn CryptoProvider>) -> Self {
        let capabilities = provider.capabilities();
        let groups = capabilities.groups.iter().map(|o| o.id).collect();
        let signature_schemes =
            capabilities.verify.iter().filter_map(|offered| offered.id.scheme()).collect();
        Self {
            cipher_suites: default_suites(provider.as_ref()),
            groups,
            signature_schemes,
            signature_schemes_cert: Vec::new(),
            alpn: Vec::new(),
            timers: TimerConfig::default(),
            mtu: DEFAULT_MTU,
            max_message_len: 1 << 16,
            old_epoch_lifetime: Duration::from_secs(240),
            max_held_bytes: 16 << 10,
            key_log: false,
            provider,
        }
    }

    /// Checks that the provider has everything that is listed.
    ///
    /// # Errors
    /// [`LocalError::Config`] names the list that is empty or asks for what is not there.
    pub fn check(&self) -> Result<(), Error> {
        let has = self.provider.capabilities();
        let bad = |what| Err(Error::Local(LocalError::Config(what)));
        if self.cipher_suites.is_empty() || !self.cipher_suites.iter().all(|s| has.has_suite(*s)) {
            return bad("cipher_suites is empty or has one the provider lacks");
        }
        if self.groups.is_empty() || !self.groups.iter().all(|g| has.has_group(*g)) {
            return bad("groups is empty or has one the provider lacks");
        }
        let schemes = self.signature_schemes.iter().chain(&self.signature_schemes_cert);
        if self.signature_schemes.is_empty()
            || !schemes.clone().all(|s| s.algorithm().is_some_and(|a| has.can_verify(a)))
        {
            return bad("signature_schemes is empty or has one the provider cannot verify");
        }
        if self.alpn.iter().any(|name| name.is_empty() || name.len() > 255) {
            return bad("an ALPN name is empty or longer than 255 bytes");
        }
        let timers = &self.timers;
        if timers.initial.is_zero() || timers.initial > timers.max || timers.min > timers.max {
            return bad("timers: initial is zero or above max, or min is above max");
        }
        if self.max_message_len < crate::listener::pool::MAX_HELLO_LEN {
            return bad("max_message_len is below the 8 KiB of a ClientHello");
        }
        if self.mtu < MIN_MTU {
            return Err(Error::Local(LocalError::MtuTooSmall));
        }
        Ok(())
    }
}

/// How a client connects.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// What both roles have.
    pub common: CommonConfig,
    /// Groups to send a share for in the first ClientHello, each of which is in
    /// [`CommonConfig::groups`].
    pub key_shares: Vec<NamedGroup>,
    /// Whether the first ClientHello may take more than one datagram. By default it may not: when
    /// the shares make it too long, none is sent and the server asks for the one it wants, which
    /// costs no round trip with a server that asks for a cookie anyway. Servers without state
    /// cannot answer half a hello, and some never answer one that comes in pieces.
    pub split_first_hello: bool,
}

impl ClientConfig {
    /// Offers everything the provider has, and shares for its favourite group and its favourite
    /// classical group, so that a server without post-quantum groups needs no extra round trip.
    pub fn new(provider: Arc<dyn CryptoProvider>) -> Self {
        let common = CommonConfig::new(provider);
        let key_shares = Self::default_key_shares(&common.groups);
        Self { common, key_shares, split_first_hello: false }
    }

    /// The shares sent for these groups by default: the first, and the first that is no hybrid.
    pub fn default_key_shares(groups: &[NamedGroup]) -> Vec<NamedGroup> {
        let first = groups.first().copied();
        let classical = groups.iter().copied().find(|g| !g.is_hybrid());
        let mut shares: Vec<_> = first.into_iter().chain(classical).collect();
        shares.dedup();
        shares
    }

    /// As [`CommonConfig::check`]; also that shares are only sent in offered groups, each once
    /// and in the same order (RFC 8446 4.2.8).
    ///
    /// # Errors
    /// [`LocalError::Config`].
    pub fn check(&self) -> Result<(), Error> {
        self.common.check()?;
        let mut groups = self.common.groups.iter();
        if self.key_shares.iter().all(|share| groups.any(|g| g == share)) {
            Ok(())
        } else {
            let what = "key_shares has a group that is not offered, or another order";
            Err(Error::Local(LocalError::Config(what)))
        }
    }
}

/// Whether a server asks for the client's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ClientAuth {
    /// It does not.
    #[default]
    None,
    /// It does, and a client without one is let in.
    Optional,
    /// It does, and a client without one is turned away with certificate_required.
    Required,
}

/// How a server accepts connections.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// What both roles have.
    pub common: CommonConfig,
    /// Whether the client's certificate is asked for.
    pub client_auth: ClientAuth,
    /// Distinguished names (DER) of the authorities named to clients, at most 64 KiB in all.
    pub authorities: Vec<Vec<u8>>,
}

impl ServerConfig {
    /// Accepts everything the provider has and asks for no client certificate.
    pub fn new(provider: Arc<dyn CryptoProvider>) -> Self {
        let common = CommonConfig::new(provider);
        Self { common, client_auth: ClientAuth::None, authorities: Vec::new() }
    }

    /// As [`CommonConfig::check`].
    ///
    /// # Errors
    /// [`LocalError::Config`].
    pub fn check(&self) -> Result<(), Error> {
        self.common.check()?;
        let names: usize = self.authorities.iter().map(|name| name.len() + 2).sum();
        if names > 0xff00 || self.authorities.iter().any(Vec::is_empty) {
            let what = "authorities has an empty name or is longer than 65280 bytes";
            return Err(Error::Local(LocalError::Config(what)));
        }
        Ok(())
    }
}
