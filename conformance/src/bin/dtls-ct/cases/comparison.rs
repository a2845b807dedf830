//! Comparing MACs and secrets, as Finished, cookies and PSK binders do.

use dtls_crypto_api::{ConstantTimeEq, Digest, Secret};

use super::{Failure, hold};
use crate::secrets::{public_value, secret_copy};

pub(super) fn digests_and_secrets() -> Result<(), Failure> {
    let right = [0x5a_u8; 48];
    for wrong_at in [None, Some(0), Some(20), Some(47)] {
        let mut received = right;
        if let Some(at) = wrong_at {
            received[at] ^= 0x80;
        }
        for len in [32, 48] {
            let bytes = secret_copy(&right[..len]);
            let equal = wrong_at.is_none_or(|at| at >= len);
            let digest = Digest::new(&bytes).ok_or("a digest is 48 bytes at most")?;
            let choice = digest.as_ref().ct_eq(&received[..len]).unwrap_u8();
            // The verdict: the protocol goes on or ends by it.
            hold("digests compare", (public_value(choice) == 1) == equal)?;
            let secret = Secret::new(&bytes).ok_or("a secret is 48 bytes at most")?;
            let other = Secret::new(&received[..len]).ok_or("a secret is 48 bytes at most")?;
            let choice = secret.ct_eq(&other).unwrap_u8();
            hold("secrets compare", (public_value(choice) == 1) == equal)?;
            let other = Digest::new(&received[..len]).ok_or("a digest is 48 bytes at most")?;
            let verdict = digest == other;
            hold("digests are equal", public_value(verdict) == equal)?;
        }
    }
    Ok(())
}
