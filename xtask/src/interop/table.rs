//! The matrix as a table: a row per cell, a column per direction.

use std::collections::BTreeSet;

use super::cells::Cell;
use super::peers::Direction;
use super::{Outcome, Results};

/// Wide enough for the longest cell name and heading.
const NAME: usize = 50;
const COLUMN: usize = 24;

pub(super) fn print(cells: &[Cell], directions: &[Direction], results: &Results) {
    print!("\n{:<NAME$}", "cell");
    for direction in directions {
        print!("{:<COLUMN$}", direction.to_string());
    }
    println!();
    for (cell, row) in cells.iter().zip(results) {
        print!("{:<NAME$}", cell.name);
        for result in row {
            let text = match result {
                Some(Outcome::Ok(report)) if report.tries > 1 => {
                    format!("ok {:.2} s, 2nd try", report.time.as_secs_f64())
                }
                Some(Outcome::Ok(report)) => format!("ok {:.2} s", report.time.as_secs_f64()),
                Some(Outcome::Failed(_)) => "FAILED".to_owned(),
                Some(Outcome::NotOffered(_)) => "not offered".to_owned(),
                None => "–".to_owned(),
            };
            print!("{text:<COLUMN$}");
        }
        println!();
    }
    let not_offered: BTreeSet<&str> = results
        .iter()
        .flatten()
        .filter_map(|result| match result {
            Some(Outcome::NotOffered(what)) => Some(*what),
            _ => None,
        })
        .collect();
    if !not_offered.is_empty() {
        let names = not_offered.into_iter().collect::<Vec<_>>().join(", ");
        println!("\nnot offered by our provider: {names}");
    }
    let mut heading = Some("\nfailures:");
    for (cell, row) in cells.iter().zip(results) {
        for (direction, result) in directions.iter().zip(row) {
            if let Some(Outcome::Failed(failure)) = result {
                if let Some(heading) = heading.take() {
                    println!("{heading}");
                }
                println!("  {} ({direction}): {failure}", cell.name);
            }
        }
    }
    println!();
}
