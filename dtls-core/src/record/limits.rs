//! How much one key may protect and how many forgeries it may see (RFC 9147 4.5.3).

use dtls_crypto_api::AeadAlgorithm;

/// The limits of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyLimits {
    /// Records that may be sent.
    pub sent: u64,
    /// Records that may fail to deprotect.
    pub failed: u64,
}

/// The highest sequence number that is used: in epoch 0 the field has 48 bits, and no key of a
/// later epoch comes near it.
pub const MAX_SEQUENCE: u64 = (1 << 48) - 1;

/// The limits of an AEAD.
///
/// AES-GCM: 2^24.5 records for a confidentiality bound of 2^-60, 2^36 forgeries. AES-CCM: 2^23
/// records, 2^23.5 forgeries. ChaCha20-Poly1305: as many records as there are numbers, 2^36
/// forgeries. CCM_8, whose tag a forger hits once in 2^64 tries, gets 2^7 forgeries so that the
/// margin is that of the full tag.
pub const fn key_limits(aead: AeadAlgorithm) -> KeyLimits {
    match aead {
        AeadAlgorithm::Aes128Gcm | AeadAlgorithm::Aes256Gcm => {
            KeyLimits { sent: 23_726_566, failed: 1 << 36 }
        }
        AeadAlgorithm::Aes128Ccm => KeyLimits { sent: 1 << 23, failed: 11_863_283 },
        AeadAlgorithm::Aes128Ccm8 => KeyLimits { sent: 1 << 23, failed: 1 << 7 },
        _ => KeyLimits { sent: MAX_SEQUENCE, failed: 1 << 36 },
    }
}

impl KeyLimits {
    /// The number of sent records at which a key update is begun: early enough that the old key
    /// lasts until the peer has acknowledged it.
    pub const fn begin_update_at(&self) -> u64 {
        self.sent - self.sent / 16
    }

    /// The number of failed records at which the peer is asked for a key update.
    pub const fn request_update_at(&self) -> u64 {
        self.failed / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// req: 9147-4.5.3-01, 9147-4.5.3-04, 9147-4.5.3-08
    #[test]
    fn limits_are_those_of_the_rfc() {
        let gcm = key_limits(AeadAlgorithm::Aes128Gcm);
        // 2^24.5 is the root of 2^49.
        assert_eq!((gcm.sent, gcm.failed), ((1_u64 << 49).isqrt(), 1 << 36));
        let ccm = key_limits(AeadAlgorithm::Aes128Ccm);
        assert_eq!((ccm.sent, ccm.failed), (1 << 23, (1_u64 << 47).isqrt()));
        assert_eq!(key_limits(AeadAlgorithm::Aes128Ccm8).failed, 128);
        assert_eq!(key_limits(AeadAlgorithm::ChaCha20Poly1305).failed, 1 << 36);
        assert!(gcm.begin_update_at() < gcm.sent);
    }
}
