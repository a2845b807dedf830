//! Hybrid groups against their halves: what stands first in a share stands first in the secret,
//! and each half refuses on its own what it has to.

use dtls_crypto_api::{CryptoError, NamedGroup, hybrid};

use crate::check::tally::{Case, During, Problem, Tally, Verdict, refused, same};

pub(in crate::check) fn hybrids(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    for group in NamedGroup::KNOWN.iter().copied().filter(|group| group.is_hybrid()) {
        let (first, second) = hybrid::halves(group).during("halves")?;
        if !provider.capabilities().has_group(group) {
            tally.not_offered(group, 1);
            continue;
        }
        tally.vector(&Case::new(format_args!("{group}, a damaged ML-KEM half")), || {
            let kem = if kem_is_first(group) { first } else { second };
            let good = provider.start_key_exchange(group).during("client's share")?;
            // Coefficients that are no numbers modulo 3329 (FIPS 203 7.2).
            let len = kem.client_share_len().during("length")?;
            let half = vec![0xff; len];
            let share = with_half(group, kem, good.share(), &half, NamedGroup::client_share_len)?;
            refused("server", provider.encapsulate(group, &share), &[CryptoError::BadKeyShare])
        });
        if ![first, second].iter().all(|half| provider.capabilities().has_group(*half)) {
            tally.skip("the provider offers no half of it alone", 2);
            continue;
        }
        tally.vector(&Case::new(format_args!("{group}, client")), || {
            let client = provider.start_key_exchange(group).during("client's share")?;
            let split = first.client_share_len().during("length")?;
            let (one, two) = client.share().split_at_checked(split).during("two halves")?;
            let one = provider.encapsulate(first, one).during("first half")?;
            let two = provider.encapsulate(second, two).during("second half")?;
            let secret = client.complete(&[one.share, two.share].concat()).during("secret")?;
            same("secret", secret.expose(), [one.secret.expose(), two.secret.expose()].concat())
        });
        tally.vector(&Case::new(format_args!("{group}, server")), || {
            let one = provider.start_key_exchange(first).during("first half")?;
            let two = provider.start_key_exchange(second).during("second half")?;
            let share = [one.share(), two.share()].concat();
            let response = provider.encapsulate(group, &share).during("server")?;
            let split = first.server_share_len().during("length")?;
            let (to_one, to_two) = response.share.split_at_checked(split).during("two halves")?;
            let one = one.complete(to_one).during("first half")?;
            let two = two.complete(to_two).during("second half")?;
            same("secret", response.secret.expose(), [one.expose(), two.expose()].concat())
        });
    }
    Ok(())
}

/// X25519MLKEM768 was registered with ML-KEM in front, for the sake of FIPS; the others were not.
fn kem_is_first(group: NamedGroup) -> bool {
    group == NamedGroup::X25519MLKEM768
}

/// A share of the group with one of its halves exchanged; the whole share where the group is that
/// half.
pub(super) fn with_half(
    group: NamedGroup,
    half: NamedGroup,
    share: &[u8],
    other: &[u8],
    len: fn(NamedGroup) -> Option<usize>,
) -> Result<Vec<u8>, Problem> {
    let Some((first, _)) = hybrid::halves(group) else {
        return Ok(other.to_vec());
    };
    let split = len(first).during("length of a share")?;
    let (one, two) = share.split_at_checked(split).during("two halves")?;
    Ok(if half == first { [other, two].concat() } else { [one, other].concat() })
}
