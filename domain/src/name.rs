//! Names of agents: one form for each, and none that is drawn like that of another.

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

/// Names by which agents and people mean somebody in particular.
const ROLES: [&str; 4] = ["Administrator", "Director", "you", "all"];

/// Returns the name in the form in which it is stored: however it was typed, the same letters are the same characters.
#[must_use]
pub fn normalized(name: &str) -> String {
    name.nfc().collect()
}

/// Tells whether two names differ and look alike.
#[must_use]
pub fn is_confusable(left: &str, right: &str) -> bool {
    let (left, right) = (normalized(left), normalized(right));
    left != right && drawn(&left) == drawn(&right)
}

/// Tells whether a name is, or looks like, one by which somebody in particular is meant.
#[must_use]
pub fn is_of_a_role(name: &str) -> bool {
    let drawn_name = drawn(&name.to_lowercase());
    ROLES.iter().any(|role| drawn_name == drawn(&role.to_lowercase()))
}

/// Returns what a name looks like, by Unicode's table of confusable characters; any white space is one blank.
fn drawn(name: &str) -> String {
    let words = name.split_whitespace().collect::<Vec<_>>().join(" ");
    skeleton(&words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_letters_are_the_same_name() {
        assert_eq!(normalized("Ame\u{301}lie"), "Amélie");
        assert!(!is_confusable("Ame\u{301}lie", "Amélie"), "it is the same name");
        assert_eq!(normalized("日本 👩 a  b"), "日本 👩 a  b");
    }

    #[test]
    fn names_that_look_alike_are_told() {
        for other in ["\u{410}da", "Ad\u{430}", "Ada ", "\u{a0}Ada", "\u{ff21}da"] {
            assert!(is_confusable("Ada", other), "{other:?}");
        }
        assert!(is_confusable("a b", "a  b") && is_confusable("a b", "a\u{3000}b"));
        for other in ["Ada", "Eda", "Adam", "ada2", "アダ"] {
            assert!(!is_confusable("Ada", other), "{other:?}");
        }
    }

    #[test]
    fn roles_have_their_names_for_themselves() {
        for name in ["Director", "director", "DIRECTOR", "Dir\u{435}ctor", " Administrator", "you", "All"] {
            assert!(is_of_a_role(name), "{name:?}");
        }
        for name in ["Co-Director", "yours", "Ally", "Ada"] {
            assert!(!is_of_a_role(name), "{name:?}");
        }
    }
}
