//! The types of `dtls_crypto_provider.h`, one for one. The header says what they mean and who owns
//! what; a test holds the two together.

#![allow(unsafe_code, reason = "makes slices of a pointer and a length")]

use core::ffi::c_char;
use core::marker::{PhantomData, PhantomPinned};
use core::{ptr, slice};

/// The version of the interface that this crate speaks.
pub const ABI_VERSION: u32 = 1;

/// The one symbol a plug-in exports, as a C string.
pub const SYMBOL: &core::ffi::CStr = c"dtls_crypto_plugin";

/// The type of that symbol.
pub type Entry = unsafe extern "C" fn(abi_version: u32) -> *const Table;

/// The encodings of private keys.
pub mod der {
    /// PKCS#8.
    pub const PKCS8: u32 = 1;
    /// SEC1.
    pub const SEC1: u32 = 2;
    /// PKCS#1.
    pub const PKCS1: u32 = 3;
}

/// A slice of C: a pointer and a number of elements. The pointer may be anything when there are
/// none.
macro_rules! slices {
    ($($(#[$doc:meta])* $name:ident of $pointer:ty, $empty:expr;)*) => {$(
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            /// The first element.
            pub data: $pointer,
            /// The number of elements.
            pub len: usize,
        }

        impl $name {
            /// Nothing.
            pub const EMPTY: Self = Self { data: $empty, len: 0 };
        }
    )*};
}

slices! {
    /// Bytes to read.
    Bytes of *const u8, ptr::null();
    /// Bytes to write, or to read and write; also bytes that a plug-in allocated.
    Buffer of *mut u8, ptr::null_mut();
    /// Text in UTF-8.
    Text of *const c_char, ptr::null();
    /// A list of numbers.
    Numbers of *const u32, ptr::null();
    /// What a provider offers of one kind.
    Offers of *const Offer, ptr::null();
    /// Facts about the library.
    Details of *const Detail, ptr::null();
}

impl Bytes {
    /// The slice as C sees it.
    pub const fn from_slice(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), len: bytes.len() }
    }
}

impl Buffer {
    /// The slice as C sees it.
    pub const fn from_slice(bytes: &mut [u8]) -> Self {
        Self { data: bytes.as_mut_ptr(), len: bytes.len() }
    }
}

impl Text {
    /// The text as C sees it.
    pub const fn from_str(text: &str) -> Self {
        Self { data: text.as_ptr().cast(), len: text.len() }
    }
}

/// Whether a pointer and a length can be a slice at all: not null, aligned, and no larger than
/// the address space.
fn is_slice<T>(data: *const T, len: usize) -> bool {
    let fits = len.checked_mul(size_of::<T>()).is_some_and(|size| isize::try_from(size).is_ok());
    !data.is_null() && data.is_aligned() && fits
}

/// The slice behind a pointer and a length that came over the border, or `None` where there
/// cannot be one.
///
/// # Safety
/// Unless `len` is 0 or `data` is null, `data` points to `len` initialised elements that stay
/// unchanged for `'a`.
pub(crate) unsafe fn slice<'a, T>(data: *const T, len: usize) -> Option<&'a [T]> {
    if len == 0 {
        return Some(&[]);
    }
    // SAFETY: the pointer can be read as a slice, and the caller vouches for what it points to.
    is_slice(data, len).then(|| unsafe { slice::from_raw_parts(data, len) })
}

/// As [`slice`], to be written.
///
/// # Safety
/// As for [`slice`], and nothing else reads or writes the elements for `'a`.
pub(crate) unsafe fn slice_mut<'a, T>(data: *mut T, len: usize) -> Option<&'a mut [T]> {
    if len == 0 {
        return Some(&mut []);
    }
    // SAFETY: as in `slice`, and the caller vouches that nobody else uses it.
    is_slice(data, len).then(|| unsafe { slice::from_raw_parts_mut(data, len) })
}

/// How a call ended.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// 0, or the [number](dtls_crypto_api::CryptoError::number) of an error.
    pub error: u32,
    /// Length in bytes of the reason.
    pub reason_len: u32,
    /// The reason's text, constant as long as the library is loaded.
    pub reason: *const c_char,
}

impl Outcome {
    /// Success.
    pub const OK: Self = Self { error: 0, reason_len: 0, reason: ptr::null() };
}

/// One thing a provider offers.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// The number of what is offered.
    pub id: u32,
    /// The number of its FIPS status.
    pub fips: u32,
    /// The library that a part is borrowed from, or nothing.
    pub borrowed_from: Text,
}

/// A fact about the library.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Detail {
    /// What it is about.
    pub name: Text,
    /// The fact.
    pub value: Text,
}

/// What a provider can do: the fields of [`dtls_crypto_api::Capabilities`].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of the struct of the same name in the trait")]
pub struct Capabilities {
    pub name: Text,
    pub version: Text,
    pub details: Details,
    pub cipher_suites: Offers,
    pub groups: Offers,
    pub kem_halves: Offers,
    pub verify: Offers,
    pub sign: Offers,
    pub generate: Offers,
}

/// A type of which only the plug-in knows what it is.
macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[repr(C)]
        #[derive(Debug)]
        pub struct $name {
            _bytes: [u8; 0],
            _neither_send_nor_sync_nor_unpin: PhantomData<(*mut u8, PhantomPinned)>,
        }
    )*};
}

opaque! {
    /// A provider.
    Provider;
    /// A hash in the making.
    Hash;
    /// A key that seals records.
    SealKey;
    /// A key that opens records.
    OpenKey;
    /// A half-done key exchange.
    KeyExchange;
    /// A private key.
    SigningKey;
    /// An envelope.
    Envelope;
}

/// Writes the table twice: as it crosses the border, where any function may be missing, and as it
/// is used once that was checked.
macro_rules! table {
    ($(fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions of a plug-in, as the header declares them.
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        #[expect(missing_docs, reason = "the header has the contract of each function")]
        pub struct Table {
            pub abi_version: u32,
            pub struct_size: u32,
            $(pub $name: Option<unsafe extern "C" fn($($argument: $type),*) $(-> $result)?>,)*
        }

        /// The functions of a table that has them all.
        #[derive(Clone, Copy)]
        pub(crate) struct Functions {
            $(pub(crate) $name: unsafe extern "C" fn($($argument: $type),*) $(-> $result)?,)*
        }

        impl Functions {
            /// The functions, or the name of the first one that is missing.
            pub(crate) fn check(table: &Table) -> Result<Self, &'static str> {
                Ok(Self { $($name: table.$name.ok_or(stringify!($name))?,)* })
            }
        }

        /// Where each function stands in the table.
        #[cfg(test)]
        pub(crate) const OFFSETS: &[(&str, usize)] =
            &[$((stringify!($name), core::mem::offset_of!(Table, $name))),*];
    };
}

table! {
    fn bytes_free(bytes: Buffer);

    fn provider_new(out: *mut *mut Provider) -> Outcome;
    fn provider_free(provider: *mut Provider);
    fn capabilities(provider: *const Provider) -> *const Capabilities;
    fn self_test(provider: *const Provider) -> Outcome;
    fn random(provider: *const Provider, out: Buffer) -> Outcome;

    fn hash_new(provider: *const Provider, hash: u32, out: *mut *mut Hash) -> Outcome;
    fn hash_update(hash: *mut Hash, data: Bytes);
    fn hash_fork(hash: *const Hash, out: *mut *mut Hash) -> Outcome;
    fn hash_finish(hash: *mut Hash, out: Buffer) -> Outcome;
    fn hash_free(hash: *mut Hash);

    fn hmac(
        provider: *const Provider, hash: u32, key: Bytes, data: *const Bytes, data_len: usize,
        out: Buffer
    ) -> Outcome;
    fn hkdf_extract(
        provider: *const Provider, hash: u32, salt: Bytes, ikm: Bytes, out: Buffer
    ) -> Outcome;
    fn hkdf_expand(
        provider: *const Provider, hash: u32, prk: Bytes, info: *const Bytes, info_len: usize,
        out: Buffer
    ) -> Outcome;
    fn schedule_extract(
        provider: *const Provider, hash: u32, prefix: *const u8, previous: *const Bytes,
        input: *const Bytes, out: Buffer
    ) -> Outcome;
    fn schedule_expand(
        provider: *const Provider, hash: u32, secret: Bytes, prefix: *const u8, label: Bytes,
        context: Bytes, out: Buffer
    ) -> Outcome;

    fn seal_key_new(
        provider: *const Provider, aead: u32, key: Bytes, iv: *const u8,
        record_number_key: Bytes, out: *mut *mut SealKey
    ) -> Outcome;
    fn seal(key: *mut SealKey, number: u64, aad: Bytes, record: Buffer) -> Outcome;
    fn seal_mask(key: *mut SealKey, sample: *const u8, mask: *mut u8) -> Outcome;
    fn seal_key_free(key: *mut SealKey);

    fn open_key_new(
        provider: *const Provider, aead: u32, key: Bytes, iv: *const u8,
        record_number_key: Bytes, out: *mut *mut OpenKey
    ) -> Outcome;
    fn open(key: *mut OpenKey, number: u64, aad: Bytes, record: Buffer) -> Outcome;
    fn open_mask(key: *mut OpenKey, sample: *const u8, mask: *mut u8) -> Outcome;
    fn open_key_free(key: *mut OpenKey);

    fn key_exchange_new(
        provider: *const Provider, group: u32, out: *mut *mut KeyExchange
    ) -> Outcome;
    fn key_exchange_share(key_exchange: *const KeyExchange) -> Bytes;
    fn key_exchange_complete(
        key_exchange: *mut KeyExchange, peer_share: Bytes, secret: Buffer, secret_len: *mut usize
    ) -> Outcome;
    fn key_exchange_free(key_exchange: *mut KeyExchange);
    fn encapsulate(
        provider: *const Provider, group: u32, peer_share: Bytes, share: *mut Buffer,
        secret: Buffer, secret_len: *mut usize
    ) -> Outcome;

    fn signing_key_load(
        provider: *const Provider, format: u32, der: Bytes, out: *mut *mut SigningKey
    ) -> Outcome;
    fn signing_key_generate(
        provider: *const Provider, kind: u32, pkcs8: *mut Buffer, out: *mut *mut SigningKey
    ) -> Outcome;
    fn signing_key_algorithms(key: *const SigningKey) -> Numbers;
    fn signing_key_public(key: *const SigningKey) -> Bytes;
    fn sign(
        key: *const SigningKey, algorithm: u32, message: Bytes, signature: *mut Buffer
    ) -> Outcome;
    fn signing_key_free(key: *mut SigningKey);
    fn verify(
        provider: *const Provider, algorithm: u32, public_key: Bytes, message: Bytes,
        signature: Bytes
    ) -> Outcome;

    fn envelope_new(
        provider: *const Provider, key: *const u8, out: *mut *mut Envelope
    ) -> Outcome;
    fn envelope_seal(
        envelope: *const Envelope, aad: Bytes, plaintext: Bytes, sealed: *mut Buffer
    ) -> Outcome;
    fn envelope_open(
        envelope: *const Envelope, aad: Bytes, sealed: Bytes, plaintext: *mut Buffer
    ) -> Outcome;
    fn envelope_free(envelope: *mut Envelope);
}
