//! Key exchange: every group agrees with itself, and refuses what it must.

mod common;

use common::{hex, provider};
use dtls_crypto_api::{CryptoError, CryptoProvider, NamedGroup};
use rstest::rstest;

const REFUSED: Result<(), CryptoError> = Err(CryptoError::BadKeyShare);

fn every_group() -> Vec<NamedGroup> {
    let provider = provider();
    let offered = provider.capabilities();
    offered.groups.iter().chain(&offered.kem_halves).map(|offered| offered.id).collect()
}

/// Both sides' answer to a share from somebody else.
fn answers(group: NamedGroup, share: &[u8]) -> [Result<(), CryptoError>; 2] {
    let client = provider().start_key_exchange(group).unwrap();
    [provider().encapsulate(group, share).map(drop), client.complete(share).map(drop)]
}

#[test]
fn the_groups_that_every_openssl_3_has_are_offered() {
    let groups = every_group();
    for group in [
        NamedGroup::X25519,
        NamedGroup::SECP256R1,
        NamedGroup::SECP384R1,
        NamedGroup::SECP521R1,
        NamedGroup::X448,
    ] {
        assert!(groups.contains(&group), "{group}");
    }
}

/// ML-KEM came with 3.5: the version that runs decides, not the one that was compiled against.
#[test]
fn the_hybrids_are_offered_exactly_where_the_library_has_ml_kem() {
    let provider = provider();
    let offered = provider.capabilities();
    let mut numbers = offered.version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap(), numbers.next().unwrap());
    let hybrids = offered.groups.iter().filter(|offered| offered.id.is_hybrid()).count();
    let expected = if version >= (3, 5) { (3, 2) } else { (0, 0) };
    assert_eq!((hybrids, offered.kem_halves.len()), expected, "{}", offered.version);
}

/// req: 8446-4.2.8.2-02
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
        assert!(secret.expose().iter().any(|byte| *byte != 0));
        let again = provider().start_key_exchange(group).unwrap();
        assert_ne!(again.share(), provider().start_key_exchange(group).unwrap().share());
    }
}

/// req: ecdhe-mlkem-4.1-05
#[test]
fn a_share_of_a_wrong_length_is_refused_in_every_group() {
    for group in every_group() {
        let share = provider().start_key_exchange(group).unwrap().share().to_vec();
        let answer = provider().encapsulate(group, &share).unwrap().share;
        let longer = |bytes: &[u8]| [bytes, &[0]].concat();
        for wrong in [&[][..], &share[1..], &longer(&share)] {
            assert_eq!(provider().encapsulate(group, wrong).map(drop), REFUSED, "{group}");
        }
        for wrong in [&[][..], &answer[1..], &longer(&answer)] {
            let client = provider().start_key_exchange(group).unwrap();
            assert_eq!(client.complete(wrong).map(drop), REFUSED, "{group}");
        }
    }
}

/// req: 8446-4.2.8.2-01
#[rstest]
#[case(NamedGroup::SECP256R1)]
#[case(NamedGroup::SECP384R1)]
#[case(NamedGroup::SECP521R1)]
fn a_point_that_is_not_uncompressed_and_on_the_curve_is_refused(#[case] group: NamedGroup) {
    let good = provider().start_key_exchange(group).unwrap().share().to_vec();
    let coordinate = (good.len() - 1) / 2;
    let mut off_curve = good.clone();
    off_curve[2 * coordinate] ^= 1;
    let compressed = [&[2 + (good[2 * coordinate] & 1)], &good[1..=coordinate]].concat();
    let out_of_range = [&[4][..], &vec![0xff; 2 * coordinate]].concat();
    let zero = [&[4][..], &vec![0; 2 * coordinate]].concat();
    let mut wrong = vec![off_curve, compressed, out_of_range, zero, vec![0], vec![0; good.len()]];
    // 6 and 7 are the hybrid form, which OpenSSL would take.
    wrong.extend([0, 2, 3, 5, 6, 7].map(|first| [&[first], &good[1..]].concat()));
    for share in wrong {
        assert_eq!(answers(group, &share), [REFUSED; 2], "{share:02x?}");
    }
}

/// req: 8446-7.4.2-01
#[rstest]
#[case::zero("0000000000000000000000000000000000000000000000000000000000000000")]
#[case::one("0100000000000000000000000000000000000000000000000000000000000000")]
#[case::order_8("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
#[case::minus_one("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
#[case::zero_not_reduced("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
fn an_x25519_share_that_gives_all_zeros_is_refused(#[case] share: &str) {
    assert_eq!(answers(NamedGroup::X25519, &hex(share)), [REFUSED; 2]);
}

/// req: 8446-7.4.2-01
#[test]
fn an_x448_share_that_gives_all_zeros_is_refused() {
    let (mut one, mut prime) = ([0; 56], [0xff; 56]);
    one[0] = 1;
    prime[28] = 0xfe;
    let mut minus_one = prime;
    minus_one[0] = 0xfe;
    for share in [[0; 56], one, prime, minus_one] {
        assert_eq!(answers(NamedGroup::X448, &share), [REFUSED; 2], "{share:02x?}");
    }
}

/// Two coefficients of 12 bits in three bytes: 4095 is above the modulus 3329 of ML-KEM.
///
/// req: ecdhe-mlkem-4.1-04
#[test]
fn an_encapsulation_key_that_is_not_reduced_is_refused() {
    for (group, at) in [
        (NamedGroup::MLKEM768, 0),
        (NamedGroup::MLKEM1024, 0),
        (NamedGroup::X25519MLKEM768, 0),
        (NamedGroup::SECP256R1MLKEM768, 65),
        (NamedGroup::SECP384R1MLKEM1024, 97),
    ] {
        if !every_group().contains(&group) {
            let refused = provider().start_key_exchange(group).map(drop);
            assert!(matches!(refused, Err(CryptoError::Unsupported(_))), "{group}");
            continue;
        }
        let mut share = provider().start_key_exchange(group).unwrap().share().to_vec();
        share[at..at + 3].fill(0xff);
        assert_eq!(provider().encapsulate(group, &share).map(drop), REFUSED, "{group}");
    }
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
