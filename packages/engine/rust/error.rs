//! The engine's one error: a stable kind and a sentence.

use std::any::Any;
use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What went wrong, as callers tell it apart. The text form is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The circuit, the witness or another argument breaks the format.
    IrInvalid,
    /// The declared degree is not the true one.
    IrDegree,
    FixedInvalid,
    WitnessInvalid,
    InstanceLength,
    /// A definition divides by zero.
    ZeroDenominator,
    /// The witness does not satisfy the circuit.
    WitnessRejected,
    /// A commitment is the identity point, which verifiers refuse.
    IdentityPoint,
    Cancelled,
    Closed,
    SrsMissing,
    SrsCorrupted,
    SrsMismatch,
    KeysMissing,
    KeysCorrupted,
    VkInvalid,
    Io,
    /// A panic inside the proof system.
    Internal,
}

impl ErrorKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IrInvalid => "ir-invalid",
            Self::IrDegree => "ir-degree",
            Self::FixedInvalid => "fixed-invalid",
            Self::WitnessInvalid => "witness-invalid",
            Self::InstanceLength => "instance-length",
            Self::ZeroDenominator => "zero-denominator",
            Self::WitnessRejected => "witness-rejected",
            Self::IdentityPoint => "identity-point",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
            Self::SrsMissing => "srs-missing",
            Self::SrsCorrupted => "srs-corrupted",
            Self::SrsMismatch => "srs-mismatch",
            Self::KeysMissing => "keys-missing",
            Self::KeysCorrupted => "keys-corrupted",
            Self::VkInvalid => "vk-invalid",
            Self::Io => "io",
            Self::Internal => "internal",
        }
    }
}

#[derive(Clone, Debug)]
pub struct EngineError {
    pub kind: ErrorKind,
    pub message: String,
}

pub type Result<T> = std::result::Result<T, EngineError>;

impl EngineError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message }
    }

    /// Leaves the proof system from inside one of its callbacks, which have no error path of their own.
    /// Caught by [`guard`]; the panic hook is not run, so nothing is printed.
    pub fn unwind(self) -> ! {
        std::panic::resume_unwind(Box::new(self))
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.message)
    }
}

impl std::error::Error for EngineError {}

/// Runs `work` and turns a panic into an error: the proof system asserts and unwraps on misuse, and a panic
/// that reached Node would abort it.
pub fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| Err(from_panic(payload)))
}

fn from_panic(payload: Box<dyn Any + Send>) -> EngineError {
    match payload.downcast::<EngineError>() {
        Ok(error) => *error,
        Err(payload) => {
            let text = payload
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).to_owned()))
                .unwrap_or_else(|| "no message".to_owned());
            EngineError::new(
                ErrorKind::Internal,
                format!("The proof system panicked: {text}."),
            )
        }
    }
}
