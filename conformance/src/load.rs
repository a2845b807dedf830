//! Work for benchmarks: records through a connection, and the same bytes through the bare keys of
//! the provider.

use std::sync::Arc;

use dtls_core::{ClientConfig, Inbound, PathId, ServerConfig};
use dtls_crypto_api::{
    CipherSuite, CryptoProvider, NamedGroup, OpenKey, RecordSecrets, SAMPLE_LEN, SealKey,
};
use dtls_provider_rustcrypto::RustCryptoProvider;

use crate::pair::{Identity, MAX_DATAGRAM, Pair};

/// Header bytes before the content of a record.
const HEADER_LEN: usize = 5;

/// The bare calls: AEAD and mask, nothing else.
pub struct Bare {
    seal: Box<dyn SealKey>,
    open: Box<dyn OpenKey>,
    number: u64,
    header: [u8; HEADER_LEN],
    buf: Vec<u8>,
}

impl Bare {
    /// Keys of a suite for contents of `size` bytes.
    ///
    /// # Panics
    /// When the suite is not offered.
    pub fn new(suite: CipherSuite, size: usize) -> Self {
        let aead = suite.aead().expect("a suite of DTLS 1.3");
        let key = vec![7; aead.key_len()];
        let secrets = RecordSecrets { aead, key: &key, iv: &[9; 12], record_number_key: &key };
        let provider = RustCryptoProvider::new();
        let seal = provider.seal_key(&secrets).expect("an offered suite");
        let open = provider.open_key(&secrets).expect("an offered suite");
        let buf = vec![0; size + 1 + aead.tag_len()];
        Self { seal, open, number: 0, header: [0x2f; HEADER_LEN], buf }
    }

    /// Seals one record.
    ///
    /// # Panics
    /// Never.
    pub fn seal(&mut self) {
        self.number += 1;
        self.seal.seal(self.number, &self.header, &mut self.buf).expect("sealing");
        let sample = self.buf.first_chunk::<SAMPLE_LEN>().expect("a tag at least");
        let mask = self.seal.record_number_mask(sample).expect("mask");
        std::hint::black_box(mask);
    }

    /// Seals records to be opened.
    pub fn seal_batch(&mut self, count: u64) -> Vec<(u64, Vec<u8>)> {
        let mut batch = Vec::new();
        for _ in 0..count {
            self.seal();
            batch.push((self.number, self.buf.clone()));
        }
        batch
    }

    /// Opens them.
    ///
    /// # Panics
    /// When one was sealed by another.
    pub fn open_batch(&mut self, batch: &mut [(u64, Vec<u8>)]) {
        for (number, record) in batch {
            let sample = record.first_chunk::<SAMPLE_LEN>().expect("a tag at least");
            let mask = self.open.record_number_mask(sample).expect("mask");
            std::hint::black_box(mask);
            self.open.open(*number, &self.header, record).expect("opening");
        }
    }
}

/// The same through a connection.
pub struct Through {
    pair: Pair,
    size: usize,
    buf: Vec<u8>,
}

impl Through {
    /// A connected pair of a suite for contents of `size` bytes.
    ///
    /// # Panics
    /// When the handshake fails.
    pub fn new(suite: CipherSuite, size: usize) -> Self {
        let (client, server, identity) = configs(suite, NamedGroup::X25519);
        let mut pair = Pair::connected(client, server, identity).expect("a handshake");
        pair.client.set_mtu(MAX_DATAGRAM);
        let buf = vec![0; pair.client.headroom() + size + pair.client.tailroom()];
        Self { pair, size, buf }
    }

    /// Seals one record.
    ///
    /// # Panics
    /// When the key is used up.
    pub fn seal(&mut self) {
        let Pair { client, now, .. } = &mut self.pair;
        let start = client.headroom();
        client.seal_in_place(*now, &mut self.buf, start..start + self.size).expect("sealing");
    }

    /// Seals records to be opened.
    pub fn seal_batch(&mut self, count: u64) -> Vec<Vec<u8>> {
        let mut batch = Vec::new();
        for _ in 0..count {
            self.seal();
            batch.push(self.buf.clone());
        }
        batch
    }

    /// Opens them, as a user does: until the datagram has no more.
    ///
    /// # Panics
    /// When one was sealed by another.
    pub fn open_batch(&mut self, batch: &mut [Vec<u8>]) {
        let Pair { server, now, .. } = &mut self.pair;
        for datagram in batch {
            let mut received = server.receive(*now, PathId(0), datagram);
            let first = received.next().expect("opening");
            assert!(matches!(first, Some(Inbound::Data { bytes, .. }) if bytes.len() == self.size));
            assert!(received.next().expect("nothing more").is_none());
        }
    }
}

/// Configurations with one suite and one group, and a P-256 certificate.
///
/// # Panics
/// When the source of randomness fails.
pub fn configs(
    suite: CipherSuite,
    group: NamedGroup,
) -> (Arc<ClientConfig>, Arc<ServerConfig>, Identity) {
    let provider: Arc<dyn CryptoProvider> = Arc::new(RustCryptoProvider::new());
    let identity = Identity::new(provider.as_ref()).expect("a key");
    let mut client = ClientConfig::new(provider.clone());
    client.common.cipher_suites = vec![suite];
    client.common.groups = vec![group];
    client.key_shares = vec![group];
    let mut server = ServerConfig::new(provider);
    server.common.cipher_suites = vec![suite];
    (Arc::new(client), Arc::new(server), identity)
}
