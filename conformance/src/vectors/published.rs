//! The known answers of `data/published.json`, typed: single algorithms, from RFCs and from NIST.

use serde::Deserialize;

use super::Bytes;

/// Everything the file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Hashes of messages.
    pub hash: Vec<HashAnswer>,
    /// HMAC tags.
    pub hmac: Vec<HmacAnswer>,
    /// HKDF with SHA-256.
    pub hkdf: Vec<HkdfAnswer>,
    /// ChaCha20-Poly1305.
    pub chacha20_poly1305: Vec<AeadAnswer>,
    /// The first block of ChaCha20's key stream, of which a record-number mask is the beginning.
    pub chacha20_keystream: Vec<KeystreamAnswer>,
    /// AES-128-CCM with a tag of eight bytes and a nonce of twelve.
    pub aes_128_ccm_8: Vec<AeadAnswer>,
    /// X25519.
    pub x25519: Vec<ExchangeAnswer>,
    /// X448.
    pub x448: Vec<ExchangeAnswer>,
    /// X25519, its output fed back.
    pub x25519_iterated: IteratedAnswer,
    /// X448, its output fed back.
    pub x448_iterated: IteratedAnswer,
    /// Ed25519.
    pub ed25519: Vec<EddsaAnswer>,
    /// Ed448.
    pub ed448: Vec<EddsaAnswer>,
    /// ECDSA.
    pub ecdsa: EcdsaAnswers,
}

/// The hashes of one message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HashAnswer {
    /// What it is.
    pub name: String,
    /// What is hashed, as often as the next field says.
    pub message: Bytes,
    /// How often the message is repeated.
    pub repeat: usize,
    /// With SHA-256.
    pub sha256: Bytes,
    /// With SHA-384.
    pub sha384: Bytes,
    /// With SHA-512.
    pub sha512: Bytes,
}

/// The HMAC tags of one message; one test case has them truncated.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HmacAnswer {
    /// Section and test case.
    pub name: String,
    /// The key.
    pub key: Bytes,
    /// The message.
    pub message: Bytes,
    /// With SHA-256.
    pub sha256: Bytes,
    /// With SHA-384.
    pub sha384: Bytes,
    /// With SHA-512.
    pub sha512: Bytes,
}

/// Both steps of HKDF.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HkdfAnswer {
    /// Section.
    pub name: String,
    /// Input keying material.
    pub ikm: Bytes,
    /// Salt, empty for none.
    pub salt: Bytes,
    /// Info.
    pub info: Bytes,
    /// What is extracted.
    pub prk: Bytes,
    /// What is expanded.
    pub okm: Bytes,
}

/// One message of an AEAD.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AeadAnswer {
    /// Document and section.
    pub name: String,
    /// The key.
    pub key: Bytes,
    /// The nonce.
    pub nonce: Bytes,
    /// Additional data.
    pub aad: Bytes,
    /// The plaintext.
    pub plaintext: Bytes,
    /// The ciphertext with the tag behind it.
    pub ciphertext: Bytes,
}

/// A block of key stream.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeystreamAnswer {
    /// Section and number.
    pub name: String,
    /// The key.
    pub key: Bytes,
    /// Block counter, little end first, and nonce: what RFC 9147 takes from a record's ciphertext.
    pub sample: Bytes,
    /// The first 16 bytes of the block.
    pub keystream: Bytes,
}

/// One Diffie-Hellman result.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeAnswer {
    /// Section.
    pub name: String,
    /// The scalar.
    pub private_key: Bytes,
    /// The peer's u coordinate.
    pub public_key: Bytes,
    /// The result.
    pub shared_secret: Bytes,
}

/// A function whose output becomes the scalar and whose scalar becomes the point, again and again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IteratedAnswer {
    /// The first scalar and the first point.
    pub start: Bytes,
    /// After one step.
    pub after_1: Bytes,
    /// After a thousand.
    pub after_1000: Bytes,
    /// After a million.
    pub after_1000000: Bytes,
}

/// A signature that its key and message determine.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EddsaAnswer {
    /// Section and name.
    pub name: String,
    /// The private key.
    pub seed: Bytes,
    /// The public key.
    pub public_key: Bytes,
    /// The message.
    pub message: Bytes,
    /// The signature.
    pub signature: Bytes,
}

/// ECDSA by curve.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EcdsaAnswers {
    /// NIST P-256.
    pub p256: EcdsaKey,
    /// NIST P-384.
    pub p384: EcdsaKey,
    /// NIST P-521.
    pub p521: EcdsaKey,
}

/// A key pair and what it signed. All numbers are as long as the field, big end first.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EcdsaKey {
    /// The private number.
    pub private_key: Bytes,
    /// The public point's x.
    pub x: Bytes,
    /// The public point's y.
    pub y: Bytes,
    /// What it signed.
    pub signatures: Vec<EcdsaAnswer>,
}

/// One ECDSA signature.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EcdsaAnswer {
    /// The bits of the hash: 256, 384 or 512.
    pub hash: u16,
    /// Section, hash and message.
    pub name: String,
    /// The message.
    pub message: Bytes,
    /// The first number.
    pub r: Bytes,
    /// The second.
    pub s: Bytes,
}

/// Reads the file, which is part of the program.
///
/// # Panics
/// Never with the file as it was published; a field that nothing here reads is refused.
pub fn published() -> Published {
    match serde_json::from_str(include_str!("../../data/published.json")) {
        Ok(published) => published,
        Err(error) => panic!("data/published.json: {error}"),
    }
}
