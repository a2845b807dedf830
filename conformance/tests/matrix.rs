//! The handshake matrix on the providers of this build, and that it catches a provider that is
//! not what it says.

use std::sync::Arc;

use dtls_conformance::matrix::{self, Cover, Options, Player, Transport, UnknownCell};
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    Capabilities, CryptoError, CryptoProvider, Digest, Envelope, GeneratedKey, HashAlgorithm,
    HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup, Offered, OpenKey,
    RecordSecrets, SealKey, Secret, SignatureAlgorithm, SigningKey,
};
use dtls_provider_rustcrypto::RustCryptoProvider;

/// The providers this build has.
fn players() -> Vec<Player> {
    let mut providers: Vec<Arc<dyn CryptoProvider>> = vec![Arc::new(RustCryptoProvider::new())];
    #[cfg(feature = "openssl")]
    providers.push(Arc::new(dtls_provider_openssl::OpenSslProvider::new()));
    #[cfg(feature = "botan")]
    providers.push(Arc::new(dtls_provider_botan::BotanProvider::new()));
    // One that can do as much as a FIPS module of the older kind.
    providers.push(Altered::shared("nist", Bug::None, |capabilities| {
        let nist = [NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];
        capabilities.groups.retain(|offered| nist.contains(&offered.id));
        capabilities.verify.retain(|offered| offered.id != SignatureAlgorithm::Ed25519);
        capabilities.sign.retain(|offered| offered.id != SignatureAlgorithm::Ed25519);
    }));
    Player::all(&providers)
}

#[test]
fn all_providers_connect_with_each_other_or_refuse_each_other() {
    let players = players();
    let mut cells = matrix::covering(&matrix::cells(&players), Cover::Pairs);
    let agreements = cells.len();
    cells.extend(matrix::refusals(&players));
    assert!(agreements > 100 && cells.len() > agreements + 10, "{agreements}, {}", cells.len());
    let report = matrix::run(&cells, &Options::default());
    assert!(report.is_success(), "{}", report.text());
    assert_eq!(report.cells.len(), cells.len());
}

#[test]
fn real_sockets_carry_it_too() {
    let players = players();
    let mut cells = matrix::covering(&matrix::cells(&players), Cover::Values);
    cells.extend(matrix::refusals(&players).into_iter().take(3));
    let options = Options { transport: Transport::Udp, ..Options::default() };
    let report = matrix::run(&cells, &options);
    assert!(report.is_success(), "{}", report.text());
}

#[test]
fn a_peer_with_only_x25519_is_turned_away_by_a_provider_without_it() {
    let players = players();
    for name in ["rustcrypto/nist", "nist/rustcrypto"] {
        let name = format!("{name}/TLS_AES_128_GCM_SHA256/X25519/ecdsa_secp256r1_sha256");
        let cell = matrix::find(&players, &name).unwrap();
        assert_eq!(cell.expected(), matrix::Expected::GroupRefused);
        let report = matrix::run(&[cell], &Options::default());
        assert!(report.is_success() && report.cells[0].refusal, "{}", report.text());
    }
}

/// Plays one cell that has to fail, and returns what is said about it.
fn failure(bug: Bug, claim: impl FnOnce(&mut Capabilities), rest: &str) -> String {
    let good: Arc<dyn CryptoProvider> = Arc::new(RustCryptoProvider::new());
    let players = Player::all(&[good, Altered::shared("altered", bug, claim)]);
    let name = format!("rustcrypto/altered/{rest}");
    let cell = matrix::find(&players, &name).unwrap();
    let options = Options { seed: 7, command: "program".to_owned(), ..Options::default() };
    let report = matrix::run(&[cell], &options);
    assert!(!report.is_success());
    let again = format!("again: program --cell {name} --seed 7");
    assert!(report.text().contains(&again), "{}", report.text());
    report.cells[0].failure.clone().unwrap()
}

const ANY: &str = "TLS_AES_128_GCM_SHA256/P-256/ed25519";

#[test]
fn exporters_that_differ_are_seen() {
    assert_eq!(failure(Bug::Label(b"exp master"), |_| {}, ANY), "the exporters differ");
}

#[test]
fn a_key_update_that_leads_elsewhere_is_seen() {
    let failure = failure(Bug::Label(b"traffic upd"), |_| {}, ANY);
    assert!(failure.contains("KeyUpdate") || failure.contains("Question(1)"), "{failure}");
}

#[test]
fn a_claim_to_a_group_that_is_not_there_is_seen() {
    let claim = |capabilities: &mut Capabilities| {
        capabilities.groups.push(Offered::new(NamedGroup::MLKEM512));
    };
    let good: Arc<dyn CryptoProvider> = Arc::new(RustCryptoProvider::new());
    let both =
        [Altered::shared("one", Bug::None, claim), Altered::shared("two", Bug::None, claim), good];
    let players = Player::all(&both);
    let name = "one/two/TLS_AES_128_GCM_SHA256/MLKEM512/ed25519";
    let report = matrix::run(&[matrix::find(&players, name).unwrap()], &Options::default());
    let failure = report.cells[0].failure.as_deref().unwrap();
    assert!(failure.contains("the client's configuration"), "{failure}");
}

#[test]
fn a_signature_that_does_not_verify_is_seen() {
    let failure = failure(Bug::Signature, |_| {}, ANY);
    assert!(failure.contains("UnknownIssuer"), "{failure}");
}

#[test]
fn a_provider_that_panics_fails_its_cell_alone() {
    let good: Arc<dyn CryptoProvider> = Arc::new(RustCryptoProvider::new());
    let players = Player::all(&[good, Altered::shared("altered", Bug::Panic, |_| {})]);
    let cells = ["altered/rustcrypto", "rustcrypto/rustcrypto"]
        .map(|ends| matrix::find(&players, &format!("{ends}/{ANY}")).unwrap());
    let report = matrix::run(&cells, &Options::default());
    assert_eq!(report.failed().count(), 1);
    assert!(report.cells[0].failure.as_deref().unwrap().contains("a panic: on purpose"));
    let json = report.json();
    assert!(json.contains("\"connected\": 1") && json.contains("\"failed\": 1"), "{json}");
}

#[test]
fn players_of_one_name_are_told_apart_and_unknown_names_are_refused() {
    let providers: [Arc<dyn CryptoProvider>; 2] =
        [Arc::new(RustCryptoProvider::new()), Arc::new(RustCryptoProvider::new())];
    let players = Player::all(&providers);
    assert_eq!(players[1].name(), "rustcrypto-2");
    let find = |name: &str| matrix::find(&players, name).map(|cell| cell.to_string());
    let good = format!("rustcrypto/rustcrypto-2/{ANY}");
    assert_eq!(find(&good), Ok(good.clone()));
    assert!(matches!(find("rustcrypto"), Err(UnknownCell::Shape { .. })));
    let nobody = find(&format!("rustcrypto/nobody/{ANY}"));
    assert!(matches!(nobody, Err(UnknownCell::Provider { .. })));
    for (part, other) in [("P-256", "P-255"), ("ed25519", "rsa_pkcs1_sha256")] {
        assert!(matches!(find(&good.replace(part, other)), Err(UnknownCell::Part { .. })));
    }
    let nobody_has = find(&good.replace("P-256", "MLKEM512"));
    assert!(matches!(nobody_has, Err(UnknownCell::NobodyHas { .. })));
}

/// What is wrong with a provider.
#[derive(Clone, Copy, Debug)]
enum Bug {
    None,
    /// What is derived with this label.
    Label(&'static [u8]),
    /// Its keys sign another message.
    Signature,
    /// It panics when a record key is made.
    Panic,
}

/// RustCrypto under another name, with other claims, and perhaps a bug.
#[derive(Debug)]
struct Altered {
    inner: RustCryptoProvider,
    capabilities: Capabilities,
    bug: Bug,
}

impl Altered {
    fn shared(
        name: &str,
        bug: Bug,
        claim: impl FnOnce(&mut Capabilities),
    ) -> Arc<dyn CryptoProvider> {
        let inner = RustCryptoProvider::new();
        let mut capabilities =
            Capabilities { name: name.to_owned(), ..inner.capabilities().clone() };
        claim(&mut capabilities);
        Arc::new(Self { inner, capabilities, bug })
    }
}

impl CryptoProvider for Altered {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
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
        self.inner.hmac(h, key, data)
    }

    fn hkdf_extract(
        &self,
        h: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError> {
        self.inner.hkdf_extract(h, salt, ikm)
    }

    fn hkdf_expand(
        &self,
        h: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.inner.hkdf_expand(h, prk, info, out)
    }

    fn schedule_extract(
        &self,
        h: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        self.inner.schedule_extract(h, prefix, previous, input)
    }

    fn schedule_expand(
        &self,
        h: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.inner.schedule_expand(h, secret, label, out)?;
        if matches!(self.bug, Bug::Label(bad) if bad == label.label) {
            out[0] ^= 1;
        }
        Ok(())
    }

    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        assert!(!matches!(self.bug, Bug::Panic), "on purpose");
        self.inner.seal_key(secrets)
    }

    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        self.inner.open_key(secrets)
    }

    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        self.inner.start_key_exchange(group)
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        self.inner.encapsulate(group, peer_share)
    }

    fn load_private_key(
        &self,
        der: &PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        self.inner.load_private_key(der)
    }

    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
        let mut made = self.inner.generate_private_key(kind)?;
        if matches!(self.bug, Bug::Signature) {
            made.key = Arc::new(Hasty(made.key));
        }
        Ok(made)
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

/// Signs all of a message but its last byte.
#[derive(Debug)]
struct Hasty(Arc<dyn SigningKey>);

impl SigningKey for Hasty {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        self.0.algorithms()
    }

    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.0.sign(algorithm, &message[..message.len() - 1])
    }
}
