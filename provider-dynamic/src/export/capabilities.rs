//! Capabilities in the form of the header, kept as long as the provider.

use dtls_crypto_api::{
    Capabilities, CipherSuite, KeyKind, NamedGroup, Offered, SignatureAlgorithm,
};

use crate::abi::{self, Details, Offers, Text};

/// The C form, and all it points to. What is pointed to is on the heap and never changed, so it
/// stays where it is when this is moved.
pub(super) struct Exported {
    c: abi::Capabilities,
    _lists: [Box<[abi::Offer]>; 6],
    _details: Box<[abi::Detail]>,
    _capabilities: Capabilities,
}

impl Exported {
    pub(super) fn new(capabilities: &Capabilities) -> Self {
        let all = capabilities.clone();
        let suite = |id: CipherSuite| id.0.into();
        let group = |id: NamedGroup| id.0.into();
        let lists = [
            list(&all.cipher_suites, suite),
            list(&all.groups, group),
            list(&all.kem_halves, group),
            list(&all.verify, SignatureAlgorithm::number),
            list(&all.sign, SignatureAlgorithm::number),
            list(&all.generate, KeyKind::number),
        ];
        let details = all.details.iter().map(|detail| abi::Detail {
            name: Text::from_str(&detail.name),
            value: Text::from_str(&detail.value),
        });
        let details: Box<[abi::Detail]> = details.collect();
        let [cipher_suites, groups, kem_halves, verify, sign, generate] =
            lists.each_ref().map(|list| Offers { data: list.as_ptr(), len: list.len() });
        let c = abi::Capabilities {
            name: Text::from_str(&all.name),
            version: Text::from_str(&all.version),
            details: Details { data: details.as_ptr(), len: details.len() },
            cipher_suites,
            groups,
            kem_halves,
            verify,
            sign,
            generate,
        };
        Self { c, _lists: lists, _details: details, _capabilities: all }
    }

    /// The C form.
    pub(super) fn as_ptr(&self) -> *const abi::Capabilities {
        &raw const self.c
    }
}

fn list<T: Copy>(list: &[Offered<T>], number: impl Fn(T) -> u32) -> Box<[abi::Offer]> {
    list.iter()
        .map(|offered| abi::Offer {
            id: number(offered.id),
            fips: offered.fips.number(),
            borrowed_from: Text::from_str(offered.borrowed_from.unwrap_or_default()),
        })
        .collect()
}
