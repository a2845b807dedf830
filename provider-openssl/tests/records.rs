//! Record protection against known answers, and what it does with everything that is wrong.

mod common;

use common::{hex, hex_array, provider};
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

/// Keys for any AEAD; what they are does not matter.
fn with_secrets<T>(aead: AeadAlgorithm, f: impl FnOnce(&RecordSecrets<'_>) -> T) -> T {
    let (key, record_number_key) = (vec![0x11; aead.key_len()], vec![0x22; aead.key_len()]);
    f(&RecordSecrets { aead, key: &key, iv: &[0x33; 12], record_number_key: &record_number_key })
}

/// Seals `text` as record `number`.
fn sealed(aead: AeadAlgorithm, number: u64, aad: &[u8], text: &[u8]) -> Vec<u8> {
    let mut key = with_secrets(aead, |secrets| provider().seal_key(secrets)).unwrap();
    let mut buf = text.to_vec();
    buf.resize(text.len() + key.tag_len(), 0xee);
    key.seal(number, aad, &mut buf).unwrap();
    buf
}

/// Published records: key, nonce (the IV of record 0), header, text, text and tag sealed.
///
/// req: 9147-4.2.3-01, 9147-4.2.3-02
#[rstest]
// The GCM specification, test cases 4 and 16, as one block cipher each.
#[case::gcm_128(
    AeadAlgorithm::Aes128Gcm,
    "feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"
)]
#[case::gcm_256(
    AeadAlgorithm::Aes256Gcm,
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    "cafebabefacedbaddecaf888",
    "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
)]
// RFC 8439 2.8.2.
#[case::chacha20(
    AeadAlgorithm::ChaCha20Poly1305,
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    "070000004041424344454647",
    "50515253c0c1c2c3c4c5c6c7",
    "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069742e",
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"
)]
fn a_published_record_is_protected_byte_for_byte(
    #[case] aead: AeadAlgorithm,
    #[case] key: &str,
    #[case] iv: &str,
    #[case] aad: &str,
    #[case] text: &str,
    #[case] want: &str,
) {
    let (key, iv, aad, text, want) = (hex(key), hex_array(iv), hex(aad), hex(text), hex(want));
    let secrets = RecordSecrets { aead, key: &key, iv: &iv, record_number_key: &key };
    let mut sealer = provider().seal_key(&secrets).unwrap();
    let mut buf = text.clone();
    buf.resize(text.len() + 16, 0);
    sealer.seal(0, &aad, &mut buf).unwrap();
    assert_eq!(buf, want);
    let mut opener = provider().open_key(&secrets).unwrap();
    let len = opener.open(0, &aad, &mut buf).unwrap();
    assert_eq!(&buf[..len], text);
}

/// RFC 9001 A.2, A.3 and A.5 (QUIC makes its mask the same way), and FIPS 197 C.3.
///
/// req: 9147-4.2.3-01, 9147-4.2.3-02
#[rstest]
#[case(AeadAlgorithm::Aes128Gcm, "9f50449e04a0e810283a1e9933adedd2", "d1b1c98dd7689fb8ec11d242b123dc9b", [0x43, 0x7b])]
#[case(AeadAlgorithm::Aes128Ccm, "c206b8d9b9f0f37644430b490eeaa314", "2cd0991cd25b0aac406a5816b6394100", [0x2e, 0xc0])]
#[case(AeadAlgorithm::ChaCha20Poly1305, "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4", "5e5cd55c41f69080575d7999c25a5bfb", [0xae, 0xfe])]
#[case(AeadAlgorithm::Aes256Gcm, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "00112233445566778899aabbccddeeff", [0x8e, 0xa2])]
fn a_published_mask_comes_out_again_and_again(
    #[case] aead: AeadAlgorithm,
    #[case] key: &str,
    #[case] sample: &str,
    #[case] mask: [u8; 2],
) {
    let (key, sample) = (hex(key), hex_array(sample));
    let secrets = RecordSecrets { aead, key: &key, iv: &[0; 12], record_number_key: &key };
    let mut sealer = provider().seal_key(&secrets).unwrap();
    let mut opener = provider().open_key(&secrets).unwrap();
    for _ in 0..3 {
        assert_eq!(sealer.record_number_mask(&sample), Ok(mask));
        assert_eq!(opener.record_number_mask(&sample), Ok(mask));
        // Another sample in between leaves no trace.
        sealer.record_number_mask(&[0xff; 16]).unwrap();
    }
}

#[test]
fn a_number_is_sealed_once_and_only_upwards() {
    for aead in ALL {
        let mut key = with_secrets(aead, |secrets| provider().seal_key(secrets)).unwrap();
        let mut seal = |number| key.seal(number, b"aad", &mut [0; 40]);
        assert_eq!(seal(0), Ok(()));
        assert_eq!(seal(0), Err(CryptoError::RecordNumberReused));
        assert_eq!(seal(7), Ok(()));
        for used in [7, 6, 1, 0] {
            assert_eq!(seal(used), Err(CryptoError::RecordNumberReused));
        }
        assert_eq!(seal(u64::MAX), Ok(()));
        assert_eq!(seal(u64::MAX), Err(CryptoError::RecordNumberReused));
    }
}

#[test]
fn a_buffer_without_room_for_the_tag_is_refused_and_costs_no_number() {
    for aead in ALL {
        let mut key = with_secrets(aead, |secrets| provider().seal_key(secrets)).unwrap();
        let mut short = vec![0; key.tag_len() - 1];
        assert_eq!(key.seal(5, b"", &mut short), Err(CryptoError::BadLength("record")));
        let mut empty = vec![0; key.tag_len()];
        assert_eq!(key.seal(5, b"", &mut empty), Ok(()));
    }
}

#[test]
fn keys_of_a_wrong_length_are_refused() {
    for aead in ALL {
        let right = vec![1; aead.key_len()];
        for wrong in [0, aead.key_len() - 1, aead.key_len() + 1, 64] {
            let wrong = vec![1; wrong];
            for (key, record_number_key) in [(&right, &wrong), (&wrong, &right)] {
                let secrets = RecordSecrets { aead, key, iv: &[0; 12], record_number_key };
                let refused = |error| matches!(error, CryptoError::BadLength(_));
                assert!(provider().seal_key(&secrets).map(drop).is_err_and(refused));
                assert!(provider().open_key(&secrets).map(drop).is_err_and(refused));
            }
        }
    }
}

proptest! {
    /// Whatever is changed, the record does not open and nothing of the text is left; the key
    /// opens the untouched record afterwards.
    #[test]
    fn a_touched_record_leaves_no_text(
        aead in prop::sample::select(&ALL[..]),
        text in prop::collection::vec(any::<u8>(), 0..200),
        aad in prop::collection::vec(any::<u8>(), 0..300),
        at: prop::sample::Index,
        number: u64,
    ) {
        let record = sealed(aead, number, &aad, &text);
        let mut key = with_secrets(aead, |secrets| provider().open_key(secrets)).unwrap();
        let mut touched = record.clone();
        touched[at.index(record.len())] ^= 0x04;
        let cut = record[..at.index(record.len())].to_vec();
        let longer = [&record[..], &[0]].concat();
        let other_aad = [&aad[..], &[0]].concat();
        for (mut wrong, number, aad) in [
            (touched, number, &aad),
            (cut, number, &aad),
            (longer, number, &aad),
            (record.clone(), number ^ 1, &aad),
            (record.clone(), number, &other_aad),
        ] {
            prop_assert_eq!(key.open(number, aad, &mut wrong), Err(CryptoError::BadRecord));
            prop_assert!(wrong.iter().all(|byte| *byte == 0));
        }
        let mut good = record;
        let len = key.open(number, &aad, &mut good).unwrap();
        prop_assert_eq!(&good[..len], text);
    }
}

#[test]
fn the_largest_record_and_the_smallest_go_through() {
    for aead in ALL {
        for len in [0, 1, 15, 16, 17, (1 << 14) + 256] {
            let text = vec![0xa5; len];
            let mut record = sealed(aead, 1, b"header", &text);
            let mut key = with_secrets(aead, |secrets| provider().open_key(secrets)).unwrap();
            assert_eq!(key.open(1, b"header", &mut record), Ok(len), "{aead:?}");
            assert_eq!(record[..len], text);
        }
    }
}
