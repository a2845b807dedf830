//! Fewer cells that still try everything: the full product grows with the product of the three
//! lists, what can be wrong between two of them does not.

use std::collections::HashSet;

use super::cell::{Cell, Part};

/// What a selection has to try between each client and each server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Every suite, every group, every scheme.
    Values,
    /// Every suite with every group, every group with every scheme, every suite with every scheme.
    Pairs,
}

impl Cover {
    /// What one cell covers.
    fn of(self, cell: &Cell) -> [Combination; 3] {
        let [suite, group, scheme] = cell.parts();
        match self {
            Self::Values => [(suite, None), (group, None), (scheme, None)],
            Self::Pairs => [(suite, Some(group)), (group, Some(scheme)), (scheme, Some(suite))],
        }
    }
}

type Combination = (Part, Option<Part>);

/// Cells out of `cells` that cover all that `cells` cover. The cells of a client and a server have
/// to stand together, as [`cells`](super::cells) gives them.
///
/// Always the next cell is the one that covers most that is not covered yet, which comes within a
/// few per cent of the fewest there can be.
pub fn covering(cells: &[Cell], cover: Cover) -> Vec<Cell> {
    let same_ends = |a: &Cell, b: &Cell| {
        a.client.name() == b.client.name() && a.server.name() == b.server.name()
    };
    cells.chunk_by(same_ends).flat_map(|cells| covering_between(cells, cover)).collect()
}

fn covering_between(cells: &[Cell], cover: Cover) -> Vec<Cell> {
    let mut missing: HashSet<Combination> = cells.iter().flat_map(|cell| cover.of(cell)).collect();
    let mut chosen = Vec::new();
    while !missing.is_empty() {
        let gain = |cell: &&Cell| cover.of(cell).iter().filter(|c| missing.contains(*c)).count();
        // The first of the best, so that the choice is the same every time.
        let Some(best) = cells.iter().rev().max_by_key(gain) else { break };
        for combination in cover.of(best) {
            missing.remove(&combination);
        }
        chosen.push(best.clone());
    }
    chosen
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::matrix::{Player, cells};
    use dtls_provider_rustcrypto::RustCryptoProvider;

    #[test]
    fn a_selection_covers_what_the_product_covers_with_fewer_cells() {
        let all = cells(&Player::all(&[Arc::new(RustCryptoProvider::new())]));
        let covered = |cells: &[Cell], cover: Cover| -> HashSet<Combination> {
            cells.iter().flat_map(|cell| cover.of(cell)).collect()
        };
        let counts = [Cover::Values, Cover::Pairs].map(|cover| {
            let selection = covering(&all, cover);
            assert_eq!(covered(&selection, cover), covered(&all, cover));
            selection.len()
        });
        assert!(counts[0] < counts[1] && counts[1] < all.len(), "{counts:?} of {}", all.len());
    }
}
