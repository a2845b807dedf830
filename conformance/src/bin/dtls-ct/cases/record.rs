//! Records: from the mask to the number, and from the inner plaintext to its content.

use dtls_core::key_schedule::{RecordKeys, TrafficSecret};
use dtls_core::record::open::{DropReason, Opened, ReadEpoch};
use dtls_core::record::seal::{Expansion, WriteEpoch};
use dtls_core::wire::ContentType;
use dtls_core::wire::header::{CIPHERTEXT_HEADER_LEN, CiphertextHeader, ciphertext_header};
use dtls_crypto_api::{CipherSuite, SAMPLE_LEN};

use super::{Failure, Provider, hold, suites};
use crate::marking::{Marking, Marks, Plaintext};
use crate::secrets::{is_secret, public, public_value};

/// Any epoch of application data.
const EPOCH: u64 = 3;

const CONTENT: &[u8] = b"nobody looks at this";

fn keys(provider: &Provider, suite: CipherSuite) -> Result<RecordKeys, Failure> {
    let (hash, aead) = suite.hash().zip(suite.aead()).ok_or("a suite of DTLS 1.3")?;
    let secret = TrafficSecret::from_bytes(hash, &vec![9; hash.output_len()])
        .ok_or("a secret of this length")?;
    Ok(secret.record_keys(provider.as_ref(), aead)?)
}

fn header(record: &[u8]) -> Result<CiphertextHeader, Failure> {
    Ok(CiphertextHeader::parse(record, 0).map_err(|_| "a header of our own does not parse")?)
}

/// A record with the core's header.
fn record(writer: &mut WriteEpoch, keys: &RecordKeys) -> Result<Vec<u8>, Failure> {
    let Expansion { before, behind } = Expansion::of(keys.aead());
    let mut record = vec![0; before + CONTENT.len() + behind];
    record[before..before + CONTENT.len()].copy_from_slice(CONTENT);
    let (_, len) = writer
        .seal(&mut record, CONTENT.len(), ContentType::APPLICATION_DATA)
        .map_err(|error| format!("{error:?}"))?;
    record.truncate(len);
    // It is on the wire.
    public(&mut record);
    Ok(record)
}

/// The number of a record that does not authenticate leaves no trace at all.
pub(super) fn forged_number(provider: &Provider) -> Result<(), Failure> {
    let marking = Marking::shared(provider, Marks { mask: true, ..Marks::default() });
    for suite in suites(&marking) {
        let keys = keys(&marking, suite)?;
        let mut reader = ReadEpoch::new(marking.as_ref(), EPOCH, &keys)?;
        let mut writer = WriteEpoch::new(marking.as_ref(), EPOCH, &keys)?.starting_at(0xff_f0);
        // Numbers on both sides of where the 16 bits begin again, and none known yet.
        for _ in 0..32 {
            let mut record = record(&mut writer, &keys)?;
            let last = record.len() - 1;
            record[last] ^= 1;
            let header = header(&record)?;
            let result = reader.open(&mut record, &header);
            hold("a forged record is dropped", result == Err(DropReason::NotAuthentic))?;
            let number = record.get(1..3).unwrap_or_default();
            hold("its number is secret", is_secret(number))?;
        }
    }
    Ok(())
}

/// Numbers of records that authenticate: secret until then.
pub(super) fn number(provider: &Provider) -> Result<(), Failure> {
    let marking = Marking::shared(provider, Marks { mask: true, ..Marks::default() });
    for suite in suites(&marking) {
        let keys = keys(&marking, suite)?;
        let mut reader = ReadEpoch::new(marking.as_ref(), EPOCH, &keys)?;
        let mut writer = WriteEpoch::new(marking.as_ref(), EPOCH, &keys)?;
        for number in 0..4 {
            let mut record = record(&mut writer, &keys)?;
            let header = header(&record)?;
            let opened = settled(reader.open(&mut record, &header))?;
            hold("the number is right", opened.sequence == number)?;
        }
    }
    Ok(())
}

/// Where content ends and padding begins is nobody's business.
pub(super) fn padding(provider: &Provider) -> Result<(), Failure> {
    let marks = Marks { plaintext: Plaintext::All, ..Marks::default() };
    let marking = Marking::shared(provider, marks);
    for suite in suites(&marking) {
        let keys = keys(&marking, suite)?;
        let mut reader = ReadEpoch::new(marking.as_ref(), EPOCH, &keys)?;
        for (number, padding) in (0..).zip([0, 1, 7, 31, 32, 33, 100, 1000]) {
            let mut record = padded(provider, &keys, number, CONTENT, padding)?;
            let header = header(&record)?;
            let opened = settled(reader.open(&mut record, &header))?;
            hold("the type is right", opened.content_type == ContentType::APPLICATION_DATA)?;
            let content = record.get_mut(opened.content).ok_or("the content is too long")?;
            hold("the content is secret", is_secret(content))?;
            // To compare it here.
            public(content);
            hold("the content is right", content == CONTENT)?;
        }
    }
    Ok(())
}

/// A record with an inner plaintext that the core never writes.
fn padded(
    provider: &Provider,
    keys: &RecordKeys,
    number: u64,
    content: &[u8],
    padding: usize,
) -> Result<Vec<u8>, Failure> {
    let mut key = provider.seal_key(&keys.secrets())?;
    let mut inner = content.to_vec();
    inner.push(ContentType::APPLICATION_DATA.0);
    inner.resize(inner.len() + padding + key.tag_len(), 0);
    let mut header: [u8; CIPHERTEXT_HEADER_LEN] =
        ciphertext_header(EPOCH, number, inner.len() as u16);
    key.seal(number, &header, &mut inner)?;
    let sample = inner.first_chunk::<SAMPLE_LEN>().ok_or("too short to sample")?;
    for (byte, mask) in header.iter_mut().skip(1).zip(key.record_number_mask(sample)?) {
        *byte ^= mask;
    }
    let mut record = header.to_vec();
    record.extend(inner);
    // It is on the wire.
    public(&mut record);
    Ok(record)
}

/// A record that authenticated: its number is spent and its content is handed out, so number,
/// type and length are public.
fn settled(result: Result<Opened, DropReason>) -> Result<Opened, Failure> {
    Ok(public_value(result).map_err(|reason| format!("a good record was dropped: {reason:?}"))?)
}
