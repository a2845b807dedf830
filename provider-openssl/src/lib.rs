//! OpenSSL 3 behind the provider trait of the DTLS 1.3 stack.

mod capabilities;
mod envelope;
mod ffi;
mod fips;
mod hash;
mod kx;
mod names;
mod private_key;
mod provider;
mod record;
mod schedule;
mod sign;
mod signature;
#[cfg(feature = "test-access")]
#[doc(hidden)]
pub mod test_access;
mod verify;

pub use fips::{FipsError, FipsOptions};
pub use provider::OpenSslProvider;
