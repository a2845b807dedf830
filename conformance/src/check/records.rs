//! Protected records: through the provider's keys, and through the core's sending and receiving
//! epochs.

use dtls_core::key_schedule::{RecordKeys, TrafficSecret};
use dtls_core::record::number::reconstruct;
use dtls_core::record::open::{DropReason, ReadEpoch};
use dtls_core::record::seal::{Expansion, WriteEpoch};
use dtls_core::wire::ContentType;
use dtls_core::wire::header::{CIPHERTEXT_HEADER_LEN, CiphertextHeader};
use dtls_crypto_api::{AeadAlgorithm, CipherSuite, CryptoProvider, SAMPLE_LEN, nonce};

use super::{During, Mismatch, Report};
use crate::vectors::{self, Record};

/// How far ahead of the last one a 16-bit number may be and still be read right.
const MAX_STEP: u64 = 0x7fff;

/// A record with its algorithms looked up, if the provider offers them.
fn keys(
    report: &mut Report,
    provider: &dyn CryptoProvider,
    record: &Record,
) -> Result<Option<(AeadAlgorithm, RecordKeys)>, Mismatch> {
    let name = &record.name;
    let suite = record.suite().during(name)?;
    let (aead, hash) = (suite.aead().during(name)?, suite.hash().during(name)?);
    if !report.offered(provider, aead, name) {
        return Ok(None);
    }
    let secret = TrafficSecret::from_bytes(hash, &record.secret).during(name)?;
    Ok(Some((aead, secret.record_keys(provider, aead).during(name)?)))
}

/// Keys, nonce, additional data, ciphertext, mask and wire form of each record, step by step.
///
/// # Errors
/// The first value that differs.
pub fn check_protection(provider: &dyn CryptoProvider) -> Result<Report, Mismatch> {
    let mut report = Report::default();
    for record in vectors::load().records {
        let name = &record.name;
        let named = record.suite().and_then(CipherSuite::name).during(name)?;
        report.same(name, named, record.cipher_suite.as_bytes())?;
        let Some((_, keys)) = keys(&mut report, provider, &record)? else { continue };
        let secrets = keys.secrets();
        report.same(format_args!("{name} key"), secrets.key, &record.key)?;
        report.same(format_args!("{name} iv"), secrets.iv, &record.iv)?;
        report.same(format_args!("{name} sn key"), secrets.record_number_key, &record.sn_key)?;
        report.same(
            format_args!("{name} nonce"),
            nonce(secrets.iv, record.number),
            &record.nonce,
        )?;

        let mut inner = record.content.to_vec();
        inner.push(record.content_type);
        inner.resize(inner.len() + record.padding_length, 0);
        report.same(format_args!("{name} inner"), &inner, &record.inner_plaintext)?;
        let header = header(&record, record.number);
        report.same(format_args!("{name} header"), &header, &record.aad)?;

        let mut key = provider.seal_key(&secrets).during(name)?;
        let mut sealed = inner;
        sealed.resize(sealed.len() + key.tag_len(), 0);
        key.seal(record.number, &header, &mut sealed).during(name)?;
        report.same(format_args!("{name} ciphertext"), &sealed, &record.ciphertext)?;
        let sample = sealed.first_chunk::<SAMPLE_LEN>().during(name)?;
        let mask = key.record_number_mask(sample).during(name)?;
        report.same(format_args!("{name} mask"), mask, &record.mask[..2])?;
        let masked = match record.number_bits {
            8 => record.number ^ u64::from(mask[0]),
            _ => record.number ^ u64::from(u16::from_be_bytes(mask)),
        };
        let wire = [self::header(&record, masked), sealed].concat();
        report.same(format_args!("{name} wire"), wire, &record.wire)?;
    }
    Ok(report)
}

/// The header of any form, with this number (RFC 9147 4).
fn header(record: &Record, number: u64) -> Vec<u8> {
    let cid = &record.connection_id[..];
    let mut flags = 0x20 | (record.epoch & 3) as u8;
    flags |= if cid.is_empty() { 0 } else { 0x10 };
    flags |= if record.number_bits == 16 { 8 } else { 0 };
    flags |= if record.length_present { 4 } else { 0 };
    let mut header = vec![flags];
    header.extend_from_slice(cid);
    let number = number.to_be_bytes();
    header.extend_from_slice(&number[8 - usize::from(record.number_bits / 8)..]);
    if record.length_present {
        header.extend_from_slice(&(record.ciphertext.len() as u16).to_be_bytes());
    }
    header
}

/// The records whose form is the one the core sends, made by it byte for byte.
///
/// # Errors
/// The first value that differs.
pub fn check_sealed(provider: &dyn CryptoProvider) -> Result<Report, Mismatch> {
    let mut report = Report::default();
    for record in vectors::load().records {
        let Some((aead, keys)) = keys(&mut report, provider, &record)? else { continue };
        let name = &record.name;
        let expansion = Expansion::of(aead);
        let least_padding = SAMPLE_LEN.saturating_sub(record.content.len() + 1 + aead.tag_len());
        let form_we_send = record.number_bits == 16
            && record.length_present
            && record.connection_id.is_empty()
            && record.padding_length == least_padding;
        if !form_we_send {
            continue;
        }
        let epoch = WriteEpoch::new(provider, record.epoch, &keys).during(name)?;
        let mut out = vec![0xaa; expansion.before];
        out.extend_from_slice(&record.content);
        out.resize(out.len() + expansion.behind, 0xaa);
        let content_type = ContentType(record.content_type);
        let (number, len) = epoch
            .starting_at(record.number)
            .seal(&mut out, record.content.len(), content_type)
            .during(name)?;
        report.holds(format_args!("{name} number"), number == record.number)?;
        report.same(name, &out[..len], &record.wire)?;
    }
    Ok(report)
}

/// Every record in every form, opened by the core; then refused as a replay, and refused with
/// any of its bytes changed.
///
/// # Errors
/// The first value that differs.
pub fn check_opened(provider: &dyn CryptoProvider) -> Result<Report, Mismatch> {
    let mut report = Report::default();
    for record in vectors::load().records {
        let Some((_, keys)) = keys(&mut report, provider, &record)? else { continue };
        let name = &record.name;
        let cid_len = record.connection_id.len();
        let mut epoch = ReadEpoch::new(provider, record.epoch, &keys).during(name)?;
        catch_up(&mut epoch, provider, &keys, record.number)?;
        let header = CiphertextHeader::parse(&record.wire, cid_len).during(name)?;
        for at in 0..record.wire.len() {
            let mut changed = record.wire.to_vec();
            changed[at] ^= 0x80;
            let opened = CiphertextHeader::parse(&changed, cid_len)
                .map(|header| epoch.open(&mut changed, &header).is_ok());
            report.holds(format_args!("{name}, byte {at} changed"), opened != Ok(true))?;
        }
        let mut wire = record.wire.to_vec();
        let opened = epoch.open(&mut wire, &header).during(name)?;
        report.holds(format_args!("{name} number"), opened.sequence == record.number)?;
        let content_type = opened.content_type == ContentType(record.content_type);
        report.holds(format_args!("{name} content type"), content_type)?;
        report.same(format_args!("{name} content"), &wire[opened.content], &record.content)?;
        let again = epoch.open(&mut record.wire.to_vec(), &header);
        report.holds(format_args!("{name} replayed"), again == Err(DropReason::Replayed))?;
    }
    Ok(report)
}

/// Receives records up to shortly before `number`, as a long connection would have.
fn catch_up(
    epoch: &mut ReadEpoch,
    provider: &dyn CryptoProvider,
    keys: &RecordKeys,
    number: u64,
) -> Result<(), Mismatch> {
    let (mut at, what) = (0, "catching up");
    while number.saturating_sub(at) > MAX_STEP {
        at += MAX_STEP.min(number - at - 1);
        let peer = WriteEpoch::new(provider, epoch.epoch(), keys).during(what)?;
        let mut record = [0; CIPHERTEXT_HEADER_LEN + 64];
        let sealed = peer.starting_at(at).seal(&mut record, 0, ContentType::APPLICATION_DATA);
        let (_, len) = sealed.during(what)?;
        let header = CiphertextHeader::parse(&record[..len], 0).during(what)?;
        epoch.open(&mut record[..len], &header).during(what)?;
    }
    Ok(())
}

/// Full numbers from their low bits.
///
/// # Errors
/// The first value that differs.
pub fn check_number_reconstruction(_: &dyn CryptoProvider) -> Result<Report, Mismatch> {
    let mut report = Report::default();
    for vector in vectors::load().number_reconstruction {
        let got = reconstruct(vector.highest, vector.wire, vector.bits / 8);
        report.same(format_args!("{vector:?}"), got.to_be_bytes(), &vector.number.to_be_bytes())?;
    }
    Ok(report)
}
