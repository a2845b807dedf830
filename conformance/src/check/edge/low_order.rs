//! Points of low order on Curve25519 and Curve448: whatever the private key, the result is zero,
//! and that ends the handshake (RFC 8446 7.4.2). Alone and as the half of a hybrid, in both roles.

use dtls_crypto_api::{CryptoError, NamedGroup};

use super::hybrids::with_half;
use crate::check::tally::{Case, During, Tally, Verdict, refused};
use crate::vectors::Bytes;

/// All u coordinates of order 1, 2, 4 and 8 (RFC 7748 7), of the curve and of its twist, reduced
/// and not.
const CURVE25519: [&str; 12] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    // With the highest bit set, which is to be ignored (RFC 7748 5).
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

/// The same of Curve448: 0, 1, p - 1, p and p + 1.
const CURVE448: [&str; 5] = [
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    "fefffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "00000000000000000000000000000000000000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

pub(in crate::check) fn low_order_x25519(tally: &mut Tally<'_>) -> Verdict {
    low_order(tally, NamedGroup::X25519, NamedGroup::X25519, &CURVE25519)?;
    if tally.provider().capabilities().has_group(NamedGroup::X25519MLKEM768) {
        low_order(tally, NamedGroup::X25519MLKEM768, NamedGroup::X25519, &CURVE25519)
    } else {
        tally.not_offered(NamedGroup::X25519MLKEM768, 1);
        Ok(())
    }
}

pub(in crate::check) fn low_order_x448(tally: &mut Tally<'_>) -> Verdict {
    low_order(tally, NamedGroup::X448, NamedGroup::X448, &CURVE448)
}

fn low_order(
    tally: &mut Tally<'_>,
    group: NamedGroup,
    curve: NamedGroup,
    points: &[&str],
) -> Verdict {
    let provider = tally.provider();
    let start = || provider.start_key_exchange(group).during("client's share");
    let to_server = start()?.share().to_vec();
    let to_client = provider.encapsulate(group, &to_server).during("server's share")?.share;
    for hex in points {
        let point = Bytes::from_hex(hex).during("point")?;
        let case = Case::new(group).input("point", &point);
        tally.vector(&case, || {
            let share = with_half(group, curve, &to_server, &point, NamedGroup::client_share_len)?;
            let server = provider.encapsulate(group, &share);
            refused("server", server, &[CryptoError::BadKeyShare])?;
            let share = with_half(group, curve, &to_client, &point, NamedGroup::server_share_len)?;
            refused("client", start()?.complete(&share), &[CryptoError::BadKeyShare])
        });
    }
    Ok(())
}
