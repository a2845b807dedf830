//! What is secret and what is public, as memcheck sees it: secret bytes are undefined, and a
//! branch or an address that depends on one is reported.

use crate::client_request::{has_undefined, make_defined, make_undefined};

/// From here on these bytes are secret, and so is what is computed from them.
pub(crate) fn secret(bytes: &mut [u8]) {
    make_undefined(bytes);
}

/// A secret copy.
pub(crate) fn secret_copy(bytes: &[u8]) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    secret(&mut copy);
    copy
}

/// From here on these bytes are public. The caller says why.
pub(crate) fn public(bytes: &mut [u8]) {
    make_defined(bytes);
}

/// The same value, public; not what it points to. The caller says why.
pub(crate) fn public_value<T>(value: T) -> T {
    let mut value = core::hint::black_box(value);
    make_defined(&mut value);
    core::hint::black_box(value)
}

/// Whether anything secret has come here. This is how a case shows that it looked at something.
pub(crate) fn is_secret(bytes: &[u8]) -> bool {
    has_undefined(bytes)
}
