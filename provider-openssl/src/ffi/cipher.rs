//! Ciphers with their key in place: AEADs for records, a block and a stream cipher for masks.

use core::ffi::{CStr, c_int};
use core::ptr;
use std::sync::Arc;

use openssl_sys as sys;

use super::error::{Failed, check, int};
use super::{Library, bindings, owned};

/// Length in bytes of the IV of every AEAD here.
const IV_LEN: usize = 12;
/// Length in bytes of an AES block.
const BLOCK_LEN: usize = 16;
/// Length in bytes of what OpenSSL calls the IV of ChaCha20: a block counter, then the nonce.
const STREAM_IV_LEN: usize = 16;

// EVP_EncryptInit(3).
const SET_IV_LEN: c_int = 0x9;
const GET_TAG: c_int = 0x10;
const SET_TAG: c_int = 0x11;

owned! {
    /// A cipher, fetched.
    Cipher, sys::EVP_CIPHER, sys::EVP_CIPHER_free
}

// SAFETY: a fetched method is never changed.
unsafe impl Sync for Cipher {}

owned! {
    /// A cipher at work.
    Context, sys::EVP_CIPHER_CTX, sys::EVP_CIPHER_CTX_free
}

/// Which way an AEAD works; it never turns round.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Open = 0,
    Seal = 1,
}

/// The order in which an AEAD wants to be told things.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AeadMode {
    /// Bytes come in, the tag at the end: GCM and ChaCha20-Poly1305.
    Stream,
    /// The lengths of text and tag come first: CCM.
    LengthFirst,
}

impl Cipher {
    pub(crate) fn fetch(library: &Arc<Library>, name: &CStr) -> Result<Self, Failed> {
        // SAFETY: valid arguments; the result is ours.
        unsafe {
            let raw = sys::EVP_CIPHER_fetch(library.context(), name.as_ptr(), library.properties());
            let cipher = Self::own(library, raw)?;
            library.own(bindings::EVP_CIPHER_get0_provider(raw))?;
            Ok(cipher)
        }
    }

    fn key_len(&self) -> c_int {
        // SAFETY: a valid method.
        unsafe { sys::EVP_CIPHER_get_key_length(self.raw()) }
    }

    /// A context with this key set.
    fn context(&self, direction: Direction, key: &[u8]) -> Result<Context, Failed> {
        let context = self.context_without_key(direction)?;
        self.set_key(&context, key)?;
        Ok(context)
    }

    fn context_without_key(&self, direction: Direction) -> Result<Context, Failed> {
        // SAFETY: the result is ours, and takes its own reference to the method.
        unsafe {
            let context = Context::own(&self.library, sys::EVP_CIPHER_CTX_new())?;
            let (engine, none) = (ptr::null_mut(), ptr::null());
            let direction = direction as c_int;
            check(sys::EVP_CipherInit_ex(
                context.raw(),
                self.raw(),
                engine,
                none,
                none,
                direction,
            ))?;
            Ok(context)
        }
    }

    fn set_key(&self, context: &Context, key: &[u8]) -> Result<(), Failed> {
        if int(key.len())? != self.key_len() {
            return Err(Failed);
        }
        // SAFETY: the key is as long as the cipher reads.
        check(unsafe {
            let (same, engine) = (ptr::null(), ptr::null_mut());
            sys::EVP_CipherInit_ex(context.raw(), same, engine, key.as_ptr(), ptr::null(), -1)
        })
    }
}

impl Context {
    /// Sets what comes with each message; cipher, key and direction stay.
    ///
    /// # Safety
    /// `iv` points at as many bytes as the cipher was told its IV has.
    unsafe fn start(&mut self, iv: *const u8) -> Result<(), Failed> {
        let (same, engine, same_key) = (ptr::null(), ptr::null_mut(), ptr::null());
        // SAFETY: the caller's promise about `iv`; null keeps the rest.
        check(unsafe { sys::EVP_CipherInit_ex(self.raw(), same, engine, same_key, iv, -1) })
    }

    /// Works on `len` bytes from `input` to `output`.
    ///
    /// # Safety
    /// `input` is valid for reading `len` bytes and `output` for writing what comes of them, or
    /// either is null with the meaning that `EVP_EncryptInit(3)` gives it for the cipher.
    unsafe fn update(
        &mut self,
        output: *mut u8,
        input: *const u8,
        len: c_int,
    ) -> Result<(), Failed> {
        let mut written = 0;
        // SAFETY: the caller's promise.
        check(unsafe { sys::EVP_CipherUpdate(self.raw(), output, &raw mut written, input, len) })
    }

    /// Does what the manual calls a control operation.
    ///
    /// # Safety
    /// `data` is valid for `len` bytes, or null where `what` allows it.
    unsafe fn control(&mut self, what: c_int, data: *mut u8, len: usize) -> Result<(), Failed> {
        let len = int(len)?;
        // SAFETY: the caller's promise.
        check(unsafe { sys::EVP_CIPHER_CTX_ctrl(self.raw(), what, len, data.cast()) })
    }
}

/// An AEAD, fetched.
pub(crate) struct Aead {
    pub(crate) cipher: Cipher,
    pub(crate) mode: AeadMode,
    /// Length in bytes of the tag.
    pub(crate) tag_len: usize,
}

/// An AEAD with its key schedule computed.
pub(crate) struct AeadContext {
    context: Context,
    mode: AeadMode,
    tag_len: usize,
}

impl Aead {
    /// With a key of the cipher's length.
    pub(crate) fn key(&self, direction: Direction, key: &[u8]) -> Result<AeadContext, Failed> {
        let mut context = self.cipher.context_without_key(direction)?;
        // SAFETY: these take a number and, at most, a null pointer.
        unsafe {
            context.control(SET_IV_LEN, ptr::null_mut(), IV_LEN)?;
            if self.mode == AeadMode::LengthFirst {
                context.control(SET_TAG, ptr::null_mut(), self.tag_len)?;
            }
        }
        self.cipher.set_key(&context, key)?;
        Ok(AeadContext { context, mode: self.mode, tag_len: self.tag_len })
    }
}

impl AeadContext {
    pub(crate) fn tag_len(&self) -> usize {
        self.tag_len
    }

    /// Encrypts `text` in place and writes the tag, whose room has to be of its length.
    pub(crate) fn seal(
        &mut self,
        iv: &[u8; IV_LEN],
        aad: &[u8],
        text: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), Failed> {
        if tag.len() != self.tag_len {
            return Err(Failed);
        }
        // SAFETY: the IV has the length that was set; text and tag are valid for their lengths, and
        // in place means that input and output are the same bytes.
        unsafe {
            self.context.start(iv.as_ptr())?;
            self.feed(aad, text)?;
            if self.mode == AeadMode::Stream {
                self.finish(text)?;
            }
            self.context.control(GET_TAG, tag.as_mut_ptr(), tag.len())
        }
    }

    /// Decrypts `text` in place if it and `aad` are what was sealed. On failure `text` may hold
    /// anything.
    pub(crate) fn open(
        &mut self,
        iv: &[u8; IV_LEN],
        aad: &[u8],
        text: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), Failed> {
        if tag.len() != self.tag_len {
            return Err(Failed);
        }
        // SAFETY: as in `seal`; the tag is only read.
        unsafe {
            self.context.start(iv.as_ptr())?;
            self.context.control(SET_TAG, tag.as_mut_ptr(), tag.len())?;
            self.feed(aad, text)?;
            // CCM has compared the tag by now.
            if self.mode == AeadMode::Stream { self.finish(text) } else { Ok(()) }
        }
    }

    fn feed(&mut self, aad: &[u8], text: &mut [u8]) -> Result<(), Failed> {
        let (aad_len, text_len) = (int(aad.len())?, int(text.len())?);
        // SAFETY: null for output means additional data, null for both the length of the text;
        // otherwise the bytes are valid for their length.
        unsafe {
            if self.mode == AeadMode::LengthFirst {
                self.context.update(ptr::null_mut(), ptr::null(), text_len)?;
            }
            if aad_len > 0 {
                self.context.update(ptr::null_mut(), aad.as_ptr(), aad_len)?;
            }
            // CCM makes and checks its tag here, so it has to be called for no text too.
            let text = text.as_mut_ptr();
            self.context.update(text, text, text_len)
        }
    }

    fn finish(&mut self, text: &mut [u8]) -> Result<(), Failed> {
        let mut written = 0;
        // SAFETY: these ciphers write nothing at the end; the pointer is valid all the same.
        check(unsafe {
            sys::EVP_CipherFinal(self.context.raw(), text.as_mut_ptr(), &raw mut written)
        })
    }
}

/// A block cipher with its key schedule computed.
pub(crate) struct BlockContext(Context);

impl BlockContext {
    /// `cipher` is an ECB mode.
    pub(crate) fn new(cipher: &Cipher, key: &[u8]) -> Result<Self, Failed> {
        let context = cipher.context(Direction::Seal, key)?;
        // SAFETY: a valid context. Without padding every block comes out at once.
        check(unsafe { sys::EVP_CIPHER_CTX_set_padding(context.raw(), 0) })?;
        Ok(Self(context))
    }

    /// The block, encrypted.
    pub(crate) fn encrypt(&mut self, block: &[u8; BLOCK_LEN]) -> Result<[u8; BLOCK_LEN], Failed> {
        let mut out = [0; BLOCK_LEN];
        // SAFETY: one block in, one block out.
        unsafe { self.0.update(out.as_mut_ptr(), block.as_ptr(), int(BLOCK_LEN)?)? };
        Ok(out)
    }
}

/// A stream cipher with its key in place.
pub(crate) struct StreamContext(Context);

impl StreamContext {
    /// `cipher` is ChaCha20.
    pub(crate) fn new(cipher: &Cipher, key: &[u8]) -> Result<Self, Failed> {
        Ok(Self(cipher.context(Direction::Seal, key)?))
    }

    /// The first bytes of the key stream at this counter and nonce.
    pub(crate) fn key_stream<const N: usize>(
        &mut self,
        iv: &[u8; STREAM_IV_LEN],
    ) -> Result<[u8; N], Failed> {
        let (zeros, mut out) = ([0; N], [0; N]);
        // SAFETY: the IV has ChaCha20's length; a stream cipher writes as much as it reads.
        unsafe {
            self.0.start(iv.as_ptr())?;
            self.0.update(out.as_mut_ptr(), zeros.as_ptr(), int(N)?)?;
        }
        Ok(out)
    }
}
