//! One batch of rows, of whatever kind.

use anyhow::Result;
use entities::import_row_error::Model as RowError;

use super::{
    file::Row,
    options::Kind,
    refusal::Stop,
    row::{Import, Tally},
};
use crate::change::Draft;

impl Import {
    /// Takes in a batch of rows and answers those it refused.
    pub(super) fn take_batch(
        &mut self,
        draft: &mut Draft,
        kind: Kind,
        pass: usize,
        job_id: i64,
        rows: &[Row],
    ) -> Result<Vec<RowError>> {
        let mut errors = Vec::new();
        for row in rows {
            self.counts.rows += u64::from(pass == 0);
            let taken = match (kind, pass) {
                (Kind::Territories, 0) => self.take_territory(draft, row),
                (Kind::Territories, _) => self.place_territory(draft, row),
                (Kind::Organizations, 0) => self.take_organization(draft, row),
                (Kind::Organizations, _) => self.place_organization(draft, row),
                (Kind::Pages, _) => self.take_pages(draft, row),
                (Kind::Exemptions, _) => self.take_exemption(draft, row),
            };
            match taken {
                Ok(()) => {}
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Refused(refusal)) => {
                    self.counts.refused += 1;
                    errors.push(RowError {
                        job_id,
                        row_number: row.number,
                        code: refusal.code.as_text(),
                        text: refusal.text,
                        suggestion: refusal.suggestion,
                        cells: serde_json::to_string(&row.cells)?,
                    });
                }
            }
        }
        Ok(errors)
    }

    pub(super) fn tally(&mut self, kind: Kind) -> &mut Tally {
        match kind {
            Kind::Territories => &mut self.counts.territories,
            Kind::Organizations => &mut self.counts.organizations,
            Kind::Pages => &mut self.counts.pages,
            Kind::Exemptions => &mut self.counts.exemptions,
        }
    }
}
