//! What no vector file asks: what happens at the edges, with damaged and hostile input, and with
//! what the provider does not offer. One file per idea.
//!
//! A group here looks at everything there is of its kind, all suites or all groups, and counts
//! what the provider does not offer.

mod curve_points;
mod ecdsa_encodings;
mod envelopes;
mod forks;
mod fresh_shares;
mod generated_keys;
mod hybrids;
mod kdf;
mod leftovers;
mod low_order;
mod masks;
mod private_keys;
mod pss;
mod public_keys;
mod randomness;
mod record_numbers;
mod record_sizes;
mod share_lengths;
mod tags;
mod threads;
mod unoffered;

use dtls_crypto_api::{
    AeadAlgorithm, CipherSuite, CryptoProvider, HashAlgorithm, IV_LEN, NamedGroup, OpenKey,
    RecordSecrets, SealKey, SignatureAlgorithm, SignatureScheme,
};

use super::tally::{During, Problem, Tally};

pub(super) use curve_points::curve_points;
pub(super) use ecdsa_encodings::ecdsa_encodings;
pub(super) use envelopes::envelopes;
pub(super) use forks::forks;
pub(super) use fresh_shares::fresh_shares;
pub(super) use generated_keys::{generated_keys, generated_rsa_keys};
pub(super) use hybrids::hybrids;
pub(super) use kdf::kdf;
pub(super) use leftovers::leftovers;
pub(super) use low_order::{low_order_x448, low_order_x25519};
pub(super) use masks::masks;
pub(super) use private_keys::private_keys;
pub(super) use pss::{pss_with_pss_keys, pss_with_rsa_keys};
pub(super) use public_keys::{damaged_public_keys, keys_of_another_kind};
pub(super) use randomness::{failing_source, randomness};
pub(super) use record_numbers::record_numbers;
pub(super) use record_sizes::record_sizes;
pub(super) use share_lengths::share_lengths;
pub(super) use tags::tags;
pub(super) use threads::threads;
pub(super) use unoffered::unoffered;

/// The hashes there are.
const HASHES: [HashAlgorithm; 3] =
    [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

/// Those of them that the provider has; the others count as not offered.
fn hashes(tally: &mut Tally<'_>) -> Vec<HashAlgorithm> {
    let (here, missing): (Vec<_>, Vec<_>) =
        HASHES.into_iter().partition(|hash| tally.has_hash(*hash));
    for hash in missing {
        tally.not_offered(format_args!("{hash:?}"), 1);
    }
    here
}

/// Keys for the records of these tests: nothing else depends on them.
#[derive(Clone, Copy)]
struct Keys {
    aead: AeadAlgorithm,
    iv: [u8; IV_LEN],
}

const KEY: [u8; 32] = [0x4b; 32];
const RECORD_NUMBER_KEY: [u8; 32] = [0x6e; 32];
/// No two bytes are the same, so that their order shows.
const IV: [u8; IV_LEN] = [0xf0, 0xe1, 0xd2, 0xc3, 0xb4, 0xa5, 0x96, 0x87, 0x78, 0x69, 0x5a, 0x4b];

impl Keys {
    fn new(aead: AeadAlgorithm) -> Self {
        Self { aead, iv: IV }
    }

    fn secrets(&self) -> RecordSecrets<'_> {
        let len = self.aead.key_len();
        let record_number_key = &RECORD_NUMBER_KEY[..len];
        RecordSecrets { aead: self.aead, key: &KEY[..len], iv: &self.iv, record_number_key }
    }

    fn sealer(&self, provider: &dyn CryptoProvider) -> Result<Box<dyn SealKey>, Problem> {
        provider.seal_key(&self.secrets()).during("key to seal")
    }

    fn opener(&self, provider: &dyn CryptoProvider) -> Result<Box<dyn OpenKey>, Problem> {
        provider.open_key(&self.secrets()).during("key to open")
    }

    /// One record, sealed with a key of its own.
    fn seal(
        &self,
        provider: &dyn CryptoProvider,
        number: u64,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Problem> {
        let mut buf = [plaintext, &vec![0; self.aead.tag_len()]].concat();
        self.sealer(provider)?.seal(number, aad, &mut buf).during("seal")?;
        Ok(buf)
    }
}

/// The suites that the provider offers; the others are counted.
fn suites(tally: &mut Tally<'_>) -> Vec<(CipherSuite, AeadAlgorithm)> {
    let mut offered = Vec::new();
    for (suite, aead) in CipherSuite::KNOWN.iter().filter_map(|suite| Some((*suite, suite.aead()?)))
    {
        if tally.provider().capabilities().has_suite(suite) {
            offered.push((suite, aead));
        } else {
            tally.not_offered(suite, 1);
        }
    }
    offered
}

/// The groups and bare KEMs that the provider offers; the others are counted.
fn key_exchanges(tally: &mut Tally<'_>) -> Vec<NamedGroup> {
    let mut offered = Vec::new();
    for group in NamedGroup::KNOWN.iter().copied() {
        if tally.provider().capabilities().has_group(group) {
            offered.push(group);
        } else {
            tally.not_offered(group, 1);
        }
    }
    offered
}

/// Every signature algorithm there is: those of TLS, and the pairs of curve and hash that only
/// chains hold.
fn signature_algorithms() -> Vec<SignatureAlgorithm> {
    use dtls_crypto_api::Curve::{P256, P384, P521};
    let schemes = SignatureScheme::KNOWN.iter().filter_map(|scheme| scheme.algorithm());
    let mut algorithms: Vec<_> = schemes.collect();
    for curve in [P256, P384, P521] {
        let pairs = HASHES.map(|hash| SignatureAlgorithm::Ecdsa(curve, hash));
        algorithms.extend(pairs.into_iter().filter(|pair| pair.scheme().is_none()));
    }
    algorithms
}

/// Bytes of which no four in a row are zero or come twice at places that a test compares.
fn distinct_bytes(len: usize) -> Vec<u8> {
    (1_u32..).flat_map(|n| n.wrapping_mul(0x9e37_79b9).to_be_bytes()).take(len).collect()
}
