//! Record protection keys: one AEAD and one mask, both ready to use (RFC 9147 4).

use botan::{Cipher, CipherDirection};
use dtls_crypto_api::{
    AeadAlgorithm, CryptoError, IV_LEN, OpenKey, RecordSecrets, SAMPLE_LEN, SealKey, nonce,
};
use zeroize::Zeroizing;

use crate::error::failed;
use crate::mask::Mask;

/// Botan's name of the AEAD. CCM is followed by the length of its tag and of its length field,
/// which with 3 bytes leaves 12 for the nonce.
pub(crate) fn name(aead: AeadAlgorithm) -> Result<&'static str, CryptoError> {
    Ok(match aead {
        AeadAlgorithm::Aes128Gcm => "AES-128/GCM",
        AeadAlgorithm::Aes256Gcm => "AES-256/GCM",
        AeadAlgorithm::ChaCha20Poly1305 => "ChaCha20Poly1305",
        AeadAlgorithm::Aes128Ccm => "AES-128/CCM(16,3)",
        AeadAlgorithm::Aes128Ccm8 => "AES-128/CCM(8,3)",
        _ => return Err(CryptoError::Unsupported("this AEAD")),
    })
}

/// The key for the records we send.
pub(crate) fn seal_key(secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
    let protection = Protection::new(secrets, CipherDirection::Encrypt)?;
    Ok(Box::new(Sealer { protection, last: None }))
}

/// The key for the records we receive.
pub(crate) fn open_key(secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
    Ok(Box::new(Opener { protection: Protection::new(secrets, CipherDirection::Decrypt)? }))
}

/// What both directions hold. Botan wipes the keys.
struct Protection {
    cipher: Cipher,
    mask: Mask,
    iv: Zeroizing<[u8; IV_LEN]>,
    tag_len: usize,
    /// Botan's interface wants input and output apart, the trait has them in one place. Only
    /// ciphertext is ever put here. It grows to the longest record and stays.
    ciphertext: Vec<u8>,
}

impl Protection {
    fn new(secrets: &RecordSecrets<'_>, direction: CipherDirection) -> Result<Self, CryptoError> {
        let aead = secrets.aead;
        if secrets.key.len() != aead.key_len() {
            return Err(CryptoError::BadLength("record key"));
        }
        let mut cipher = Cipher::new(name(aead)?, direction).map_err(failed("this AEAD"))?;
        cipher.set_key(secrets.key).map_err(failed("this AEAD"))?;
        Ok(Self {
            cipher,
            mask: Mask::new(aead, secrets.record_number_key)?,
            iv: Zeroizing::new(*secrets.iv),
            tag_len: aead.tag_len(),
            ciphertext: Vec::new(),
        })
    }

    /// Readies the cipher for one record.
    fn start(&mut self, number: u64, aad: &[u8]) -> botan::Result<()> {
        self.cipher.set_associated_data(aad)?;
        self.cipher.start(&nonce(&self.iv, number))
    }
}

/// Seals records and remembers the last number.
struct Sealer {
    protection: Protection,
    last: Option<u64>,
}

impl SealKey for Sealer {
    fn seal(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<(), CryptoError> {
        if self.last.is_some_and(|last| number <= last) {
            return Err(CryptoError::RecordNumberReused);
        }
        let plaintext_len = buf.len().checked_sub(self.protection.tag_len);
        let plaintext = plaintext_len.and_then(|len| buf.get(..len));
        let plaintext = plaintext.ok_or(CryptoError::BadLength("record"))?;
        self.protection.start(number, aad).map_err(failed("sealing a record"))?;
        let Protection { cipher, ciphertext, .. } = &mut self.protection;
        ciphertext.resize(buf.len(), 0);
        cipher.finish_into(plaintext, ciphertext).map_err(failed("sealing a record"))?;
        buf.copy_from_slice(ciphertext);
        self.last = Some(number);
        Ok(())
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        self.protection.mask.mask(sample)
    }

    fn tag_len(&self) -> usize {
        self.protection.tag_len
    }
}

/// Opens records.
struct Opener {
    protection: Protection,
}

impl OpenKey for Opener {
    fn open(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<usize, CryptoError> {
        let opened = buf.len().checked_sub(self.protection.tag_len).and_then(|len| {
            self.protection.start(number, aad).ok()?;
            let Protection { cipher, ciphertext, .. } = &mut self.protection;
            ciphertext.clear();
            ciphertext.extend_from_slice(buf);
            // A tag that does not fit is found before anything is written.
            cipher.finish_into(ciphertext, buf.get_mut(..len)?).ok()
        });
        if opened.is_none() {
            buf.fill(0);
        }
        opened.ok_or(CryptoError::BadRecord)
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        self.protection.mask.mask(sample)
    }

    fn tag_len(&self) -> usize {
        self.protection.tag_len
    }
}
