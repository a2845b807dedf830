//! The key schedule (RFC 8446 7.1, RFC 9147 5.9) with its secrets as types: each stage can only
//! be made from the one before it, so a wrong order does not compile.
//!
//! ```text
//! EarlySecret --(EC)DHE--> HandshakeSecret --> MainSecret
//!                              |                   |
//!                    handshake TrafficSecrets   application TrafficSecrets, exporter, resumption
//! ```

use dtls_crypto_api::{
    AeadAlgorithm, CryptoError, CryptoProvider, DTLS13_PREFIX, Digest, HashAlgorithm, IV_LEN,
    Label, RecordSecrets, Secret, Zeroize,
};

/// Makes a secret as long as the hash's output from `secret`.
fn derive(
    provider: &dyn CryptoProvider,
    hash: HashAlgorithm,
    secret: &Secret,
    label: &[u8],
    context: &[u8],
) -> Result<Secret, CryptoError> {
    let mut out = Secret::zeros(hash.output_len()).ok_or(CryptoError::BadLength("hash output"))?;
    provider.schedule_expand(hash, secret, &Label::dtls13(label, context), out.as_mut())?;
    Ok(out)
}

/// The first stage: from a PSK, or from nothing.
#[derive(Debug)]
pub struct EarlySecret {
    hash: HashAlgorithm,
    secret: Secret,
}

impl EarlySecret {
    /// The early secret of a handshake with or without PSK.
    pub fn new(
        provider: &dyn CryptoProvider,
        hash: HashAlgorithm,
        psk: Option<&[u8]>,
    ) -> Result<Self, CryptoError> {
        let secret = provider.schedule_extract(hash, DTLS13_PREFIX, None, psk)?;
        Ok(Self { hash, secret })
    }

    /// Mixes in the result of the key exchange.
    pub fn into_handshake_secret(
        self,
        provider: &dyn CryptoProvider,
        shared_secret: &Secret,
    ) -> Result<HandshakeSecret, CryptoError> {
        let Self { hash, secret } = self;
        let input = Some(shared_secret.expose());
        let secret = provider.schedule_extract(hash, DTLS13_PREFIX, Some(&secret), input)?;
        Ok(HandshakeSecret { hash, secret })
    }
}

/// The second stage: protects the handshake.
#[derive(Debug)]
pub struct HandshakeSecret {
    hash: HashAlgorithm,
    secret: Secret,
}

impl HandshakeSecret {
    /// Client's and server's handshake traffic secret; `transcript_hash` is over ClientHello to
    /// ServerHello.
    pub fn traffic_secrets(
        &self,
        provider: &dyn CryptoProvider,
        transcript_hash: &Digest,
    ) -> Result<TrafficSecrets, CryptoError> {
        let labels = [b"c hs traffic", b"s hs traffic"];
        TrafficSecrets::derive(provider, self.hash, &self.secret, labels, transcript_hash)
    }

    /// The last stage.
    pub fn into_main_secret(
        self,
        provider: &dyn CryptoProvider,
    ) -> Result<MainSecret, CryptoError> {
        let Self { hash, secret } = self;
        let secret = provider.schedule_extract(hash, DTLS13_PREFIX, Some(&secret), None)?;
        Ok(MainSecret { hash, secret })
    }
}

/// The last stage: application data, exporters, resumption.
#[derive(Debug)]
pub struct MainSecret {
    hash: HashAlgorithm,
    secret: Secret,
}

impl MainSecret {
    /// Client's and server's first application traffic secret; `transcript_hash` is over
    /// ClientHello to the server's Finished.
    pub fn traffic_secrets(
        &self,
        provider: &dyn CryptoProvider,
        transcript_hash: &Digest,
    ) -> Result<TrafficSecrets, CryptoError> {
        let labels = [b"c ap traffic", b"s ap traffic"];
        TrafficSecrets::derive(provider, self.hash, &self.secret, labels, transcript_hash)
    }

    /// The exporter secret, over the same transcript as the traffic secrets.
    pub fn exporter_secret(
        &self,
        provider: &dyn CryptoProvider,
        transcript_hash: &Digest,
    ) -> Result<ExporterSecret, CryptoError> {
        let secret =
            derive(provider, self.hash, &self.secret, b"exp master", transcript_hash.as_ref())?;
        Ok(ExporterSecret { hash: self.hash, secret })
    }

    /// The resumption secret; `transcript_hash` is over ClientHello to the client's Finished.
    pub fn resumption_secret(
        &self,
        provider: &dyn CryptoProvider,
        transcript_hash: &Digest,
    ) -> Result<Secret, CryptoError> {
        derive(provider, self.hash, &self.secret, b"res master", transcript_hash.as_ref())
    }
}

/// Both directions' traffic secrets of one stage.
#[derive(Debug)]
pub struct TrafficSecrets {
    /// What the client sends with.
    pub client: TrafficSecret,
    /// What the server sends with.
    pub server: TrafficSecret,
}

impl TrafficSecrets {
    /// Client's and server's traffic secret of a stage, by their labels.
    fn derive(
        provider: &dyn CryptoProvider,
        hash: HashAlgorithm,
        stage: &Secret,
        [client, server]: [&[u8; 12]; 2],
        transcript_hash: &Digest,
    ) -> Result<Self, CryptoError> {
        let make = |label: &[u8; 12]| {
            let secret = derive(provider, hash, stage, label, transcript_hash.as_ref())?;
            Ok(TrafficSecret { hash, secret })
        };
        Ok(Self { client: make(client)?, server: make(server)? })
    }
}

/// One direction's traffic secret of one epoch.
#[derive(Clone, Debug)]
pub struct TrafficSecret {
    hash: HashAlgorithm,
    secret: Secret,
}

impl TrafficSecret {
    /// A traffic secret from its bytes, for tests against known answers.
    pub fn from_bytes(hash: HashAlgorithm, bytes: &[u8]) -> Option<Self> {
        (bytes.len() == hash.output_len()).then_some(())?;
        Some(Self { hash, secret: Secret::new(bytes)? })
    }

    /// The secret itself, for a key log that was asked for.
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Key, IV and record-number key of the epoch (RFC 8446 7.3, RFC 9147 4.2.3).
    pub fn record_keys(
        &self,
        provider: &dyn CryptoProvider,
        aead: AeadAlgorithm,
    ) -> Result<RecordKeys, CryptoError> {
        let mut keys =
            RecordKeys { aead, key: [0; 32], iv: [0; IV_LEN], record_number_key: [0; 32] };
        let len = aead.key_len();
        let expand = |label: &[u8], out: &mut [u8]| {
            provider.schedule_expand(self.hash, &self.secret, &Label::dtls13(label, &[]), out)
        };
        expand(b"key", keys.key.get_mut(..len).unwrap_or(&mut []))?;
        expand(b"iv", &mut keys.iv)?;
        expand(b"sn", keys.record_number_key.get_mut(..len).unwrap_or(&mut []))?;
        Ok(keys)
    }

    /// The `verify_data` of Finished over a transcript (RFC 8446 4.4.4).
    pub fn finished(
        &self,
        provider: &dyn CryptoProvider,
        transcript_hash: &Digest,
    ) -> Result<Digest, CryptoError> {
        let key = derive(provider, self.hash, &self.secret, b"finished", &[])?;
        provider.hmac(self.hash, key.expose(), &[transcript_hash.as_ref()])
    }

    /// The secret after a KeyUpdate (RFC 8446 7.2).
    pub fn next(&self, provider: &dyn CryptoProvider) -> Result<Self, CryptoError> {
        let secret = derive(provider, self.hash, &self.secret, b"traffic upd", &[])?;
        Ok(Self { hash: self.hash, secret })
    }
}

/// What exporters are made from (RFC 8446 7.5).
#[derive(Clone, Debug)]
pub struct ExporterSecret {
    hash: HashAlgorithm,
    secret: Secret,
}

impl ExporterSecret {
    /// The secret itself, for a key log that was asked for.
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Fills `out` with keying material for `label`. No context is the same as an empty one.
    ///
    /// # Errors
    /// [`CryptoError::BadLength`] for a label or an output that is too long.
    pub fn export(
        &self,
        provider: &dyn CryptoProvider,
        label: &[u8],
        context: &[u8],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        let empty_hash = provider.hash(self.hash)?.finish();
        let mut context_hash = provider.hash(self.hash)?;
        context_hash.update(context);
        let context_hash = context_hash.finish();
        let secret = derive(provider, self.hash, &self.secret, label, empty_hash.as_ref())?;
        let label = Label::dtls13(b"exporter", context_hash.as_ref());
        provider.schedule_expand(self.hash, &secret, &label, out)
    }
}

/// Key, IV and record-number key of one epoch and direction: what an old epoch is kept as.
#[derive(Clone)]
pub struct RecordKeys {
    aead: AeadAlgorithm,
    key: [u8; 32],
    iv: [u8; IV_LEN],
    record_number_key: [u8; 32],
}

impl RecordKeys {
    /// The keys as a provider takes them.
    pub fn secrets(&self) -> RecordSecrets<'_> {
        let len = self.aead.key_len();
        RecordSecrets {
            aead: self.aead,
            key: self.key.get(..len).unwrap_or(&self.key),
            iv: &self.iv,
            record_number_key: self.record_number_key.get(..len).unwrap_or(&self.record_number_key),
        }
    }

    /// The AEAD they are for.
    pub const fn aead(&self) -> AeadAlgorithm {
        self.aead
    }
}

impl Drop for RecordKeys {
    fn drop(&mut self) {
        self.key.zeroize();
        self.iv.zeroize();
        self.record_number_key.zeroize();
    }
}

impl core::fmt::Debug for RecordKeys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RecordKeys({:?})", self.aead)
    }
}
