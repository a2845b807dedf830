//! From the 8 or 16 bits on the wire back to the full sequence number (RFC 9147 4.2.2).

/// The number with these low `bytes` (1 or 2) that is nearest to one above the highest number
/// deprotected so far in the epoch.
///
/// Until the record has authenticated, what came off the wire is known to nobody else, so it is
/// neither branched on nor indexed with; the highest number and what follows from it alone are.
pub const fn reconstruct(highest: Option<u64>, wire: u16, bytes: usize) -> u64 {
    let span: u64 = if bytes == 1 { 1 << 8 } else { 1 << 16 };
    let half = (span / 2).cast_signed();
    let expected = match highest {
        Some(highest) => highest.saturating_add(1),
        None => 0,
    };
    let candidate = (expected & !(span - 1)) | (wire as u64 & (span - 1));
    // Less than a span either way.
    let ahead = candidate.wrapping_sub(expected).cast_signed();
    let lower = if expected >= span { span } else { 0 };
    // Near the end of the number space there is nothing above.
    let higher = if expected <= u64::MAX - span { span } else { 0 };
    let too_high = ones_if_negative(half - ahead);
    let too_low = ones_if_negative(half + ahead - 1);
    candidate - (lower & too_high) + (higher & too_low)
}

/// The sign, in every bit.
const fn ones_if_negative(number: i64) -> u64 {
    (number >> 63).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::reconstruct;
    use proptest::prelude::*;
    use rstest::rstest;

    /// req: 9147-4.2.2-01, 9147-4.2.2-02, 9147-4.2.2-03
    #[rstest]
    #[case(None, 1, 0x0, 0x0)]
    #[case(Some(0x0), 1, 0x1, 0x1)]
    #[case(Some(0x0), 1, 0x0, 0x0)]
    #[case(Some(0xfe), 1, 0xff, 0xff)]
    #[case(Some(0xff), 1, 0x0, 0x100)]
    #[case(Some(0x100), 1, 0xff, 0xff)]
    #[case(Some(0x17f), 1, 0x80, 0x180)]
    #[case(Some(0x1ff), 1, 0x90, 0x190)]
    #[case(Some(0x1ff), 1, 0x70, 0x270)]
    #[case(Some(0x5), 1, 0xff, 0xff)]
    #[case(Some(0xfffe), 2, 0xffff, 0xffff)]
    #[case(Some(0xffff), 2, 0x0, 0x10000)]
    #[case(Some(0x10000), 2, 0xffff, 0xffff)]
    #[case(Some(0x1fffe), 2, 0xffff, 0x1ffff)]
    #[case(Some(0x20010), 2, 0xffff, 0x1ffff)]
    #[case(Some(0x2fff0), 2, 0xffff, 0x2ffff)]
    #[case(Some(0x1234_5678), 2, 0x5679, 0x1234_5679)]
    #[case(Some(0x1234_5678), 2, 0xd000, 0x1234_d000)]
    #[case(Some(0xffff_ffff), 2, 0x0, 0x1_0000_0000)]
    fn known_answers(
        #[case] highest: Option<u64>,
        #[case] bytes: usize,
        #[case] wire: u16,
        #[case] full: u64,
    ) {
        assert_eq!(reconstruct(highest, wire, bytes), full);
    }

    proptest! {
        #[test]
        fn a_number_near_the_highest_comes_back(highest in any::<u64>(), ahead in -100_i64..100, bytes in 1_usize..=2) {
            if let Some(number) = highest.checked_add_signed(ahead) {
                let mask = if bytes == 1 { 0xff } else { 0xffff };
                prop_assert_eq!(reconstruct(Some(highest), (number & mask) as u16, bytes), number);
            }
        }

        #[test]
        fn the_low_bits_are_always_kept(highest in any::<Option<u64>>(), wire in any::<u16>(), bytes in 1_usize..=2) {
            let mask = if bytes == 1 { 0xff } else { 0xffff };
            prop_assert_eq!(reconstruct(highest, wire, bytes) & mask, u64::from(wire) & mask);
        }
    }
}
