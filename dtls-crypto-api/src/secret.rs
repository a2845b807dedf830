//! Secrets of the key schedule: fixed storage, zeroized, compared in constant time, never shown.

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The longest secret this type holds: what a NIST P-384 plus ML-KEM shared secret needs
/// (48 + 32 bytes), which is more than any hash puts out.
pub const MAX_SECRET_LEN: usize = 80;

/// A secret of up to [`MAX_SECRET_LEN`] bytes, kept without heap and zeroized on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret {
    bytes: [u8; MAX_SECRET_LEN],
    len: u8,
}

impl Secret {
    /// A secret with these bytes, or `None` if there are more than [`MAX_SECRET_LEN`].
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut secret = Self::zeros(bytes.len())?;
        secret.as_mut().copy_from_slice(bytes);
        Some(secret)
    }

    /// A secret of `len` zero bytes to be written, or `None` if that is too long.
    pub fn zeros(len: usize) -> Option<Self> {
        (len <= MAX_SECRET_LEN).then_some(Self { bytes: [0; MAX_SECRET_LEN], len: len as u8 })
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// Whether the secret has no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes. Whoever copies them zeroizes the copy.
    pub fn expose(&self) -> &[u8] {
        self.bytes.get(..self.len()).unwrap_or(&[])
    }
}

impl AsMut<[u8]> for Secret {
    fn as_mut(&mut self) -> &mut [u8] {
        let len = self.len();
        self.bytes.get_mut(..len).unwrap_or(&mut [])
    }
}

impl ConstantTimeEq for Secret {
    fn ct_eq(&self, other: &Self) -> subtle::Choice {
        self.expose().ct_eq(other.expose())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new(&[0xab; 32]).unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(32 bytes)");
        assert!(Secret::new(&[0; MAX_SECRET_LEN + 1]).is_none());
    }

    #[test]
    fn comparison_looks_at_length_and_bytes() {
        let a = Secret::new(&[1; 32]).unwrap();
        assert!(bool::from(a.ct_eq(&Secret::new(&[1; 32]).unwrap())));
        assert!(!bool::from(a.ct_eq(&Secret::new(&[1; 31]).unwrap())));
        assert!(!bool::from(a.ct_eq(&Secret::new(&[2; 32]).unwrap())));
    }
}
