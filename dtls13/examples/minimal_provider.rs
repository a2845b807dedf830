//! A provider of the smallest useful size: one suite, one group, one signature algorithm. It is
//! what comes out of following `docs/writing-a-provider.md`, step by step, and its own tests hold
//! it to the conformance kit.
//!
//! `cargo run -p dtls13 --example minimal_provider` lets it shake hands with itself.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use aes::Aes128Enc;
use aes::cipher::BlockCipherEncrypt;
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit, Tag};
use dtls13::blocking::Endpoint;
use dtls13::core::crypto::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls13::core::crypto::{
    AeadAlgorithm, Capabilities, CipherSuite, CryptoError, CryptoProvider, Curve, Digest, Envelope,
    GeneratedKey, HashAlgorithm, HashContext, IV_LEN, KeyExchange, KeyKind, KxResponse, Label,
    NamedGroup, Offered, OpenKey, RecordSecrets, SAMPLE_LEN, SealKey, Secret, SharedSecret,
    SignatureAlgorithm, SigningKey, Zeroize, Zeroizing, generic, nonce,
};
use dtls13::{ClientConfig, RootStore, ServerConfig};
use hmac::{Hmac, Mac};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use sha2::{Digest as _, Sha256};

#[path = "../tests/support/authority.rs"]
#[allow(dead_code, reason = "the tests of the crate use more of it")]
mod authority;

// Step 1: what is offered.

const SIGNATURE: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha256);

/// SHA-256, AES-128-GCM, P-256.
#[derive(Debug)]
struct MinimalProvider {
    capabilities: Capabilities,
}

impl MinimalProvider {
    fn new() -> Self {
        let capabilities = Capabilities {
            name: "minimal".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            cipher_suites: vec![Offered::new(CipherSuite::TLS_AES_128_GCM_SHA256)],
            groups: vec![Offered::new(NamedGroup::SECP256R1)],
            verify: vec![Offered::new(SIGNATURE)],
            sign: vec![Offered::new(SIGNATURE)],
            generate: vec![Offered::new(KeyKind::Ecdsa(Curve::P256))],
            ..Capabilities::default()
        };
        Self { capabilities }
    }
}

fn only<T: Copy + PartialEq>(asked: T, offered: T, what: &'static str) -> Result<(), CryptoError> {
    if asked == offered { Ok(()) } else { Err(CryptoError::Unsupported(what)) }
}

fn sha256_only(hash: HashAlgorithm) -> Result<(), CryptoError> {
    only(hash, HashAlgorithm::Sha256, "this hash")
}

impl CryptoProvider for MinimalProvider {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn self_test(&self) -> Result<(), CryptoError> {
        generic::self_test(self)
    }

    // Step 2.
    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        random(out)
    }

    // Step 3.
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
        sha256_only(algorithm)?;
        Ok(Box::new(Hash(Sha256::new())))
    }

    fn hmac(
        &self,
        algorithm: HashAlgorithm,
        key: &[u8],
        data: &[&[u8]],
    ) -> Result<Digest, CryptoError> {
        sha256_only(algorithm)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| NO_KEY)?;
        for piece in data {
            mac.update(piece);
        }
        Digest::new(&mac.finalize().into_bytes()).ok_or(TOO_LONG)
    }

    fn hkdf_extract(
        &self,
        algorithm: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError> {
        sha256_only(algorithm)?;
        let (mut prk, _) = hkdf::Hkdf::<Sha256>::extract(Some(salt), ikm);
        let secret = Secret::new(&prk).ok_or(TOO_LONG);
        prk.as_mut_slice().zeroize();
        secret
    }

    fn hkdf_expand(
        &self,
        algorithm: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        sha256_only(algorithm)?;
        let hkdf = hkdf::Hkdf::<Sha256>::from_prk(prk.expose()).map_err(|_| NO_KEY)?;
        hkdf.expand_multi_info(info, out).map_err(|_| TOO_LONG)
    }

    fn schedule_extract(
        &self,
        algorithm: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        generic::schedule_extract(self, algorithm, prefix, previous, input)
    }

    fn schedule_expand(
        &self,
        algorithm: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        generic::schedule_expand(self, algorithm, secret, label, out)
    }

    // Step 4.
    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        Ok(Box::new(Sealer { key: RecordKey::new(secrets)?, last: None }))
    }

    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        Ok(Box::new(RecordKey::new(secrets)?))
    }

    // Step 5.
    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        only(group, NamedGroup::SECP256R1, "this group")?;
        Ok(Box::new(Ecdh::generate()?))
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        only(group, NamedGroup::SECP256R1, "this group")?;
        let ours = Ecdh::generate()?;
        let secret = ours.agree(peer_share)?;
        Ok(KxResponse { share: ours.share, secret })
    }

    // Step 6.
    fn load_private_key(
        &self,
        der: &PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        let key = match der {
            PrivateKeyDer::Pkcs8(der) => {
                p256::SecretKey::from_pkcs8_der(der.secret_pkcs8_der()).ok()
            }
            PrivateKeyDer::Sec1(der) => p256::SecretKey::from_sec1_der(der.secret_sec1_der()).ok(),
            _ => return Err(CryptoError::Unsupported("a private key of this form")),
        };
        let key = key.ok_or(CryptoError::BadPrivateKey("it is no sound key on P-256"))?;
        Ok(Arc::new(EcdsaKey::new(&key)?))
    }

    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
        only(kind, KeyKind::Ecdsa(Curve::P256), "a key of this kind")?;
        let key = random_scalar()?;
        let pkcs8 = key.to_pkcs8_der().map_err(|_| NOT_ENCODED)?;
        let pkcs8 = Zeroizing::new(pkcs8.as_bytes().to_vec());
        Ok(GeneratedKey { pkcs8, key: Arc::new(EcdsaKey::new(&key)?) })
    }

    fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        public_key: &SubjectPublicKeyInfoDer<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        only(algorithm, SIGNATURE, "this signature algorithm")?;
        let key = VerifyingKey::from_public_key_der(public_key.as_ref())
            .map_err(|_| CryptoError::BadPublicKey)?;
        let signature = DerSignature::from_bytes(signature);
        let signature = signature.map_err(|_| CryptoError::BadSignature)?;
        key.verify(message, &signature).map_err(|_| CryptoError::BadSignature)
    }

    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        Ok(Arc::new(GcmEnvelope(Aes256Gcm::new(key.into()))))
    }
}

const NO_KEY: CryptoError = CryptoError::BadLength("key");
const TOO_LONG: CryptoError = CryptoError::BadLength("output");
const NOT_ENCODED: CryptoError = CryptoError::Backend("the key could not be encoded");

/// The operating system's randomness, or none.
fn random(out: &mut [u8]) -> Result<(), CryptoError> {
    getrandom::fill(out).map_err(|_| CryptoError::RandomFailed)
}

struct Hash(Sha256);

impl HashContext for Hash {
    fn algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::Sha256
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn fork(&self) -> Box<dyn HashContext> {
        Box::new(Self(self.0.clone()))
    }

    fn finish(self: Box<Self>) -> Digest {
        Digest::new(&self.0.finalize()).unwrap_or_else(|| unreachable!("SHA-256 has 32 bytes"))
    }
}

/// Both key schedules, computed once.
struct RecordKey {
    aead: Aes128Gcm,
    mask: Aes128Enc,
    iv: Zeroizing<[u8; IV_LEN]>,
}

impl RecordKey {
    fn new(secrets: &RecordSecrets<'_>) -> Result<Self, CryptoError> {
        only(secrets.aead, AeadAlgorithm::Aes128Gcm, "this AEAD")?;
        Ok(Self {
            aead: Aes128Gcm::new_from_slice(secrets.key).map_err(|_| NO_KEY)?,
            mask: Aes128Enc::new_from_slice(secrets.record_number_key).map_err(|_| NO_KEY)?,
            iv: Zeroizing::new(*secrets.iv),
        })
    }

    fn mask(&self, sample: &[u8; SAMPLE_LEN]) -> [u8; 2] {
        let mut block = (*sample).into();
        self.mask.encrypt_block(&mut block);
        [block[0], block[1]]
    }
}

const TAG_LEN: usize = 16;

struct Sealer {
    key: RecordKey,
    last: Option<u64>,
}

impl SealKey for Sealer {
    fn seal(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<(), CryptoError> {
        if self.last.is_some_and(|last| number <= last) {
            return Err(CryptoError::RecordNumberReused);
        }
        let RecordKey { aead, iv, .. } = &self.key;
        let (text, room) = buf.split_last_chunk_mut().ok_or(CryptoError::BadLength("record"))?;
        let nonce = nonce(iv, number).into();
        let tag = aead.encrypt_inout_detached(&nonce, aad, text.into());
        let room: &mut [u8; TAG_LEN] = room;
        *room = tag.map_err(|_| CryptoError::BadLength("record"))?.into();
        self.last = Some(number);
        Ok(())
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        Ok(self.key.mask(sample))
    }

    fn tag_len(&self) -> usize {
        TAG_LEN
    }
}

impl OpenKey for RecordKey {
    fn open(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<usize, CryptoError> {
        let (text, tag) = buf.split_last_chunk_mut::<TAG_LEN>().ok_or(CryptoError::BadRecord)?;
        let (nonce, tag): (_, &Tag) = (nonce(&self.iv, number).into(), (&*tag).into());
        let len = text.len();
        // Checks before it decrypts: a record that is refused stays encrypted.
        let opened = self.aead.decrypt_inout_detached(&nonce, aad, text.into(), tag);
        opened.map(|()| len).map_err(|_| CryptoError::BadRecord)
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        Ok(self.mask(sample))
    }

    fn tag_len(&self) -> usize {
        TAG_LEN
    }
}

/// A private key, uniform in 1..order. One draw in 2^32 is not, and drawn again.
fn random_scalar() -> Result<p256::SecretKey, CryptoError> {
    let mut bytes = Zeroizing::new([0; 32]);
    loop {
        random(bytes.as_mut())?;
        if let Ok(key) = p256::SecretKey::from_slice(bytes.as_ref()) {
            return Ok(key);
        }
    }
}

struct Ecdh {
    private: p256::SecretKey,
    share: Vec<u8>,
}

impl Ecdh {
    fn generate() -> Result<Self, CryptoError> {
        let private = random_scalar()?;
        let share = private.public_key().to_sec1_point(false).as_bytes().to_vec();
        Ok(Self { private, share })
    }

    fn agree(&self, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        // Compressed points and the point at infinity are of other lengths.
        let uncompressed = peer_share.len() == self.share.len() && peer_share.first() == Some(&4);
        let peer = p256::PublicKey::from_sec1_bytes(peer_share);
        let peer = peer.ok().filter(|_| uncompressed).ok_or(CryptoError::BadKeyShare)?;
        let shared = self.private.diffie_hellman(&peer);
        SharedSecret::new(shared.raw_secret_bytes()).ok_or(TOO_LONG)
    }
}

impl KeyExchange for Ecdh {
    fn group(&self) -> NamedGroup {
        NamedGroup::SECP256R1
    }

    fn share(&self) -> &[u8] {
        &self.share
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        self.agree(peer_share)
    }
}

struct EcdsaKey {
    key: p256::ecdsa::SigningKey,
    public: Vec<u8>,
}

impl EcdsaKey {
    fn new(key: &p256::SecretKey) -> Result<Self, CryptoError> {
        let public = key.public_key().to_public_key_der().map_err(|_| NOT_ENCODED)?.into_vec();
        Ok(Self { key: key.into(), public })
    }
}

impl fmt::Debug for EcdsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcdsaKey")
    }
}

impl SigningKey for EcdsaKey {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &[SIGNATURE]
    }

    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        only(algorithm, SIGNATURE, "this signature algorithm")?;
        let signature: DerSignature = self.key.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

/// The nonce, the text, the tag. Good for 2^32 seals under one key (NIST SP 800-38D 8.3).
struct GcmEnvelope(Aes256Gcm);

impl Envelope for GcmEnvelope {
    fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut nonce = [0; IV_LEN];
        random(&mut nonce)?;
        let mut text = plaintext.to_vec();
        let tag = self.0.encrypt_inout_detached(&nonce.into(), aad, text.as_mut_slice().into());
        let tag = tag.map_err(|_| CryptoError::BadLength("envelope"))?;
        Ok([&nonce[..], &text, &tag].concat())
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let parts = sealed.split_first_chunk::<IV_LEN>();
        let parts = parts.and_then(|(nonce, rest)| Some((nonce, rest.split_last_chunk()?)));
        let (nonce, (text, tag)) = parts.ok_or(CryptoError::BadEnvelope)?;
        let tag: &[u8; TAG_LEN] = tag;
        let mut text = text.to_vec();
        self.0
            .decrypt_inout_detached(nonce.into(), aad, text.as_mut_slice().into(), tag.into())
            .map_err(|_| CryptoError::BadEnvelope)?;
        Ok(text)
    }
}

// Step 8: used like any other.

fn server(provider: Arc<dyn CryptoProvider>) -> Result<(SocketAddr, RootStore), dtls13::Error> {
    let authority = authority::Authority::new("authority");
    let mut roots = RootStore::new();
    roots.add(&authority.certificate())?;
    let issued = authority.issue(&authority::Leaf::server("server.example"));
    let config = ServerConfig::builder(provider)
        .with_no_client_auth()
        .with_cert(issued.chain, &issued.key)?;
    let endpoint = Endpoint::server("127.0.0.1:0", config)?;
    let address = endpoint.local_address();
    std::thread::spawn(move || -> Result<(), dtls13::Error> {
        let connection = endpoint.accept()?.accept()?;
        connection.send(&connection.recv()?)
    });
    Ok((address, roots))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provider: Arc<dyn CryptoProvider> = Arc::new(MinimalProvider::new());
    let (address, roots) = server(provider.clone())?;
    let config = ClientConfig::builder(provider).with_roots(roots).with_no_client_auth()?;
    let connection = Endpoint::bind("127.0.0.1:0")?.connect(address, "server.example", &config)?;
    connection.send(b"ping")?;
    println!("the server answered {:?}", String::from_utf8_lossy(&connection.recv()?));
    Ok(())
}

// Step 7: proven.
#[cfg(test)]
mod tests {
    use super::MinimalProvider;

    dtls_conformance::provider_tests!(MinimalProvider::new());

    #[test]
    fn it_shakes_hands_with_itself() {
        super::main().unwrap();
    }
}
