//! A client and a server in memory, under virtual time and without a network between them: for
//! benchmarks, measurements and the fuzz harness. Chains are taken as they come; the certificate
//! is the smallest from which the core can take a public key.

use std::sync::Arc;
use std::time::Duration;

use dtls_core::{
    Answer, ClientConfig, Connection, Credential, Error, Instant, NeedKind, Now, PathId,
    ServerConfig,
};
use dtls_crypto_api::pki_types::CertificateDer;
use dtls_crypto_api::{CryptoError, CryptoProvider, Curve, KeyKind, SigningKey};

/// More datagrams than any handshake between two connections takes.
const MAX_ROUNDS: usize = 200;

/// Largest UDP payload: room for any datagram.
pub const MAX_DATAGRAM: usize = 65_507;

/// A certificate and its key, for both roles.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The private key.
    pub key: Arc<dyn SigningKey>,
    /// A chain of one certificate without names or a valid signature.
    pub chain: Arc<[CertificateDer<'static>]>,
}

impl Identity {
    /// A fresh P-256 key and a certificate for it.
    ///
    /// # Errors
    /// What the provider returns.
    pub fn new(provider: &dyn CryptoProvider) -> Result<Self, CryptoError> {
        let key = provider.generate_private_key(KeyKind::Ecdsa(Curve::P256))?.key;
        let chain = Arc::new([certificate(key.public_key()).into()]);
        Ok(Self { key, chain })
    }

    /// A new signature by this key, or a verdict that everybody is let in.
    pub fn answer(&self, kind: &NeedKind) -> Option<Answer> {
        Some(match kind {
            NeedKind::Credential(request) => {
                let ours = self.key.algorithms().iter().filter_map(|a| a.scheme());
                let scheme = ours.into_iter().find(|scheme| request.schemes.contains(scheme));
                let chain = self.chain.clone();
                Answer::Credential(scheme.map(|scheme| Credential { chain, scheme }))
            }
            NeedKind::Signature { scheme, message } => {
                let algorithm = scheme.algorithm()?;
                Answer::Signature(self.key.sign(algorithm, message).ok())
            }
            NeedKind::PeerCertificate(_) => Answer::PeerCertificate(Ok(())),
            _ => return None,
        })
    }

    /// Answers every open question of a connection.
    ///
    /// # Errors
    /// What the answers lead to.
    pub fn answer_all(&self, connection: &mut Connection, now: Now) -> Result<(), Error> {
        while let Some(need) = connection.need().cloned() {
            let Some(answer) = self.answer(&need.kind) else { break };
            connection.resolve(now, need.id, answer)?;
            // Records that came ahead of the answer are read now.
            connection.receive(now, PathId(0), &mut []).next()?;
        }
        Ok(())
    }
}

/// The parts of an X.509 certificate that the core walks over, all empty, and a public key.
fn certificate(public_key: &[u8]) -> Vec<u8> {
    let empty = der(0x30, &[]);
    // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo.
    let fields = [&der(2, &[1])[..], &empty, &empty, &empty, &empty, public_key];
    let to_be_signed = der(0x30, &fields.concat());
    der(0x30, &[&to_be_signed[..], &empty, &der(3, &[0])].concat())
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        len @ 0..0x80 => out.push(len as u8),
        len => {
            out.push(0x82);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
    }
    out.extend_from_slice(content);
    out
}

/// The time a pair begins at.
pub const START: Now = Now {
    monotonic: Instant::from_origin(Duration::from_secs(1000)),
    wall: Duration::from_secs(1_800_000_000),
};

/// `now`, and so much later.
#[must_use]
pub fn later(now: Now, by: Duration) -> Now {
    Now { monotonic: now.monotonic + by, wall: now.wall + by }
}

/// Two connections and what is between them.
#[derive(Debug)]
pub struct Pair {
    /// The client.
    pub client: Connection,
    /// The server.
    pub server: Connection,
    /// The certificate of both.
    pub identity: Identity,
    /// What time it is.
    pub now: Now,
    buffer: Vec<u8>,
}

impl Pair {
    /// Two connections that have not spoken yet.
    ///
    /// # Errors
    /// What the configurations lead to.
    pub fn new(
        client: Arc<ClientConfig>,
        server: Arc<ServerConfig>,
        identity: Identity,
    ) -> Result<Self, Error> {
        let name = Some("example.com".to_owned());
        Ok(Self {
            client: Connection::client(client, name, START, PathId(0))?,
            server: Connection::server(server, START, PathId(0), true)?,
            identity,
            now: START,
            buffer: vec![0; MAX_DATAGRAM],
        })
    }

    /// Delivers datagrams both ways until nobody has anything to say.
    ///
    /// # Errors
    /// The first error of either side.
    pub fn settle(&mut self) -> Result<(), Error> {
        let Self { client, server, identity, now, buffer } = self;
        for _ in 0..MAX_ROUNDS {
            let there = deliver(client, server, identity, *now, buffer)?;
            let back = deliver(server, client, identity, *now, buffer)?;
            if !there && !back {
                break;
            }
        }
        Ok(())
    }

    /// Goes on to the earliest deadline of either side, at most `until`, and does what is due.
    pub fn advance_to(&mut self, until: Instant) {
        let deadlines = [self.client.deadline(), self.server.deadline()];
        let next = deadlines.into_iter().flatten().min().unwrap_or(until).min(until);
        self.now = later(self.now, next - self.now.monotonic);
        self.client.handle_deadline(self.now);
        self.server.handle_deadline(self.now);
    }

    /// A pair with a complete handshake, its last ACK delivered.
    ///
    /// # Errors
    /// The first error of either side.
    pub fn connected(
        client: Arc<ClientConfig>,
        server: Arc<ServerConfig>,
        identity: Identity,
    ) -> Result<Self, Error> {
        let mut pair = Self::new(client, server, identity)?;
        pair.settle()?;
        Ok(pair)
    }
}

/// Hands over what `from` has to send, answering the questions of both. Says whether there was
/// anything.
fn deliver(
    from: &mut Connection,
    to: &mut Connection,
    identity: &Identity,
    now: Now,
    buffer: &mut [u8],
) -> Result<bool, Error> {
    let mut any = false;
    while let Some(transmit) = from.poll_transmit(now, buffer, 1) {
        any = true;
        while to.receive(now, PathId(0), &mut buffer[..transmit.len]).next()?.is_some() {}
        identity.answer_all(to, now)?;
    }
    Ok(any)
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use super::*;
    use dtls_provider_rustcrypto::RustCryptoProvider;

    #[test]
    fn a_pair_connects_and_stays_silent() {
        let provider: Arc<dyn CryptoProvider> = Arc::new(RustCryptoProvider::new());
        let identity = Identity::new(provider.as_ref()).unwrap();
        let client = Arc::new(ClientConfig::new(provider.clone()));
        let server = Arc::new(ServerConfig::new(provider));
        let mut pair = Pair::connected(client, server, identity).unwrap();
        assert!(pair.client.is_connected() && pair.server.is_connected());
        let before = *pair.client.stats();
        pair.settle().unwrap();
        assert_eq!(pair.client.stats(), &before);
    }
}
