//! Points of the NIST curves that are no points, or not in the one form TLS 1.3 knows: the
//! uncompressed one (RFC 8446 4.2.8.2). Alone and as the half of a hybrid, in both roles.

use dtls_crypto_api::{CryptoError, Curve, NamedGroup};

use super::hybrids::with_half;
use crate::check::tally::{Case, During, Problem, Tally, Verdict, refused};
use crate::vectors::{Bytes, EcdsaKey};

/// The prime of each curve, and the y of the point whose x is 0: together they make the point
/// (p, y), which is on the curve for whoever reduces modulo p, and not in canonical form.
const UNREDUCED: [(&str, &str); 3] = [
    (
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4",
    ),
    (
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "c306610fb0ae5a159cf45c06069f22a6c5eb3641c602d42dea2c4b4f75550793406d80d2b91ad54f9048bd487af1ade1",
    ),
    (
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "012df13601594a883ef2d935e44bb90bf4d6619b74e52af7552f97769011c0719eb439cfab2a88d40fe59a2bed1f43557169a2d0a2ccd280c607b92bbf51ffe0b078",
    ),
];

pub(in crate::check) fn curve_points(tally: &mut Tally<'_>, curve: Curve) -> Verdict {
    let (group, hybrid) = match curve {
        Curve::P256 => (NamedGroup::SECP256R1, Some(NamedGroup::SECP256R1MLKEM768)),
        Curve::P384 => (NamedGroup::SECP384R1, Some(NamedGroup::SECP384R1MLKEM1024)),
        _ => (NamedGroup::SECP521R1, None),
    };
    points(tally, curve, group, group)?;
    match hybrid {
        Some(hybrid) if tally.provider().capabilities().has_group(hybrid) => {
            points(tally, curve, hybrid, group)
        }
        Some(hybrid) => {
            tally.not_offered(hybrid, 1);
            Ok(())
        }
        None => Ok(()),
    }
}

fn points(tally: &mut Tally<'_>, curve: Curve, group: NamedGroup, half: NamedGroup) -> Verdict {
    let provider = tally.provider();
    let start = || provider.start_key_exchange(group).during("client's share");
    let to_server = start()?.share().to_vec();
    let to_client = provider.encapsulate(group, &to_server).during("server's share")?.share;
    let with = |share: &[u8], point: &[u8], len| with_half(group, half, share, point, len);
    let good = EcdsaKey::of(curve).point();
    tally.vector(&Case::new(format_args!("{group}, a good point")).input("point", &good), || {
        let share = with(&to_server, &good, NamedGroup::client_share_len)?;
        provider.encapsulate(group, &share).during("server")?;
        let share = with(&to_client, &good, NamedGroup::server_share_len)?;
        // A hybrid's KEM half belongs to another client: ML-KEM hides that it does not fit.
        start()?.complete(&share).during("client").map(drop)
    });
    for (what, point) in bad_points(curve)? {
        let case = Case::new(format_args!("{group}, {what}")).input("point", &point);
        tally.vector(&case, || {
            let share = with(&to_server, &point, NamedGroup::client_share_len)?;
            let server = provider.encapsulate(group, &share);
            refused("server", server, &[CryptoError::BadKeyShare])?;
            let share = with(&to_client, &point, NamedGroup::server_share_len)?;
            refused("client", start()?.complete(&share), &[CryptoError::BadKeyShare])
        });
    }
    Ok(())
}

/// Encodings that no implementation may take for a point.
pub(super) fn bad_points(curve: Curve) -> Result<Vec<(&'static str, Vec<u8>)>, Problem> {
    let key = EcdsaKey::of(curve);
    let (x, y) = (&key.x[..], &key.y[..]);
    let zeros = vec![0; x.len()];
    let ones = vec![0xff; x.len()];
    let is_odd = y.last().copied().during("y")? & 1;
    let changed = |number: &[u8]| {
        let mut number = number.to_vec();
        number.iter_mut().last().into_iter().for_each(|byte| *byte ^= 1);
        number
    };
    let (prime, root) = match curve {
        Curve::P256 => UNREDUCED[0],
        Curve::P384 => UNREDUCED[1],
        _ => UNREDUCED[2],
    };
    let (prime, root) =
        (Bytes::from_hex(prime).during("prime")?, Bytes::from_hex(root).during("y")?);
    let point = |form: u8, x: &[u8], y: &[u8]| [&[form], x, y].concat();
    Ok(vec![
        ("off the curve in y", point(4, x, &changed(y))),
        ("off the curve in x", point(4, &changed(x), y)),
        ("x and y exchanged", point(4, y, x)),
        ("x and y zero", point(4, &zeros, &zeros)),
        ("x and y all ones", point(4, &ones, &ones)),
        ("x of p", point(4, &prime, &root)),
        ("y of p", point(4, x, &prime)),
        ("compressed", point(2 | is_odd, x, &[])),
        ("compressed, the other y", point(2 | (is_odd ^ 1), x, &[])),
        ("compressed and padded", point(2 | is_odd, x, &zeros)),
        ("hybrid form", point(6 | is_odd, x, y)),
        ("hybrid form, the other parity", point(6 | (is_odd ^ 1), x, y)),
        ("infinity", vec![0]),
        ("infinity, padded", point(0, &zeros, &zeros)),
        ("unknown form", point(5, x, y)),
        ("without its form", [x, y].concat()),
        ("one byte short", point(4, x, &y[..y.len() - 1])),
        ("one byte long", point(4, x, &[y, &[0]].concat())),
    ])
}
