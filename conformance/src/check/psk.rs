//! Binders and early secrets of a PSK (RFC 8446 4.2.11.2, 7.1).

use dtls_crypto_api::{DTLS13_PREFIX, HashAlgorithm, TLS13_PREFIX};

use super::key_schedule::Schedule;
use super::tally::{During, Tally, Verdict};
use crate::vectors;

/// The binder of RFC 8448 section 4 under both prefixes, for resumption, external and imported
/// PSKs, and the early traffic secret.
pub(super) fn binders(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let file = vectors::load();
    let want = &file.psk_binder;
    for (prefix, want_here) in [(TLS13_PREFIX, &want.tls13), (DTLS13_PREFIX, &want.dtls13)] {
        let schedule = Schedule { provider, prefix };
        let binder_hash = schedule.hash(&want.truncated_client_hello)?;
        tally.same("binder hash", binder_hash, &want.binder_hash)?;
        let full = [&want.truncated_client_hello, &want.binders_prefix, &want.tls13.binder];
        let full = full.map(|part| &part[..]).concat();
        let full_hash = schedule.hash(&full)?;
        tally.same("ClientHello hash", full_hash, &want.full_client_hello_hash)?;

        let early = schedule.extract(None, Some(&want.psk))?;
        tally.same("early secret", early.expose(), &want.early_secret)?;
        let empty = schedule.hash(&[])?;
        let binder_key = schedule.derive(&early, "res binder", empty.as_ref())?;
        tally.same("binder key", binder_key.expose(), &want_here.resumption_binder_key)?;
        let finished_key = schedule.derive(&binder_key, "finished", &[])?;
        tally.same("finished key", finished_key.expose(), &want_here.finished_key)?;

        for (label, want) in [
            ("res binder", Some(&want_here.binder)),
            ("ext binder", want_here.external_binder.as_ref()),
            ("imp binder", want_here.imported_binder.as_ref()),
        ] {
            let Some(want) = want else { continue };
            let key = schedule.derive(&early, label, empty.as_ref())?;
            let key = schedule.derive(&key, "finished", &[])?;
            let binder =
                provider.hmac(HashAlgorithm::Sha256, key.expose(), &[binder_hash.as_ref()]);
            tally.same(label, binder.during(label)?, want)?;
        }
        let early_traffic = schedule.derive(&early, "c e traffic", full_hash.as_ref())?;
        let want_early = &want_here.client_early_traffic_secret;
        tally.same("early traffic secret", early_traffic.expose(), want_early)?;
    }
    Ok(())
}
