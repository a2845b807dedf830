//! Pure Rust cryptography for the DTLS 1.3 stack.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod aead;
mod capabilities;
mod curve;
mod envelope;
mod hash;
mod kx;
mod mask;
mod oid;
mod provider;
mod random;
mod sign;
mod verify;

pub use provider::RustCryptoProvider;
pub use random::RandomSource;
