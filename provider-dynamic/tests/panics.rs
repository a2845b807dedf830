//! A panic of a provider ends at the border: it is an error here, and the process goes on.

mod common;

use std::sync::Arc;

use common::linked;
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    AeadAlgorithm, Capabilities, CryptoError, CryptoProvider, Digest, Envelope, GeneratedKey,
    HashAlgorithm, HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup, OpenKey,
    RecordSecrets, SAMPLE_LEN, SealKey, Secret, SharedSecret, SignatureAlgorithm, SigningKey,
    Zeroizing,
};
use dtls_provider_dynamic::{DynamicProvider, LoadError, plugin_entry};

/// Panics in every call but those that make an object; the objects panic in every call, and the
/// record keys when they are dropped as well.
#[derive(Debug, Default)]
struct Panicking(Capabilities);

/// The objects of it.
#[derive(Debug)]
struct Object;

/// An object that cannot even be dropped.
struct Stubborn;

impl Drop for Stubborn {
    fn drop(&mut self) {
        panic!("dropped")
    }
}

impl CryptoProvider for Panicking {
    fn capabilities(&self) -> &Capabilities {
        &self.0
    }
    fn self_test(&self) -> Result<(), CryptoError> {
        std::panic::panic_any(Stubborn)
    }
    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        panic!("random, {} bytes", out.len())
    }
    fn hash(&self, _: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
        Ok(Box::new(Object))
    }
    fn hmac(&self, _: HashAlgorithm, _: &[u8], _: &[&[u8]]) -> Result<Digest, CryptoError> {
        panic!("hmac")
    }
    fn hkdf_extract(&self, _: HashAlgorithm, _: &[u8], _: &[u8]) -> Result<Secret, CryptoError> {
        panic!("hkdf_extract")
    }
    fn hkdf_expand(
        &self,
        _: HashAlgorithm,
        _: &Secret,
        _: &[&[u8]],
        _: &mut [u8],
    ) -> Result<(), CryptoError> {
        panic!("hkdf_expand")
    }
    fn schedule_extract(
        &self,
        _: HashAlgorithm,
        _: &[u8; 6],
        _: Option<&Secret>,
        _: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        panic!("schedule_extract")
    }
    fn schedule_expand(
        &self,
        _: HashAlgorithm,
        _: &Secret,
        _: &Label<'_>,
        _: &mut [u8],
    ) -> Result<(), CryptoError> {
        panic!("schedule_expand")
    }
    fn seal_key(&self, _: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        Ok(Box::new(Stubborn))
    }
    fn open_key(&self, _: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        Ok(Box::new(Stubborn))
    }
    fn start_key_exchange(&self, _: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        Ok(Box::new(Object))
    }
    fn encapsulate(&self, _: NamedGroup, _: &[u8]) -> Result<KxResponse, CryptoError> {
        panic!("encapsulate")
    }
    fn load_private_key(&self, _: &PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
        panic!("load_private_key")
    }
    fn generate_private_key(&self, _: KeyKind) -> Result<GeneratedKey, CryptoError> {
        Ok(GeneratedKey { pkcs8: Zeroizing::new(vec![1, 2, 3]), key: Arc::new(Object) })
    }
    fn verify_signature(
        &self,
        _: SignatureAlgorithm,
        _: &SubjectPublicKeyInfoDer<'_>,
        _: &[u8],
        _: &[u8],
    ) -> Result<(), CryptoError> {
        panic!("verify_signature")
    }
    fn envelope(&self, _: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        Ok(Arc::new(Object))
    }
}

impl HashContext for Object {
    fn algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::Sha256
    }
    fn update(&mut self, data: &[u8]) {
        assert!(data.is_empty(), "update");
    }
    fn fork(&self) -> Box<dyn HashContext> {
        Box::new(Object)
    }
    fn finish(self: Box<Self>) -> Digest {
        Digest::new(&[7; 32]).unwrap()
    }
}

impl SealKey for Stubborn {
    fn seal(&mut self, _: u64, _: &[u8], _: &mut [u8]) -> Result<(), CryptoError> {
        panic!("seal")
    }
    fn record_number_mask(&mut self, _: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        Ok([1, 2])
    }
    fn tag_len(&self) -> usize {
        16
    }
}

impl OpenKey for Stubborn {
    fn open(&mut self, number: u64, _: &[u8], buf: &mut [u8]) -> Result<usize, CryptoError> {
        buf.fill(b'p');
        assert_eq!(number, 0, "open");
        Ok(1)
    }
    fn record_number_mask(&mut self, _: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        Ok([1, 2])
    }
    fn tag_len(&self) -> usize {
        16
    }
}

impl KeyExchange for Object {
    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
    fn share(&self) -> &[u8] {
        &[5; 32]
    }
    fn complete(self: Box<Self>, _: &[u8]) -> Result<SharedSecret, CryptoError> {
        panic!("complete")
    }
}

impl SigningKey for Object {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &[SignatureAlgorithm::Ed25519]
    }
    fn public_key(&self) -> &[u8] {
        &[]
    }
    fn sign(&self, _: SignatureAlgorithm, _: &[u8]) -> Result<Vec<u8>, CryptoError> {
        panic!("sign")
    }
}

impl Envelope for Object {
    fn seal(&self, _: &[u8], _: &[u8]) -> Result<Vec<u8>, CryptoError> {
        panic!("seal")
    }
    fn open(&self, _: &[u8], _: &[u8]) -> Result<Vec<u8>, CryptoError> {
        panic!("open")
    }
}

plugin_entry!(fn panicking => Panicking::default());

const PANICKED: CryptoError = CryptoError::Backend("the provider panicked");
const BROKEN: CryptoError = CryptoError::Backend("the provider panicked in this object before");

const SECRETS: RecordSecrets<'static> = RecordSecrets {
    aead: AeadAlgorithm::Aes128Gcm,
    key: &[1; 16],
    iv: &[2; 12],
    record_number_key: &[3; 16],
};

#[test]
fn a_panic_in_the_provider_is_an_error() {
    let provider = linked(panicking);
    let hash = HashAlgorithm::Sha256;
    let secret = Secret::new(&[1; 32]).unwrap();
    let label = Label::dtls13(b"label", b"");
    let public = SubjectPublicKeyInfoDer::from(&[][..]);
    let key = PrivateKeyDer::Pkcs8([][..].into());
    let errors = [
        provider.self_test().err(),
        provider.random(&mut [0; 4]).err(),
        provider.hmac(hash, b"", &[]).err(),
        provider.hkdf_extract(hash, b"", b"").err(),
        provider.hkdf_expand(hash, &secret, &[], &mut [0; 4]).err(),
        provider.schedule_extract(hash, b"dtls13", None, None).err(),
        provider.schedule_expand(hash, &secret, &label, &mut [0; 4]).err(),
        provider.start_key_exchange(NamedGroup::X25519).unwrap().complete(b"share").err(),
        provider.encapsulate(NamedGroup::X25519, b"share").err(),
        provider.load_private_key(&key).err(),
        provider.verify_signature(SignatureAlgorithm::Ed25519, &public, b"", b"").err(),
    ];
    assert_eq!(errors, [Some(PANICKED); 11]);

    let made = provider.generate_private_key(KeyKind::Ed25519).unwrap();
    assert_eq!(*made.pkcs8, [1, 2, 3]);
    let envelope = provider.envelope(&[0; 32]).unwrap();
    // What is shared is in no half-way state that the border knows of.
    for _ in 0..2 {
        assert_eq!(made.key.sign(SignatureAlgorithm::Ed25519, b""), Err(PANICKED));
        assert_eq!(envelope.seal(b"", b""), Err(PANICKED));
        assert_eq!(envelope.open(b"", b""), Err(PANICKED));
    }
}

#[test]
fn a_record_key_that_has_panicked_is_not_used_again() {
    let provider = linked(panicking);
    let mut seal = provider.seal_key(&SECRETS).unwrap();
    assert_eq!(seal.record_number_mask(&[0; 16]), Ok([1, 2]));
    assert_eq!(seal.seal(0, b"", &mut [0; 20]), Err(PANICKED));
    assert_eq!(seal.seal(1, b"", &mut [0; 20]), Err(BROKEN));
    assert_eq!(seal.record_number_mask(&[0; 16]), Err(BROKEN));

    let mut open = provider.open_key(&SECRETS).unwrap();
    let mut record = [1; 17];
    assert_eq!(open.open(0, b"", &mut record), Ok(1));
    // Right is the record's length without the tag, and this provider always says 1.
    let strange = open.open(0, b"", &mut [1; 20]);
    assert!(matches!(strange, Err(CryptoError::Backend(_))), "{strange:?}");
    record.fill(1);
    assert_eq!(open.open(7, b"", &mut record), Err(PANICKED));
    assert_eq!(record, [0; 17], "the plaintext that it wrote is gone");
    assert_eq!(open.open(0, b"", &mut record), Err(BROKEN));
}

#[test]
fn a_hash_that_has_panicked_has_no_value() {
    let provider = linked(panicking);
    let begin = || provider.hash(HashAlgorithm::Sha256).unwrap();
    let mut whole = begin();
    whole.update(b"");
    assert_eq!(whole.fork().finish().as_ref(), [7; 32]);
    assert_eq!(whole.finish().as_ref(), [7; 32]);

    let broken = || {
        let mut hash = begin();
        hash.update(b"boom");
        hash
    };
    let finished = std::thread::scope(|s| s.spawn(|| broken().finish()).join().is_ok());
    let forked = std::thread::scope(|s| s.spawn(|| broken().fork()).join().is_ok());
    assert!(!finished && !forked);
    drop(broken());
}

#[test]
fn a_provider_that_panics_or_fails_when_it_is_made_is_not_loaded() {
    fn explode() -> Panicking {
        panic!("made")
    }
    fn fail() -> Result<Panicking, CryptoError> {
        Err(CryptoError::SelfTestFailed("everything"))
    }
    plugin_entry!(fn exploding => explode());
    plugin_entry!(fn failing => try fail());
    let expected = [PANICKED, CryptoError::SelfTestFailed("everything")];
    for (entry, expected) in
        [exploding as extern "C" fn(u32) -> _, failing].into_iter().zip(expected)
    {
        #[allow(unsafe_code, reason = "the macro's functions keep to the header")]
        // SAFETY: see there.
        let error = unsafe { DynamicProvider::linked("linked", entry) }.unwrap_err();
        assert!(
            matches!(error, LoadError::InitFailed { source, .. } if source == expected),
            "{error:?}"
        );
    }
}
