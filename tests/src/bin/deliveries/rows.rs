//! The rows of the table.

use cafleet_domain::backend::Backend;

use crate::states::State;

/// How a text is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By `cafleet message send`, and the monitor.
    Cafleet,
    /// As scripts do it: literal keys, a second of sleep, Enter.
    Recipe,
}

impl Way {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Cafleet => "CAFleet",
            Self::Recipe => "For comparison: literal keys, 1.0 s, Enter",
        }
    }
}

/// What became of the deliveries to one agent in one state.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) backend: Backend,
    pub(crate) way: Way,
    pub(crate) state: State,
    pub(crate) count: u64,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) mangled: u64,
    pub(crate) wrong: u64,
    pub(crate) answered: u64,
    pub(crate) aborted: usize,
    /// In seconds.
    pub(crate) times: Vec<f64>,
}

impl Row {
    pub(crate) const HEAD: &str = "| agent | state | N | lost | doubled | mangled | wrong | answered | aborted | median | p95 |\n\
         |---|---|---|---|---|---|---|---|---|---|---|";

    pub(crate) fn new(backend: Backend, way: Way, state: State) -> Self {
        let (count, lost, doubled, mangled, wrong, answered, aborted) = (0, 0, 0, 0, 0, 0, 0);
        Self { backend, way, state, count, lost, doubled, mangled, wrong, answered, aborted, times: Vec::new() }
    }

    /// Returns the row as Markdown.
    pub(crate) fn line(&self) -> String {
        let Self { backend, count, lost, doubled, mangled, wrong, answered, aborted, .. } = self;
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        let at = |share: usize| {
            let index = (times.len() * share).div_ceil(100).saturating_sub(1);
            times.get(index).map_or_else(|| "–".to_owned(), |time| format!("{:.0}", time * 1000.0))
        };
        let (median, tail, state) = (at(50), at(95), self.state.name());
        format!(
            "| {backend} | {state} | {count} | {lost} | {doubled} | {mangled} | {wrong} | {answered} | {aborted} | {median} | {tail} |"
        )
    }
}
