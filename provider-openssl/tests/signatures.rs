//! Signatures and keys, with keys and signatures from the `openssl` command and RFC 8032.

mod common;

use common::{hex, line, provider};
use dtls_crypto_api::HashAlgorithm::{Sha256, Sha384, Sha512};
use dtls_crypto_api::SignatureAlgorithm::{
    self as Algorithm, Ecdsa, Ed448, Ed25519, RsaPkcs1, RsaPssPss, RsaPssRsae,
};
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{CryptoError, CryptoProvider, Curve, KeyKind};
use rstest::rstest;

/// What the `openssl` command signed.
const MESSAGE: &[u8] = b"A message signed by somebody else.";

/// A key or signature of the `openssl` command's.
fn stored(name: &str) -> Vec<u8> {
    let file = include_str!("../../provider-rustcrypto/tests/data/openssl.txt");
    hex(line(file, name))
}

fn verify(
    algorithm: Algorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    provider().verify_signature(algorithm, &SubjectPublicKeyInfoDer::from(key), message, signature)
}

/// req: 8446-4.2.3-02
#[rstest]
#[case(Ecdsa(Curve::P256, Sha256), "p256", "ecdsa_p256_sha256")]
#[case(Ecdsa(Curve::P256, Sha384), "p256", "ecdsa_p256_sha384")]
#[case(Ecdsa(Curve::P256, Sha512), "p256", "ecdsa_p256_sha512")]
#[case(Ecdsa(Curve::P384, Sha256), "p384", "ecdsa_p384_sha256")]
#[case(Ecdsa(Curve::P384, Sha384), "p384", "ecdsa_p384_sha384")]
#[case(Ecdsa(Curve::P384, Sha512), "p384", "ecdsa_p384_sha512")]
#[case(Ecdsa(Curve::P521, Sha256), "p521", "ecdsa_p521_sha256")]
#[case(Ecdsa(Curve::P521, Sha384), "p521", "ecdsa_p521_sha384")]
#[case(Ecdsa(Curve::P521, Sha512), "p521", "ecdsa_p521_sha512")]
#[case(Ed25519, "ed25519", "ed25519")]
#[case(Ed448, "ed448", "ed448")]
#[case(RsaPkcs1(Sha256), "rsa2048", "pkcs1_sha256")]
#[case(RsaPkcs1(Sha384), "rsa2048", "pkcs1_sha384")]
#[case(RsaPkcs1(Sha512), "rsa2048", "pkcs1_sha512")]
#[case(RsaPkcs1(Sha256), "rsa_e3", "pkcs1_e3")]
#[case(RsaPssRsae(Sha256), "rsa2048", "rsae_sha256")]
#[case(RsaPssRsae(Sha384), "rsa2048", "rsae_sha384")]
#[case(RsaPssRsae(Sha512), "rsa2048", "rsae_sha512")]
#[case(RsaPssRsae(Sha256), "rsa2056", "rsae_2056")]
#[case(RsaPssPss(Sha256), "pss2048", "pss_sha256")]
#[case(RsaPssPss(Sha384), "pss2048", "pss_sha384")]
#[case(RsaPssPss(Sha512), "pss2048", "pss_sha512")]
#[case(RsaPssPss(Sha256), "pss2048_sha256", "pss_restricted")]
fn a_stored_signature_verifies_and_no_bit_of_it_may_change(
    #[case] algorithm: Algorithm,
    #[case] key: &str,
    #[case] signature: &str,
) {
    assert!(provider().capabilities().can_verify(algorithm));
    let key = stored(&format!("{key}.spki"));
    let signature = stored(&format!("{signature}.sig"));
    assert_eq!(verify(algorithm, &key, MESSAGE, &signature), Ok(()));
    let refused = Err(CryptoError::BadSignature);
    assert_eq!(verify(algorithm, &key, b"another message", &signature), refused);
    for at in (0..signature.len()).step_by(11) {
        let mut touched = signature.clone();
        touched[at] ^= 0x10;
        assert_eq!(verify(algorithm, &key, MESSAGE, &touched), refused, "byte {at}");
    }
    let longer = [&signature[..], &[0]].concat();
    for wrong_length in [&signature[1..], &signature[..signature.len() - 1], &longer, &[]] {
        assert_eq!(verify(algorithm, &key, MESSAGE, wrong_length), refused);
    }
}

/// req: 8446-4.2.3-02, 8446-4.2.3-04
#[rstest]
#[case::rsae_with_pss_key(RsaPssRsae(Sha256), "pss2048", "pss_sha256")]
#[case::pss_with_rsae_key(RsaPssPss(Sha256), "rsa2048", "rsae_sha256")]
#[case::pkcs1_with_pss_key(RsaPkcs1(Sha256), "pss2048", "pss_sha256")]
#[case::hash_the_key_forbids(RsaPssPss(Sha384), "pss2048_sha256", "pss_restricted")]
#[case::rsa_of_1024_bits(RsaPkcs1(Sha256), "rsa1024", "pkcs1_1024")]
#[case::other_curve(Ecdsa(Curve::P384, Sha256), "p256", "ecdsa_p256_sha256")]
#[case::compressed_point(Ecdsa(Curve::P256, Sha256), "p256_compressed", "ecdsa_p256_sha256")]
#[case::ecdsa_with_ed25519_key(Ecdsa(Curve::P256, Sha256), "ed25519", "ed25519")]
#[case::ed25519_with_ec_key(Ed25519, "p256", "ecdsa_p256_sha256")]
#[case::ed448_with_ed25519_key(Ed448, "ed25519", "ed25519")]
fn a_key_that_does_not_fit_the_algorithm_is_refused(
    #[case] algorithm: Algorithm,
    #[case] key: &str,
    #[case] signature: &str,
) {
    let key = stored(&format!("{key}.spki"));
    let signature = stored(&format!("{signature}.sig"));
    assert_eq!(verify(algorithm, &key, MESSAGE, &signature), Err(CryptoError::BadPublicKey));
}

/// req: 8446-4.2.3-02
#[rstest]
#[case::salt_of_20_bytes("rsae_salt20")]
#[case::mask_with_another_hash("rsae_mgf384")]
#[case::another_padding("pkcs1_sha256")]
fn pss_with_other_parameters_is_refused(#[case] signature: &str) {
    let signature = stored(&format!("{signature}.sig"));
    let refused = verify(RsaPssRsae(Sha256), &stored("rsa2048.spki"), MESSAGE, &signature);
    assert_eq!(refused, Err(CryptoError::BadSignature));
}

#[test]
fn a_damaged_public_key_is_refused() {
    for (algorithm, name) in
        [(Ecdsa(Curve::P256, Sha256), "p256"), (Ed25519, "ed25519"), (RsaPkcs1(Sha256), "rsa2048")]
    {
        let key = stored(&format!("{name}.spki"));
        let longer = [&key[..], &[0]].concat();
        let mut other_parameters = key.clone();
        // The last byte of the algorithm identifier, or of its parameters.
        let at = key.windows(2).position(|pair| pair == [0x03, 0x81] || pair == [0x03, 0x82]);
        other_parameters[at.unwrap_or(11) - 1] ^= 1;
        for damaged in [&[][..], &key[..key.len() - 1], &longer, &other_parameters] {
            let refused = verify(algorithm, damaged, MESSAGE, &[0; 64]);
            assert_eq!(refused, Err(CryptoError::BadPublicKey), "{name}");
        }
    }
    let mut off_curve = stored("p256.spki");
    *off_curve.last_mut().unwrap() ^= 1;
    let refused = verify(Ecdsa(Curve::P256, Sha256), &off_curve, MESSAGE, &[0; 64]);
    assert_eq!(refused, Err(CryptoError::BadPublicKey));
}

/// The same two numbers in other encodings, and numbers out of range.
#[test]
fn an_ecdsa_signature_has_one_encoding_only() {
    fn integer(value: &[u8]) -> Vec<u8> {
        [&[2, value.len() as u8], value].concat()
    }
    fn sequence(r: &[u8], s: &[u8]) -> Vec<u8> {
        let body = [integer(r), integer(s)].concat();
        [&[0x30, body.len() as u8][..], &body].concat()
    }
    let key = stored("p256.spki");
    let signature = stored("ecdsa_p256_sha256.sig");
    let (r_len, r_end) = (usize::from(signature[3]), usize::from(signature[3]) + 4);
    let (r, s) = (&signature[4..4 + r_len], &signature[r_end + 2..]);
    let check = |signature: &[u8]| verify(Ecdsa(Curve::P256, Sha256), &key, MESSAGE, signature);
    assert_eq!(check(&sequence(r, s)), Ok(()), "taken apart and put together");

    let order = hex("00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    for wrong in [
        [&[0x30, 0x81, signature[1]], &signature[2..]].concat(),
        [&[0x30, 0x80], &signature[2..], &[0, 0]].concat(),
        [&[0x31], &signature[1..]].concat(),
        sequence(&[&[0], r].concat(), s),
        sequence(r, &[&[0], s].concat()),
        sequence(&[0], s),
        sequence(r, &[0]),
        sequence(&order, s),
        sequence(r, &order),
        sequence(r, &[]),
    ] {
        assert_eq!(check(&wrong), Err(CryptoError::BadSignature), "{wrong:02x?}");
    }
}

/// With the neutral element as the key, one signature would fit every message; so it would, for
/// one message in eight, with any other point of small order.
#[rstest]
#[case::neutral("0100000000000000000000000000000000000000000000000000000000000000")]
#[case::neutral_with_a_sign("0100000000000000000000000000000000000000000000000000000000000080")]
#[case::neutral_not_reduced("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
#[case::order_2("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
#[case::order_4("0000000000000000000000000000000000000000000000000000000000000000")]
#[case::order_8("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
#[case::other_order_8("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
fn an_ed25519_key_of_small_order_verifies_nothing(#[case] point: &str) {
    let key = hex(&format!("302a300506032b6570032100{point}"));
    let neutral = hex("0100000000000000000000000000000000000000000000000000000000000000");
    let signature = [&neutral[..], &[0; 32]].concat();
    for message in 0..32_u8 {
        assert_eq!(verify(Ed25519, &key, &[message], &signature), Err(CryptoError::BadPublicKey));
    }
}

/// Points (0, 1), (0, -1) and (1, 0), and what is not reduced.
#[test]
fn an_ed448_key_of_small_order_verifies_nothing() {
    let number = |low: u8, rest: [u8; 2]| {
        let mut y = [rest[0]; 57];
        (y[0], y[28], y[56]) = (low, rest[1], 0);
        y
    };
    for y in [
        number(0, [0, 0]),
        number(1, [0, 0]),
        number(0xfe, [0xff, 0xfe]),
        number(0xff, [0xff, 0xfe]),
    ] {
        let key = [&hex("3043300506032b6571033a00")[..], &y].concat();
        let signature = [&number(1, [0, 0])[..], &[0; 57]].concat();
        assert_eq!(verify(Ed448, &key, b"anything", &signature), Err(CryptoError::BadPublicKey));
    }
}

/// RFC 8032 7.1, tests 1 and 3, and 7.4, the first.
#[rstest]
#[case(
    Ed25519,
    "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)]
#[case(
    Ed25519,
    "302e020100300506032b657004220420c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "302a300506032b6570032100fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
)]
#[case(
    Ed448,
    "3047020100300506032b6571043b04396c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
    "3043300506032b6571033a005fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
    "",
    "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600"
)]
fn edwards_curves_sign_as_rfc_8032_says(
    #[case] algorithm: Algorithm,
    #[case] pkcs8: &str,
    #[case] public: &str,
    #[case] message: &str,
    #[case] signature: &str,
) {
    let key = provider().load_private_key(&PrivateKeyDer::Pkcs8(hex(pkcs8).into())).unwrap();
    assert_eq!(key.public_key(), hex(public));
    assert_eq!(key.sign(algorithm, &hex(message)).unwrap(), hex(signature));
    assert_eq!(verify(algorithm, key.public_key(), &hex(message), &hex(signature)), Ok(()));
}

fn pkcs8(name: &str) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(stored(&format!("{name}.pkcs8")).into())
}

fn sec1(name: &str) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Sec1(stored(&format!("{name}.sec1")).into())
}

#[rstest]
#[case(pkcs8("p256"), "p256", 1)]
#[case(pkcs8("p384"), "p384", 1)]
#[case(pkcs8("p521"), "p521", 1)]
#[case(pkcs8("ed25519"), "ed25519", 1)]
#[case(pkcs8("ed448"), "ed448", 1)]
#[case(sec1("p256"), "p256", 1)]
#[case(sec1("p384"), "p384", 1)]
#[case(sec1("p521"), "p521", 1)]
#[case(pkcs8("rsa2048"), "rsa2048", 6)]
#[case(pkcs8("pss2048"), "pss2048", 3)]
#[case(pkcs8("pss2048_sha256"), "pss2048_sha256", 1)]
#[case(PrivateKeyDer::Pkcs1(stored("rsa2048.pkcs1").into()), "rsa2048", 6)]
fn a_stored_key_loads_and_signs(
    #[case] der: PrivateKeyDer<'static>,
    #[case] name: &str,
    #[case] algorithms: usize,
) {
    let key = provider().load_private_key(&der).unwrap();
    assert_eq!(key.public_key(), stored(&format!("{name}.spki")));
    assert_eq!(key.algorithms().len(), algorithms);
    for &algorithm in key.algorithms() {
        assert!(provider().capabilities().can_sign(algorithm));
        let signature = key.sign(algorithm, b"message").unwrap();
        assert_eq!(verify(algorithm, key.public_key(), b"message", &signature), Ok(()));
    }
    let other = key.sign(Algorithm::MlDsa44, b"message");
    assert!(matches!(other, Err(CryptoError::Unsupported(_))));
}

#[test]
fn a_restricted_pss_key_offers_only_its_own_hash() {
    let key = provider().load_private_key(&pkcs8("pss2048_sha256")).unwrap();
    assert_eq!(key.algorithms(), [RsaPssPss(Sha256)]);
}

/// The reason a key is refused for.
#[track_caller]
fn refusal(der: &PrivateKeyDer<'_>) -> &'static str {
    match provider().load_private_key(der).map(drop) {
        Err(CryptoError::BadPrivateKey(why) | CryptoError::Unsupported(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case("p256")]
#[case("ed25519")]
#[case("rsa2048")]
fn a_damaged_or_misnamed_key_is_refused(#[case] name: &str) {
    let whole = stored(&format!("{name}.pkcs8"));
    let pkcs8 = |der: &[u8]| refusal(&PrivateKeyDer::Pkcs8(der.to_vec().into()));
    assert_eq!(pkcs8(&[]), "it is not PKCS#8");
    assert_eq!(pkcs8(&whole[..whole.len() - 1]), "it is not PKCS#8");
    assert_eq!(pkcs8(&[&whole[..], &[0]].concat()), "it is not PKCS#8");
    assert_eq!(refusal(&PrivateKeyDer::Sec1(whole.clone().into())), "it is not SEC1");
    assert_eq!(refusal(&PrivateKeyDer::Pkcs1(whole.into())), "it is not PKCS#1");
}

/// Each number of an RSA key in turn, and the public key beside an elliptic one.
#[test]
fn a_key_whose_parts_contradict_each_other_is_refused() {
    let contradictory = "its numbers are out of range or do not fit together";
    for form in [stored("p256.pkcs8"), stored("p384.pkcs8"), stored("p521.pkcs8")] {
        let mut touched = form;
        *touched.last_mut().unwrap() ^= 1;
        assert_eq!(refusal(&PrivateKeyDer::Pkcs8(touched.into())), contradictory);
    }
    let whole = stored("rsa2048.pkcs1");
    let mut at = 4;
    let mut touched_numbers = 0;
    while at < whole.len() {
        let (len, header) = match whole[at + 1] {
            0x82 => (usize::from(whole[at + 2]) << 8 | usize::from(whole[at + 3]), 4),
            0x81 => (usize::from(whole[at + 2]), 3),
            short => (usize::from(short), 2),
        };
        // The version is no number of the key's; the public exponent stays odd.
        if at > 4 {
            let mut touched = whole.clone();
            touched[at + header + len - 1] ^= 2;
            let refused = refusal(&PrivateKeyDer::Pkcs1(touched.into()));
            assert_eq!(refused, contradictory, "number {touched_numbers}");
            touched_numbers += 1;
        }
        at += header + len;
    }
    assert_eq!(touched_numbers, 8);
}

#[test]
fn a_private_number_out_of_range_is_refused() {
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let curve = "a00a06082a8648ce3d030107";
    for number in [order, &"00".repeat(32)] {
        let der = hex(&format!("30310201010420{number}{curve}"));
        let refused = refusal(&PrivateKeyDer::Sec1(der.into()));
        assert_eq!(refused, "its numbers are out of range or do not fit together");
    }
}

/// `openssl pkcs8 -topk8 -v2 aes-128-cbc`, shortened: the outer structure tells.
#[test]
fn an_encrypted_key_is_refused_as_encrypted() {
    let der = hex("301c 300f 06092a864886f70d01050d 3002 0500 0409 0102030405060708 09");
    assert!(refusal(&PrivateKeyDer::Pkcs8(der.into())).contains("encrypted"));
}

/// RFC 5958 allows the public key beside the private one; SEC 1 allows it to be compressed.
#[test]
fn a_public_key_in_the_file_is_compared_in_every_form() {
    let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let version_2 = format!("3051020101300506032b657004220420{seed}812100{public}");
    let key = provider().load_private_key(&PrivateKeyDer::Pkcs8(hex(&version_2).into())).unwrap();
    assert_eq!(key.algorithms(), [Ed25519]);
    let other = version_2.replace("07511a", "07511b");
    assert!(refusal(&PrivateKeyDer::Pkcs8(hex(&other).into())).contains("do not fit together"));

    // The stored key's own number and point, put together anew.
    let sec1 = stored("p256.sec1");
    let (number, point) = (&sec1[7..39], &stored("p256_compressed.spki")[26..]);
    let key = |form: u8| {
        let head = [&hex("3057020101 0420")[..], number, &hex("a00a06082a8648ce3d030107")].concat();
        let mut der = [&head[..], &hex("a124032200"), &[form], &point[1..]].concat();
        der[1] = (der.len() - 2) as u8;
        PrivateKeyDer::Sec1(der.into())
    };
    let loaded = provider().load_private_key(&key(point[0])).unwrap();
    assert_eq!(loaded.public_key(), stored("p256.spki"));
    assert!(refusal(&key(point[0] ^ 1)).contains("do not fit together"));
}

/// ML-DSA came with 3.5: the version that runs decides, not the one that was compiled against.
#[test]
fn ml_dsa_is_offered_exactly_where_the_library_has_it() {
    let provider = provider();
    let offered = provider.capabilities();
    let mut numbers = offered.version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap(), numbers.next().unwrap());
    for (algorithm, kind) in [
        (Algorithm::MlDsa44, KeyKind::MlDsa44),
        (Algorithm::MlDsa65, KeyKind::MlDsa65),
        (Algorithm::MlDsa87, KeyKind::MlDsa87),
    ] {
        let expected = version >= (3, 5);
        assert_eq!(offered.can_verify(algorithm), expected, "{}", offered.version);
        assert_eq!(offered.can_sign(algorithm), expected);
        assert_eq!(provider.generate_private_key(kind).is_ok(), expected);
    }
}

#[test]
fn every_listed_kind_of_key_is_made_signs_and_loads_again() {
    let provider = provider();
    for kind in provider.capabilities().generate.iter().map(|offered| offered.id) {
        if kind == KeyKind::Rsa(4096) {
            continue; // Takes long and differs in nothing but the time.
        }
        let made = provider.generate_private_key(kind).unwrap();
        let der = PrivateKeyDer::Pkcs8(made.pkcs8.as_slice().into());
        let loaded = provider.load_private_key(&der).unwrap();
        assert_eq!(loaded.public_key(), made.key.public_key());
        assert_eq!(loaded.algorithms(), made.key.algorithms());
        for &algorithm in loaded.algorithms() {
            let signature = loaded.sign(algorithm, b"message").unwrap();
            assert_eq!(verify(algorithm, made.key.public_key(), b"message", &signature), Ok(()));
            let other = verify(algorithm, made.key.public_key(), b"another", &signature);
            assert_eq!(other, Err(CryptoError::BadSignature), "{algorithm:?}");
        }
        let again = provider.generate_private_key(kind).unwrap();
        assert_ne!(again.key.public_key(), made.key.public_key());
    }
    for bits in [0, 1024, 2047, 8193, u16::MAX] {
        let refused = provider.generate_private_key(KeyKind::Rsa(bits)).map(drop);
        assert_eq!(refused, Err(CryptoError::Unsupported("an RSA key of this size")));
    }
}

#[test]
fn two_ecdsa_signatures_of_one_message_differ() {
    let key = provider().load_private_key(&pkcs8("p256")).unwrap();
    let algorithm = Ecdsa(Curve::P256, Sha256);
    assert_ne!(key.sign(algorithm, b"m").unwrap(), key.sign(algorithm, b"m").unwrap());
}

#[test]
fn one_key_signs_on_several_threads_at_once() {
    let key = provider().load_private_key(&pkcs8("rsa2048")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let signature = key.sign(RsaPssRsae(Sha384), b"message").unwrap();
                    let verified =
                        verify(RsaPssRsae(Sha384), key.public_key(), b"message", &signature);
                    assert_eq!(verified, Ok(()));
                }
            });
        }
    });
}

#[test]
fn nothing_secret_is_printed() {
    let made = provider().generate_private_key(KeyKind::Ecdsa(Curve::P256)).unwrap();
    let printed = format!("{made:?} {:?}", provider());
    assert!(printed.contains("Ecdsa(P256, Sha256)") && printed.len() < 250, "{printed}");
}
