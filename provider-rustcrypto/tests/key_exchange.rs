//! Key exchange: every group agrees with itself and with the published vectors, and refuses
//! what it must.

mod common;

use common::{hex, provider};
use dtls_crypto_api::{CryptoError, CryptoProvider, NamedGroup, hybrid};
use dtls_provider_rustcrypto::{RandomSource, RustCryptoProvider};
use rstest::rstest;

/// A provider whose only draw is this scalar.
fn with_scalar(scalar: &str) -> RustCryptoProvider {
    #[derive(Debug)]
    struct Fixed(Vec<u8>);
    impl RandomSource for Fixed {
        fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
            out.copy_from_slice(&self.0);
            Ok(())
        }
    }
    RustCryptoProvider::with_random(Fixed(hex(scalar)))
}

fn every_group() -> Vec<NamedGroup> {
    let provider = provider();
    let offered = provider.capabilities();
    offered.groups.iter().chain(&offered.kem_halves).map(|offered| offered.id).collect()
}

/// req: 8446-4.2.8.2-02, ecdhe-mlkem-4.1-01, ecdhe-mlkem-4.1-02, ecdhe-mlkem-4.1-03
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
        let len = match group {
            NamedGroup::SECP384R1 => 48,
            NamedGroup::SECP521R1 => 66,
            NamedGroup::X448 => 56,
            NamedGroup::X25519MLKEM768 | NamedGroup::SECP256R1MLKEM768 => 64,
            NamedGroup::SECP384R1MLKEM1024 => 80,
            _ => 32,
        };
        assert_eq!(secret.len(), len, "{group}");
    }
}

/// req: ecdhe-mlkem-4.1-01, ecdhe-mlkem-4.1-02, ecdhe-mlkem-4.1-03
#[rstest]
#[case(NamedGroup::X25519MLKEM768)]
#[case(NamedGroup::SECP256R1MLKEM768)]
#[case(NamedGroup::SECP384R1MLKEM1024)]
fn the_halves_of_a_hybrid_stand_in_wire_order(#[case] group: NamedGroup) {
    let (first, second) = hybrid::halves(group).unwrap();
    let client = provider().start_key_exchange(group).unwrap();
    let (share_1, share_2) = client.share().split_at(first.client_share_len().unwrap());
    let answer_1 = provider().encapsulate(first, share_1).unwrap();
    let answer_2 = provider().encapsulate(second, share_2).unwrap();
    let secret = client.complete(&[answer_1.share, answer_2.share].concat()).unwrap();
    let want = [answer_1.secret.expose(), answer_2.secret.expose()].concat();
    assert_eq!(secret.expose(), want);
}

/// req: ecdhe-mlkem-4.1-05
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

/// req: 8446-4.2.8.2-01
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
    let compressed = [&[2 + (good[2 * coordinate] & 1)], &good[1..=coordinate]].concat();
    // x = p + something small would be the same point if coordinates were reduced.
    let out_of_range = [&[4][..], &vec![0xff; 2 * coordinate]].concat();
    let zero = [&[4][..], &vec![0; 2 * coordinate]].concat();
    let wrong = [
        off_curve,
        compressed,
        out_of_range,
        zero,
        vec![0],
        vec![0; good.len()],
        with_first(0),
        with_first(2),
        with_first(3),
        with_first(5),
        with_first(6),
        with_first(7),
    ];
    for share in wrong {
        let answered = provider().encapsulate(group, &share).map(drop);
        assert_eq!(answered, Err(CryptoError::BadKeyShare), "{share:02x?}");
        let client = provider().start_key_exchange(group).unwrap();
        assert_eq!(client.complete(&share).map(drop), Err(CryptoError::BadKeyShare));
    }
}

/// req: 8446-7.4.2-01, ecdhe-mlkem-4.1-06
#[rstest]
#[case::zero("0000000000000000000000000000000000000000000000000000000000000000")]
#[case::one("0100000000000000000000000000000000000000000000000000000000000000")]
#[case::order_8("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
#[case::other_order_8("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
#[case::minus_one("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
#[case::zero_not_reduced("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
#[case::one_not_reduced("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
fn an_x25519_share_that_gives_all_zeros_is_refused(#[case] share: &str) {
    let share = hex(share);
    let refused = Err(CryptoError::BadKeyShare);
    assert_eq!(provider().encapsulate(NamedGroup::X25519, &share).map(drop), refused);
    let client = provider().start_key_exchange(NamedGroup::X25519).unwrap();
    assert_eq!(client.complete(&share).map(drop), refused);

    // The same inside a hybrid.
    let group = NamedGroup::X25519MLKEM768;
    let client = provider().start_key_exchange(group).unwrap();
    let mut hybrid_share = client.share().to_vec();
    hybrid_share.truncate(1184);
    hybrid_share.extend_from_slice(&share);
    assert_eq!(provider().encapsulate(group, &hybrid_share).map(drop), refused);
    let mut answer = provider().encapsulate(group, client.share()).unwrap().share;
    answer.truncate(1088);
    answer.extend_from_slice(&share);
    assert_eq!(client.complete(&answer).map(drop), refused);
}

#[cfg(feature = "x448")]
#[test]
fn an_x448_share_that_gives_all_zeros_is_refused() {
    let prime_minus = |low: u8| {
        let mut bytes = [0xff; 56];
        bytes[28] = 0xfe;
        bytes[0] = low;
        bytes
    };
    let mut one = [0; 56];
    one[0] = 1;
    for share in [[0; 56], one, prime_minus(0xfe), prime_minus(0xff)] {
        let answered = provider().encapsulate(NamedGroup::X448, &share).map(drop);
        assert_eq!(answered, Err(CryptoError::BadKeyShare));
    }
}

/// RFC 7748 5.2.
#[rstest]
#[case(
    "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
    "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
    "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
)]
#[case(
    "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
    "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
    "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
)]
fn x25519_is_that_of_rfc_7748(#[case] scalar: &str, #[case] share: &str, #[case] want: &str) {
    let key = with_scalar(scalar).start_key_exchange(NamedGroup::X25519).unwrap();
    let secret = key.complete(&hex(share)).unwrap();
    assert_eq!(secret.expose(), hex(want));
}

/// Made with an independent implementation: scalars and points whose product's x coordinate
/// begins with a zero byte.
///
/// req: 8446-7.4.2-02
#[rstest]
#[case(
    NamedGroup::SECP256R1,
    "b9895a6d1d1cd5222752e724a6d61810fcfbf19af8e2188363a251c0cc760a42",
    "046549e7d16f917fac85c7fe99f382ec84a8241d9a419d661e5da7b6609e076a541fb30dfa7710cc9800cbfaa2adb510b9ee28bc2996cbd75a53d1b895d335c9da",
    "002c5aa09819eb292e9a0622ce9283d2f95c77ca941ef6b85d94ee675602151a"
)]
#[case(
    NamedGroup::SECP384R1,
    "87da8ab90cb98f95511aa329455cab19cb3e6b5c8153b8e001ea2cace04ad45a94a35dd3d9630b0ce13419d1e2aafd7b",
    "04ea64eb595549b796137e223fcf3bb362f29548c54708ac83f0173b057b24c7a50b8d760dfc1e4e5b12f33ce8864d94143eb88c3b71defed7b9bb4e6b034da942a0b134b17eaed9d05d0751980f8a7fa22072fb7157fcf46ad33964dd8148dc16",
    "0042707c7f4bbc1ba1f22b83e960387405ae6bdbc618c7fe5c4b27d01c18d66c9c5af06edbadec62e8aea2565a7831fc"
)]
#[case(
    NamedGroup::SECP521R1,
    "00f444cb588e535fe78ceb365ec74c11bc5945abdcdcc11c0bec6ad3f744599f806097b77d3f9cda266640d69503514c3701d61a565079b0fb443c197add71f81fcd",
    "04000c62fab0b9dfb1a7acdf82d128896d8c6ebba72c912982eaa8743a4b90ee026648e4d1e42f1f441e017d9854af4cb06f9eb3c75d6578beaedfebc0558e278ae1b301867e0ab638ff8cebb56a8ac5f348d249919d8b27a0e4714af32d1383008653d07df55ba22260a4898b99f1b1251f0d0bc0a7aff5038512f7e9f33f8184f2d4f245",
    "000001a2edea777690d50134afdcefffc0c30c0b2bd9b6122c203cc9dbf80e5ef3014d6d31ca5159cbadf753e21047758094e19bf05bfb832668da0bbfacc7bdbae4"
)]
fn leading_zeros_of_a_nist_secret_are_kept(
    #[case] group: NamedGroup,
    #[case] scalar: &str,
    #[case] share: &str,
    #[case] want: &str,
) {
    let key = with_scalar(scalar).start_key_exchange(group).unwrap();
    let secret = key.complete(&hex(share)).unwrap();
    assert_eq!(secret.expose(), hex(want));
    assert_eq!(secret.expose()[0], 0);
}

/// A coefficient of 4095 is above the modulus 3329 of ML-KEM.
///
/// req: ecdhe-mlkem-4.1-04
#[rstest]
#[case(NamedGroup::MLKEM768, 0)]
#[case(NamedGroup::MLKEM1024, 0)]
#[case(NamedGroup::X25519MLKEM768, 0)]
#[case(NamedGroup::SECP256R1MLKEM768, 65)]
#[case(NamedGroup::SECP384R1MLKEM1024, 97)]
fn an_encapsulation_key_that_is_not_reduced_is_refused(
    #[case] group: NamedGroup,
    #[case] at: usize,
) {
    let mut share = provider().start_key_exchange(group).unwrap().share().to_vec();
    // Two coefficients of 12 bits in three bytes.
    share[at..at + 3].fill(0xff);
    let answered = provider().encapsulate(group, &share).map(drop);
    assert_eq!(answered, Err(CryptoError::BadKeyShare));
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
