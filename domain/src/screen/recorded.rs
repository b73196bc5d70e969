//! Which of two versions of a program is newer.

/// Returns `true` if what a program says about its version (`codex-cli 0.171.0`) is newer than `recorded`; `None` if no version is in
/// one of them.
pub(crate) fn is_newer(said: &str, recorded: &str) -> Option<bool> {
    Some(version(said)? > version(recorded)?)
}

/// Reads the first number of three parts in a text.
fn version(said: &str) -> Option<[u64; 3]> {
    said.split(|c: char| c.is_whitespace() || matches!(c, 'v' | '-' | '+' | '(' | ')')).find_map(|word| {
        let parts: Vec<u64> = word.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
        parts.try_into().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_from_an_older_one_whatever_stands_around_it() {
        assert_eq!(is_newer("2.1.332 (Claude Code)", "2.1.332"), Some(false));
        assert_eq!(is_newer("2.1.1000 (Claude Code)", "2.1.332"), Some(true));
        assert_eq!(is_newer("2.0.999 (Claude Code)", "2.1.332"), Some(false));
        assert_eq!(is_newer("codex-cli 0.172.0-alpha.3", "0.171.0"), Some(true));
        assert_eq!(is_newer("codex-cli 0.9.1", "0.171.0"), Some(false));
        assert_eq!(is_newer("v1.19.0", "1.18.34"), Some(true));
        assert_eq!(is_newer("(no answer within 5 s)", "1.18.34"), None);
    }
}
