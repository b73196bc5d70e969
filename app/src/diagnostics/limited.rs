//! A log that does not fill the disk.

use std::io::{self, Write};
use std::sync::Arc;

use cafleet_domain::ports::Clock;

/// How many bytes a process writes in a day, in UTC. At `info` a busy fleet writes less than a thousandth of it.
const MOST: u64 = 64 << 20;

const MICROS_OF_DAY: i64 = 86_400_000_000;

/// A writer that keeps silent for the rest of a day on which it has written [`MOST`] bytes.
pub(super) struct Limited<W> {
    to: W,
    clock: Arc<dyn Clock>,
    day: i64,
    written: u64,
}

impl<W: Write> Limited<W> {
    pub(super) fn new(to: W, clock: Arc<dyn Clock>) -> Self {
        Self { to, clock, day: 0, written: 0 }
    }

    fn write_on(&mut self, day: i64, bytes: &[u8]) -> io::Result<()> {
        if day != self.day {
            (self.day, self.written) = (day, 0);
        }
        if self.written >= MOST {
            return Ok(());
        }
        self.written += bytes.len() as u64;
        self.to.write_all(bytes)?;
        if self.written >= MOST {
            writeln!(self.to, "{} MiB were written today; the rest of the day is left out", MOST >> 20)?;
        }
        Ok(())
    }
}

impl<W: Write> Write for Limited<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let today = self.clock.now().unix_micros() / MICROS_OF_DAY;
        self.write_on(today, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composition;

    #[test]
    fn a_day_has_a_limit_and_the_next_day_begins_anew() {
        let mut log = Limited::new(Vec::new(), composition::clock());
        let mebibyte = vec![b'x'; 1 << 20];
        for _ in 0..70 {
            log.write_on(1, &mebibyte).expect("memory");
        }
        let first = log.to.len();
        assert!(first > 64 << 20 && first < 65 << 20, "{first}");
        assert!(log.to.ends_with(b"the rest of the day is left out\n"));
        log.write_on(2, b"a new day").expect("memory");
        assert!(log.to.ends_with(b"a new day"));
    }
}
