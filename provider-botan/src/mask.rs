//! Record-number masks (RFC 9147 4.2.3): two bytes from a sample of the ciphertext.
//!
//! The AES suites' mask is Botan's. The ChaCha20 suite's is not: it takes one block at a counter
//! that the sample gives, and Botan's C interface always begins at counter 0. That block comes
//! from the `chacha20` crate, and the suite is listed as borrowed for it.

use botan::BlockCipher;
use chacha20::ChaCha20LegacyCore;
use chacha20::cipher::{KeyIvInit, StreamCipherCore};
use dtls_crypto_api::{AeadAlgorithm, CryptoError, SAMPLE_LEN};
use zeroize::Zeroizing;

use crate::error::failed;

/// Where the ChaCha20 mask comes from.
pub(crate) const CHACHA_BORROWED_FROM: &str = "the chacha20 crate (record-number mask)";

const BAD_KEY: CryptoError = CryptoError::BadLength("record number key");

/// The mask function of one epoch and direction.
pub(crate) enum Mask {
    /// The sample, encrypted as one block. Botan wipes the key.
    Aes(BlockCipher),
    /// The first bytes of the key stream block whose counter and nonce the sample gives.
    ChaCha20(Zeroizing<[u8; 32]>),
}

impl Mask {
    pub(crate) fn new(aead: AeadAlgorithm, key: &[u8]) -> Result<Self, CryptoError> {
        if key.len() != aead.key_len() {
            return Err(BAD_KEY);
        }
        let cipher = match aead {
            AeadAlgorithm::ChaCha20Poly1305 => {
                return key
                    .try_into()
                    .map(|key| Self::ChaCha20(Zeroizing::new(key)))
                    .or(Err(BAD_KEY));
            }
            AeadAlgorithm::Aes256Gcm => "AES-256",
            _ => "AES-128",
        };
        let mut cipher = BlockCipher::new(cipher).map_err(failed("AES"))?;
        cipher.set_key(key).map_err(failed("AES"))?;
        Ok(Self::Aes(cipher))
    }

    /// The mask for a record whose ciphertext begins with `sample`.
    pub(crate) fn mask(&self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        match self {
            Self::Aes(cipher) => {
                let mut block = *sample;
                cipher.encrypt_in_place(&mut block).map_err(failed("AES"))?;
                Ok([block[0], block[1]])
            }
            Self::ChaCha20(key) => Ok(chacha20_mask(key, sample)),
        }
    }
}

/// The sample is a 32-bit counter and a 96-bit nonce. The cipher of RFC 8439 ends at its last
/// counter, which a sample may hold; the original ChaCha20 takes the same 16 bytes for a 64-bit
/// counter and a 64-bit nonce, makes the same block of them, and does not end there.
fn chacha20_mask(key: &[u8; 32], sample: &[u8; SAMPLE_LEN]) -> [u8; 2] {
    let [counter @ .., n0, n1, n2, n3, n4, n5, n6, n7] = *sample;
    let nonce = [n0, n1, n2, n3, n4, n5, n6, n7];
    let mut cipher = ChaCha20LegacyCore::new(key.into(), &nonce.into());
    cipher.set_block_pos(u64::from_le_bytes(counter));
    let mut block = [0; 64].into();
    cipher.write_keystream_block(&mut block);
    [block[0], block[1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        core::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
    }

    /// RFC 9001 A.2, A.3, A.5 and FIPS 197 C.3.
    ///
    /// req: 9147-4.2.3-01, 9147-4.2.3-02
    #[test]
    fn the_masks_are_the_published_ones() {
        let aes =
            Mask::new(AeadAlgorithm::Aes128Gcm, &bytes::<16>("9f50449e04a0e810283a1e9933adedd2"));
        let sample = bytes("d1b1c98dd7689fb8ec11d242b123dc9b");
        assert_eq!(aes.unwrap().mask(&sample).unwrap(), [0x43, 0x7b]);

        let key: [u8; 32] = core::array::from_fn(|i| i as u8);
        let aes = Mask::new(AeadAlgorithm::Aes256Gcm, &key).unwrap();
        let sample = bytes("00112233445566778899aabbccddeeff");
        assert_eq!(aes.mask(&sample).unwrap(), [0x8e, 0xa2]);

        let key: [u8; 32] =
            bytes("25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
        let chacha = Mask::new(AeadAlgorithm::ChaCha20Poly1305, &key).unwrap();
        let sample = bytes("5e5cd55c41f69080575d7999c25a5bfb");
        assert_eq!(chacha.mask(&sample).unwrap(), [0xae, 0xfe]);
    }

    /// Botan's own ChaCha20 agrees where its interface reaches: at counter 0.
    #[test]
    fn the_borrowed_mask_is_botans_at_counter_zero() {
        for fill in [0, 1, 0xff] {
            let key = [fill ^ 0x5a; 32];
            let mut sample = [fill; 16];
            sample[..4].fill(0);
            let mut botan =
                botan::Cipher::new("ChaCha20", botan::CipherDirection::Encrypt).unwrap();
            botan.set_key(&key).unwrap();
            let stream = botan.process(&sample[4..], &[0; 2]).unwrap();
            assert_eq!(chacha20_mask(&key, &sample)[..], stream);
        }
    }

    /// The last counter, which the RFC 8439 form of the crate refuses.
    #[test]
    fn the_last_counter_has_a_mask_too() {
        let mut sample = [7; 16];
        sample[..4].fill(0xff);
        let mut carried = sample;
        carried[..4].fill(0);
        assert_ne!(chacha20_mask(&[1; 32], &sample), chacha20_mask(&[1; 32], &carried));
    }
}
