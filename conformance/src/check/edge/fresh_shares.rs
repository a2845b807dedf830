//! A key exchange that works: shares and secrets of the right length, the same secret at both
//! ends, and nothing used twice (RFC 9846 4.2.8).

use dtls_crypto_api::NamedGroup;

use super::key_exchanges;
use crate::check::tally::{Case, During, Tally, Verdict, holds, same};

pub(in crate::check) fn fresh_shares(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    for group in key_exchanges(tally) {
        let start = || provider.start_key_exchange(group).during("client's share");
        tally.vector(&Case::new(format_args!("{group}, both ends")), || {
            let client = start()?;
            holds("the group is the one asked for", client.group() == group)?;
            let lens = (group.client_share_len(), group.server_share_len());
            holds("length of the client's share", lens.0 == Some(client.share().len()))?;
            let server = provider.encapsulate(group, client.share()).during("server")?;
            holds("length of the server's share", lens.1 == Some(server.share.len()))?;
            let secret = client.complete(&server.share).during("client")?;
            same("the client's secret", secret.expose(), server.secret.expose())?;
            holds("length of the secret", secret.len() == secret_len(group))?;
            holds("the secret is not zero", secret.expose().iter().any(|byte| *byte != 0))
        });
        tally.vector(&Case::new(format_args!("{group}, fresh clients")), || {
            let (one, two) = (start()?, start()?);
            holds("two shares differ", one.share() != two.share())?;
            let differ = halves(group, one.share(), NamedGroup::client_share_len);
            let other = halves(group, two.share(), NamedGroup::client_share_len);
            holds("both halves of them", differ.0 != other.0 && differ.1 != other.1)
        });
        tally.vector(&Case::new(format_args!("{group}, fresh servers")), || {
            let client = start()?;
            let respond = || provider.encapsulate(group, client.share()).during("server");
            let (one, two) = (respond()?, respond()?);
            let first = halves(group, &one.share, NamedGroup::server_share_len);
            let other = halves(group, &two.share, NamedGroup::server_share_len);
            holds("two shares differ", first.0 != other.0 && first.1 != other.1)?;
            holds("two secrets differ", one.secret.expose() != two.secret.expose())
        });
    }
    Ok(())
}

/// The halves of a hybrid's share; of any other the two halves of its bytes, of which none is
/// the same by accident either. A point's first byte says its form, so it goes to the rest.
fn halves(group: NamedGroup, share: &[u8], len: fn(NamedGroup) -> Option<usize>) -> (&[u8], &[u8]) {
    let first = dtls_crypto_api::hybrid::halves(group).and_then(|(first, _)| len(first));
    share.split_at(first.unwrap_or(share.len() / 2).min(share.len()))
}

/// Length in bytes of the shared secret (RFC 8446 7.4.2, draft-ietf-tls-ecdhe-mlkem 4.3).
fn secret_len(group: NamedGroup) -> usize {
    match group {
        NamedGroup::SECP384R1 => 48,
        NamedGroup::SECP521R1 => 66,
        NamedGroup::X448 => 56,
        NamedGroup::SECP384R1MLKEM1024 => 48 + 32,
        group if group.is_hybrid() => 32 + 32,
        _ => 32,
    }
}
