//! The engine on files, for looking into a circuit without Node.
//!
//! Columns are JSON arrays of small integers or of decimal strings.

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;

use pentimento_engine::descriptor::Descriptor;
use pentimento_engine::error::{EngineError, ErrorKind, Result};
use pentimento_engine::field::ColumnData;
use pentimento_engine::files;
use pentimento_engine::ir::Ir;
use pentimento_engine::progress::Progress;
use pentimento_engine::prove::{decode_instances, Prover};
use pentimento_engine::{keys, srs, verify};
use serde::de::DeserializeOwned;
use serde::Deserialize;

const USAGE: &str = "\
pentimento-engine srs <k> <folder>
pentimento-engine keygen <circuit.json> <fixed.json> <srs> <key folder>
pentimento-engine prove <key folder> <srs> <witness.json> <proof>
pentimento-engine verify <circuit.json> <vk.json> <instances.json> <proof>";

#[derive(Deserialize)]
struct Witness {
    advice: Vec<ColumnData>,
    instances: Vec<ColumnData>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(Some(text)) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Ok(None) => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<Option<String>> {
    let progress = Progress::new(
        Some(Box::new(|stage| eprintln!("{stage}"))),
        Arc::new(AtomicBool::new(false)),
    );
    let text = match args {
        ["srs", k, folder] => {
            let k = k
                .parse()
                .map_err(|_| EngineError::new(ErrorKind::IrInvalid, "Expected a number for k."))?;
            srs::setup_development(k, Path::new(folder))?
                .display()
                .to_string()
        }
        ["keygen", circuit, fixed, srs, folder] => {
            let fixed: Vec<ColumnData> = read(fixed)?;
            let vk = keys::generate_into(
                &text(circuit)?,
                &fixed,
                Path::new(srs),
                Path::new(folder),
                &progress,
            )?;
            vk.transcript_repr
        }
        ["prove", folder, srs, witness, out] => {
            let prover = Prover::open(Path::new(folder), Path::new(srs))?;
            let witness: Witness = read(witness)?;
            let proof = prover.prove(&witness.advice, &witness.instances, &progress)?;
            files::write_atomic(Path::new(out), &proof.bytes)?;
            proof
                .phases
                .iter()
                .map(|p| format!("{:<12} {:>9.1} ms", p.name, p.ms))
                .collect::<Vec<_>>()
                .join("\n")
        }
        ["verify", circuit, vk, instances, proof] => {
            let ir = Arc::new(Ir::parse(&text(circuit)?)?);
            let vk: Descriptor = read(vk)?;
            let instances = decode_instances(&read::<Vec<ColumnData>>(instances)?)?;
            let proof = files::read(Path::new(proof), ErrorKind::Io)?;
            if !verify::verify_described(&ir, &vk, &instances, &proof)? {
                return Err(EngineError::new(
                    ErrorKind::WitnessRejected,
                    "The proof is not valid.",
                ));
            }
            "valid".to_owned()
        }
        _ => return Ok(None),
    };
    Ok(Some(text))
}

fn text(path: &str) -> Result<String> {
    String::from_utf8(files::read(Path::new(path), ErrorKind::Io)?)
        .map_err(|_| EngineError::new(ErrorKind::Io, format!("Expected text in {path}.")))
}

fn read<T: DeserializeOwned>(path: &str) -> Result<T> {
    serde_json::from_str(&text(path)?).map_err(|e| {
        EngineError::new(
            ErrorKind::Io,
            format!("Expected JSON of the right form in {path}: {e}."),
        )
    })
}
