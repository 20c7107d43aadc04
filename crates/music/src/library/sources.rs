//! Where imports came from, and taking one back.

use anyhow::Result;
use rusqlite::{Transaction, params};
use serde::Serialize;

use crate::library::scrobbles::count_again;
use crate::library::{Library, doing};

/// One place that something was imported from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportSource {
    /// For instance "csv", or "listenbrainz ann".
    pub name: String,
    /// Listens, counts and recommendations.
    pub rows: u64,
}

/// What imports fill.
const TABLES: [&str; 3] = ["listens", "histories", "advice"];

impl Library {
    /// All sources of imports, by name.
    pub fn sources(&self) -> Result<Vec<ImportSource>> {
        let counts = TABLES.map(|table| format!("SELECT source, count(*) AS n FROM {table} GROUP BY source"));
        let query =
            format!("SELECT source, sum(n) FROM ({}) GROUP BY source ORDER BY source", counts.join(" UNION ALL "));
        let read = || {
            let source = |row: &rusqlite::Row| {
                Ok(ImportSource { name: row.get(0)?, rows: row.get::<_, i64>(1)?.unsigned_abs() })
            };
            self.base.prepare(&query)?.query_map([], source)?.collect()
        };
        doing("read what was imported", read())
    }

    /// Forgets all that came from a source, and the songs that nothing else names; how many rows that were. Matching comes after.
    pub fn forget_source(&mut self, name: &str) -> Result<usize> {
        let mut rows = 0;
        let forget = |step: &Transaction| {
            for table in TABLES {
                rows += step.execute(&format!("DELETE FROM {table} WHERE source = ?1"), params![name])?;
            }
            count_again(step)?;
            let named = TABLES.map(|table| format!("SELECT song FROM {table}")).join(" UNION ");
            step.execute(&format!("DELETE FROM outside WHERE id NOT IN ({named})"), []).map(drop)
        };
        doing("forget what was imported", self.at_once(forget))?;
        Ok(rows)
    }
}
