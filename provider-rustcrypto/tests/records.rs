//! Record protection against known answers: AEAD, tag, mask, for every suite.

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

/// One record of the known-answer set, all in hex but the number.
struct Record {
    aead: AeadAlgorithm,
    key: &'static str,
    iv: &'static str,
    sn_key: &'static str,
    number: u64,
    aad: &'static str,
    inner: &'static str,
    ciphertext: &'static str,
    mask: &'static str,
}

/// req: 9147-4.2.3-01, 9147-4.2.3-02
#[rstest]
#[case::r1_flight(Record {
    aead: AeadAlgorithm::Aes128Gcm,
    key: "12f611f4342abaef95b288b8c8d3214f",
    iv: "b591a94e51d6613c57230bf2",
    sn_key: "ae97e68b65fce8c01138a0540e642193",
    number: 0x0,
    aad: "2e00000041",
    inner: "0800002400010000000000240022000a00140012001d00170018001901000101010201030104001c000240010000000016",
    ciphertext: "2ea8c2d01c861b9ede53a4100a93ee7670341b1cb807632a46341673be08934649eed6cfd41c5794b7e08ea79799dd13b555fcb1b30e6a6e8d283c8f04aa7af8ab",
    mask: "9fe1",
})]
#[case::r2_minimal_header(Record {
    aead: AeadAlgorithm::Aes128Gcm,
    key: "d939f354775a6f04da5f5f72f48460c8",
    iv: "3a9ce1b3153c2683a93ae66f",
    sn_key: "72bad06f6629c7b16f424dce1bbe83f4",
    number: 0x5,
    aad: "2305",
    inner: "4117",
    ciphertext: "38076d0055d5fa50264613660447b0f0f1fa",
    mask: "d971",
})]
#[case::r3_empty_data(Record {
    aead: AeadAlgorithm::Aes128Gcm,
    key: "d939f354775a6f04da5f5f72f48460c8",
    iv: "3a9ce1b3153c2683a93ae66f",
    sn_key: "72bad06f6629c7b16f424dce1bbe83f4",
    number: 0x1ffff,
    aad: "2fffff0011",
    inner: "17",
    ciphertext: "fc2cb7cd4a45e61f9cd3bfe13c319bd2ca",
    mask: "c09a",
})]
#[case::r4_chacha_with_cid(Record {
    aead: AeadAlgorithm::ChaCha20Poly1305,
    key: "1132036b768447f5db9305dcbbc736acc8ae30300457d973a68095c76be0ddb2",
    iv: "3a9ce1b3153c2683a93ae66f",
    sn_key: "b0680840e76630a86c62e18b41c363226b262a047762af55e03f867410183e0a",
    number: 0x1,
    aad: "3f01020300010015",
    inner: "70696e6717",
    ciphertext: "872d968cfef35a2a51397cc4f3a6a0d1e36df9eb2f",
    mask: "96e5",
})]
#[case::r5_aes256(Record {
    aead: AeadAlgorithm::Aes256Gcm,
    key: "d6732c55efc102933ffe3af6922bdb7fe44d18f2b7307173758bfeb457a6f9bb",
    iv: "8ae6b315daa064c6dfa5f10a",
    sn_key: "fc6f78156052e019518fb3ea0d77c796ca2da8796cc26b8e42c5b5395a72af1d",
    number: 0x80,
    aad: "27800015",
    inner: "70696e6717",
    ciphertext: "d84db9eec8bcf9237e72762808258b15eda0439138",
    mask: "1e4d",
})]
#[case::r6_ccm(Record {
    aead: AeadAlgorithm::Aes128Ccm,
    key: "d939f354775a6f04da5f5f72f48460c8",
    iv: "3a9ce1b3153c2683a93ae66f",
    sn_key: "72bad06f6629c7b16f424dce1bbe83f4",
    number: 0x2,
    aad: "2f00020015",
    inner: "70696e6717",
    ciphertext: "313fbbf05cfd4a2ea8579bb7d6da640a045543e76e",
    mask: "dc72",
})]
#[case::r7_ccm_8(Record {
    aead: AeadAlgorithm::Aes128Ccm8,
    key: "d939f354775a6f04da5f5f72f48460c8",
    iv: "3a9ce1b3153c2683a93ae66f",
    sn_key: "72bad06f6629c7b16f424dce1bbe83f4",
    number: 0x2,
    aad: "2f00020010",
    inner: "70696e6717000000",
    ciphertext: "313fbbf05cf5e41063811473e8d1b081",
    mask: "91cf",
})]
#[case::r8_ack(Record {
    aead: AeadAlgorithm::Aes128Gcm,
    key: "8cbd959f3eafc69f7830e0c25681b3a7",
    iv: "10c16da38e90f34be82e9a39",
    sn_key: "d143affa59aeaf47eba74a52859bcfe2",
    number: 0x0,
    aad: "2f00000033",
    inner: "002000000000000000020000000000000000000000000000000200000000000000011a",
    ciphertext: "23392f749d8907be5cf39972a073e73299616d1153cf770d7a34944424c1f60dc6ae62121a92358191f7f2221fe9523d0d07ca",
    mask: "ff53",
})]
#[case::r9_alert_with_padding(Record {
    aead: AeadAlgorithm::Aes128Gcm,
    key: "d939f354775a6f04da5f5f72f48460c8",
    iv: "3a9ce1b3153c2683a93ae66f",
    sn_key: "72bad06f6629c7b16f424dce1bbe83f4",
    number: 0x9,
    aad: "2f00090018",
    inner: "0100150000000000",
    ciphertext: "060180d573cb70f7daa3204edae122863a465c14fc8fb93f",
    mask: "7e66",
})]
fn a_record_is_protected_byte_for_byte(#[case] record: Record) {
    let (key, iv, sn_key) = (hex(record.key), hex_array(record.iv), hex(record.sn_key));
    let secrets =
        RecordSecrets { aead: record.aead, key: &key, iv: &iv, record_number_key: &sn_key };
    let (aad, inner) = (hex(record.aad), hex(record.inner));
    let ciphertext = hex(record.ciphertext);
    let sample = ciphertext.first_chunk().unwrap();

    let mut sealer = provider().seal_key(&secrets).unwrap();
    let mut buf = inner.clone();
    buf.resize(inner.len() + sealer.tag_len(), 0xee);
    sealer.seal(record.number, &aad, &mut buf).unwrap();
    assert_eq!(buf, ciphertext);
    assert_eq!(sealer.record_number_mask(sample).unwrap(), hex_array(record.mask));

    let mut opener = provider().open_key(&secrets).unwrap();
    assert_eq!(opener.record_number_mask(sample).unwrap(), hex_array(record.mask));
    let len = opener.open(record.number, &aad, &mut buf).unwrap();
    assert_eq!(&buf[..len], inner);
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
        assert_eq!(sealer.seal(5, b"", &mut buf), Ok(()));
        for used in [5, 4, 0] {
            let before = buf;
            let refused = sealer.seal(used, b"", &mut buf);
            assert_eq!(refused, Err(CryptoError::RecordNumberReused));
            assert_eq!(buf, before, "a refused call writes nothing");
        }
        assert_eq!(sealer.seal(6, b"", &mut buf), Ok(()));
        assert_eq!(sealer.seal(u64::MAX, b"", &mut buf), Ok(()));
        assert_eq!(sealer.seal(u64::MAX, b"", &mut buf), Err(CryptoError::RecordNumberReused));
    }
}

#[test]
fn number_zero_is_the_first_and_is_not_repeated() {
    let mut sealer = with_secrets(AeadAlgorithm::Aes128Gcm, |s| provider().seal_key(s)).unwrap();
    assert_eq!(sealer.seal(0, b"", &mut [0; 20]), Ok(()));
    assert_eq!(sealer.seal(0, b"", &mut [0; 20]), Err(CryptoError::RecordNumberReused));
}

#[test]
fn a_buffer_without_room_for_the_tag_is_refused() {
    for aead in ALL {
        let mut sealer = with_secrets(aead, |s| provider().seal_key(s)).unwrap();
        let mut opener = with_secrets(aead, |s| provider().open_key(s)).unwrap();
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
        let (right, wrong) = (vec![0; aead.key_len()], vec![0; aead.key_len() - 1]);
        for (key, sn_key) in [(&right, &wrong), (&wrong, &right)] {
            let secrets = RecordSecrets { aead, key, iv: &[0; 12], record_number_key: sn_key };
            assert!(matches!(provider().seal_key(&secrets), Err(CryptoError::BadLength(_))));
            assert!(matches!(provider().open_key(&secrets), Err(CryptoError::BadLength(_))));
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

        let mut buf = sealed.clone();
        prop_assert_eq!(opener.open(number, &aad, &mut buf), Ok(plaintext.len()));
        prop_assert_eq!(&buf[..plaintext.len()], &plaintext);

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
    }
}
