//! Known answers for single algorithms that an RFC or NIST published.

mod ccm;
mod chacha20;
mod ecdsa;
mod eddsa;
mod hashes;
mod montgomery;

use dtls_crypto_api::{CryptoProvider, IV_LEN, RecordSecrets};

use super::tally::{Case, During, Tally, Verdict, same};
use crate::vectors::AeadAnswer;
use dtls_crypto_api::AeadAlgorithm;

pub(super) use ccm::{rfc_3610, sp_800_38c};
pub(super) use chacha20::{aead as chacha20_poly1305, keystream};
pub(super) use ecdsa::ecdsa;
pub(super) use eddsa::{ed448, ed25519};
pub(super) use hashes::{hash, hkdf, hmac};
pub(super) use montgomery::{iterated_x448, iterated_x25519, x448, x25519};

/// The record-number key, which no vector of an AEAD looks at.
const RECORD_NUMBER_KEY: [u8; 32] = [0x6e; 32];

/// Messages of an AEAD as records: the nonce is the key's IV XOR the record number, so the
/// vector's nonce is the IV and the number is 0.
fn records(tally: &mut Tally<'_>, aead: AeadAlgorithm, answers: &[AeadAnswer]) {
    let provider = tally.provider();
    for answer in answers {
        let case = Case::new(&answer.name)
            .input("key", &answer.key)
            .input("nonce", &answer.nonce)
            .input("aad", &answer.aad)
            .input("plaintext", &answer.plaintext);
        tally.vector(&case, || record(provider, aead, answer));
    }
}

fn record(provider: &dyn CryptoProvider, aead: AeadAlgorithm, answer: &AeadAnswer) -> Verdict {
    let iv = answer.nonce.array::<IV_LEN>().during("a nonce of 96 bits")?;
    let record_number_key = &RECORD_NUMBER_KEY[..aead.key_len()];
    let secrets = RecordSecrets { aead, key: &answer.key, iv: &iv, record_number_key };
    let mut buf = [&answer.plaintext[..], &vec![0; aead.tag_len()]].concat();
    let mut sealer = provider.seal_key(&secrets).during("key to seal")?;
    sealer.seal(0, &answer.aad, &mut buf).during("sealed")?;
    same("ciphertext and tag", &buf, &answer.ciphertext)?;
    let mut opener = provider.open_key(&secrets).during("key to open")?;
    let len = opener.open(0, &answer.aad, &mut buf).during("opened")?;
    same("plaintext", buf.get(..len).during("length of the plaintext")?, &answer.plaintext)
}
