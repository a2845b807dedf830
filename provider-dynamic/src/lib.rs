//! Providers of the DTLS 1.3 stack in shared libraries, chosen when the program runs.
//!
//! `dtls_crypto_provider.h`, in the crate `dtls-crypto-api`, is the C form of the trait
//! [`CryptoProvider`](dtls_crypto_api::CryptoProvider). [`DynamicProvider`] loads a library that
//! keeps to it and is a provider like any other. [`export_provider!`] is the other side: it makes
//! such a library of any provider written in Rust.
//!
//! # Example: loading
//!
//! ```
//! use dtls_crypto_api::CryptoProvider;
//! use dtls_provider_dynamic::{DynamicProvider, LoadError};
//!
//! /// The name of the provider in a plug-in, or what is wrong with the file.
//! fn name(path: &str) -> Result<String, LoadError> {
//!     let provider = DynamicProvider::load(path)?;
//!     Ok(provider.capabilities().name.clone())
//! }
//!
//! let error = name("no-such-folder/libprovider.so").unwrap_err();
//! assert!(matches!(error, LoadError::CannotOpen { .. }));
//! ```
//!
//! # Example: exporting
//!
//! A library crate with `crate-type = ["cdylib"]` and this in its `lib.rs` is a plug-in:
//!
//! ```
//! use dtls_provider_rustcrypto::RustCryptoProvider;
//!
//! dtls_provider_dynamic::export_provider!(RustCryptoProvider::new());
//! # fn main() {}
//! ```
//!
//! # Trust
//!
//! A plug-in runs with all rights of the program that loads it. What it answers is checked before
//! it is used: error numbers, lengths, texts, lists, that nothing is missing. That finds mistakes
//! early and by name; it is no protection from a library that means harm.

#![deny(unsafe_op_in_unsafe_fn)]
#![deny(clippy::undocumented_unsafe_blocks)]

pub mod abi;
mod answer;
mod capabilities;
mod envelope;
mod error;
#[doc(hidden)]
pub mod export;
mod hash;
mod instance;
mod key_exchange;
#[cfg(test)]
mod layout;
mod provider;
mod record_keys;
mod signing_key;
mod texts;

pub use error::LoadError;
pub use provider::DynamicProvider;
