//! The key schedule, from the secret of the key exchange to all that is made of it.

use dtls_core::key_schedule::EarlySecret;
use dtls_crypto_api::{Digest, HashAlgorithm, NamedGroup};

use super::{Failure, Provider, hold, suites};
use crate::marking::{Marking, Marks};
use crate::secrets::is_secret;

pub(super) fn schedule(provider: &Provider) -> Result<(), Failure> {
    let marking = Marking::shared(provider, Marks::default());
    let provider = marking.as_ref();
    for suite in suites(&marking) {
        let (Some(hash), Some(aead)) = (suite.hash(), suite.aead()) else { continue };
        let exchange = provider.start_key_exchange(NamedGroup::SECP256R1)?;
        let response = provider.encapsulate(NamedGroup::SECP256R1, exchange.share())?;
        let shared = exchange.complete(&response.share)?;
        hold("the shared secret is secret", is_secret(shared.expose()))?;
        let transcript = transcript_hash(hash)?;
        let early = EarlySecret::new(provider, hash, None)?;
        let handshake = early.into_handshake_secret(provider, &shared)?;
        let traffic = handshake.traffic_secrets(provider, &transcript)?;
        let finished = traffic.server.finished(provider, &transcript)?;
        hold("Finished is secret", is_secret(finished.as_ref()))?;
        let main = handshake.into_main_secret(provider)?;
        let traffic = main.traffic_secrets(provider, &transcript)?;
        let keys = traffic.client.next(provider)?.record_keys(provider, aead)?;
        hold("record keys are secret", is_secret(keys.secrets().key))?;
        let resumption = main.resumption_secret(provider, &transcript)?;
        hold("the resumption secret is secret", is_secret(resumption.expose()))?;
        let mut exported = [0; 100];
        main.exporter_secret(provider, &transcript)?.export(
            provider,
            b"EXPERIMENTAL ct",
            b"",
            &mut exported,
        )?;
        hold("exported keying material is secret", is_secret(&exported))?;
    }
    Ok(())
}

fn transcript_hash(hash: HashAlgorithm) -> Result<Digest, Failure> {
    Ok(Digest::new(&vec![7; hash.output_len()]).ok_or("a digest of this length")?)
}
