//! A provider whose secrets are marked as they leave it: between it and the core stands the
//! boundary at which everything here is decided.
//!
//! The provider inside works with marked inputs, so that its own code is watched too.
//!
//! | what leaves the provider | |
//! |---|---|
//! | shared secrets, secrets and keys of the schedule, MACs | always secret |
//! | masks of record numbers, plaintexts | as [`Marks`] says |
//! | key shares, signatures, ciphertexts | public: they go to the peer |
//! | whether a key exchange or an AEAD succeeded, and the length it gave | public: the protocol acts on it |

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dtls_core::wire::ContentType;
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    Capabilities, CryptoError, CryptoProvider, Digest, Envelope, GeneratedKey, HashAlgorithm,
    HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup, OpenKey, RecordSecrets,
    SAMPLE_LEN, SealKey, Secret, SharedSecret, SignatureAlgorithm,
};

use crate::secrets::{public, public_value, secret};

/// What of a plaintext is secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Plaintext {
    /// Nothing: handshake messages are parsed, and nobody promises to do that in constant time.
    #[default]
    Public,
    /// The content of application data. Its type and the padding are public.
    Data,
    /// All of it: content, type, padding, and so where one ends and the other begins.
    All,
}

/// What is secret besides keys and MACs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    /// The masks of record numbers. Once a record has authenticated its number is public.
    pub(crate) mask: bool,
    /// What a record decrypts to.
    pub(crate) plaintext: Plaintext,
    /// The MAC of this number, counted from one, comes out wrong.
    pub(crate) spoiled_mac: Option<usize>,
}

/// A provider whose secrets are marked.
#[derive(Debug)]
pub(crate) struct Marking {
    inner: Arc<dyn CryptoProvider>,
    marks: Marks,
    macs: AtomicUsize,
}

impl Marking {
    pub(crate) fn shared(inner: &Arc<dyn CryptoProvider>, marks: Marks) -> Arc<dyn CryptoProvider> {
        Arc::new(Self { inner: inner.clone(), marks, macs: AtomicUsize::new(0) })
    }
}

fn marked(result: Result<Secret, CryptoError>) -> Result<Secret, CryptoError> {
    let mut made = public_value(result)?;
    secret(made.as_mut());
    Ok(made)
}

impl CryptoProvider for Marking {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn self_test(&self) -> Result<(), CryptoError> {
        self.inner.self_test()
    }

    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.inner.random(out)
    }

    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
        self.inner.hash(algorithm)
    }

    fn hmac(&self, h: HashAlgorithm, key: &[u8], data: &[&[u8]]) -> Result<Digest, CryptoError> {
        let mac = self.inner.hmac(h, key, data)?;
        let mut bytes = mac.as_ref().to_vec();
        let number = self.macs.fetch_add(1, Ordering::Relaxed) + 1;
        if self.marks.spoiled_mac == Some(number) {
            bytes[0] ^= 1;
        }
        secret(&mut bytes);
        Digest::new(&bytes).ok_or(CryptoError::BadLength("MAC"))
    }

    fn hkdf_extract(
        &self,
        h: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError> {
        marked(self.inner.hkdf_extract(h, salt, ikm))
    }

    fn hkdf_expand(
        &self,
        h: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.inner.hkdf_expand(h, prk, info, out)?;
        secret(out);
        Ok(())
    }

    fn schedule_extract(
        &self,
        h: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        marked(self.inner.schedule_extract(h, prefix, previous, input))
    }

    fn schedule_expand(
        &self,
        h: HashAlgorithm,
        secret_in: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.inner.schedule_expand(h, secret_in, label, out)?;
        secret(out);
        Ok(())
    }

    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        let key = self.inner.seal_key(secrets)?;
        Ok(Box::new(MarkingSeal { key, marks: self.marks }))
    }

    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        let key = self.inner.open_key(secrets)?;
        Ok(Box::new(MarkingOpen { key, marks: self.marks }))
    }

    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        Ok(Box::new(MarkingExchange(self.inner.start_key_exchange(group)?)))
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        let mut response = public_value(self.inner.encapsulate(group, peer_share))?;
        public(&mut response.share);
        secret(response.secret.as_mut());
        Ok(response)
    }

    fn load_private_key(
        &self,
        der: &PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn dtls_crypto_api::SigningKey>, CryptoError> {
        self.inner.load_private_key(der)
    }

    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
        self.inner.generate_private_key(kind)
    }

    fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        public_key: &SubjectPublicKeyInfoDer<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.inner.verify_signature(algorithm, public_key, message, signature)
    }

    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        self.inner.envelope(key)
    }
}

struct MarkingExchange(Box<dyn KeyExchange>);

impl KeyExchange for MarkingExchange {
    fn group(&self) -> NamedGroup {
        self.0.group()
    }

    fn share(&self) -> &[u8] {
        self.0.share()
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        marked(self.0.complete(peer_share))
    }
}

fn mark_mask(mut mask: [u8; 2], marks: Marks) -> [u8; 2] {
    if marks.mask {
        secret(&mut mask);
    } else {
        public(&mut mask);
    }
    mask
}

struct MarkingSeal {
    key: Box<dyn SealKey>,
    marks: Marks,
}

impl SealKey for MarkingSeal {
    fn seal(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<(), CryptoError> {
        let result = self.key.seal(number, aad, buf);
        public(buf);
        public_value(result)
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        Ok(mark_mask(self.key.record_number_mask(sample)?, self.marks))
    }

    fn tag_len(&self) -> usize {
        self.key.tag_len()
    }
}

struct MarkingOpen {
    key: Box<dyn OpenKey>,
    marks: Marks,
}

impl OpenKey for MarkingOpen {
    fn open(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<usize, CryptoError> {
        let result = public_value(self.key.open(number, aad, buf));
        public(buf);
        let len = result?;
        let plaintext = buf.get_mut(..len).unwrap_or_default();
        let secret_len = match self.marks.plaintext {
            Plaintext::Public => 0,
            Plaintext::Data => {
                let end = plaintext.iter().rposition(|byte| *byte != 0).unwrap_or(0);
                let is_data = plaintext.get(end) == Some(&ContentType::APPLICATION_DATA.0);
                if is_data { end } else { 0 }
            }
            Plaintext::All => len,
        };
        secret(plaintext.get_mut(..secret_len).unwrap_or_default());
        Ok(len)
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        Ok(mark_mask(self.key.record_number_mask(sample)?, self.marks))
    }

    fn tag_len(&self) -> usize {
        self.key.tag_len()
    }
}
