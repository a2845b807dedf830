//! Hash outputs and running hashes.

use alloc::boxed::Box;
use core::fmt;

use subtle::ConstantTimeEq;

use crate::code_points::HashAlgorithm;

/// The output of a hash or HMAC: up to 64 bytes, no heap.
#[derive(Clone, Copy)]
pub struct Digest {
    bytes: [u8; Self::MAX_LEN],
    len: u8,
}

impl Digest {
    /// The longest output: SHA-512's.
    pub const MAX_LEN: usize = 64;

    /// A digest with these bytes, or `None` if there are more than [`Self::MAX_LEN`].
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut digest = Self { bytes: [0; Self::MAX_LEN], len: bytes.len() as u8 };
        digest.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(digest)
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&[])
    }
}

impl ConstantTimeEq for Digest {
    fn ct_eq(&self, other: &Self) -> subtle::Choice {
        self.as_ref().ct_eq(other.as_ref())
    }
}

/// Equality in constant time: a digest may be a MAC.
impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}
impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({} bytes)", self.len)
    }
}

/// A hash in the making.
pub trait HashContext: Send {
    /// Which hash this is.
    fn algorithm(&self) -> HashAlgorithm;

    /// Feeds more bytes.
    fn update(&mut self, data: &[u8]);

    /// An independent copy of the state so far: feeding one never changes the other.
    fn fork(&self) -> Box<dyn HashContext>;

    /// The hash of all that was fed.
    fn finish(self: Box<Self>) -> Digest;
}
