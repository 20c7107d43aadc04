//! Who plays what: a sparse matrix of listeners by items, readable both ways.

/// One listener's history: items in ascending order, each with its weight.
pub type Row = Vec<(u32, f32)>;

/// Histories of many listeners. A weight is `ln(1 + plays)`: the hundredth play says less than the second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interactions {
    rows: Vec<Row>,
    columns: Vec<Row>,
}

impl Interactions {
    /// From rows of weights over `items` items; a cell given twice counts as the sum.
    pub fn new(rows: Vec<Row>, items: usize) -> Self {
        let rows: Vec<Row> = rows.into_iter().map(tidy).collect();
        let mut columns = vec![Row::new(); items];
        for (listener, row) in rows.iter().enumerate() {
            for (item, weight) in row {
                columns[*item as usize].push((listener as u32, *weight));
            }
        }
        Self { rows, columns }
    }

    /// From counts of plays.
    pub fn of_counts(rows: Vec<Row>, items: usize) -> Self {
        Self::new(rows.into_iter().map(logged).collect(), items)
    }

    pub fn listeners(&self) -> usize {
        self.rows.len()
    }

    pub fn items(&self) -> usize {
        self.columns.len()
    }

    pub fn row(&self, listener: usize) -> &[(u32, f32)] {
        &self.rows[listener]
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The listeners of an item, with their weights.
    pub fn column(&self, item: usize) -> &[(u32, f32)] {
        &self.columns[item]
    }

    pub fn columns(&self) -> &[Row] {
        &self.columns
    }
}

/// Counts of plays as weights.
pub fn logged(row: Row) -> Row {
    row.into_iter().map(|(item, count)| (item, weight(count))).collect()
}

/// A count of plays as a weight.
pub fn weight(count: f32) -> f32 {
    count.max(0.0).ln_1p()
}

/// The row at unit length, so that a listener of many plays has no more say than one of few.
pub fn unit(row: &[(u32, f32)]) -> Row {
    let length = row.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    if length > 0.0 { row.iter().map(|(item, weight)| (*item, weight / length)).collect() } else { Row::new() }
}

fn tidy(mut row: Row) -> Row {
    row.sort_by_key(|(item, _)| *item);
    row.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        kept.1 += if same { later.1 } else { 0.0 };
        same
    });
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_reads_both_ways_and_doubles_are_summed() {
        let plays = Interactions::new(vec![vec![(2, 1.0), (0, 2.0), (2, 3.0)], vec![(2, 5.0)]], 3);
        assert_eq!(plays.row(0), [(0, 2.0), (2, 4.0)]);
        assert_eq!(plays.column(2), [(0, 4.0), (1, 5.0)]);
        assert!(plays.column(1).is_empty());
    }

    #[test]
    fn a_row_at_unit_length_keeps_its_proportions() {
        assert_eq!(unit(&[(0, 3.0), (4, 4.0)]), [(0, 0.6), (4, 0.8)]);
        assert!(unit(&[]).is_empty());
    }
}
