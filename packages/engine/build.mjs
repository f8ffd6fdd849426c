/**
 * Builds the addon with cargo and puts it beside this script. Does nothing when the sources are those of the last build.
 * Plain Node, no dependencies: it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const addon = join(root, 'pentimento-engine.node');
const stamp = join(root, 'target', 'addon.sha256');
const library = { win32: 'pentimento_engine.dll', darwin: 'libpentimento_engine.dylib' }[process.platform] ?? 'libpentimento_engine.so';

/** Digest of everything that the addon is built from. */
function sourceDigest() {
  const rust = readdirSync(join(root, 'rust'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\0`);
  for (const file of [...rust, ...['Cargo.toml', 'Cargo.lock', 'build.rs'].map((name) => join(root, name))].sort()) {
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function cargoPath() {
  const installed = join(homedir(), '.cargo', 'bin', process.platform === 'win32' ? 'cargo.exe' : 'cargo');
  return process.env.CARGO ?? (existsSync(installed) ? installed : 'cargo');
}

const digest = sourceDigest();
if (existsSync(addon) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) {
  console.log('engine: up to date');
} else {
  console.log('engine: building the addon (about two minutes the first time)');
  const began = Date.now();
  const args = ['build', '--release', '--locked', '--lib', '--features', 'addon'];
  const env = { ...process.env, CARGO_TARGET_DIR: join(root, 'target') };
  const result = spawnSync(cargoPath(), args, { cwd: root, env, stdio: 'inherit' });
  if (result.error) {
    console.error('engine: cargo was not found; install Rust 1.89 or newer from https://rustup.rs');
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
  // Renamed into place: a process that has the old addon loaded keeps it.
  copyFileSync(join(root, 'target', 'release', library), `${addon}.part`);
  renameSync(`${addon}.part`, addon);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
  console.log(`engine: built in ${Math.round((Date.now() - began) / 1000)} s`);
}
