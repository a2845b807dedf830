//! A second implementation of each key exchange: the other side of one with the provider.
//!
//! It is no authority. In every vector it first has to reach the file's known answer with the
//! file's private key, and only then is the provider compared with it.

use ml_kem::kem::{Decapsulate, Kem, KeyInit, TryKeyInit};
use ml_kem::{EncapsulationKey, MlKem768, MlKem1024};
use p256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point, ValidatePublicKey};
use p256::elliptic_curve::{CurveArithmetic, PublicKey, SecretKey};
use x448::{X448_BASEPOINT_BYTES, x448_unchecked};
use x25519_dalek::StaticSecret;

/// One Diffie-Hellman function.
pub(super) struct Reference {
    /// Length in bytes of a private key: the scalar's.
    pub(super) private_len: usize,
    /// The public key, as it is sent, of a private key.
    pub(super) public: fn(private: &[u8]) -> Option<Vec<u8>>,
    /// What a private key shares with a public one.
    pub(super) agree: fn(private: &[u8], public: &[u8]) -> Option<Vec<u8>>,
}

/// `x25519-dalek`.
pub(super) const X25519: Reference = Reference {
    private_len: 32,
    public: |private| {
        let private = StaticSecret::from(<[u8; 32]>::try_from(private).ok()?);
        Some(x25519_dalek::PublicKey::from(&private).to_bytes().to_vec())
    },
    agree: |private, public| {
        let private = StaticSecret::from(<[u8; 32]>::try_from(private).ok()?);
        let public = x25519_dalek::PublicKey::from(<[u8; 32]>::try_from(public).ok()?);
        Some(private.diffie_hellman(&public).to_bytes().to_vec())
    },
};

/// `x448`.
pub(super) const X448: Reference = Reference {
    private_len: 56,
    public: |private| Some(x448_unchecked(private.try_into().ok()?, X448_BASEPOINT_BYTES).to_vec()),
    agree: |private, public| {
        Some(x448_unchecked(private.try_into().ok()?, public.try_into().ok()?).to_vec())
    },
};

/// `p256`.
pub(super) const P256: Reference = nist::<p256::NistP256>(32);
/// `p384`.
pub(super) const P384: Reference = nist::<p384::NistP384>(48);
/// `p521`.
pub(super) const P521: Reference = nist::<p521::NistP521>(66);

const fn nist<C>(private_len: usize) -> Reference
where
    C: CurveArithmetic<AffinePoint: FromSec1Point<C> + ToSec1Point<C>, FieldBytesSize: ModulusSize>
        + ValidatePublicKey,
{
    Reference {
        private_len,
        public: |private| {
            let private = SecretKey::<C>::from_slice(private).ok()?;
            Some(private.public_key().to_sec1_point(false).as_bytes().to_vec())
        },
        agree: |private, public| {
            let private = SecretKey::<C>::from_slice(private).ok()?;
            let public = PublicKey::<C>::from_sec1_bytes(public).ok()?;
            Some(private.diffie_hellman(&public).raw_secret_bytes().to_vec())
        },
    }
}

/// What comes out of an encapsulation.
pub(super) struct Encapsulated {
    pub(super) ciphertext: Vec<u8>,
    pub(super) secret: Vec<u8>,
}

/// One parameter set of ML-KEM.
pub(super) struct KemReference {
    /// What is sent to a public key, with the random value `m`.
    pub(super) encapsulate: fn(public: &[u8], m: [u8; 32]) -> Option<Encapsulated>,
    /// The shared secret for a private key `d || z` and a ciphertext.
    pub(super) decapsulate: fn(seed: &[u8], ciphertext: &[u8]) -> Option<Vec<u8>>,
}

macro_rules! ml_kem {
    ($set:ty) => {
        KemReference {
            encapsulate: |public, m| {
                let key = EncapsulationKey::<$set>::new_from_slice(public).ok()?;
                let (ciphertext, secret) = key.encapsulate_deterministic(&m.into());
                Some(Encapsulated { ciphertext: ciphertext.to_vec(), secret: secret.to_vec() })
            },
            decapsulate: |seed, ciphertext| {
                let key = <$set as Kem>::DecapsulationKey::new_from_slice(seed).ok()?;
                Some(key.decapsulate_slice(ciphertext).ok()?.to_vec())
            },
        }
    };
}

/// `ml-kem`.
pub(super) const ML_KEM_768: KemReference = ml_kem!(MlKem768);
/// `ml-kem`.
pub(super) const ML_KEM_1024: KemReference = ml_kem!(MlKem1024);
