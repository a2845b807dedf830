//! The mask that hides record numbers (RFC 9147 4.2.3).

use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, BlockSizeUser, KeyInit, KeyIvInit, StreamCipherCore};
use aes::{Aes128Enc, Aes256Enc};
use chacha20::ChaCha20LegacyCore;
use dtls_crypto_api::{CryptoError, SAMPLE_LEN};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What refuses a record-number key of the wrong length.
const BAD_KEY: CryptoError = CryptoError::BadLength("record number key");

/// A way to make masks, with its key schedule computed once.
pub(crate) trait RecordNumberMask: Sized + Send {
    /// Takes the `sn_key` of an epoch and direction.
    fn new(key: &[u8]) -> Result<Self, CryptoError>;

    /// The mask for a record whose ciphertext begins with `sample`.
    fn mask(&self, sample: &[u8; SAMPLE_LEN]) -> [u8; 2];
}

/// The AES suites' mask: the sample, encrypted as one block.
pub(crate) struct AesMask<C>(C);

// The cipher wipes itself.
impl<C: ZeroizeOnDrop> ZeroizeOnDrop for AesMask<C> {}

pub(crate) type Aes128Mask = AesMask<Aes128Enc>;
pub(crate) type Aes256Mask = AesMask<Aes256Enc>;

impl<C> RecordNumberMask for AesMask<C>
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit + ZeroizeOnDrop + Send,
{
    fn new(key: &[u8]) -> Result<Self, CryptoError> {
        C::new_from_slice(key).map(Self).map_err(|_| BAD_KEY)
    }

    fn mask(&self, sample: &[u8; SAMPLE_LEN]) -> [u8; 2] {
        let mut block = (*sample).into();
        self.0.encrypt_block(&mut block);
        [block[0], block[1]]
    }
}

/// The ChaCha20 suite's mask: the first bytes of the block whose counter and nonce the sample
/// gives.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct ChaChaMask([u8; 32]);

impl RecordNumberMask for ChaChaMask {
    fn new(key: &[u8]) -> Result<Self, CryptoError> {
        key.try_into().map(Self).map_err(|_| BAD_KEY)
    }

    fn mask(&self, sample: &[u8; SAMPLE_LEN]) -> [u8; 2] {
        // The state's last four words are one 32-bit counter and a 96-bit nonce here. The RFC
        // 8439 cipher stops at its last counter value, which a sample may well hold; the
        // original ChaCha20 sees the same words as a 64-bit counter and a 64-bit nonce, and has
        // no such end.
        let [c0, c1, c2, c3, n0, n1, n2, n3, nonce @ ..] = *sample;
        let counter = u64::from_le_bytes([c0, c1, c2, c3, n0, n1, n2, n3]);
        let mut cipher = ChaCha20LegacyCore::new(&self.0.into(), &nonce.into());
        cipher.set_block_pos(counter);
        let mut block = [0; 64].into();
        cipher.write_keystream_block(&mut block);
        [block[0], block[1]]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        core::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
    }

    /// req: 9147-4.2.3-01
    #[rstest]
    // RFC 9001 A.2 and A.3: QUIC's header protection makes its mask the same way.
    #[case("9f50449e04a0e810283a1e9933adedd2", "d1b1c98dd7689fb8ec11d242b123dc9b", [0x43, 0x7b])]
    #[case("c206b8d9b9f0f37644430b490eeaa314", "2cd0991cd25b0aac406a5816b6394100", [0x2e, 0xc0])]
    fn the_aes_128_mask_is_the_encrypted_sample(
        #[case] key: &str,
        #[case] sample: &str,
        #[case] mask: [u8; 2],
    ) {
        let made = Aes128Mask::new(&bytes::<16>(key)).unwrap();
        assert_eq!(made.mask(&bytes(sample)), mask);
    }

    /// req: 9147-4.2.3-01
    #[test]
    fn the_aes_256_mask_is_the_encrypted_sample() {
        // FIPS 197 C.3.
        let made = Aes256Mask::new(&core::array::from_fn::<u8, 32, _>(|i| i as u8)).unwrap();
        assert_eq!(made.mask(&bytes("00112233445566778899aabbccddeeff")), [0x8e, 0xa2]);
    }

    /// req: 9147-4.2.3-02
    #[test]
    fn the_chacha20_mask_is_the_block_the_sample_points_at() {
        // RFC 9001 A.5.
        let key: [u8; 32] =
            bytes("25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
        let made = ChaChaMask::new(&key).unwrap();
        assert_eq!(made.mask(&bytes("5e5cd55c41f69080575d7999c25a5bfb")), [0xae, 0xfe]);
    }

    /// The ChaCha20 block function straight from RFC 8439 2.3, where the state's words 12 to 15
    /// are whatever the sample says.
    fn reference_mask(key: &[u8; 32], sample: &[u8; 16]) -> [u8; 2] {
        fn quarter_round(state: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
            for (x, y, z, by) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
                state[x] = state[x].wrapping_add(state[y]);
                state[z] = (state[z] ^ state[x]).rotate_left(by);
            }
        }
        let constant = *b"expand 32-byte k";
        let mut initial = [0; 16];
        let input = constant.iter().chain(key).chain(sample).copied();
        for (i, byte) in input.enumerate() {
            initial[i / 4] |= u32::from(byte) << (8 * (i % 4));
        }
        let mut state = initial;
        for _ in 0..10 {
            for column in 0..4 {
                quarter_round(&mut state, [column, column + 4, column + 8, column + 12]);
            }
            for diagonal in 0..4 {
                let turned = |row: usize| 4 * row + (diagonal + row) % 4;
                quarter_round(&mut state, [turned(0), turned(1), turned(2), turned(3)]);
            }
        }
        let [b0, b1, ..] = state[0].wrapping_add(initial[0]).to_le_bytes();
        [b0, b1]
    }

    #[test]
    fn the_reference_agrees_with_rfc_9001() {
        let key = bytes("25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4");
        assert_eq!(reference_mask(&key, &bytes("5e5cd55c41f69080575d7999c25a5bfb")), [0xae, 0xfe]);
    }

    proptest! {
        /// req: 9147-4.2.3-02
        #[test]
        fn the_chacha20_mask_is_right_for_every_counter(
            key: [u8; 32],
            nonce: [u8; 12],
            counter in prop_oneof![
                Just(0),
                Just(1),
                Just(u32::MAX),
                Just(u32::MAX - 1),
                Just(u32::MAX / 64),
                Just(1 << 31),
                any::<u32>(),
            ],
        ) {
            let mut sample = [0; 16];
            sample[..4].copy_from_slice(&counter.to_le_bytes());
            sample[4..].copy_from_slice(&nonce);
            let made = ChaChaMask::new(&key).unwrap();
            prop_assert_eq!(made.mask(&sample), reference_mask(&key, &sample));
        }

        #[test]
        fn the_chacha20_nonce_may_hold_anything_too(key: [u8; 32], counter: u32, edge: bool) {
            let mut sample = [if edge { 0xff } else { 0 }; 16];
            sample[..4].copy_from_slice(&counter.to_le_bytes());
            let made = ChaChaMask::new(&key).unwrap();
            prop_assert_eq!(made.mask(&sample), reference_mask(&key, &sample));
        }
    }
}
