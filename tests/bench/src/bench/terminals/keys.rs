//! From a key to the screen.

use std::time::{Duration, Instant};

use cafleet_domain::ports::{Look, PaneView, TypingCondition};

use super::Figure;
use super::side::Side;
use crate::Outcome;
use crate::measure::quantile;
use crate::report::millis;

/// How many are measured.
const KEYS: usize = 100;

/// As many as fit on one row of a narrow pane.
const ROW: usize = 20;

pub(super) async fn measure(side: &Side) -> Outcome<Vec<Figure>> {
    let typed = typed(side).await?;
    let mut looked = Vec::new();
    for _ in 0..KEYS {
        let begun = Instant::now();
        side.port.look(&side.first).await?;
        looked.push(begun.elapsed());
    }
    Ok(vec![
        ("a key until a look shows it, median".to_owned(), millis(quantile(&typed, 0.5))),
        ("the same, p95".to_owned(), millis(quantile(&typed, 0.95))),
        ("a look, median".to_owned(), millis(quantile(&looked, 0.5))),
    ])
}

/// Types characters, one at a time, and returns how long each took until it was seen.
pub(super) async fn typed(side: &Side) -> Outcome<Vec<Duration>> {
    let Look::Seen(PaneView { front, .. }) = side.port.look(&side.first).await? else {
        return Err("the pane is gone".into());
    };
    let mut times = Vec::new();
    for number in 0..KEYS {
        if number % ROW == 0 {
            side.press_enter(&side.first).await?;
        }
        let row = "x".repeat(number % ROW + 1);
        let begun = Instant::now();
        side.port.type_keys(&side.first, &front, &TypingCondition::default(), "x").await?;
        side.until_shown(&side.first, |screen| screen.lines().last() == Some(row.as_str())).await?;
        times.push(begun.elapsed());
    }
    Ok(times)
}
