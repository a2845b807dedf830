//! The key schedule, by the library's own TLS 1.3 function, against the values of RFC 8448 and
//! those with the labels of DTLS 1.3.

mod common;

use common::{hex, line, provider};
use dtls_crypto_api::HashAlgorithm::{self, Sha256, Sha384};
use dtls_crypto_api::{CryptoError, CryptoProvider, Label, Secret, generic};
use proptest::prelude::*;
use rstest::rstest;

/// Lines `value NAME TLS13 DTLS13` and `message NAME HEX`.
const TRACE: &str = include_str!("../../provider-rustcrypto/tests/data/key_schedule.txt");

fn value(column: usize, name: &str) -> Vec<u8> {
    let columns = line(TRACE, &format!("value {name}"));
    hex(columns.split(' ').nth(column).unwrap())
}

fn transcript(messages: &[&str]) -> Vec<u8> {
    let mut hash = provider().hash(Sha256).unwrap();
    for name in messages {
        hash.update(&hex(line(TRACE, &format!("message {name}"))));
    }
    hash.finish().as_ref().to_vec()
}

/// The shared secret of RFC 8448 3.
const SHARED: &str = "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d";

/// req: 9147-4.2.3-03
#[rstest]
#[case::tls(0, b"tls13 ")]
#[case::dtls(1, b"dtls13")]
fn the_secrets_of_the_trace_come_out(#[case] column: usize, #[case] prefix: &[u8; 6]) {
    let provider = provider();
    let extract = |name, previous: Option<&Secret>, input| {
        let secret = provider.schedule_extract(Sha256, prefix, previous, input).unwrap();
        assert_eq!(secret.expose(), value(column, name), "{name}");
        secret
    };
    let expand = |name, secret: &[u8], label: &str, context: &[u8]| {
        let want = value(column, name);
        let mut out = vec![0; want.len()];
        let label = Label { prefix, label: label.as_bytes(), context };
        let secret = Secret::new(secret).unwrap();
        provider.schedule_expand(Sha256, &secret, &label, &mut out).unwrap();
        assert_eq!(out, want, "{name}");
        out
    };

    let (shared, psk) = (hex(SHARED), value(column, "psk"));
    let early = extract("early_secret", None, None);
    expand("derived_1", early.expose(), "derived", &transcript(&[]));
    let handshake = extract("handshake_secret", Some(&early), Some(&shared));
    let hellos = transcript(&["ClientHello", "ServerHello"]);
    expand("client_handshake_traffic_secret", handshake.expose(), "c hs traffic", &hellos);
    let server =
        expand("server_handshake_traffic_secret", handshake.expose(), "s hs traffic", &hellos);
    expand("server_handshake_key", &server, "key", b"");
    expand("server_handshake_iv", &server, "iv", b"");
    let finished = expand("server_finished_key", &server, "finished", b"");
    let flight =
        ["ClientHello", "ServerHello", "EncryptedExtensions", "Certificate", "CertificateVerify"];
    let verify_data = provider.hmac(Sha256, &finished, &[&transcript(&flight)]).unwrap();
    assert_eq!(verify_data.as_ref(), value(column, "server_verify_data"));
    let main = extract("main_secret", Some(&handshake), None);
    let flight = [&flight[..], &["server_Finished"]].concat();
    expand("exporter_secret", main.expose(), "exp master", &transcript(&flight));
    let flight = [&flight[..], &["client_Finished"]].concat();
    let resumption = expand("resumption_secret", main.expose(), "res master", &transcript(&flight));
    expand("ticket_psk_nonce_0000", &resumption, "resumption", &[0, 0]);
    extract("psk_early_secret", None, Some(&psk));
}

proptest! {
    /// Whichever function of the library serves a label, the answer is that of plain HKDF.
    #[test]
    fn the_tls_function_and_plain_hkdf_agree(
        hash in prop::sample::select(&[Sha256, Sha384][..]),
        secret in prop::collection::vec(any::<u8>(), 48),
        label in prop::collection::vec(any::<u8>(), 1..=249),
        context in prop::collection::vec(any::<u8>(), 0..=255),
        len in 0_usize..300,
        previous: bool,
        input: Option<[u8; 40]>,
    ) {
        let provider = provider();
        let secret = Secret::new(&secret[..hash.output_len()]).unwrap();
        let label = Label { prefix: b"dtls13", label: &label, context: &context };
        let (mut ours, mut plain) = (vec![0; len], vec![0; len]);
        provider.schedule_expand(hash, &secret, &label, &mut ours).unwrap();
        generic::schedule_expand(&provider, hash, &secret, &label, &mut plain).unwrap();
        prop_assert_eq!(ours, plain);

        let previous = previous.then_some(&secret);
        let input = input.as_ref().map(|input| &input[..]);
        let ours = provider.schedule_extract(hash, b"dtls13", previous, input).unwrap();
        let plain =
            generic::schedule_extract(&provider, hash, b"dtls13", previous, input).unwrap();
        prop_assert_eq!(ours.expose(), plain.expose());
    }
}

#[test]
fn lengths_that_a_label_cannot_hold_are_refused() {
    let provider = provider();
    let secret = Secret::new(&[7; 32]).unwrap();
    let expand = |label: &[u8], context: &[u8], len| {
        let label = Label { prefix: b"dtls13", label, context };
        provider.schedule_expand(Sha256, &secret, &label, &mut vec![0; len])
    };
    assert_eq!(expand(&[b'x'; 249], &[0; 255], 16), Ok(()));
    for refused in [
        expand(&[b'x'; 250], b"", 16),
        expand(b"key", &[0; 256], 16),
        expand(b"key", b"", 255 * 32 + 1),
        expand(b"key", b"", 1 << 16),
    ] {
        assert!(matches!(refused, Err(CryptoError::BadLength(_))), "{refused:?}");
    }
}

/// RFC 5869 A.1 to A.3: input, salt, info, pseudorandom key, output.
#[rstest]
#[case::basic(
    "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    "000102030405060708090a0b0c",
    "f0f1f2f3f4f5f6f7f8f9",
    "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
)]
#[case::without_salt_and_info(
    "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    "",
    "",
    "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
)]
fn hkdf_is_that_of_rfc_5869(
    #[case] ikm: &str,
    #[case] salt: &str,
    #[case] info: &str,
    #[case] prk: &str,
    #[case] okm: &str,
) {
    let extracted = provider().hkdf_extract(Sha256, &hex(salt), &hex(ikm)).unwrap();
    assert_eq!(extracted.expose(), hex(prk));
    let (info, okm) = (hex(info), hex(okm));
    let mut out = vec![0; okm.len()];
    let (first, second) = info.split_at(info.len() / 3);
    provider().hkdf_expand(Sha256, &extracted, &[first, second], &mut out).unwrap();
    assert_eq!(out, okm);
}

#[test]
fn hkdf_takes_the_edges() {
    let provider = provider();
    let prk = Secret::new(&[1; 48]).unwrap();
    let mut out = vec![0; 255 * 48 + 1];
    let too_long = provider.hkdf_expand(Sha384, &prk, &[], &mut out);
    assert!(matches!(too_long, Err(CryptoError::BadLength(_))));
    out.pop();
    assert_eq!(provider.hkdf_expand(Sha384, &prk, &[], &mut out), Ok(()));
    assert!(!out.ends_with(&[0; 16]), "the last block is written");
    assert_eq!(provider.hkdf_expand(Sha384, &prk, &[], &mut []), Ok(()));
    // Extract is HMAC by definition, for nothing as well.
    let nothing = provider.hkdf_extract(Sha256, b"salt", b"").unwrap();
    assert_eq!(nothing.expose(), provider.hmac(Sha256, b"salt", &[]).unwrap().as_ref());
}

/// FIPS 180-4's example message.
#[rstest]
#[case(HashAlgorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
#[case(
    HashAlgorithm::Sha384,
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
)]
#[case(
    HashAlgorithm::Sha512,
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
)]
fn a_hash_goes_in_pieces_and_forks_stay_apart(#[case] hash: HashAlgorithm, #[case] want: &str) {
    let mut whole = provider().hash(hash).unwrap();
    assert_eq!(whole.algorithm(), hash);
    whole.update(b"a");
    let mut fork = whole.fork();
    fork.update(b"x");
    whole.update(b"bc");
    assert_eq!(whole.finish().as_ref(), hex(want));
    assert_ne!(fork.finish().as_ref(), hex(want));
}

/// RFC 4231, test cases 1, 2 and 6 (a key longer than a block), and a key of no bytes.
#[rstest]
#[case(&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
#[case(
    b"Jefe",
    b"what do ya want for nothing?",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
)]
#[case(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")]
#[case(b"", b"", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")]
fn hmac_is_that_of_rfc_4231(#[case] key: &[u8], #[case] data: &[u8], #[case] want: &str) {
    let whole = provider().hmac(Sha256, key, &[data]).unwrap();
    assert_eq!(whole.as_ref(), hex(want));
    let (first, second) = data.split_at(data.len() / 2);
    assert_eq!(provider().hmac(Sha256, key, &[first, b"", second]).unwrap(), whole);
}
