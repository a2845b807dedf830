//! From Botan's errors to the trait's.

use botan::ErrorType;
use dtls_crypto_api::CryptoError;

/// For an operation that only fails when something is wrong with the library or the system.
pub(crate) fn failed(what: &'static str) -> impl Fn(botan::Error) -> CryptoError {
    move |error| match error.error_type() {
        // Botan asks the system for nothing but randomness.
        ErrorType::SystemError => CryptoError::RandomFailed,
        ErrorType::NotImplemented => CryptoError::Unsupported(what),
        _ => CryptoError::Backend(what),
    }
}

/// For such an operation that is given a generator of random bytes: it is the only part of it
/// that can be in a wrong state, which it is as long as it has not been seeded.
pub(crate) fn failed_drawing(what: &'static str) -> impl Fn(botan::Error) -> CryptoError {
    move |error| match error.error_type() {
        ErrorType::InvalidObjectState => CryptoError::RandomFailed,
        _ => failed(what)(error),
    }
}

/// For an operation on what somebody else sent: `refused`, unless it is the system that failed.
pub(crate) fn refused(refused: CryptoError) -> impl Fn(botan::Error) -> CryptoError {
    move |error| match error.error_type() {
        ErrorType::SystemError => CryptoError::RandomFailed,
        ErrorType::OutOfMemory => CryptoError::Backend("out of memory"),
        _ => refused,
    }
}
