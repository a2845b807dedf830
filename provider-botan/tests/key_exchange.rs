//! Key exchange: every group agrees with itself, and refuses what it must.

mod common;

use common::{hex, provider};
use dtls_crypto_api::{CryptoError, CryptoProvider, NamedGroup};
use rstest::rstest;

fn every_group() -> Vec<NamedGroup> {
    let provider = provider();
    let offered = provider.capabilities();
    let groups: Vec<_> = offered.groups.iter().chain(&offered.kem_halves).map(|o| o.id).collect();
    assert_eq!(groups.len(), 10, "this library has everything");
    groups
}

#[test]
fn both_sides_agree_in_every_group_and_shares_have_their_length() {
    for group in every_group() {
        let client = provider().start_key_exchange(group).unwrap();
        assert_eq!(client.group(), group);
        assert_eq!(Some(client.share().len()), group.client_share_len(), "{group}");
        let server = provider().encapsulate(group, client.share()).unwrap();
        assert_eq!(Some(server.share.len()), group.server_share_len(), "{group}");
        let secret = client.complete(&server.share).unwrap();
        assert_eq!(secret.expose(), server.secret.expose(), "{group}");
    }
}

#[test]
fn a_share_of_a_wrong_length_is_refused_in_every_group() {
    let refused = Err(CryptoError::BadKeyShare);
    for group in every_group() {
        let share = provider().start_key_exchange(group).unwrap().share().to_vec();
        let answer = provider().encapsulate(group, &share).unwrap().share;
        let longer = |bytes: &[u8]| [bytes, &[0]].concat();
        for wrong in [&[][..], &share[1..], &longer(&share)] {
            assert_eq!(provider().encapsulate(group, wrong).map(drop), refused, "{group}");
        }
        for wrong in [&[][..], &answer[1..], &longer(&answer)] {
            let client = provider().start_key_exchange(group).unwrap();
            assert_eq!(client.complete(wrong).map(drop), refused, "{group}");
        }
    }
}

/// Botan itself would take the compressed and the hybrid forms.
#[rstest]
#[case(NamedGroup::SECP256R1)]
#[case(NamedGroup::SECP384R1)]
#[case(NamedGroup::SECP521R1)]
fn a_point_that_is_not_uncompressed_and_on_the_curve_is_refused(#[case] group: NamedGroup) {
    let good = provider().start_key_exchange(group).unwrap().share().to_vec();
    let coordinate = (good.len() - 1) / 2;
    let with_first = |byte: u8| [&[byte], &good[1..]].concat();
    let mut off_curve = good.clone();
    off_curve[2 * coordinate] ^= 1;
    let parity = good[2 * coordinate] & 1;
    let wrong = [
        off_curve,
        [&[2 + parity], &good[1..=coordinate]].concat(),
        [&[4][..], &vec![0xff; 2 * coordinate]].concat(),
        [&[4][..], &vec![0; 2 * coordinate]].concat(),
        vec![0],
        vec![0; good.len()],
        with_first(2 + parity),
        with_first(5),
        with_first(6 + parity),
    ];
    for share in wrong {
        let answered = provider().encapsulate(group, &share).map(drop);
        assert_eq!(answered, Err(CryptoError::BadKeyShare), "{share:02x?}");
        let client = provider().start_key_exchange(group).unwrap();
        assert_eq!(client.complete(&share).map(drop), Err(CryptoError::BadKeyShare));
    }
}

#[rstest]
#[case::zero(NamedGroup::X25519, vec![0; 32])]
#[case::one(NamedGroup::X25519, [vec![1], vec![0; 31]].concat())]
#[case::order_8(
    NamedGroup::X25519,
    hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")
)]
#[case::zero_not_reduced(NamedGroup::X25519, [vec![0xed], vec![0xff; 30], vec![0x7f]].concat())]
#[case::zero_of_448(NamedGroup::X448, vec![0; 56])]
#[case::one_of_448(NamedGroup::X448, [vec![1], vec![0; 55]].concat())]
#[case::minus_one_of_448(
    NamedGroup::X448,
    [vec![0xfe], vec![0xff; 27], vec![0xfe], vec![0xff; 27]].concat()
)]
fn a_share_that_gives_all_zeros_is_refused(#[case] group: NamedGroup, #[case] share: Vec<u8>) {
    let refused = Err(CryptoError::BadKeyShare);
    assert_eq!(provider().encapsulate(group, &share).map(drop), refused);
    let client = provider().start_key_exchange(group).unwrap();
    assert_eq!(client.complete(&share).map(drop), refused);
}

/// A coefficient of 4095 is above the modulus 3329 of ML-KEM.
#[rstest]
#[case(NamedGroup::MLKEM768)]
#[case(NamedGroup::MLKEM1024)]
fn an_encapsulation_key_that_is_not_reduced_is_refused(#[case] group: NamedGroup) {
    let mut share = provider().start_key_exchange(group).unwrap().share().to_vec();
    // Two coefficients of 12 bits in three bytes.
    share[..3].fill(0xff);
    let answered = provider().encapsulate(group, &share).map(drop);
    assert_eq!(answered, Err(CryptoError::BadKeyShare));
}

/// Botan looks for PEM in what it is given as DER, and finds it inside of a share as well: here a
/// key of ML-KEM-512, for which the server's share would be 768 bytes long.
#[test]
fn an_encapsulation_key_with_another_key_in_it_is_refused() {
    let mut rng = botan::RandomNumberGenerator::new_system().unwrap();
    let inner = botan::Privkey::create("ML-KEM", "ML-KEM-512", &mut rng).unwrap();
    let mut share = inner.pubkey().unwrap().pem_encode().unwrap().into_bytes();
    for group in [NamedGroup::MLKEM768, NamedGroup::MLKEM1024] {
        share.resize(group.client_share_len().unwrap(), 0);
        let answered = provider().encapsulate(group, &share).map(drop);
        assert_eq!(answered, Err(CryptoError::BadKeyShare), "{group}");
    }
}

/// ML-KEM rejects implicitly: the secrets differ and nobody learns why.
#[test]
fn a_changed_ciphertext_gives_another_secret() {
    let client = provider().start_key_exchange(NamedGroup::MLKEM768).unwrap();
    let server = provider().encapsulate(NamedGroup::MLKEM768, client.share()).unwrap();
    let mut ciphertext = server.share;
    ciphertext[5] ^= 1;
    assert_ne!(client.complete(&ciphertext).unwrap().expose(), server.secret.expose());
}

#[test]
fn a_group_that_is_not_offered_is_unsupported() {
    for group in [NamedGroup::MLKEM512, NamedGroup(0x0100), NamedGroup(0x0a0a)] {
        let started = provider().start_key_exchange(group).map(drop);
        assert!(matches!(started, Err(CryptoError::Unsupported(_))));
        let answered = provider().encapsulate(group, &[0; 32]).map(drop);
        assert!(matches!(answered, Err(CryptoError::Unsupported(_))));
    }
}
