//! Surveys for programs.

use serde_json::{Map, Value, json};

use super::measure::RECORD_LEN;
use super::survey::{Item, Suite, Survey};

/// All of them. Each list is in the provider's order of preference.
pub(super) fn object(surveys: &[Survey]) -> Value {
    json!({
        "seal_bytes": RECORD_LEN,
        "providers": surveys.iter().map(provider).collect::<Vec<_>>(),
    })
}

fn provider(survey: &Survey) -> Value {
    let details =
        survey.details.iter().map(|(name, value)| json!({ "name": name, "value": value }));
    json!({
        "name": survey.name,
        "own_name": survey.own_name,
        "file": survey.file.as_ref().map(|file| file.display().to_string()),
        "version": survey.version,
        "fips": survey.fips,
        "details": details.collect::<Vec<_>>(),
        "suites": survey.suites.iter().map(suite).collect::<Vec<_>>(),
        "groups": list(&survey.groups),
        "kem_halves": list(&survey.kem_halves),
        "verify": list(&survey.verify),
        "sign": list(&survey.sign),
        "keys": list(&survey.keys),
    })
}

fn list(items: &[Item]) -> Value {
    items.iter().map(|offered| Value::Object(item(offered))).collect()
}

fn suite(suite: &Suite) -> Value {
    let mut object = item(&suite.item);
    object.insert("seal_ns".to_owned(), suite.seal_ns.into());
    Value::Object(object)
}

fn item(item: &Item) -> Map<String, Value> {
    let Item { name, fips, borrowed_from } = item;
    let mut object = Map::new();
    object.insert("name".to_owned(), name.as_str().into());
    object.insert("fips".to_owned(), fips.as_str().into());
    object.insert("borrowed_from".to_owned(), (*borrowed_from).into());
    object
}
