//! The record of what setup has written, by which it knows its own files again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The digests of all contents that setup ever wrote, and the version that did.
///
/// It goes by contents and not by paths: so it is right before the files are written as well as after, wherever they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Manifest {
    written: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads a manifest. What cannot be read counts for none: then every file that is not current is a person's.
    pub(super) fn parse(text: &[u8]) -> Self {
        serde_json::from_slice(text).unwrap_or_default()
    }

    /// Returns the manifest as it is stored.
    pub(super) fn to_json(&self) -> String {
        // a map of texts can always be written
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Notes that a version writes this.
    pub(super) fn note(&mut self, content: &[u8], version: &str) {
        self.written.entry(digest(content)).or_insert_with(|| version.to_owned());
    }

    /// Returns the version that wrote this; none when setup never did.
    pub(super) fn version_of(&self, content: &[u8]) -> Option<&str> {
        self.written.get(&digest(content)).map(String::as_str)
    }
}

fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_knows_what_it_was_told_and_survives_damage() {
        let mut manifest = Manifest::default();
        manifest.note(b"abc", "0.1.0");
        let read = Manifest::parse(manifest.to_json().as_bytes());
        assert_eq!(read.version_of(b"abc"), Some("0.1.0"));
        assert_eq!(read.version_of(b"abd"), None);
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(b"abc"), known, "as the standard has it");
        assert_eq!(Manifest::parse(b"{\"written\": 3}"), Manifest::default());
    }
}
