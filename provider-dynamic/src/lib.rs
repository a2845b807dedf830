//! Providers of the DTLS 1.3 stack in shared libraries.
