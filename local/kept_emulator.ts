/** Keeps an emulator's data in a file, so that emulated accounts, their events and their grants outlive the stack. */
import { deserialize, serialize } from 'node:v8';
import { warn } from './terminal.ts';

interface Emulator {
  kept(): Readonly<Record<string, unknown>>;
  recall(kept: Readonly<Record<string, unknown>>): void;
}

/** Moves when what emulators keep changes its shape. */
const SHAPE = 1;
const EVERY_MS = 2_000;

/**
 * Goes on from the file (`fresh`: without it), and writes it anew while anything changes; the function that it gives writes it a
 * last time.
 */
export async function keepEmulator(
  path: string,
  core: Emulator,
  { fresh }: { fresh: boolean },
): Promise<() => Promise<void>> {
  if (fresh) await Deno.remove(path).catch(ignoreMissing);
  const bytes = await Deno.readFile(path).catch(ignoreMissing);
  if (bytes) core.recall(read(path, bytes));
  let written = new Uint8Array();
  let writing = Promise.resolve();
  const write = () =>
    writing = writing.then(async () => {
      const now = serialize({ shape: SHAPE, kept: core.kept() });
      if (now.equals(written)) return;
      // Beside and renamed, so that a crash leaves the old file or the new one.
      await Deno.writeFile(`${path}.draft`, now, { mode: 0o600 });
      await Deno.rename(`${path}.draft`, path);
      written = now;
    }).catch((error: Error) => warn(`Cannot keep ${path}: ${error.message}`));
  const timer = setInterval(() => void write(), EVERY_MS);
  return async () => {
    clearInterval(timer);
    await write();
  };
}

function read(path: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let found: { shape?: number; kept?: Readonly<Record<string, unknown>> } = {};
  try {
    found = deserialize(bytes) ?? {};
  } catch {
    // Said below.
  }
  if (found.shape !== SHAPE || !found.kept) {
    throw new Error(`Cannot read ${path}: it is of another version of the stack (start once with --fresh)`);
  }
  return found.kept;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
