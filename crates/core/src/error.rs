//! Faults a person reads: what is wrong, and the way out.

use std::fmt;

/// One clear error: the thing, and a hint. Shown as two lines; the exit code is 2 for usage, 1 otherwise.
#[derive(Debug)]
pub struct UserError {
    pub what: String,
    pub hint: String,
    pub usage: bool,
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for UserError {}

/// Something of the world is not as it should be.
pub fn user_error(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    UserError { what: what.into(), hint: hint.into(), usage: false }.into()
}

/// The command was given in a way that cannot be meant.
pub fn usage_error(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    UserError { what: what.into(), hint: hint.into(), usage: true }.into()
}

/// The hint within an error, wherever in its chain it stands.
pub fn find_user_error(error: &anyhow::Error) -> Option<&UserError> {
    error.chain().find_map(|cause| cause.downcast_ref::<UserError>())
}
