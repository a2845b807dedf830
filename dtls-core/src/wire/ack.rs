//! The ACK content (RFC 9147 7).

use alloc::vec::Vec;

use super::RecordNumber;
use super::codec::{Malformed, Reader, put_vec16};

/// Bytes one record number takes in an ACK.
pub const ACK_ENTRY_LEN: usize = 16;

/// Appends an ACK that names `numbers`, which have to be in ascending order.
pub fn put_ack(out: &mut Vec<u8>, numbers: impl IntoIterator<Item = RecordNumber>) {
    put_vec16(out, |out| {
        for number in numbers {
            out.extend_from_slice(&number.epoch.to_be_bytes());
            out.extend_from_slice(&number.sequence.to_be_bytes());
        }
    });
}

/// Reads an ACK. Numbers are accepted in any order.
pub fn parse_ack(content: &[u8]) -> Result<impl Iterator<Item = RecordNumber> + '_, Malformed> {
    let mut reader = Reader::new(content);
    let list = reader.vec16()?;
    reader.finish()?;
    let (entries, []) = list.as_chunks::<ACK_ENTRY_LEN>() else {
        return Err(Malformed);
    };
    Ok(entries.iter().map(|entry| {
        let number = u128::from_be_bytes(*entry);
        RecordNumber::new((number >> 64) as u64, number as u64)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// req: 9147-7-01
    #[test]
    fn an_ack_with_a_crooked_length_is_malformed() {
        for bad in [&[][..], &[0], &[0, 1, 0], &[0, 0, 9], &[0, 16, 0, 0], &[0; 10]] {
            assert!(parse_ack(bad).is_err(), "{bad:?}");
        }
        assert_eq!(parse_ack(&[0, 0]).unwrap().count(), 0);
    }

    proptest! {
        #[test]
        fn an_ack_reads_back_as_written(numbers in proptest::collection::vec((any::<u64>(), any::<u64>()), 0..40)) {
            let numbers: Vec<_> = numbers.into_iter().map(|(e, s)| RecordNumber::new(e, s)).collect();
            let mut out = Vec::new();
            put_ack(&mut out, numbers.iter().copied());
            prop_assert!(parse_ack(&out).unwrap().eq(numbers));
        }
    }
}
