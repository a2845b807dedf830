//! Record protection: known answers, numbers used once, and what a failure leaves behind.

mod common;

use common::{hex, provider};
use dtls_crypto_api::{AeadAlgorithm, CryptoError, CryptoProvider, RecordSecrets};
use proptest::prelude::*;
use rstest::rstest;

const ALL: [AeadAlgorithm; 5] = [
    AeadAlgorithm::Aes128Gcm,
    AeadAlgorithm::Aes256Gcm,
    AeadAlgorithm::ChaCha20Poly1305,
    AeadAlgorithm::Aes128Ccm,
    AeadAlgorithm::Aes128Ccm8,
];

/// Test cases 4 and 16 of the GCM specification (McGrew and Viega), and RFC 8439 2.8.2. CCM has no
/// published vector with a nonce of 12 bytes and these tags; Wycheproof and another library, see
/// `agreement.rs`, cover it.
#[rstest]
#[case::gcm_4(
    AeadAlgorithm::Aes128Gcm,
    "feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"
)]
#[case::gcm_16(
    AeadAlgorithm::Aes256Gcm,
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
)]
#[case::rfc_8439(
    AeadAlgorithm::ChaCha20Poly1305,
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    "070000004041424344454647",
    "50515253c0c1c2c3c4c5c6c7",
    "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069742e",
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"
)]
fn a_published_ciphertext_comes_out(
    #[case] aead: AeadAlgorithm,
    #[case] key: &str,
    #[case] iv: &str,
    #[case] aad: &str,
    #[case] plaintext: &str,
    #[case] ciphertext: &str,
) {
    let (key, aad, plaintext) = (hex(key), hex(aad), hex(plaintext));
    let iv = hex(iv).try_into().unwrap();
    let record_number_key = vec![0; aead.key_len()];
    // Record number 0 leaves the IV as the nonce.
    let secrets = RecordSecrets { aead, key: &key, iv: &iv, record_number_key: &record_number_key };
    let mut record = plaintext.clone();
    record.resize(plaintext.len() + aead.tag_len(), 0xee);
    provider().seal_key(&secrets).unwrap().seal(0, &aad, &mut record).unwrap();
    assert_eq!(record, hex(ciphertext));
    let len = provider().open_key(&secrets).unwrap().open(0, &aad, &mut record).unwrap();
    assert_eq!(record[..len], plaintext);
}

/// Keys for any AEAD; what they are does not matter.
fn with_secrets<T>(aead: AeadAlgorithm, f: impl FnOnce(&RecordSecrets<'_>) -> T) -> T {
    let key = vec![0x11; aead.key_len()];
    let record_number_key = vec![0x22; aead.key_len()];
    f(&RecordSecrets { aead, key: &key, iv: &[0x33; 12], record_number_key: &record_number_key })
}

#[test]
fn a_number_is_sealed_once_and_only_upwards() {
    for aead in ALL {
        let mut sealer = with_secrets(aead, |s| provider().seal_key(s)).unwrap();
        let mut buf = [0; 40];
        assert_eq!(sealer.seal(0, b"", &mut buf), Ok(()));
        assert_eq!(sealer.seal(5, b"", &mut buf), Ok(()));
        for used in [5, 4, 0] {
            let before = buf;
            let refused = sealer.seal(used, b"", &mut buf);
            assert_eq!(refused, Err(CryptoError::RecordNumberReused));
            assert_eq!(buf, before, "a refused call writes nothing");
        }
        assert_eq!(sealer.seal(u64::MAX, b"", &mut buf), Ok(()));
        assert_eq!(sealer.seal(u64::MAX, b"", &mut buf), Err(CryptoError::RecordNumberReused));
    }
}

#[test]
fn a_buffer_without_room_for_the_tag_is_refused() {
    for aead in ALL {
        let mut sealer = with_secrets(aead, |s| provider().seal_key(s)).unwrap();
        let mut opener = with_secrets(aead, |s| provider().open_key(s)).unwrap();
        assert_eq!((sealer.tag_len(), opener.tag_len()), (aead.tag_len(), aead.tag_len()));
        for len in 0..aead.tag_len() {
            let mut buf = vec![7; len];
            assert!(matches!(sealer.seal(1, b"", &mut buf), Err(CryptoError::BadLength(_))));
            assert_eq!(opener.open(1, b"", &mut buf), Err(CryptoError::BadRecord));
        }
        let mut just_the_tag = vec![0; aead.tag_len()];
        assert_eq!(sealer.seal(1, b"aad", &mut just_the_tag), Ok(()));
        assert_eq!(opener.open(1, b"aad", &mut just_the_tag), Ok(0));
    }
}

#[test]
fn keys_of_a_wrong_length_are_refused() {
    for aead in ALL {
        let right = vec![0; aead.key_len()];
        for wrong in [0, 16, 24, 32, 15].into_iter().filter(|len| *len != aead.key_len()) {
            let wrong = vec![0; wrong];
            for (key, sn_key) in [(&right, &wrong), (&wrong, &right)] {
                let secrets = RecordSecrets { aead, key, iv: &[0; 12], record_number_key: sn_key };
                assert!(matches!(provider().seal_key(&secrets), Err(CryptoError::BadLength(_))));
                assert!(matches!(provider().open_key(&secrets), Err(CryptoError::BadLength(_))));
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_sealed_opens_and_what_was_touched_leaves_nothing(
        aead in prop::sample::select(&ALL[..]),
        number: u64,
        aad in prop::collection::vec(any::<u8>(), 0..24),
        plaintext in prop::collection::vec(1..=u8::MAX, 0..300),
        flip: prop::sample::Index,
        bit in 0..8,
    ) {
        let mut sealer = with_secrets(aead, |s| provider().seal_key(s)).unwrap();
        let mut opener = with_secrets(aead, |s| provider().open_key(s)).unwrap();
        let mut sealed = plaintext.clone();
        sealed.resize(plaintext.len() + aead.tag_len(), 0);
        sealer.seal(number, &aad, &mut sealed).unwrap();

        let mut touched = sealed.clone();
        let at = flip.index(touched.len());
        touched[at] ^= 1_u8 << bit;
        let other_aad = [&aad[..], b"x"].concat();
        for (number, aad, mut buf) in [
            (number, &aad, touched),
            (number ^ 1, &aad, sealed.clone()),
            (number, &other_aad, sealed.clone()),
        ] {
            prop_assert_eq!(opener.open(number, aad, &mut buf), Err(CryptoError::BadRecord));
            prop_assert!(buf.iter().all(|byte| *byte == 0));
        }

        // A failure leaves the key as good as it was.
        let mut buf = sealed;
        prop_assert_eq!(opener.open(number, &aad, &mut buf), Ok(plaintext.len()));
        prop_assert_eq!(&buf[..plaintext.len()], &plaintext);
    }
}
