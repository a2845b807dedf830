//! A peer that holds the keys: what it sent is opened, and what it never would send is sealed so
//! that it authenticates.

use std::sync::Arc;

use dtls_core::KeyLogLine;
use dtls_core::handshake::KeyLogLabel;
use dtls_core::key_schedule::TrafficSecret;
use dtls_core::record::open::ReadEpoch;
use dtls_core::record::seal::{Expansion, WriteEpoch};
use dtls_core::wire::ContentType;
use dtls_core::wire::header::CiphertextHeader;
use dtls_crypto_api::{AeadAlgorithm, CipherSuite, CryptoProvider, HashAlgorithm};

/// The first number of forged records: above those the honest peer uses, and close enough for
/// these to stay inside the replay window.
const FIRST_FORGED: u64 = 40;

/// The epoch of handshake keys.
const HANDSHAKE: u64 = 2;
/// The first epoch of application data.
const APPLICATION: u64 = 3;

/// What a record holds.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) epoch: u64,
    pub(super) kind: ContentType,
    pub(super) bytes: Vec<u8>,
}

/// One direction's secrets.
pub(super) struct Keyring {
    provider: Arc<dyn CryptoProvider>,
    of_client: bool,
    aead: AeadAlgorithm,
    hash: HashAlgorithm,
    handshake: Option<TrafficSecret>,
    application: Option<TrafficSecret>,
    writers: Vec<WriteEpoch>,
}

impl Keyring {
    /// What the client (or the server) sends with.
    pub(super) fn new(
        provider: Arc<dyn CryptoProvider>,
        suite: CipherSuite,
        of_client: bool,
    ) -> Option<Self> {
        let (aead, hash) = (suite.aead()?, suite.hash()?);
        let (handshake, application, writers) = (None, None, Vec::new());
        Some(Self { provider, of_client, aead, hash, handshake, application, writers })
    }

    /// Takes a line of the peer's own key log.
    pub(super) fn learn(&mut self, line: &KeyLogLine) {
        let secret = TrafficSecret::from_bytes(self.hash, line.secret.expose());
        match (line.label, self.of_client) {
            (KeyLogLabel::ClientHandshake, true) | (KeyLogLabel::ServerHandshake, false) => {
                self.handshake = secret;
            }
            (KeyLogLabel::ClientTraffic, true) | (KeyLogLabel::ServerTraffic, false) => {
                self.application = secret;
            }
            _ => {}
        }
    }

    /// Whether there are keys of the handshake, and of application data.
    pub(super) const fn has(&self) -> (bool, bool) {
        (self.handshake.is_some(), self.application.is_some())
    }

    fn secret(&self, epoch: u64) -> Option<TrafficSecret> {
        if epoch == HANDSHAKE {
            return self.handshake.clone();
        }
        let mut secret = self.application.clone()?;
        for _ in APPLICATION..epoch {
            secret = secret.next(self.provider.as_ref()).ok()?;
        }
        (epoch >= APPLICATION).then_some(secret)
    }

    /// What a record of the peer's holds, if its epoch is one of the first few.
    pub(super) fn open(&self, record: &[u8]) -> Option<Content> {
        let header = CiphertextHeader::parse(record, 0).ok()?;
        for epoch in [HANDSHAKE, APPLICATION, APPLICATION + 1, APPLICATION + 2] {
            if epoch & 3 != u64::from(header.epoch_bits) {
                continue;
            }
            let Some(secret) = self.secret(epoch) else { continue };
            let keys = secret.record_keys(self.provider.as_ref(), self.aead).ok()?;
            let mut read = ReadEpoch::new(self.provider.as_ref(), epoch, &keys).ok()?;
            let mut record = record.to_vec();
            if let Ok(opened) = read.open(&mut record, &header) {
                let bytes = record[opened.content].to_vec();
                return Some(Content { epoch, kind: opened.content_type, bytes });
            }
        }
        None
    }

    /// Makes a record that authenticates.
    pub(super) fn seal(&mut self, content: &Content) -> Option<Vec<u8>> {
        let epoch = content.epoch;
        if !self.writers.iter().any(|writer| writer.epoch() == epoch) {
            let keys = self.secret(epoch)?.record_keys(self.provider.as_ref(), self.aead).ok()?;
            let writer = WriteEpoch::new(self.provider.as_ref(), epoch, &keys).ok()?;
            self.writers.push(writer.starting_at(FIRST_FORGED));
        }
        let writer = self.writers.iter_mut().find(|writer| writer.epoch() == epoch)?;
        let Expansion { before, behind } = Expansion::of(self.aead);
        let mut record = vec![0; before];
        record.extend_from_slice(&content.bytes);
        record.resize(record.len() + behind, 0);
        let (_, len) = writer.seal(&mut record, content.bytes.len(), content.kind).ok()?;
        record.truncate(len);
        Some(record)
    }
}
