//! Marks that nobody can foresee.

/// Makes marks.
pub trait Marks: Send + Sync {
    /// Returns six letters and digits that nobody can guess who has not seen them, others at each call.
    fn fresh(&self) -> String;
}
