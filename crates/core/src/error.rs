//! Errors for the user: what is wrong, and a hint.

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

/// An error of the environment; exit code 1.
pub fn user_error(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    UserError { what: what.into(), hint: hint.into(), usage: false }.into()
}

/// A wrong use of the command; exit code 2.
pub fn usage_error(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    UserError { what: what.into(), hint: hint.into(), usage: true }.into()
}

/// The hint of an error, anywhere in its chain.
pub fn find_user_error(error: &anyhow::Error) -> Option<&UserError> {
    error.chain().find_map(|cause| cause.downcast_ref::<UserError>())
}
