//! Key shares of a wrong length, in both roles.

use dtls_crypto_api::{CryptoError, NamedGroup, hybrid};

use super::key_exchanges;
use crate::check::tally::{Case, During, Problem, Tally, Verdict, refused};

pub(in crate::check) fn share_lengths(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    for group in key_exchanges(tally) {
        let start = || provider.start_key_exchange(group).during("client's share");
        // Good shares, so that nothing but the length is wrong.
        let to_server = start()?.share().to_vec();
        let to_client = provider.encapsulate(group, &to_server).during("server's share")?.share;
        for (len, share) in wrong_lengths(group, &to_server)? {
            tally.vector(&Case::new(format_args!("{group}, server, {len}")), || {
                let response = provider.encapsulate(group, &share);
                refused("the client's share", response, &[CryptoError::BadKeyShare])
            });
        }
        for (len, share) in wrong_lengths(group, &to_client)? {
            tally.vector(&Case::new(format_args!("{group}, client, {len}")), || {
                let secret = start()?.complete(&share);
                refused("the server's share", secret, &[CryptoError::BadKeyShare])
            });
        }
    }
    Ok(())
}

fn wrong_lengths(group: NamedGroup, good: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Problem> {
    let whole = good.len();
    let mut lens = vec![0, 1, whole / 2, whole - 1, whole + 1, whole * 2];
    if let Some((first, second)) = hybrid::halves(group) {
        // One half alone.
        lens.extend([first, second].iter().filter_map(|half| half.client_share_len()));
        lens.extend([first, second].iter().filter_map(|half| half.server_share_len()));
    }
    let longest = good.repeat(2);
    let mut shares = Vec::new();
    for len in lens.into_iter().filter(|len| *len != whole) {
        let share = longest.get(..len).during("share")?.to_vec();
        shares.push((format!("{len} bytes instead of {whole}"), share));
    }
    if matches!(group, NamedGroup::SECP256R1 | NamedGroup::SECP384R1 | NamedGroup::SECP521R1) {
        shares.push(("the point without its form".to_owned(), good[1..].to_vec()));
    }
    Ok(shares)
}
