//! Durations on the command line.

use std::time::Duration;

/// Reads a number of seconds, with a fraction if need be.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().map_err(|_| "must be a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "must be a number of seconds, 0 or more".to_owned())
}

/// Reads a whole number and its unit: `90s`, `30m`, `12h`, `7d`, `4w`.
pub(crate) fn with_unit(text: &str) -> Result<Duration, String> {
    let wrong = || "must be a whole number and a unit: 90s, 30m, 12h, 7d or 4w".to_owned();
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_understood_and_nonsense_is_not() {
        assert_eq!(with_unit("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(with_unit("7d"), Ok(Duration::from_secs(604_800)));
        for bad in ["", "7", "d", "-1d", "1.5h", "7 d", "7é", "99999999999999999999d", "18446744073709551615w"] {
            assert!(with_unit(bad).is_err(), "{bad:?}");
        }
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for bad in ["-1", "NaN", "inf", "soon", ""] {
            assert!(seconds(bad).is_err(), "{bad:?}");
        }
    }
}
