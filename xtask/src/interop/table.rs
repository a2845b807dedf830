//! The matrix as a table: a row per cell, a column per direction.

use super::Results;
use super::cells::Cell;
use super::peers::Direction;

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
                Some(Ok(report)) if report.tries > 1 => {
                    format!("ok {:.2} s, 2nd try", report.time.as_secs_f64())
                }
                Some(Ok(report)) => format!("ok {:.2} s", report.time.as_secs_f64()),
                Some(Err(_)) => "FAILED".to_owned(),
                None => "–".to_owned(),
            };
            print!("{text:<COLUMN$}");
        }
        println!();
    }
    let mut heading = Some("\nfailures:");
    for (cell, row) in cells.iter().zip(results) {
        for (direction, result) in directions.iter().zip(row) {
            if let Some(Err(failure)) = result {
                if let Some(heading) = heading.take() {
                    println!("{heading}");
                }
                println!("  {} ({direction}): {failure}", cell.name);
            }
        }
    }
    println!();
}
