//! The exit codes of the binary.

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// The command succeeded.
    Success = 0,
    /// The operation failed; the reason is on standard error.
    Failure = 1,
    /// The command line is wrong, or, for `member delete`, the pane did not close in time.
    Usage = 2,
}

impl ExitStatus {
    /// Every exit code with what it means, for the generated reference.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Success, "The command succeeded."),
        (Self::Failure, "The operation failed; the reason is on standard error, in one line."),
        (Self::Usage, "The command line is wrong, or, for `member delete`, the pane did not close in time."),
    ];
}

impl From<ExitStatus> for std::process::ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}
