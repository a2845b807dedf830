//! A recorded handshake between two foreign peers, played again from either side: what our side
//! would have sent is made again byte for byte, what the other side sent is opened and believed
//! only if it verifies.

use dtls_core::handshake::Transcript;
use dtls_core::key_schedule::{EarlySecret, RecordKeys, TrafficSecret};
use dtls_core::record::open::ReadEpoch;
use dtls_core::record::seal::{Expansion, PlaintextWriter, WriteEpoch};
use dtls_core::wire::ack::parse_ack;
use dtls_core::wire::alert::{AlertDescription, parse_alert};
use dtls_core::wire::certificate::{Certificate, CertificateVerify};
use dtls_core::wire::client_hello::ClientHello;
use dtls_core::wire::codec::Reader;
use dtls_core::wire::handshake::{Fragment, HandshakeType};
use dtls_core::wire::header::{CiphertextHeader, PLAINTEXT_HEADER_LEN, PlaintextRecord};
use dtls_core::wire::server_hello::{EncryptedExtensions, ServerHello};
use dtls_core::wire::{ContentType, DTLS13, RecordNumber};
use dtls_crypto_api::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    AeadAlgorithm, CipherSuite, CryptoProvider, Digest, HashAlgorithm, NamedGroup, Secret,
    SignatureScheme,
};

use super::key_schedule::X25519;
use super::tally::{Case, During, Problem, Tally, Verdict, wrong};
use crate::vectors::{self, Sender, Trace, TraceRecord};

const HASH: HashAlgorithm = HashAlgorithm::Sha256;
const AEAD: AeadAlgorithm = AeadAlgorithm::Aes128Gcm;

/// The whole trace from the client's side and from the server's.
pub(super) fn trace(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let trace = vectors::load().trace;
    for us in [Sender::Client, Sender::Server] {
        tally.chain(&Case::new(format_args!("as the {us:?}")), |tally| {
            Replay::new(provider, &trace, us, tally)?.run()
        });
    }
    Ok(())
}

/// One direction of one epoch.
struct Direction {
    epoch: u64,
    sender: Sender,
    secret: TrafficSecret,
    keys: RecordKeys,
    write: WriteEpoch,
    read: ReadEpoch,
}

struct Replay<'a, 't> {
    provider: &'a dyn CryptoProvider,
    trace: &'t Trace,
    us: Sender,
    tally: &'t mut Tally<'a>,
    plaintext: PlaintextWriter,
    transcript: Transcript,
    directions: Vec<Direction>,
    /// The server's public key, from its Certificate.
    public_key: Vec<u8>,
}

impl<'a, 't> Replay<'a, 't> {
    fn new(
        provider: &'a dyn CryptoProvider,
        trace: &'t Trace,
        us: Sender,
        tally: &'t mut Tally<'a>,
    ) -> Result<Self, Problem> {
        let mut transcript = Transcript::new();
        transcript.start(provider, HASH).during("transcript")?;
        Ok(Self {
            provider,
            trace,
            us,
            tally,
            plaintext: PlaintextWriter::default(),
            transcript,
            directions: Vec::new(),
            public_key: Vec::new(),
        })
    }

    fn run(mut self) -> Verdict {
        let (hellos, rest) = self.trace.records.split_at_checked(2).during("hellos")?;
        self.hellos(hellos)?;
        let main = self.handshake_keys(hellos)?;
        for record in rest {
            let name = record.name.as_str();
            let (content_type, content) = self.record(record)?;
            match (name, content_type) {
                ("ack", ContentType::ACK) => {
                    let numbers = parse_ack(&content).during(name)?;
                    // The client's Finished was the first record of its handshake epoch.
                    let acknowledges = numbers.eq([RecordNumber::new(2, 0)]);
                    self.tally.holds("ACK of the client's Finished", acknowledges)?;
                }
                ("ping" | "pong", ContentType::APPLICATION_DATA) => {
                    self.tally.same("data", &content, name.as_bytes())?;
                }
                ("close_notify", ContentType::ALERT) => {
                    let alert = parse_alert(&content).during(name)?;
                    self.tally.holds(name, alert == AlertDescription::CLOSE_NOTIFY)?;
                }
                (_, ContentType::HANDSHAKE) => {
                    self.message(record, &content)?;
                    if name == "server_finished" {
                        self.application_keys(&main)?;
                    }
                }
                _ => {
                    return Err(wrong(name, content_type.0, "a content type of the trace"));
                }
            }
        }
        Ok(())
    }

    /// ClientHello and ServerHello: read, and written again by our side.
    fn hellos(&mut self, hellos: &[TraceRecord]) -> Verdict {
        for hello in hellos {
            let name = hello.name.as_str();
            let record = PlaintextRecord::parse(&hello.wire).during(name)?;
            self.tally.holds(name, record.record_len == hello.wire.len())?;
            self.tally.holds(name, record.sequence == hello.number && record.epoch == 0)?;
            if hello.sender == self.us {
                let mut out = [&[0; PLAINTEXT_HEADER_LEN][..], record.fragment].concat();
                let len = record.fragment.len();
                let sealed = self.plaintext.seal(&mut out, len, record.content_type);
                self.tally.holds(name, sealed == Ok((hello.number, out.len())))?;
                self.tally.same(name, out, &hello.wire)?;
            }
            let fragment = Fragment::parse(&mut Reader::new(record.fragment)).during(name)?;
            self.transcript.add(fragment.msg_type, fragment.body);
        }
        Ok(())
    }

    /// Our private key, the other side's share, and the schedule as far as the hellos carry it.
    fn handshake_keys(
        &mut self,
        hellos: &[TraceRecord],
    ) -> Result<dtls_core::key_schedule::MainSecret, Problem> {
        let (trace, provider) = (self.trace, self.provider);
        let bodies = [&hellos[0], &hellos[1]]
            .map(|hello| hello.wire.get(PLAINTEXT_HEADER_LEN + 12..).unwrap_or_default());
        let client_hello = ClientHello::parse(bodies[0]).during("ClientHello")?;
        let server_hello = ServerHello::parse(bodies[1]).during("ServerHello")?;
        let versions = client_hello.supported_versions().during("versions")?.during("versions")?;
        self.tally.holds("DTLS 1.3 offered", versions.contains(DTLS13))?;
        let selected = server_hello.selected_version().during("version")?;
        self.tally.holds("DTLS 1.3 selected", selected == Some(DTLS13))?;
        let suite = CipherSuite(server_hello.cipher_suite);
        self.tally.same("suite", suite.name().during("suite")?, trace.cipher_suite.as_bytes())?;

        let client_share = client_hello
            .key_shares()
            .during("key_share")?
            .during("key_share")?
            .into_iter()
            .find(|share| share.group == NamedGroup::X25519.0)
            .during("the client's X25519 share")?;
        let server_share = server_hello.key_share().during("key_share")?.during("key_share")?;
        self.tally.holds(&trace.group, server_share.group == NamedGroup::X25519.0)?;
        let (private, our_share, peer_share) = match self.us {
            Sender::Client => (&trace.client_private_key, client_share.share, server_share.share),
            Sender::Server => (&trace.server_private_key, server_share.share, client_share.share),
        };
        let private = X25519::new(private)?;
        self.tally.same("our key share", private.share(), our_share)?;
        let shared_secret = private.agree(peer_share)?;
        self.tally.same("shared secret", shared_secret, &trace.shared_secret)?;

        let schedule =
            super::key_schedule::Schedule { provider, prefix: dtls_crypto_api::DTLS13_PREFIX };
        let early = schedule.extract(None, None)?;
        let secret = schedule.extract(Some(&early), Some(&shared_secret))?;
        self.tally.same("handshake secret", secret.expose(), &trace.handshake_secret)?;
        let secret = schedule.extract(Some(&secret), None)?;
        self.tally.same("main secret", secret.expose(), &trace.main_secret)?;

        let hash = self.transcript.current().during("transcript")?;
        let want = &trace.transcript_hashes.client_hello_to_server_hello;
        self.tally.same("ClientHello to ServerHello", hash, want)?;
        let shared_secret = Secret::new(&shared_secret).during("shared secret")?;
        let handshake = EarlySecret::new(provider, HASH, None)
            .and_then(|early| early.into_handshake_secret(provider, &shared_secret))
            .during("handshake secret")?;
        let traffic = handshake.traffic_secrets(provider, &hash).during("traffic secrets")?;
        let want = [&trace.client_handshake_traffic_secret, &trace.server_handshake_traffic_secret];
        self.add_epoch(2, [traffic.client, traffic.server], want)?;
        handshake.into_main_secret(provider).during("main secret")
    }

    fn application_keys(&mut self, main: &dtls_core::key_schedule::MainSecret) -> Verdict {
        let trace = self.trace;
        let hash = self.transcript.current().during("transcript")?;
        let want = &trace.transcript_hashes.client_hello_to_server_finished;
        self.tally.same("ClientHello to server Finished", hash, want)?;
        let traffic = main.traffic_secrets(self.provider, &hash).during("traffic secrets")?;
        let want = [
            &trace.client_application_traffic_secret_0,
            &trace.server_application_traffic_secret_0,
        ];
        self.add_epoch(3, [traffic.client, traffic.server], want)
    }

    fn add_epoch(
        &mut self,
        epoch: u64,
        secrets: [TrafficSecret; 2],
        want: [&vectors::Bytes; 2],
    ) -> Verdict {
        for ((secret, sender), want) in
            secrets.into_iter().zip([Sender::Client, Sender::Server]).zip(want)
        {
            let what = format!("{sender:?}'s traffic secret of epoch {epoch}");
            self.tally.same(&what, secret.secret().expose(), want)?;
            let keys = secret.record_keys(self.provider, AEAD).during(&what)?;
            let write = WriteEpoch::new(self.provider, epoch, &keys).during(&what)?;
            let read = ReadEpoch::new(self.provider, epoch, &keys).during(&what)?;
            self.directions.push(Direction { epoch, sender, secret, keys, write, read });
        }
        Ok(())
    }

    /// A protected record: opened if the other side sent it, made again if ours did. Returns
    /// what it holds.
    fn record(&mut self, record: &TraceRecord) -> Result<(ContentType, Vec<u8>), Problem> {
        let name = record.name.as_str();
        let Self { directions, tally, us, .. } = self;
        let direction = directions
            .iter_mut()
            .find(|d| d.epoch == record.epoch && d.sender == record.sender)
            .during(name)?;
        let keys = direction.keys.secrets();
        tally.same(format_args!("{name} key"), keys.key, record.key.as_ref().during(name)?)?;
        tally.same(format_args!("{name} iv"), keys.iv, record.iv.as_ref().during(name)?)?;
        let sn_key = record.sn_key.as_ref().during(name)?;
        tally.same(format_args!("{name} sn key"), keys.record_number_key, sn_key)?;
        let inner = record.inner_plaintext.as_ref().during(name)?;
        let (content_type, content) = inner.split_last().during(name)?;
        let content_type = ContentType(*content_type);

        if record.sender == *us {
            let Expansion { before, behind } = Expansion::of(AEAD);
            let out = [&vec![0; before][..], content, &vec![0; behind]];
            let mut out = out.concat();
            let sealed = direction.write.seal(&mut out, content.len(), content_type);
            tally.holds(name, sealed == Ok((record.number, out.len())))?;
            tally.same(format_args!("{name} sealed"), out, &record.wire)?;
        } else {
            let mut wire = record.wire.to_vec();
            let header = CiphertextHeader::parse(&wire, 0).during(name)?;
            let opened = direction.read.open(&mut wire, &header).during(name)?;
            tally.holds(name, opened.sequence == record.number)?;
            tally.holds(name, opened.content_type == content_type)?;
            let (unmasked, _) = wire.split_at(header.header_len);
            tally.same(
                format_args!("{name} header"),
                unmasked,
                record.aad.as_ref().during(name)?,
            )?;
            let mask: Vec<u8> = unmasked
                .iter()
                .zip(record.wire.iter())
                .skip(1)
                .take(2)
                .map(|(a, b)| a ^ b)
                .collect();
            tally.same(format_args!("{name} mask"), mask, record.mask.as_ref().during(name)?)?;
            tally.same(format_args!("{name} opened"), &wire[opened.content], content)?;
        }
        Ok((content_type, content.to_vec()))
    }

    /// A message under handshake keys: verified, then added to the transcript.
    fn message(&mut self, record: &TraceRecord, content: &[u8]) -> Verdict {
        let name = record.name.as_str();
        let mut reader = Reader::new(content);
        let fragment = Fragment::parse(&mut reader).during(name)?;
        self.tally.holds(format_args!("{name} in one piece"), reader.is_empty())?;
        let body = fragment.body;
        let hash = self.transcript.current().during("transcript")?;
        match fragment.msg_type {
            HandshakeType::ENCRYPTED_EXTENSIONS => {
                EncryptedExtensions::parse(body).during(name)?;
            }
            HandshakeType::CERTIFICATE => {
                let certificate = Certificate::parse(body).during(name)?;
                let leaf = certificate.entries.first().during(name)?;
                let der = CertificateDer::from(leaf.data);
                let leaf = webpki::EndEntityCert::try_from(&der).during(name)?;
                self.public_key = leaf.subject_public_key_info().as_ref().to_vec();
            }
            HandshakeType::CERTIFICATE_VERIFY => self.certificate_verify(body, &hash)?,
            HandshakeType::FINISHED => {
                let of_sender = |d: &&Direction| d.epoch == 2 && d.sender == record.sender;
                let direction = self.directions.iter().find(of_sender).during(name)?;
                let verify_data = direction.secret.finished(self.provider, &hash).during(name)?;
                self.tally.same(name, body, verify_data.as_ref())?;
            }
            other => {
                return Err(wrong(name, other.0, "a message of the trace"));
            }
        }
        self.transcript.add(fragment.msg_type, body);
        Ok(())
    }

    fn certificate_verify(&mut self, body: &[u8], hash: &Digest) -> Verdict {
        let name = "CertificateVerify";
        let verify = CertificateVerify::parse(body).during(name)?;
        let scheme = SignatureScheme(verify.scheme);
        let scheme_name = scheme.name().during(name)?;
        self.tally.same("scheme", scheme_name, self.trace.signature_scheme.as_bytes())?;
        let algorithm = scheme.algorithm().during(name)?;
        if !self.provider.capabilities().can_verify(algorithm) {
            self.tally.not_offered(format_args!("{name} ({scheme_name})"), 1);
            return Ok(());
        }
        let mut message = vec![b' '; 64];
        message.extend_from_slice(b"TLS 1.3, server CertificateVerify\0");
        message.extend_from_slice(hash.as_ref());
        let key = SubjectPublicKeyInfoDer::from(&self.public_key[..]);
        let verified = self.provider.verify_signature(algorithm, &key, &message, verify.signature);
        self.tally.holds(format_args!("{name}: {verified:?}"), verified.is_ok())?;
        // The words of TLS stay in DTLS, and they are the server's.
        message[64 + 9] = b'c';
        let other = self.provider.verify_signature(algorithm, &key, &message, verify.signature);
        self.tally.holds("the signature of another message", other.is_err())
    }
}
