//! A program that prints as fast as it can.

use std::time::{Duration, Instant};

use cafleet_domain::ports::WatchMode;

use super::Figure;
use super::side::Side;
use crate::Outcome;

const FLOOD: usize = 100_000_000;

pub(super) async fn measure(side: &Side) -> Outcome<Vec<Figure>> {
    let (alone, watched) = (flood(side, false).await?, flood(side, true).await?);
    let seconds = |time: Duration| format!("{:.1}", time.as_secs_f64());
    Ok(vec![
        ("`yes | head -c 100MB`, in s".to_owned(), seconds(alone)),
        ("the same beside a viewer that reads nothing, in s".to_owned(), seconds(watched)),
    ])
}

/// Returns how long it takes until the end is on the screen.
async fn flood(side: &Side, is_watched: bool) -> Outcome<Duration> {
    let script = format!("read go; yes | head -c {FLOOD}; echo finished; exec sleep 600");
    let pane = side.spawn(&["/bin/sh", "-c", &script]).await?;
    let viewer = if is_watched { Some(side.watcher.watch(&pane, WatchMode::ReadOnly).await?) } else { None };
    let begun = Instant::now();
    side.press_enter(&pane).await?;
    side.until_shown(&pane, |screen| screen.contains("finished")).await?;
    let taken = begun.elapsed();
    drop(viewer);
    side.port.kill(&pane).await?;
    Ok(taken)
}
