//! What is known about one provider, in words and numbers.

use std::path::PathBuf;
use std::time::Duration;

use dtls13::core::crypto::{Curve, HashAlgorithm, KeyKind, Offered, SignatureAlgorithm};

use super::measure;
use crate::failure::Failure;
use crate::provider::Chosen;

/// For all measurements together. The rest of the command takes no time.
const MEASURING: Duration = Duration::from_millis(700);
/// Longer than this makes no median better.
const MOST_EACH: Duration = Duration::from_millis(25);

/// One provider.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    pub(super) name: String,
    /// What the provider calls itself, which of a plug-in only the plug-in knows.
    pub(super) own_name: String,
    pub(super) file: Option<PathBuf>,
    pub(super) version: String,
    pub(super) fips: String,
    pub(super) details: Vec<(String, String)>,
    pub(super) suites: Vec<Suite>,
    pub(super) groups: Vec<Item>,
    pub(super) kem_halves: Vec<Item>,
    pub(super) verify: Vec<Item>,
    pub(super) sign: Vec<Item>,
    pub(super) keys: Vec<Item>,
}

/// One thing that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) fips: String,
    pub(super) borrowed_from: Option<&'static str>,
}

/// A suite and its cost.
#[derive(Clone, Debug)]
pub(super) struct Suite {
    pub(super) item: Item,
    /// Nanoseconds to seal [`measure::RECORD_LEN`] bytes.
    pub(super) seal_ns: u64,
}

impl Survey {
    pub(super) fn all(chosen: Vec<Chosen>) -> Result<Vec<Self>, Failure> {
        let suites = chosen.iter().map(|c| c.provider.capabilities().cipher_suites.len());
        let suites = u32::try_from(suites.sum::<usize>()).unwrap_or(u32::MAX).max(1);
        let time = (MEASURING / suites).min(MOST_EACH);
        chosen.into_iter().map(|chosen| Self::of(chosen, time)).collect()
    }

    /// Measures for `time` in each suite.
    fn of(chosen: Chosen, time: Duration) -> Result<Self, Failure> {
        let Chosen { name, file, provider } = chosen;
        let has = provider.capabilities();
        let suites = has.cipher_suites.iter().filter_map(|suite| {
            let seal_ns = measure::seal(provider.as_ref(), suite.id.aead()?, time);
            let broken = |error| {
                Failure::Vectors(format!("{name} offers {} and cannot seal: {error}", suite.id))
            };
            Some(seal_ns.map_err(broken).map(|seal_ns| Suite { item: item(suite), seal_ns }))
        });
        let details = has.details.iter().map(|d| (d.name.clone(), d.value.clone())).collect();
        Ok(Self {
            suites: suites.collect::<Result<_, _>>()?,
            own_name: has.name.clone(),
            version: has.version.clone(),
            fips: has.fips().to_string(),
            details,
            groups: has.groups.iter().map(item).collect(),
            kem_halves: has.kem_halves.iter().map(item).collect(),
            verify: has.verify.iter().map(item).collect(),
            sign: has.sign.iter().map(item).collect(),
            keys: has.generate.iter().map(item).collect(),
            name,
            file,
        })
    }

    /// Everything it offers.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        let suites = self.suites.iter().map(|suite| &suite.item);
        let lists = [&self.groups, &self.kem_halves, &self.verify, &self.sign, &self.keys];
        suites.chain(lists.into_iter().flatten())
    }
}

fn item<T: Named>(offered: &Offered<T>) -> Item {
    Item {
        name: offered.id.name(),
        fips: offered.fips.to_string(),
        borrowed_from: offered.borrowed_from,
    }
}

/// What people call it: the registered name where there is one.
trait Named {
    fn name(&self) -> String;
}

impl Named for dtls13::core::crypto::CipherSuite {
    fn name(&self) -> String {
        self.to_string()
    }
}

impl Named for dtls13::core::crypto::NamedGroup {
    fn name(&self) -> String {
        self.to_string()
    }
}

impl Named for SignatureAlgorithm {
    fn name(&self) -> String {
        match (self.scheme(), self) {
            (Some(scheme), _) => scheme.to_string(),
            // Pairs that only certificates have.
            (None, Self::Ecdsa(curve, hash)) => {
                format!("ECDSA {} {}", curve_name(*curve), hash_name(*hash))
            }
            (None, other) => format!("{other:?}"),
        }
    }
}

impl Named for KeyKind {
    fn name(&self) -> String {
        match self {
            Self::Ecdsa(curve) => format!("ECDSA {}", curve_name(*curve)),
            Self::Rsa(bits) => format!("RSA {bits}"),
            Self::MlDsa44 => "ML-DSA-44".to_owned(),
            Self::MlDsa65 => "ML-DSA-65".to_owned(),
            Self::MlDsa87 => "ML-DSA-87".to_owned(),
            other => format!("{other:?}"),
        }
    }
}

fn curve_name(curve: Curve) -> String {
    match curve {
        Curve::P256 => "P-256".to_owned(),
        Curve::P384 => "P-384".to_owned(),
        Curve::P521 => "P-521".to_owned(),
        other => format!("{other:?}"),
    }
}

fn hash_name(hash: HashAlgorithm) -> String {
    format!("SHA-{}", hash.output_len() * 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_without_a_code_point_have_names_too() {
        let pair = SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha384);
        assert_eq!(pair.name(), "ECDSA P-256 SHA-384");
        let scheme = SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha256);
        assert_eq!(scheme.name(), "ecdsa_secp256r1_sha256");
        assert_eq!(KeyKind::Rsa(2048).name(), "RSA 2048");
        assert_eq!(KeyKind::Ed448.name(), "Ed448");
    }
}
