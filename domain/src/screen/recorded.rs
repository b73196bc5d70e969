//! Up to which versions of the programs their screens have been recorded.

use crate::backend::Backend;

/// Returns the newest version of a program whose screens are in `tests/corpus`.
#[must_use]
pub fn newest_recorded(backend: Backend) -> &'static str {
    match backend {
        Backend::Claude => "2.1.332",
        Backend::Codex => "0.171.0",
        Backend::Opencode => "1.18.34",
    }
}

/// Tells whether what a program says about its version (`codex-cli 0.171.0`) is newer than any that was recorded; none when
/// no version is in it.
#[must_use]
pub fn is_newer_than_recorded(backend: Backend, said: &str) -> Option<bool> {
    Some(version(said)? > version(newest_recorded(backend))?)
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
    fn versions_are_compared_part_by_part_in_what_each_program_says() {
        let newer = is_newer_than_recorded;
        assert_eq!(newer(Backend::Claude, "2.1.332 (Claude Code)"), Some(false));
        assert_eq!(newer(Backend::Claude, "2.1.1000 (Claude Code)"), Some(true));
        assert_eq!(newer(Backend::Claude, "2.0.999 (Claude Code)"), Some(false));
        assert_eq!(newer(Backend::Codex, "codex-cli 0.172.0-alpha.3"), Some(true));
        assert_eq!(newer(Backend::Codex, "codex-cli 0.9.1"), Some(false));
        assert_eq!(newer(Backend::Opencode, "v1.19.0"), Some(true));
        assert_eq!(newer(Backend::Opencode, "(no answer within 5 s)"), None);
    }
}
