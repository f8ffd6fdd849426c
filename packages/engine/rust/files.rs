//! Files whose loss or damage is reported as what it is.

use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{EngineError, ErrorKind, Result};

pub fn name(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

pub fn io_error(verb: &str, path: &Path, error: &io::Error) -> EngineError {
    EngineError::new(
        ErrorKind::Io,
        format!("Could not {verb} {}: {error}.", path.display()),
    )
}

/// Reads a file; `missing` is the kind of the error when there is none.
pub fn read(path: &Path, missing: ErrorKind) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => EngineError::new(
            missing,
            format!("Expected the file {}, found none.", path.display()),
        ),
        _ => io_error("read", path, &error),
    })
}

/// Writes beside the target and renames: a reader sees the old file or the whole new one.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| io_error("write", path, &error))
}

pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
