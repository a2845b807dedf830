//! The key schedule: the provider's two steps under both prefixes, and the core's typed stages
//! under that of DTLS 1.3.

use dtls_core::handshake::Transcript;
use dtls_core::key_schedule::{EarlySecret, TrafficSecret};
use dtls_core::wire::handshake::HandshakeType;
use dtls_crypto_api::{
    AeadAlgorithm, CryptoProvider, DTLS13_PREFIX, Digest, HashAlgorithm, Label, Secret,
    TLS13_PREFIX,
};

use super::tally::{During, Problem, Tally, Verdict, wrong};
use crate::vectors::{self, Bytes, KeySchedule, Rfc8448Handshake, Vectors};

const HASH: HashAlgorithm = HashAlgorithm::Sha256;
const AEAD: AeadAlgorithm = AeadAlgorithm::Aes128Gcm;

/// One prefix of the schedule, and how to expand under it.
pub(super) struct Schedule<'a> {
    pub(super) provider: &'a dyn CryptoProvider,
    pub(super) prefix: &'a [u8; 6],
}

impl Schedule<'_> {
    pub(super) fn extract(
        &self,
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, Problem> {
        self.provider.schedule_extract(HASH, self.prefix, previous, input).during("extract")
    }

    pub(super) fn expand(
        &self,
        secret: &Secret,
        label: &str,
        context: &[u8],
        len: usize,
    ) -> Result<Secret, Problem> {
        let mut out = Secret::zeros(len).during(label)?;
        let label_parts = Label { prefix: self.prefix, label: label.as_bytes(), context };
        self.provider
            .schedule_expand(HASH, secret, &label_parts, out.as_mut())
            .during(format_args!("expand {label}"))?;
        Ok(out)
    }

    /// As long as the hash.
    pub(super) fn derive(
        &self,
        secret: &Secret,
        label: &str,
        context: &[u8],
    ) -> Result<Secret, Problem> {
        self.expand(secret, label, context, HASH.output_len())
    }

    pub(super) fn hash(&self, data: &[u8]) -> Result<Digest, Problem> {
        let mut hash = self.provider.hash(HASH).during("hash")?;
        hash.update(data);
        Ok(hash.finish())
    }
}

/// The transcript at three points.
pub(super) fn transcript(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let handshake = vectors::load().rfc8448_handshake;
    let hashes = &handshake.transcript_hashes;
    let mut transcript = Transcript::new();
    for (index, message) in handshake.messages.in_order().into_iter().enumerate() {
        add(&mut transcript, message)?;
        if index == 1 {
            transcript.start(provider, HASH).during("transcript")?;
        }
        let want = match index {
            1 => &hashes.client_hello_to_server_hello,
            5 => &hashes.client_hello_to_server_finished,
            6 => &hashes.client_hello_to_client_finished,
            _ => continue,
        };
        tally.same("transcript hash", transcript.current().during("transcript")?, want)?;
    }
    Ok(())
}

/// A private X25519 key from a published trace. Providers make their own keys and nothing else,
/// so this one stands beside them.
pub(super) struct X25519(x25519_dalek::StaticSecret);

impl X25519 {
    pub(super) fn new(private_key: &Bytes) -> Result<Self, Problem> {
        Ok(Self(private_key.array::<32>().during("X25519 key")?.into()))
    }

    pub(super) fn share(&self) -> [u8; 32] {
        x25519_dalek::PublicKey::from(&self.0).to_bytes()
    }

    pub(super) fn agree(&self, share: &[u8]) -> Result<[u8; 32], Problem> {
        let share: [u8; 32] = share.try_into().during("X25519 share")?;
        Ok(self.0.diffie_hellman(&share.into()).to_bytes())
    }
}

/// Adds a message that begins with its four-byte header.
fn add(transcript: &mut Transcript, message: &[u8]) -> Verdict {
    let (header, body) = message.split_first_chunk::<4>().during("handshake header")?;
    transcript.add(HandshakeType(header[0]), body);
    Ok(())
}

/// Every value of the schedule under the prefix of TLS 1.3, as published.
pub(super) fn tls13(tally: &mut Tally<'_>) -> Verdict {
    let file = vectors::load();
    let schedule = Schedule { provider: tally.provider(), prefix: TLS13_PREFIX };
    check_prefix(tally, &schedule, &file, &file.key_schedule.tls13)
}

/// The same under the prefix of DTLS 1.3.
pub(super) fn dtls13(tally: &mut Tally<'_>) -> Verdict {
    let file = vectors::load();
    let schedule = Schedule { provider: tally.provider(), prefix: DTLS13_PREFIX };
    check_prefix(tally, &schedule, &file, &file.key_schedule.dtls13)
}

fn check_prefix(
    tally: &mut Tally<'_>,
    schedule: &Schedule<'_>,
    file: &Vectors,
    want: &KeySchedule,
) -> Verdict {
    let hashes = &file.rfc8448_handshake.transcript_hashes;
    let to_server_hello = &hashes.client_hello_to_server_hello[..];
    let to_server_finished = &hashes.client_hello_to_server_finished[..];
    let to_client_finished = &hashes.client_hello_to_client_finished[..];
    let empty = schedule.hash(&[])?;
    let shared_secret = &file.rfc8448_handshake.shared_secret;
    let prefix = String::from_utf8_lossy(schedule.prefix).into_owned();
    let mut same = |what: &str, got: &Secret, want: &[u8]| {
        tally.same(format_args!("{prefix}: {what}"), got.expose(), want)
    };

    let early = schedule.extract(None, None)?;
    same("early secret", &early, &want.early_secret)?;
    same("derived 1", &schedule.derive(&early, "derived", empty.as_ref())?, &want.derived_1)?;
    let handshake = schedule.extract(Some(&early), Some(shared_secret))?;
    same("handshake secret", &handshake, &want.handshake_secret)?;
    same("derived 2", &schedule.derive(&handshake, "derived", empty.as_ref())?, &want.derived_2)?;
    let main = schedule.extract(Some(&handshake), None)?;
    same("main secret", &main, &want.main_secret)?;

    let client_hs = schedule.derive(&handshake, "c hs traffic", to_server_hello)?;
    same("client handshake", &client_hs, &want.client_handshake_traffic_secret)?;
    let server_hs = schedule.derive(&handshake, "s hs traffic", to_server_hello)?;
    same("server handshake", &server_hs, &want.server_handshake_traffic_secret)?;
    let client_ap = schedule.derive(&main, "c ap traffic", to_server_finished)?;
    same("client application", &client_ap, &want.client_application_traffic_secret_0)?;
    let server_ap = schedule.derive(&main, "s ap traffic", to_server_finished)?;
    same("server application", &server_ap, &want.server_application_traffic_secret_0)?;
    let next = schedule.derive(&server_ap, "traffic upd", &[])?;
    same("server application 1", &next, &want.server_application_traffic_secret_1)?;
    let exporter = schedule.derive(&main, "exp master", to_server_finished)?;
    same("exporter", &exporter, &want.exporter_secret)?;
    let resumption = schedule.derive(&main, "res master", to_client_finished)?;
    same("resumption", &resumption, &want.resumption_secret)?;
    let psk = schedule.derive(&resumption, "resumption", &file.key_schedule.ticket_nonce)?;
    same("ticket PSK", &psk, &want.ticket_psk)?;

    let finished_key = |secret| schedule.derive(secret, "finished", &[]);
    let (client_key, server_key) = (finished_key(&client_hs)?, finished_key(&server_hs)?);
    same("client finished key", &client_key, &want.client_finished_key)?;
    same("server finished key", &server_key, &want.server_finished_key)?;
    for (key, transcript_hash, want) in [
        (&client_key, to_server_finished, &want.client_verify_data),
        (
            &server_key,
            &certificate_verify_hash(schedule.provider, &file.rfc8448_handshake)?,
            &want.server_verify_data,
        ),
    ] {
        let mac = schedule.provider.hmac(HASH, key.expose(), &[transcript_hash]);
        tally.same(format_args!("{prefix}: verify_data"), mac.during("hmac")?, want)?;
    }

    for (what, secret, key, iv, sn_key) in [
        (
            "client handshake",
            &client_hs,
            &want.client_handshake_key,
            &want.client_handshake_iv,
            &want.client_handshake_sn_key,
        ),
        (
            "server handshake",
            &server_hs,
            &want.server_handshake_key,
            &want.server_handshake_iv,
            &want.server_handshake_sn_key,
        ),
        (
            "client application",
            &client_ap,
            &want.client_application_key,
            &want.client_application_iv,
            &want.client_application_sn_key,
        ),
        (
            "server application",
            &server_ap,
            &want.server_application_key,
            &want.server_application_iv,
            &want.server_application_sn_key,
        ),
    ] {
        let wanted = [("key", Some(key)), ("iv", Some(iv)), ("sn", sn_key.as_ref())];
        for (label, want) in wanted {
            // TLS 1.3 has no record-number keys.
            let Some(want) = want else { continue };
            let got = schedule.expand(secret, label, &[], want.len())?;
            tally.same(format_args!("{prefix}: {what} {label}"), got.expose(), want)?;
        }
    }
    Ok(())
}

/// The hash over ClientHello to CertificateVerify, which the server's Finished is made from.
fn certificate_verify_hash(
    provider: &dyn CryptoProvider,
    handshake: &Rfc8448Handshake,
) -> Result<Vec<u8>, Problem> {
    let mut transcript = Transcript::new();
    transcript.start(provider, HASH).during("transcript")?;
    for message in &handshake.messages.in_order()[..5] {
        add(&mut transcript, message)?;
    }
    Ok(transcript.current().during("transcript")?.as_ref().to_vec())
}

/// Every value of the schedule under the prefix of DTLS 1.3, through the core's typed stages.
pub(super) fn core(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let Vectors { rfc8448_handshake: handshake, key_schedule, .. } = vectors::load();
    let want = &key_schedule.dtls13;
    let hashes = &handshake.transcript_hashes;
    let digest = |bytes: &[u8]| Digest::new(bytes).during("digest");
    let to_server_hello = digest(&hashes.client_hello_to_server_hello)?;
    let to_server_finished = digest(&hashes.client_hello_to_server_finished)?;
    let to_client_finished = digest(&hashes.client_hello_to_client_finished)?;
    let to_certificate_verify = digest(&certificate_verify_hash(provider, &handshake)?)?;
    let shared_secret = Secret::new(&handshake.shared_secret).during("shared secret")?;

    let early = EarlySecret::new(provider, HASH, None).during("early secret")?;
    let stage = early.into_handshake_secret(provider, &shared_secret).during("handshake secret")?;
    let hs = stage.traffic_secrets(provider, &to_server_hello).during("traffic secrets")?;
    let main = stage.into_main_secret(provider).during("main secret")?;
    let ap = main.traffic_secrets(provider, &to_server_finished).during("traffic secrets")?;
    let exporter = main.exporter_secret(provider, &to_server_finished).during("exporter")?;
    let resumption = main.resumption_secret(provider, &to_client_finished).during("resumption")?;
    let next = ap.server.next(provider).during("traffic upd")?;

    let traffic = |secret: &TrafficSecret| secret.secret().expose().to_vec();
    tally.same("client handshake", traffic(&hs.client), &want.client_handshake_traffic_secret)?;
    tally.same("server handshake", traffic(&hs.server), &want.server_handshake_traffic_secret)?;
    tally.same("client data", traffic(&ap.client), &want.client_application_traffic_secret_0)?;
    tally.same("server data", traffic(&ap.server), &want.server_application_traffic_secret_0)?;
    tally.same("server data 1", traffic(&next), &want.server_application_traffic_secret_1)?;
    tally.same("exporter", exporter.secret().expose(), &want.exporter_secret)?;
    tally.same("resumption", resumption.expose(), &want.resumption_secret)?;
    let finished = hs.server.finished(provider, &to_certificate_verify).during("finished")?;
    tally.same("server Finished", finished, &want.server_verify_data)?;
    let finished = hs.client.finished(provider, &to_server_finished).during("finished")?;
    tally.same("client Finished", finished, &want.client_verify_data)?;

    for (what, secret, key, iv, sn_key) in [
        (
            "client handshake keys",
            &hs.client,
            &want.client_handshake_key,
            &want.client_handshake_iv,
            &want.client_handshake_sn_key,
        ),
        (
            "server handshake keys",
            &hs.server,
            &want.server_handshake_key,
            &want.server_handshake_iv,
            &want.server_handshake_sn_key,
        ),
        (
            "client application keys",
            &ap.client,
            &want.client_application_key,
            &want.client_application_iv,
            &want.client_application_sn_key,
        ),
        (
            "server application keys",
            &ap.server,
            &want.server_application_key,
            &want.server_application_iv,
            &want.server_application_sn_key,
        ),
    ] {
        let keys = secret.record_keys(provider, AEAD).during(what)?;
        let keys = keys.secrets();
        tally.same(what, keys.key, key)?;
        tally.same(what, keys.iv, iv)?;
        tally.same(what, keys.record_number_key, sn_key.as_ref().during(what)?)?;
    }
    Ok(())
}

/// Exported keying material for DTLS-SRTP, from the exporter secret of the core's schedule.
pub(super) fn exporter(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let Vectors { rfc8448_handshake: handshake, exporter_dtls_srtp: want, .. } = vectors::load();
    let hash = Digest::new(&handshake.transcript_hashes.client_hello_to_server_finished);
    let shared_secret = Secret::new(&handshake.shared_secret).during("shared secret")?;
    let exporter = EarlySecret::new(provider, HASH, None)
        .and_then(|early| early.into_handshake_secret(provider, &shared_secret))
        .and_then(|stage| stage.into_main_secret(provider))
        .during("schedule")?
        .exporter_secret(provider, &hash.during("digest")?)
        .during("exporter secret")?;
    let mut out = vec![0; want.length];
    exporter.export(provider, want.label.as_bytes(), &want.context, &mut out).during("export")?;
    tally.same("exported keying material", out, &want.output)?;
    Ok(())
}

/// The encoding of labels: expanding with a label gives what plain HKDF gives with the encoding
/// as its info, through the provider's own schedule step and through the core's secrets.
pub(super) fn hkdf_labels(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let schedule = Schedule { provider, prefix: DTLS13_PREFIX };
    let bytes = [0x42; 32];
    let secret = Secret::new(&bytes).during("secret")?;
    let traffic = TrafficSecret::from_bytes(HASH, &bytes).during("traffic secret")?;
    for vector in vectors::load().hkdf_labels {
        let label = vector.label.as_str();
        let mut want = vec![0; vector.length];
        provider.hkdf_expand(HASH, &secret, &[&vector.encoding], &mut want).during(label)?;
        let got = schedule.expand(&secret, label, &vector.context, vector.length)?;
        tally.same(label, got.expose(), &want)?;

        let aead = if vector.length == 32 { AeadAlgorithm::ChaCha20Poly1305 } else { AEAD };
        let keys = traffic.record_keys(provider, aead).during(label)?;
        let keys = keys.secrets();
        let got = match label {
            "key" => keys.key.to_vec(),
            "iv" => keys.iv.to_vec(),
            "sn" => keys.record_number_key.to_vec(),
            "traffic upd" => traffic.next(provider).during(label)?.secret().expose().to_vec(),
            "finished" => {
                // The key itself stays inside; the MAC under it does not.
                let message = Digest::new(&[7; 32]).during(label)?;
                want = provider
                    .hmac(HASH, &want, &[message.as_ref()])
                    .during(label)?
                    .as_ref()
                    .to_vec();
                traffic.finished(provider, &message).during(label)?.as_ref().to_vec()
            }
            other => {
                return Err(wrong(
                    other.to_owned(),
                    "is a new label".to_owned(),
                    "one that is known",
                ));
            }
        };
        tally.same(format_args!("the core's {label}"), got, &want)?;
    }
    Ok(())
}
