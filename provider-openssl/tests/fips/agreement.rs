//! Handshake-shaped use of the module: what it computes is what the RustCrypto crates compute, whose
//! code nobody shared.

use dtls_crypto_api::HashAlgorithm::{self, Sha256, Sha384};
use dtls_crypto_api::pki_types::SubjectPublicKeyInfoDer;
use dtls_crypto_api::{
    CipherSuite, CryptoError, CryptoProvider, Curve, KeyKind, Label, NamedGroup, RecordSecrets,
    Secret, SignatureAlgorithm, generic,
};
use dtls_provider_rustcrypto::RustCryptoProvider;
use rstest::rstest;

use crate::fips;

/// Two providers that have to come to the same.
fn both() -> [Box<dyn CryptoProvider>; 2] {
    [Box::new(fips()), Box::new(RustCryptoProvider::new())]
}

/// The whole schedule of a connection: with and without a PSK, both traffic secrets, keys of
/// records, Finished, tickets, exporters.
fn schedule(provider: &dyn CryptoProvider, hash: HashAlgorithm, psk: Option<&[u8]>) -> Vec<u8> {
    let extract = |previous: Option<&Secret>, input: Option<&[u8]>| {
        provider.schedule_extract(hash, b"dtls13", previous, input).unwrap()
    };
    let expand = |secret: &Secret, label: &[u8], context: &[u8], len: usize| {
        let mut out = vec![0; len];
        let label = Label::dtls13(label, context);
        provider.schedule_expand(hash, secret, &label, &mut out).unwrap();
        out
    };
    let (len, transcript) = (hash.output_len(), vec![0x5a; hash.output_len()]);
    let early = extract(None, psk);
    let handshake = extract(Some(&early), Some(&[0x0b; 48]));
    let main = extract(Some(&handshake), None);
    let mut all = [early.expose(), handshake.expose(), main.expose()].concat();
    all.extend(expand(&early, b"ext binder", &transcript, len));
    for (secret, label) in [
        (&handshake, &b"c hs traffic"[..]),
        (&handshake, b"s hs traffic"),
        (&main, b"c ap traffic"),
        (&main, b"exp master"),
        (&main, b"res master"),
    ] {
        let traffic = expand(secret, label, &transcript, len);
        let secret = Secret::new(&traffic).unwrap();
        for (label, len) in [(&b"key"[..], 16), (b"iv", 12), (b"sn", 32), (b"finished", len)] {
            all.extend(expand(&secret, label, b"", len));
        }
        all.extend(expand(&secret, b"traffic upd", b"", len));
        all.extend(expand(&secret, b"resumption", &[0; 8], len));
        // A nonce longer than a hash, for which the module's TLS function has no room.
        all.extend(expand(&secret, b"resumption", &[1; 255], len));
        // An output of several blocks, and the longest label.
        all.extend(expand(&secret, &[b'x'; 249], &transcript, 300));
    }
    all
}

/// req: 9147-4.2.3-03
#[rstest]
fn the_modules_tls_function_is_plain_hkdf_with_the_labels_of_dtls(
    #[values(Sha256, Sha384)] hash: HashAlgorithm,
    #[values(None, Some(&[7; 32][..]), Some(&[7; 80][..]))] psk: Option<&[u8]>,
) {
    let [module, pure] = both();
    assert_eq!(schedule(&*module, hash, psk), schedule(&*pure, hash, psk));
}

/// The step from one extraction to the next, which the module does itself, is "derived" over the
/// hash of nothing, with the prefix that it is given.
#[rstest]
fn the_step_between_extractions_is_derived_over_the_empty_transcript(
    #[values(Sha256, Sha384)] hash: HashAlgorithm,
    #[values(b"dtls13", b"tls13 ")] prefix: &[u8; 6],
) {
    let [module, pure] = both();
    let early = module.schedule_extract(hash, prefix, None, None).unwrap();
    let whole = module.schedule_extract(hash, prefix, Some(&early), Some(&[3; 32])).unwrap();
    let stepwise = generic::schedule_extract(&*pure, hash, prefix, Some(&early), Some(&[3; 32]));
    assert_eq!(whole.expose(), stepwise.unwrap().expose());
    let other = if prefix == b"dtls13" { b"tls13 " } else { b"dtls13" };
    let other = module.schedule_extract(hash, other, Some(&early), Some(&[3; 32])).unwrap();
    assert_ne!(whole.expose(), other.expose());
}

/// Under 112 bits. Module 3.1.2 takes them; later ones may be installed so that they do not, and
/// then there is an error that names the key schedule. Either way nothing is computed wrong.
#[rstest]
fn a_short_psk_gives_the_right_secret_or_an_error(#[values(1, 8, 13, 14)] len: usize) {
    let [module, pure] = both();
    let psk = vec![0x2a; len];
    let right = pure.schedule_extract(Sha256, b"dtls13", None, Some(&psk)).unwrap();
    match module.schedule_extract(Sha256, b"dtls13", None, Some(&psk)) {
        Ok(secret) => assert_eq!(secret.expose(), right.expose()),
        Err(error) => assert_eq!(error, CryptoError::Backend("TLS 1.3 key schedule")),
    }
}

#[test]
fn hmac_and_hkdf_agree() {
    let [module, pure] = both();
    for hash in [Sha256, Sha384] {
        for (key, data) in [(&[1; 32][..], &b"data"[..]), (&[2; 200], b""), (&[3; 48], &[4; 1000])]
        {
            let ours = module.hmac(hash, key, &[data, b"more"]).unwrap();
            assert_eq!(ours, pure.hmac(hash, key, &[data, b"more"]).unwrap());
            let [ours, theirs] = [&module, &pure].map(|provider| {
                let prk = provider.hkdf_extract(hash, key, data).unwrap();
                let mut out = [0; 100];
                provider.hkdf_expand(hash, &prk, &[b"in", b"fo"], &mut out).unwrap();
                out
            });
            assert_eq!(ours, theirs);
        }
    }
}

/// req: 8446-4.2.8.2-01, 8446-4.2.8.2-02
#[rstest]
fn keys_are_exchanged_in_both_roles_and_bad_points_refused(
    #[values(NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1)]
    group: NamedGroup,
) {
    let [module, pure] = both();
    for (client, server) in [(&module, &pure), (&pure, &module), (&module, &module)] {
        let started = client.start_key_exchange(group).unwrap();
        let answer = server.encapsulate(group, started.share()).unwrap();
        let secret = started.complete(&answer.share).unwrap();
        assert_eq!(secret.expose(), answer.secret.expose());
    }
    let good = pure.start_key_exchange(group).unwrap().share().to_vec();
    let coordinate = (good.len() - 1) / 2;
    let mut off_curve = good.clone();
    *off_curve.last_mut().unwrap() ^= 1;
    let compressed = [&[2 | (good[2 * coordinate] & 1)], &good[1..=coordinate]].concat();
    let hybrid_form = [&[6 | (good[2 * coordinate] & 1)], &good[1..]].concat();
    let zeros = [&[4][..], &vec![0; 2 * coordinate]].concat();
    let longer = [&good[..], &[0]].concat();
    for share in [off_curve, compressed, hybrid_form, zeros, longer, vec![0], vec![]] {
        let refused = Err(CryptoError::BadKeyShare);
        assert_eq!(module.encapsulate(group, &share).map(drop), refused, "{share:02x?}");
        let client = module.start_key_exchange(group).unwrap();
        assert_eq!(client.complete(&share).map(drop), refused, "{share:02x?}");
    }
}

#[test]
fn records_are_sealed_by_one_and_opened_by_the_other() {
    let [module, pure] = both();
    let suites = module.capabilities().cipher_suites.clone();
    for aead in suites.iter().map(|offered| offered.id).filter_map(CipherSuite::aead) {
        let (key, record_number_key) = (vec![0x51; aead.key_len()], vec![0x52; aead.key_len()]);
        let iv = [0x53; 12];
        let secrets =
            RecordSecrets { aead, key: &key, iv: &iv, record_number_key: &record_number_key };
        for (sealer, opener) in [(&module, &pure), (&pure, &module)] {
            let mut seal = sealer.seal_key(&secrets).unwrap();
            let mut open = opener.open_key(&secrets).unwrap();
            for (number, len) in [(0, 0), (1, 1), (2, 1200), (1 << 48, (1 << 14) + 256)] {
                let text: Vec<u8> = (0..len + seal.tag_len()).map(|i| i as u8).collect();
                let mut record = text.clone();
                seal.seal(number, b"a header", &mut record).unwrap();
                let sample = record.first_chunk().unwrap_or(&[0xff; 16]);
                let mask = seal.record_number_mask(sample).unwrap();
                assert_eq!(open.record_number_mask(sample), Ok(mask), "{aead:?}");
                for at in [0, record.len() - 1] {
                    let mut touched = record.clone();
                    touched[at] ^= 1;
                    let refused = open.open(number, b"a header", &mut touched);
                    assert_eq!(refused, Err(CryptoError::BadRecord));
                    assert!(touched.iter().all(|byte| *byte == 0));
                }
                assert_eq!(open.open(number, b"a header", &mut record), Ok(len), "{aead:?}");
                assert_eq!(record[..len], text[..len]);
            }
            let used = seal.seal(1, b"", &mut [0; 40]);
            assert_eq!(used, Err(CryptoError::RecordNumberReused));
        }
    }
}

#[test]
fn signatures_are_made_by_one_and_verified_by_the_other() {
    let [module, pure] = both();
    let mut seen = Vec::new();
    for (signer, verifier) in [(&module, &pure), (&pure, &module)] {
        for kind in [
            KeyKind::Ecdsa(Curve::P256),
            KeyKind::Ecdsa(Curve::P384),
            KeyKind::Ecdsa(Curve::P521),
            KeyKind::Rsa(2048),
        ] {
            if !signer.capabilities().generate.iter().any(|offered| offered.id == kind) {
                continue; // RustCrypto signs with RSA only behind a feature.
            }
            let key = signer.generate_private_key(kind).unwrap().key;
            let public = SubjectPublicKeyInfoDer::from(key.public_key());
            for &algorithm in key.algorithms() {
                let signature = key.sign(algorithm, b"message").unwrap();
                let verify = |message: &[u8]| {
                    verifier.verify_signature(algorithm, &public, message, &signature)
                };
                assert_eq!(verify(b"message"), Ok(()), "{algorithm:?}");
                assert_eq!(verify(b"another"), Err(CryptoError::BadSignature), "{algorithm:?}");
                seen.push(algorithm);
            }
        }
    }
    for hash in [Sha256, Sha384, HashAlgorithm::Sha512] {
        assert!(seen.contains(&SignatureAlgorithm::RsaPssRsae(hash)));
        assert!(seen.contains(&SignatureAlgorithm::RsaPkcs1(hash)));
    }
    let ecdsa = seen.iter().filter(|algorithm| matches!(algorithm, SignatureAlgorithm::Ecdsa(..)));
    assert_eq!(ecdsa.count(), 6);
}

/// With the same key the default provider opens what the module sealed: the same envelope.
#[test]
fn an_envelope_opens_again_and_no_other() {
    let envelope = fips().envelope(&[5; 32]).unwrap();
    let sealed = envelope.seal(b"ticket", b"a session").unwrap();
    assert_eq!(envelope.open(b"ticket", &sealed).unwrap(), b"a session");
    let default = crate::common::provider().envelope(&[5; 32]).unwrap();
    assert_eq!(default.open(b"ticket", &sealed).unwrap(), b"a session");
    for at in [0, 11, 12, 24, sealed.len() - 1] {
        let mut touched = sealed.clone();
        touched[at] ^= 1;
        assert_eq!(envelope.open(b"ticket", &touched), Err(CryptoError::BadEnvelope));
    }
    assert_eq!(envelope.open(b"cookie", &sealed), Err(CryptoError::BadEnvelope));
}
