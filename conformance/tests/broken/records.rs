//! Record keys with a bug.
//!
//! All suites encrypt by XOR with a key stream, so sealing a ciphertext under its own nonce
//! decrypts it, tag or no tag. That is how a key here gets round its check.

use dtls_crypto_api::{
    AeadAlgorithm, CryptoError, CryptoProvider, IV_LEN, OpenKey, RecordSecrets, SAMPLE_LEN, SealKey,
};
use dtls_provider_rustcrypto::RustCryptoProvider;

use crate::bug::Bug;

/// The largest record of the provider that refuses longer ones.
const LONGEST: usize = 16384;

/// Both directions of an epoch's keys.
pub(crate) struct Keys {
    bug: Bug,
    inner: RustCryptoProvider,
    aead: AeadAlgorithm,
    key: Vec<u8>,
    iv: [u8; IV_LEN],
    record_number_key: Vec<u8>,
    last: Option<u64>,
}

impl Keys {
    /// Refuses what the honest provider refuses.
    pub(crate) fn new(
        bug: Bug,
        inner: &RustCryptoProvider,
        secrets: &RecordSecrets<'_>,
    ) -> Result<Self, CryptoError> {
        inner.seal_key(secrets)?;
        let aead = match secrets.aead {
            AeadAlgorithm::Aes128Ccm8 if bug == Bug::Ccm8WithLongTag => AeadAlgorithm::Aes128Ccm,
            aead => aead,
        };
        let iv = if bug == Bug::NonceWithoutIv { [0; IV_LEN] } else { *secrets.iv };
        Ok(Self {
            bug,
            inner: inner.clone(),
            aead,
            key: secrets.key.to_vec(),
            iv,
            record_number_key: secrets.record_number_key.to_vec(),
            last: None,
        })
    }

    fn secrets(&self) -> RecordSecrets<'_> {
        RecordSecrets {
            aead: self.aead,
            key: &self.key,
            iv: &self.iv,
            record_number_key: &self.record_number_key,
        }
    }

    /// What goes into the nonce.
    fn number(&self, number: u64) -> u64 {
        match self.bug {
            Bug::NonceLittleEndian => number.swap_bytes(),
            Bug::NonceConstant => 0,
            _ => number,
        }
    }

    /// What is authenticated of the additional data.
    fn aad<'a>(&self, aad: &'a [u8]) -> &'a [u8] {
        match self.bug {
            Bug::AadBytesCounted(len) => aad.get(..len).unwrap_or(aad),
            _ => aad,
        }
    }

    /// Seals with a key of its own, which has no memory of numbers.
    fn seal_once(&self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<(), CryptoError> {
        let mut key = self.inner.seal_key(&self.secrets())?;
        key.seal(self.number(number), self.aad(aad), buf)
    }

    /// The record without regard to its tag.
    fn decrypted(&self, number: u64, aad: &[u8], buf: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut text = buf.to_vec();
        self.seal_once(number, aad, &mut text)?;
        Ok(text)
    }

    fn mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        let mut sample = *sample;
        if self.bug == Bug::MaskWithoutCounter {
            sample[..4].fill(0);
        }
        let mut mask = self.inner.seal_key(&self.secrets())?.record_number_mask(&sample)?;
        if self.bug == Bug::MaskLittleEndian {
            mask.reverse();
        }
        Ok(mask)
    }
}

impl SealKey for Keys {
    fn seal(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<(), CryptoError> {
        let reused = self.last.is_some_and(|last| number <= last);
        if reused && self.bug != Bug::NumberReused {
            return Err(CryptoError::RecordNumberReused);
        }
        if self.bug == Bug::LongRecordsRefused && buf.len() > LONGEST + self.aead.tag_len() {
            return Err(CryptoError::BadLength("record"));
        }
        self.seal_once(number, aad, buf)?;
        self.last = Some(number);
        Ok(())
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        self.mask(sample)
    }

    fn tag_len(&self) -> usize {
        self.aead.tag_len()
    }
}

impl OpenKey for Keys {
    fn open(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<usize, CryptoError> {
        let sealed = buf.to_vec();
        let mut key = self.inner.open_key(&self.secrets())?;
        let opened = key.open(self.number(number), self.aad(aad), buf);
        let Some(len) = sealed.len().checked_sub(self.aead.tag_len()) else {
            return opened;
        };
        if opened.is_ok() {
            return opened;
        }
        let mut text = self.decrypted(number, aad, &sealed)?;
        match self.bug {
            Bug::PlaintextLeft => buf.copy_from_slice(&text),
            Bug::TagBytesChecked(checked) => {
                let plaintext = text[..len].to_vec();
                // Sealed again, it has the tag it should have had.
                self.seal_once(number, aad, &mut text)?;
                if text[len..len + checked] == sealed[len..len + checked] {
                    buf[..len].copy_from_slice(&plaintext);
                    return Ok(len);
                }
            }
            _ => {}
        }
        opened
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        self.mask(sample)
    }

    fn tag_len(&self) -> usize {
        self.aead.tag_len()
    }
}
