//! The Node addon. Long work runs on the thread pool of libuv, so that the event loop stays free; errors cross as
//! JSON with kind and message; no panic reaches Node.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::{AsyncTask, Int32Array, Uint8Array};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error, Status, Task};
use napi_derive::napi;

use crate::error::{guard, EngineError, ErrorKind, Result};
use crate::field::ColumnData;
use crate::ir::Ir;
use crate::progress::Progress;
use crate::prove::{decode_instances, Proof, Prover};
use crate::{keys, srs, srs_import, verify};

type OnProgress = ThreadsafeFunction<String, (), String, Status, false>;

fn to_js(error: EngineError) -> Error {
    let text =
        serde_json::json!({ "kind": error.kind.as_str(), "message": error.message }).to_string();
    Error::new(Status::GenericFailure, text)
}

/// Exactly one of the two is set.
#[napi(object)]
pub struct NativeColumn {
    pub ints: Option<Int32Array>,
    /// Little-endian 32-byte words.
    pub packed: Option<Uint8Array>,
}

/// Copies the columns: the caller's buffers may change while a task runs.
fn columns(columns: Vec<NativeColumn>) -> Vec<ColumnData> {
    columns
        .into_iter()
        .map(|column| match (column.ints, column.packed) {
            (Some(ints), _) => ColumnData::Ints(ints.to_vec()),
            (None, Some(packed)) => ColumnData::Packed(packed.to_vec()),
            (None, None) => ColumnData::Packed(Vec::new()),
        })
        .collect()
}

/// Cancels the run that it was given to, before its next stage.
#[napi]
#[derive(Default)]
pub struct CancelToken(Arc<AtomicBool>);

#[napi]
impl CancelToken {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    #[napi]
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn progress(on_progress: Option<OnProgress>, cancel: Option<&CancelToken>) -> Progress {
    let cancelled = cancel.map(|token| token.0.clone()).unwrap_or_default();
    Progress::new(
        on_progress.map(|call| -> Box<dyn Fn(&'static str) + Send + Sync> {
            Box::new(move |stage| {
                call.call(stage.to_owned(), ThreadsafeFunctionCallMode::NonBlocking);
            })
        }),
        cancelled,
    )
}

pub struct SetupTask {
    k: u32,
    dir: PathBuf,
}

impl Task for SetupTask {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        guard(|| srs::setup_development(self.k, &self.dir))
            .map(|path| path.to_string_lossy().into_owned())
            .map_err(to_js)
    }

    fn resolve(&mut self, _: Env, path: String) -> napi::Result<String> {
        Ok(path)
    }
}

/// Resolves to the path of the development SRS.
#[napi(catch_unwind)]
pub fn setup_development_srs(k: u32, dir: String) -> AsyncTask<SetupTask> {
    AsyncTask::new(SetupTask { k, dir: dir.into() })
}

/// Reads, checks or imports a string that others made; resolves to a path or to JSON.
pub enum SrsTask {
    Info(PathBuf),
    Check(PathBuf),
    Import {
        path: PathBuf,
        k: Option<u32>,
        sha256: Option<String>,
        dir: PathBuf,
    },
}

impl Task for SrsTask {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        let json = |info: srs_import::SrsInfo| {
            serde_json::to_string(&info).map_err(|e| {
                EngineError::new(ErrorKind::Internal, format!("Could not encode JSON: {e}."))
            })
        };
        let work = || match self {
            Self::Info(path) => srs_import::info(path).and_then(json),
            Self::Check(path) => srs_import::check(path).and_then(json),
            Self::Import {
                path,
                k,
                sha256,
                dir,
            } => srs_import::import(path, *k, sha256.as_deref(), dir)
                .map(|path| path.to_string_lossy().into_owned()),
        };
        guard(work).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, text: String) -> napi::Result<String> {
        Ok(text)
    }
}

/// Resolves to what a file says it holds, as JSON.
#[napi(catch_unwind)]
pub fn srs_info(path: String) -> AsyncTask<SrsTask> {
    AsyncTask::new(SrsTask::Info(path.into()))
}

/// The same, after every point has been checked.
#[napi(catch_unwind)]
pub fn check_srs(path: String) -> AsyncTask<SrsTask> {
    AsyncTask::new(SrsTask::Check(path.into()))
}

/// Resolves to the path of the checked and cut string.
#[napi(catch_unwind)]
pub fn import_srs(
    path: String,
    dir: String,
    k: Option<u32>,
    sha256: Option<String>,
) -> AsyncTask<SrsTask> {
    let (path, dir) = (path.into(), dir.into());
    AsyncTask::new(SrsTask::Import {
        path,
        k,
        sha256,
        dir,
    })
}

pub struct KeygenTask {
    ir: String,
    fixed: Vec<ColumnData>,
    srs: PathBuf,
    dir: PathBuf,
    progress: Progress,
}

impl Task for KeygenTask {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        guard(|| {
            let vk =
                keys::generate_into(&self.ir, &self.fixed, &self.srs, &self.dir, &self.progress)?;
            serde_json::to_string(&vk).map_err(|e| {
                EngineError::new(ErrorKind::Internal, format!("Could not encode JSON: {e}."))
            })
        })
        .map_err(to_js)
    }

    fn resolve(&mut self, _: Env, vk: String) -> napi::Result<String> {
        Ok(vk)
    }
}

/// Resolves to the descriptor as JSON.
#[napi(catch_unwind)]
pub fn generate_keys(
    ir: String,
    fixed: Vec<NativeColumn>,
    srs: String,
    dir: String,
    on_progress: Option<OnProgress>,
) -> AsyncTask<KeygenTask> {
    AsyncTask::new(KeygenTask {
        ir,
        fixed: columns(fixed),
        srs: srs.into(),
        dir: dir.into(),
        progress: progress(on_progress, None),
    })
}

pub struct OpenTask {
    dir: PathBuf,
    srs: PathBuf,
}

impl Task for OpenTask {
    type Output = Prover;
    type JsValue = NativeProver;

    fn compute(&mut self) -> napi::Result<Prover> {
        guard(|| Prover::open(&self.dir, &self.srs)).map_err(to_js)
    }

    fn resolve(&mut self, _: Env, prover: Prover) -> napi::Result<NativeProver> {
        Ok(NativeProver(Mutex::new(Some(Arc::new(prover)))))
    }
}

#[napi(catch_unwind)]
pub fn open_prover(dir: String, srs: String) -> AsyncTask<OpenTask> {
    AsyncTask::new(OpenTask {
        dir: dir.into(),
        srs: srs.into(),
    })
}

/// Keys in memory until it is closed; proofs that are under way keep them alive.
#[napi]
pub struct NativeProver(Mutex<Option<Arc<Prover>>>);

#[napi(object)]
pub struct NativePhase {
    pub name: String,
    pub ms: f64,
}

#[napi(object)]
pub struct NativeProof {
    pub proof: Uint8Array,
    pub phases: Vec<NativePhase>,
}

pub struct ProveTask {
    prover: Arc<Prover>,
    advice: Vec<ColumnData>,
    instances: Vec<ColumnData>,
    progress: Progress,
}

impl Task for ProveTask {
    type Output = Proof;
    type JsValue = NativeProof;

    fn compute(&mut self) -> napi::Result<Proof> {
        self.prover
            .prove(&self.advice, &self.instances, &self.progress)
            .map_err(to_js)
    }

    fn resolve(&mut self, _: Env, proof: Proof) -> napi::Result<NativeProof> {
        Ok(NativeProof {
            proof: proof.bytes.into(),
            phases: proof
                .phases
                .into_iter()
                .map(|phase| NativePhase {
                    name: phase.name.to_owned(),
                    ms: phase.ms,
                })
                .collect(),
        })
    }
}

impl NativeProver {
    fn open(&self) -> napi::Result<Arc<Prover>> {
        let prover = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        prover
            .clone()
            .ok_or_else(|| to_js(EngineError::new(ErrorKind::Closed, "The prover is closed.")))
    }
}

#[napi]
impl NativeProver {
    #[napi(catch_unwind)]
    pub fn prove(
        &self,
        advice: Vec<NativeColumn>,
        instances: Vec<NativeColumn>,
        on_progress: Option<OnProgress>,
        cancel: Option<&CancelToken>,
    ) -> napi::Result<AsyncTask<ProveTask>> {
        Ok(AsyncTask::new(ProveTask {
            prover: self.open()?,
            advice: columns(advice),
            instances: columns(instances),
            progress: progress(on_progress, cancel),
        }))
    }

    /// The descriptor as JSON.
    #[napi(catch_unwind)]
    pub fn descriptor(&self) -> napi::Result<String> {
        serde_json::to_string(self.open()?.descriptor()).map_err(|e| {
            to_js(EngineError::new(
                ErrorKind::Internal,
                format!("Could not encode JSON: {e}."),
            ))
        })
    }

    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Verifies from data alone; takes milliseconds and runs at once.
#[napi(catch_unwind)]
pub fn verify_native(
    ir: String,
    vk: String,
    instances: Vec<NativeColumn>,
    proof: Uint8Array,
) -> napi::Result<bool> {
    let instances = columns(instances);
    let work = || -> Result<bool> {
        let ir = Arc::new(Ir::parse(&ir)?);
        let vk = serde_json::from_str(&vk).map_err(|e| {
            EngineError::new(
                ErrorKind::VkInvalid,
                format!("Expected a verification key in the descriptor format: {e}."),
            )
        })?;
        // An instance beyond the field is no instance of a valid proof.
        let Ok(instances) = decode_instances(&instances) else {
            return Ok(false);
        };
        verify::verify_described(&ir, &vk, &instances, &proof)
    };
    guard(work).map_err(to_js)
}
