//! AES-CCM: RFC 3610 and NIST SP 800-38C. Neither was written with TLS in mind, and of both
//! together one vector is of a form that a cipher suite can ask for.

use dtls_crypto_api::AeadAlgorithm;

use crate::check::tally::{Tally, Verdict};
use crate::vectors;

/// The packet vectors of RFC 3610 section 8, all with nonces of 13 bytes and tags of 8 or 10.
const PACKET_VECTORS: usize = 24;

/// RFC 3610: counted, none tried. A nonce here is 12 bytes (RFC 6655 3).
pub(in crate::check) fn rfc_3610(tally: &mut Tally<'_>) -> Verdict {
    tally.skip("a nonce of 104 bits, which no cipher suite has", PACKET_VECTORS);
    Ok(())
}

/// SP 800-38C appendix C: example 3 has a nonce of 12 bytes and a tag of 8.
pub(in crate::check) fn sp_800_38c(tally: &mut Tally<'_>) -> Verdict {
    super::records(tally, AeadAlgorithm::Aes128Ccm8, &vectors::published().aes_128_ccm_8);
    tally.skip("a nonce of 56, 64 or 104 bits, which no cipher suite has", 3);
    Ok(())
}
