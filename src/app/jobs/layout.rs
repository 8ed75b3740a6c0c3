//! How the Jobs tab is split between jobs and items: `update` pages by it and `ui` draws by it.

/// The most rows of the selected item's detail below the items.
const DETAIL: u16 = 8;

/// The parts of the tab, in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Rows of one job: two, and a blank one where there is room.
    pub per_job: u16,
    /// Jobs in view.
    pub jobs: u16,
    /// Items in view, below their rule.
    pub items: u16,
    /// Rows of the selected item's detail below the items; where it is wide the detail stands beside them.
    pub detail: u16,
}

/// The parts of a body of `height` rows, the tab's rule among them, for so many jobs. In the items they get more, and
/// the selected one is told in full.
pub fn parts(height: u16, jobs: usize, in_items: bool, wide: bool) -> Parts {
    let per_job = if height >= 24 { 3 } else { 2 };
    let inner = height.saturating_sub(1);
    let share = if in_items { inner / 3 } else { inner / 2 };
    let jobs = (jobs.min(usize::from(u16::MAX)) as u16).min((share / per_job).max(1));
    let rest = inner.saturating_sub(jobs * per_job).saturating_sub(1);
    let detail = if in_items && !wide { rest.div_ceil(2).min(DETAIL) } else { 0 };
    Parts { per_job, jobs, items: rest - detail, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_jobs_share_the_rows_at_every_height() {
        for height in 0..200 {
            for jobs in [0, 1, 5, 1_000] {
                for (in_items, wide) in [(false, false), (true, false), (true, true)] {
                    let parts = parts(height, jobs, in_items, wide);
                    assert!(height < 4 || parts.jobs * parts.per_job + parts.items + parts.detail < height);
                    assert!(height < 8 || parts.items >= 2, "{height} {parts:?}");
                    assert!(height < 8 || (parts.detail >= 2) == (in_items && !wide), "{height} {parts:?}");
                    assert!(jobs == 0 || parts.jobs >= 1);
                }
            }
        }
    }
}
