//! What a plug-in says it can do, copied and checked.

#![allow(unsafe_code, reason = "reads what a plug-in's pointers point to")]

use std::ptr::NonNull;

use dtls_crypto_api::{
    Capabilities, CipherSuite, Detail, FipsStatus, KeyKind, NamedGroup, Offered, SignatureAlgorithm,
};

use crate::abi::{self, Details, Offers, Text};
use crate::answer::text;
use crate::texts;

/// Most entries of a list.
pub(crate) const MAX_ENTRIES: usize = 256;

/// Longest text for people, in bytes.
const MAX_TEXT: usize = 4096;

/// Copies the capabilities. The error says what is wrong with them.
///
/// # Safety
/// Unless it is null, `capabilities` and all it points to keep to the header, and stay as they are
/// until this returns.
pub(crate) unsafe fn read(
    capabilities: *const abi::Capabilities,
) -> Result<Capabilities, &'static str> {
    let capabilities = NonNull::new(capabilities.cast_mut()).filter(|c| c.is_aligned());
    let capabilities = capabilities.ok_or("there is nothing at all")?;
    // SAFETY: the caller vouches for the struct.
    let capabilities = unsafe { capabilities.as_ref() };
    let suite = |id| u16::try_from(id).map(CipherSuite).map(Some).map_err(|_| NO_CODE_POINT);
    let group = |id| u16::try_from(id).map(NamedGroup).map(Some).map_err(|_| NO_CODE_POINT);
    let signature = |id| Ok(SignatureAlgorithm::from_number(id));
    let key_kind = |id| Ok(KeyKind::from_number(id));
    // SAFETY: the caller vouches for all that the struct points to.
    unsafe {
        Ok(Capabilities {
            name: string(capabilities.name)?,
            version: string(capabilities.version)?,
            details: details(capabilities.details)?,
            cipher_suites: offers(capabilities.cipher_suites, suite)?,
            groups: offers(capabilities.groups, group)?,
            kem_halves: offers(capabilities.kem_halves, group)?,
            verify: offers(capabilities.verify, signature)?,
            sign: offers(capabilities.sign, signature)?,
            generate: offers(capabilities.generate, key_kind)?,
        })
    }
}

const NO_CODE_POINT: &str = "a cipher suite or group is above 0xffff";

/// # Safety
/// As for [`text`].
unsafe fn string(value: Text) -> Result<String, &'static str> {
    // SAFETY: as the caller says.
    let value = unsafe { text(value, MAX_TEXT) };
    value.map(str::to_owned).ok_or("a text is not UTF-8 or is longer than 4096 bytes")
}

/// # Safety
/// As for [`abi::slice`], and the same for the texts.
unsafe fn details(list: Details) -> Result<Vec<Detail>, &'static str> {
    // SAFETY: as the caller says.
    let list = unsafe { entries(list.data, list.len) }?;
    list.iter()
        // SAFETY: as the caller says.
        .map(|detail| unsafe { Ok(Detail::new(string(detail.name)?, string(detail.value)?)) })
        .collect()
}

/// Copies a list of offers. `id` turns a number into what it names, and into `None` if that is
/// something a later plug-in has and this program does not know.
///
/// # Safety
/// As for [`abi::slice`], and the same for the texts.
unsafe fn offers<T>(
    list: Offers,
    id: impl Fn(u32) -> Result<Option<T>, &'static str>,
) -> Result<Vec<Offered<T>>, &'static str> {
    // SAFETY: as the caller says.
    let list = unsafe { entries(list.data, list.len) }?;
    let mut offers = Vec::with_capacity(list.len());
    for offer in list {
        let fips = FipsStatus::from_number(offer.fips).ok_or("a FIPS status is unknown")?;
        // SAFETY: as the caller says.
        let borrowed_from = unsafe { text(offer.borrowed_from, texts::MAX_LEN) };
        let borrowed_from = match borrowed_from {
            Some("") => None,
            Some(library) => Some(texts::keep(library).ok_or(NOT_KEPT)?),
            None => return Err(NOT_KEPT),
        };
        if let Some(id) = id(offer.id)? {
            offers.push(Offered { id, fips, borrowed_from });
        }
    }
    Ok(offers)
}

const NOT_KEPT: &str = "the name of a library that something is borrowed from is not UTF-8, is \
                        longer than 200 bytes, or is one of too many";

/// # Safety
/// As for [`abi::slice`].
unsafe fn entries<'a, T>(data: *const T, len: usize) -> Result<&'a [T], &'static str> {
    if len > MAX_ENTRIES {
        return Err("a list has more than 256 entries");
    }
    // SAFETY: as the caller says.
    unsafe { abi::slice(data, len) }.ok_or("a list has entries and no address")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dtls_crypto_api::{Curve, HashAlgorithm};
    use rstest::rstest;

    const NOTHING: abi::Capabilities = abi::Capabilities {
        name: Text::from_str("a"),
        version: Text::from_str("1"),
        details: Details::EMPTY,
        cipher_suites: Offers::EMPTY,
        groups: Offers::EMPTY,
        kem_halves: Offers::EMPTY,
        verify: Offers::EMPTY,
        sign: Offers::EMPTY,
        generate: Offers::EMPTY,
    };

    fn read_with(
        change: impl FnOnce(&mut abi::Capabilities),
    ) -> Result<Capabilities, &'static str> {
        let mut capabilities = NOTHING;
        change(&mut capabilities);
        // SAFETY: every test points to what lives until this returns, or to nothing.
        unsafe { read(&raw const capabilities) }
    }

    fn offer(id: u32) -> abi::Offer {
        abi::Offer { id, fips: 0, borrowed_from: Text::EMPTY }
    }

    fn list(offers: &[abi::Offer]) -> Offers {
        Offers { data: offers.as_ptr(), len: offers.len() }
    }

    #[test]
    fn what_a_later_plugin_has_is_passed_over() {
        let known = SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha384);
        let signatures = [offer(0x0a00), offer(known.number()), offer(0x0002_0000)];
        let read = read_with(|c| c.sign = list(&signatures)).unwrap();
        assert_eq!(read.sign, [Offered::new(known)]);
        // A code point without a name is still a code point.
        let suites = [offer(0x13ff)];
        let read = read_with(|c| c.cipher_suites = list(&suites)).unwrap();
        assert_eq!(read.cipher_suites, [Offered::new(CipherSuite(0x13ff))]);
    }

    #[rstest]
    #[case::id(offer(0x0001_0000))]
    #[case::fips(abi::Offer { fips: 3, ..offer(0x001d) })]
    #[case::not_utf8(abi::Offer {
        borrowed_from: Text { data: b"\xff".as_ptr().cast(), len: 1 },
        ..offer(0x001d)
    })]
    #[case::null(abi::Offer {
        borrowed_from: Text { data: std::ptr::null(), len: 1 },
        ..offer(0x001d)
    })]
    fn an_offer_that_makes_no_sense_is_refused(#[case] bad: abi::Offer) {
        assert!(read_with(|c| c.groups = list(&[offer(0x001d), bad])).is_err());
        assert!(read_with(|c| c.groups = list(&[offer(0x001d)])).is_ok());
    }

    #[test]
    fn lists_and_texts_that_make_no_sense_are_refused() {
        let null = Offers { data: std::ptr::null(), len: 1 };
        assert!(read_with(|c| c.groups = null).is_err());
        let offers = vec![offer(0x001d); MAX_ENTRIES + 1];
        assert!(read_with(|c| c.groups = list(&offers)).is_err());
        assert!(read_with(|c| c.name = Text { len: usize::MAX, ..c.name }).is_err());
        let long = "x".repeat(MAX_TEXT + 1);
        assert!(read_with(|c| c.version = Text::from_str(&long)).is_err());
        let bad = [abi::Detail {
            name: Text::from_str("CPU"),
            value: Text { data: std::ptr::null(), len: 3 },
        }];
        assert!(read_with(|c| c.details = Details { data: bad.as_ptr(), len: 1 }).is_err());
        // SAFETY: a null pointer is not followed.
        assert!(unsafe { read(std::ptr::null()) }.is_err());
    }
}
