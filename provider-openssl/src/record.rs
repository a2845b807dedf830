//! Record protection keys: one AEAD and one mask, both ready to use (RFC 9147 4, 4.2.3).

use core::ffi::CStr;
use std::sync::Arc;

use dtls_crypto_api::{
    AeadAlgorithm, CryptoError, IV_LEN, OpenKey, RecordSecrets, SAMPLE_LEN, SealKey, nonce,
};
use zeroize::Zeroize;

use crate::ffi::{
    Aead, AeadContext, AeadMode, BlockContext, Cipher, Direction, Failed, Library, StreamContext,
};

const NO_SUCH_AEAD: CryptoError = CryptoError::Unsupported("this AEAD");

/// What protects the records of a suite.
struct Protection {
    algorithm: AeadAlgorithm,
    aead: Aead,
    mask: MaskCipher,
}

/// What makes the masks of record numbers.
enum MaskCipher {
    /// The sample is encrypted as one block.
    Block(Cipher),
    /// The sample is the block counter and nonce of a key stream.
    Stream(Cipher),
}

/// The AEADs that the library has, with their masks.
pub(crate) struct Protections(Vec<Protection>);

impl Protections {
    /// Fetches those of `wanted` that are there.
    pub(crate) fn fetch(
        library: &Arc<Library>,
        wanted: impl Iterator<Item = AeadAlgorithm>,
    ) -> Self {
        Self(wanted.filter_map(|algorithm| fetch(library, algorithm).ok()).collect())
    }

    pub(crate) fn has(&self, algorithm: AeadAlgorithm) -> bool {
        self.find(algorithm).is_ok()
    }

    fn find(&self, algorithm: AeadAlgorithm) -> Result<&Protection, CryptoError> {
        self.0.iter().find(|protection| protection.algorithm == algorithm).ok_or(NO_SUCH_AEAD)
    }

    pub(crate) fn seal_key(
        &self,
        secrets: &RecordSecrets<'_>,
    ) -> Result<Box<dyn SealKey>, CryptoError> {
        let keys = self.find(secrets.aead)?.keys(Direction::Seal, secrets)?;
        Ok(Box::new(Sealer { keys, last: None }))
    }

    pub(crate) fn open_key(
        &self,
        secrets: &RecordSecrets<'_>,
    ) -> Result<Box<dyn OpenKey>, CryptoError> {
        let keys = self.find(secrets.aead)?.keys(Direction::Open, secrets)?;
        Ok(Box::new(Opener { keys }))
    }
}

fn fetch(library: &Arc<Library>, algorithm: AeadAlgorithm) -> Result<Protection, Failed> {
    let (aead, mode, mask): (&CStr, _, &CStr) = match algorithm {
        AeadAlgorithm::Aes128Gcm => (c"AES-128-GCM", AeadMode::Stream, c"AES-128-ECB"),
        AeadAlgorithm::Aes256Gcm => (c"AES-256-GCM", AeadMode::Stream, c"AES-256-ECB"),
        AeadAlgorithm::ChaCha20Poly1305 => (c"ChaCha20-Poly1305", AeadMode::Stream, c"ChaCha20"),
        AeadAlgorithm::Aes128Ccm | AeadAlgorithm::Aes128Ccm8 => {
            (c"AES-128-CCM", AeadMode::LengthFirst, c"AES-128-ECB")
        }
        _ => return Err(Failed),
    };
    let tag_len = algorithm.tag_len();
    let aead = Aead { cipher: Cipher::fetch(library, aead)?, mode, tag_len };
    let mask = Cipher::fetch(library, mask)?;
    let mask = if algorithm == AeadAlgorithm::ChaCha20Poly1305 {
        MaskCipher::Stream(mask)
    } else {
        MaskCipher::Block(mask)
    };
    Ok(Protection { algorithm, aead, mask })
}

impl Protection {
    fn keys(&self, direction: Direction, secrets: &RecordSecrets<'_>) -> Result<Keys, CryptoError> {
        let len = self.algorithm.key_len();
        if secrets.key.len() != len {
            return Err(CryptoError::BadLength("record key"));
        }
        if secrets.record_number_key.len() != len {
            return Err(CryptoError::BadLength("record number key"));
        }
        let aead = self.aead.key(direction, secrets.key);
        let mask = match &self.mask {
            MaskCipher::Block(cipher) => {
                BlockContext::new(cipher, secrets.record_number_key).map(Mask::Block)
            }
            MaskCipher::Stream(cipher) => {
                StreamContext::new(cipher, secrets.record_number_key).map(Mask::Stream)
            }
        };
        let setting_up = |Failed| CryptoError::Backend("setting a record key up");
        let (aead, mask) = (aead.map_err(setting_up)?, mask.map_err(setting_up)?);
        Ok(Keys { aead, mask, iv: *secrets.iv })
    }
}

/// What both directions hold. OpenSSL wipes its contexts.
struct Keys {
    aead: AeadContext,
    mask: Mask,
    iv: [u8; IV_LEN],
}

enum Mask {
    Block(BlockContext),
    Stream(StreamContext),
}

impl Keys {
    fn mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        let mask = match &mut self.mask {
            Mask::Block(context) => {
                context.encrypt(sample).map(|[first, second, ..]| [first, second])
            }
            // OpenSSL's form of a ChaCha20 IV, counter (little-endian) and nonce, is the sample's.
            Mask::Stream(context) => context.key_stream(sample),
        };
        mask.map_err(|Failed| CryptoError::Backend("record number mask"))
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.iv.zeroize();
    }
}

/// Seals records and remembers the last number.
struct Sealer {
    keys: Keys,
    last: Option<u64>,
}

impl SealKey for Sealer {
    fn seal(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<(), CryptoError> {
        if self.last.is_some_and(|last| number <= last) {
            return Err(CryptoError::RecordNumberReused);
        }
        let (text, tag) = buf
            .split_at_mut_checked(buf.len().wrapping_sub(self.tag_len()))
            .ok_or(CryptoError::BadLength("record"))?;
        // Remembered before it is used: a seal that fails half-way has used its nonce.
        self.last = Some(number);
        let nonce = nonce(&self.keys.iv, number);
        let sealed = self.keys.aead.seal(&nonce, aad, text, tag);
        sealed.map_err(|Failed| CryptoError::Backend("sealing a record"))
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        self.keys.mask(sample)
    }

    fn tag_len(&self) -> usize {
        self.keys.aead.tag_len()
    }
}

/// Opens records.
struct Opener {
    keys: Keys,
}

impl OpenKey for Opener {
    fn open(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<usize, CryptoError> {
        let len = buf.len().wrapping_sub(self.tag_len());
        let nonce = nonce(&self.keys.iv, number);
        let opened = buf
            .split_at_mut_checked(len)
            .ok_or(Failed)
            .and_then(|(text, tag)| self.keys.aead.open(&nonce, aad, text, tag));
        if opened.is_err() {
            // Most AEADs here decrypt before they can check.
            buf.fill(0);
            return Err(CryptoError::BadRecord);
        }
        Ok(len)
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        self.keys.mask(sample)
    }

    fn tag_len(&self) -> usize {
        self.keys.aead.tag_len()
    }
}
