//! What the integration tests share: hex, and random sources of two kinds.

#![allow(dead_code, reason = "each test crate uses its part")]

use dtls_crypto_api::CryptoError;
use dtls_provider_rustcrypto::{RandomSource, RustCryptoProvider};

/// Bytes from hex; blanks and line ends are skipped.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of hex digits");
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

/// Bytes from hex, of a length known beforehand.
pub(crate) fn hex_array<const N: usize>(text: &str) -> [u8; N] {
    hex(text).try_into().expect("the right number of hex digits")
}

pub(crate) fn provider() -> RustCryptoProvider {
    RustCryptoProvider::new()
}

/// A source that always fails.
#[derive(Debug)]
pub(crate) struct Broken;

impl RandomSource for Broken {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.fill(0x5a);
        Err(CryptoError::RandomFailed)
    }
}

/// A source that says the same byte for ever.
#[derive(Debug)]
pub(crate) struct Stuck(pub(crate) u8);

impl RandomSource for Stuck {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.fill(self.0);
        Ok(())
    }
}
