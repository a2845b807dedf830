//! The OpenSSL provider as a shared library.
