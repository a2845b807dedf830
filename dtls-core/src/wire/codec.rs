//! Big-endian integers and length-prefixed vectors (RFC 8446 3).

use alloc::vec::Vec;

/// The bytes end too early, go on too long, or a length contradicts its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A cursor over received bytes. Every read checks what is left.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the beginning of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything was read.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Fails unless everything was read.
    pub const fn finish(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or(Malformed)?;
        self.rest = rest;
        Ok(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Malformed> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(head)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(|[b]| *b)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(|b| u16::from_be_bytes(*b))
    }

    /// Three bytes.
    pub fn u24(&mut self) -> Result<u32, Malformed> {
        self.array().map(|[a, b, c]| u32::from_be_bytes([0, *a, *b, *c]))
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(|b| u32::from_be_bytes(*b))
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(|b| u64::from_be_bytes(*b))
    }

    /// A vector with a one-byte length.
    pub fn vec8(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.u8()?;
        self.take(usize::from(len))
    }

    /// A vector with a two-byte length.
    pub fn vec16(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// A vector with a three-byte length.
    pub fn vec24(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.u24()?;
        self.take(len as usize)
    }
}

/// A list of 16-bit code points as it stands on the wire. Its length is known to be even.
#[derive(Clone, Copy, Debug)]
pub struct U16List<'a>(&'a [u8]);

impl<'a> U16List<'a> {
    /// Takes the bytes of a list; they must be an even number and at least one element.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.is_empty() || !bytes.len().is_multiple_of(2) {
            Err(Malformed)
        } else {
            Ok(Self(bytes))
        }
    }

    /// The elements in order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + use<'a> {
        let (pairs, _) = self.0.as_chunks::<2>();
        pairs.iter().map(|pair| u16::from_be_bytes(*pair))
    }

    /// Whether `value` is in the list.
    pub fn contains(&self, value: u16) -> bool {
        self.iter().any(|v| v == value)
    }

    /// The list's bytes.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

/// Appends two bytes.
pub fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Appends the low three bytes.
pub fn put_u24(out: &mut Vec<u8>, value: u32) {
    let [_, a, b, c] = value.to_be_bytes();
    out.extend_from_slice(&[a, b, c]);
}

/// Appends what `body` writes behind its length in `N` bytes. Everything this stack encodes is
/// far below the bound; a longer body would be cut in its length field and refused by the peer.
fn put_vec<const N: usize>(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&[0; N]);
    body(out);
    let len = (out.len() - at - N).to_be_bytes();
    if let (Some(field), Some(low)) =
        (out.get_mut(at..at + N), len.len().checked_sub(N).and_then(|skip| len.get(skip..)))
    {
        field.copy_from_slice(low);
    }
}

/// Appends a vector with a one-byte length.
pub fn put_vec8(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    put_vec::<1>(out, body);
}

/// Appends a vector with a two-byte length.
pub fn put_vec16(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    put_vec::<2>(out, body);
}

/// Appends a vector with a three-byte length.
pub fn put_vec24(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    put_vec::<3>(out, body);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn vectors_read_back_as_written(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut out = Vec::new();
            put_vec24(&mut out, |out| out.extend_from_slice(&body));
            put_vec16(&mut out, |out| out.extend_from_slice(&body));
            let short = &body[..body.len().min(255)];
            put_vec8(&mut out, |out| out.extend_from_slice(short));
            let mut reader = Reader::new(&out);
            prop_assert_eq!(reader.vec24(), Ok(&body[..]));
            prop_assert_eq!(reader.vec16(), Ok(&body[..]));
            prop_assert_eq!(reader.vec8(), Ok(short));
            prop_assert_eq!(reader.finish(), Ok(()));
        }

        #[test]
        fn a_cut_vector_is_malformed(body in proptest::collection::vec(any::<u8>(), 1..50), cut in 1_usize..50) {
            let mut out = Vec::new();
            put_vec16(&mut out, |out| out.extend_from_slice(&body));
            let cut = out.len().saturating_sub(cut);
            prop_assert_eq!(Reader::new(&out[..cut]).vec16(), Err(Malformed));
        }
    }

    #[test]
    fn a_list_of_code_points_is_even_and_not_empty() {
        assert!(U16List::new(&[]).is_err());
        assert!(U16List::new(&[1, 2, 3]).is_err());
        assert!(U16List::new(&[0x13, 1, 0x13, 2]).unwrap().iter().eq([0x1301, 0x1302]));
    }
}
