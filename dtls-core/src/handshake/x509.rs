//! The small walk through a certificate to its SubjectPublicKeyInfo (RFC 5280 4.1). Everything
//! else about certificates is judged by the caller.

/// One DER element: its tag, its whole encoding, and its content.
struct Element<'a> {
    tag: u8,
    whole: &'a [u8],
    content: &'a [u8],
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const EXPLICIT_VERSION: u8 = 0xa0;

fn read<'a>(rest: &mut &'a [u8]) -> Option<Element<'a>> {
    let all = *rest;
    let [tag, first_len, ..] = *all else { return None };
    let (header, len) = if first_len < 0x80 {
        (2, usize::from(first_len))
    } else {
        let count = usize::from(first_len & 0x7f);
        if !(1..=3).contains(&count) {
            return None;
        }
        let bytes = all.get(2..2 + count)?;
        let len = bytes.iter().fold(0_usize, |len, b| (len << 8) | usize::from(*b));
        (2 + count, len)
    };
    let end = header.checked_add(len)?;
    let whole = all.get(..end)?;
    let content = all.get(header..end)?;
    *rest = all.get(end..)?;
    Some(Element { tag, whole, content })
}

fn expect<'a>(rest: &mut &'a [u8], tag: u8) -> Option<Element<'a>> {
    read(rest).filter(|e| e.tag == tag)
}

/// The DER SubjectPublicKeyInfo of a DER certificate.
pub(crate) fn subject_public_key_info(certificate: &[u8]) -> Option<&[u8]> {
    let mut rest = certificate;
    let outer = expect(&mut rest, SEQUENCE)?;
    let mut rest = outer.content;
    let tbs = expect(&mut rest, SEQUENCE)?;
    let mut rest = tbs.content;
    if rest.first() == Some(&EXPLICIT_VERSION) {
        read(&mut rest)?;
    }
    expect(&mut rest, INTEGER)?; // serial number
    for _ in ["signature", "issuer", "validity", "subject"] {
        expect(&mut rest, SEQUENCE)?;
    }
    expect(&mut rest, SEQUENCE).map(|spki| spki.whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut out = alloc::vec![tag];
        match content.len() {
            len @ 0..0x80 => out.push(len as u8),
            len => out.extend_from_slice(&[0x82, (len >> 8) as u8, len as u8]),
        }
        out.extend_from_slice(content);
        out
    }

    #[test]
    fn the_public_key_is_found_with_and_without_a_version() {
        let spki = der(SEQUENCE, &[7; 200]);
        for version in [der(EXPLICIT_VERSION, &der(INTEGER, &[2])), Vec::new()] {
            let empty = der(SEQUENCE, &[]);
            let fields = [&version[..], &der(INTEGER, &[1]), &empty, &empty, &empty, &empty, &spki];
            let tbs = der(SEQUENCE, &fields.concat());
            let certificate = der(SEQUENCE, &[&tbs[..], &empty].concat());
            assert_eq!(subject_public_key_info(&certificate), Some(&spki[..]));
            for cut in 0..tbs.len() {
                assert_eq!(subject_public_key_info(&certificate[..cut]), None);
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = subject_public_key_info(&bytes);
        }
    }
}
