/**
 * `npm run release`: makes the next version. It takes what people notice from the commits since the last version
 * (`Changelog-Added: …` at the end of a commit's message) and from "Unreleased" in CHANGELOG.md, reads from that whether the
 * version is a patch, a minor or a major one, writes CHANGELOG.md, package.json and package-lock.json, and prints what is left
 * for a person to do. It commits nothing.
 *
 * `npm run release -- --notes v1.2.3`: the text of that version, for its page. Fails where tag, package.json and CHANGELOG.md differ.
 * `npm run release -- --contract`: writes supabase/released.contract.txt alone, which is right while no version was made.
 */
import { join } from 'node:path';
import postgres from 'postgres';
import { print, warn } from '../local/terminal.ts';
import { onFreshDatabase } from './fresh_database.ts';
import { contractOf } from './released_contract.ts';

const ROOT = join(import.meta.dirname!, '..');
/** In the order of Keep a Changelog. */
const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'] as const;
type Kind = typeof KINDS[number];
type Entries = Readonly<Partial<Record<Kind, readonly string[]>>>;

/** A reason why no version can be made: for the person who asked. */
export class NoRelease extends Error {}

async function git(root: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command('git', { args: [...args], cwd: root }).output();
  if (!success) throw new NoRelease(`git ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}

/** What the commits since `tag` say, or all of them where there is no such tag; oldest first. */
async function commitsSince(root: string, tag: string): Promise<{ entries: Entries; silent: string[] }> {
  const known = (await git(root, 'tag', '--list', tag)).trim() !== '';
  const keys = KINDS.map((kind) => `key=Changelog-${kind}`).join(',');
  const log = await git(
    root,
    'log',
    '--no-merges',
    '--reverse',
    `--format=%x1e%s%x1f%(trailers:${keys},unfold)`,
    known ? `${tag}..HEAD` : 'HEAD',
  );
  const entries: Partial<Record<Kind, string[]>> = {};
  const silent: string[] = [];
  for (const commit of log.split('\x1e').slice(1)) {
    const [subject, trailers] = commit.split('\x1f') as [string, string];
    const found = [...trailers.matchAll(/^Changelog-(\w+): *(.+)$/gim)];
    if (found.length === 0) silent.push(subject);
    for (const [, named, sentence] of found) {
      const kind = KINDS.find((one) => one.toLowerCase() === named!.toLowerCase());
      if (kind !== undefined) (entries[kind] ??= []).push(`- ${sentence!.trim()}`);
    }
  }
  return { entries, silent };
}

interface Changelog {
  /** Up to the line of "Unreleased". */
  readonly head: string;
  readonly unreleased: string;
  /** The versions, newest first. */
  readonly versions: string;
}

function readChangelog(text: string): Changelog {
  const [, head, unreleased, versions] = /^([\s\S]*?)^## \[Unreleased\]\n([\s\S]*?)(^## \[\d[\s\S]*)?$(?![\s\S])/m
    .exec(text) ?? [];
  if (head === undefined) throw new NoRelease('CHANGELOG.md has no section "Unreleased"');
  return { head, unreleased: unreleased ?? '', versions: versions ?? '' };
}

/** The entries of a section by their heading. */
function entriesOf(section: string): Entries {
  const parts = section.split(/^### /m).slice(1).map((part) => {
    const [heading, ...lines] = part.split('\n');
    const kind = KINDS.find((one) => one === heading!.trim());
    if (kind === undefined) throw new NoRelease(`CHANGELOG.md has a heading that no version can have: ${heading}`);
    return [kind, lines.join('\n').trim().split(/\n(?=- )/).filter((entry) => entry !== '')] as const;
  });
  return Object.fromEntries(parts);
}

/** Semantic versions: what breaks is a major one, what is new a minor one; before 1.0.0 what breaks is a minor one. */
export function nextVersion(current: string, entries: Entries): string {
  const [major, minor, patch] = current.split('.').map(Number) as [number, number, number];
  const all = Object.values(entries).flat();
  const breaks = (entries.Removed?.length ?? 0) > 0 || all.some((entry) => /^- \**Breaking\b/i.test(entry));
  const isNew = [...entries.Added ?? [], ...entries.Changed ?? [], ...entries.Deprecated ?? []].length > 0;
  if (breaks && major > 0) return `${major + 1}.0.0`;
  if (breaks || isNew) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

const versionOf = async (root: string): Promise<string> =>
  (JSON.parse(await Deno.readTextFile(join(root, 'package.json'))) as { version: string }).version;

/** Writes the next version's files. `today`: YYYY-MM-DD. */
export async function release(root: string, today: string): Promise<{ version: string; silent: string[] }> {
  const current = await versionOf(root);
  const { entries: told, silent } = await commitsSince(root, `v${current}`);
  const path = join(root, 'CHANGELOG.md');
  const { head, unreleased, versions } = readChangelog(await Deno.readTextFile(path));
  const written = entriesOf(unreleased);
  const entries: Partial<Record<Kind, readonly string[]>> = {};
  for (const kind of KINDS) {
    const both = [...written[kind] ?? [], ...told[kind] ?? []];
    if (both.length > 0) entries[kind] = both;
  }
  if (Object.keys(entries).length === 0) throw new NoRelease(`Nothing that people notice since ${current}`);

  const version = nextVersion(current, entries);
  const section = Object.entries(entries).map(([kind, lines]) => `### ${kind}\n\n${lines.join('\n')}\n`).join('\n');
  await Deno.writeTextFile(path, `${head}## [Unreleased]\n\n## [${version}] - ${today}\n\n${section}\n${versions}`);
  for (const name of ['package.json', 'package-lock.json']) {
    const file = join(root, name);
    const content = JSON.parse(await Deno.readTextFile(file));
    content.version = version;
    if (content.packages?.['']) content.packages[''].version = version;
    await Deno.writeTextFile(file, `${JSON.stringify(content, null, 2)}\n`);
  }
  return { version, silent };
}

/** What CHANGELOG.md says of the version of a tag. */
export async function notes(root: string, tag: string): Promise<string> {
  const version = await versionOf(root);
  if (tag !== `v${version}`) throw new NoRelease(`The tag is ${tag}, package.json says ${version}`);
  const { versions } = readChangelog(await Deno.readTextFile(join(root, 'CHANGELOG.md')));
  const section = versions.split(/^(?=## \[)/m).find((one) => one.startsWith(`## [${version}]`));
  if (section === undefined) throw new NoRelease(`CHANGELOG.md has no section ${version}`);
  return section.split('\n').slice(1).join('\n').trim();
}

/** What this version will have called and read, for later ones to keep. */
async function writeContract(): Promise<void> {
  await onFreshDatabase(async (dbUrl) => {
    const sql = postgres(dbUrl, { max: 1, onnotice: () => {} });
    try {
      await Deno.writeTextFile(join(ROOT, 'supabase', 'released.contract.txt'), await contractOf(sql, ROOT));
    } finally {
      await sql.end({ timeout: 1 });
    }
  });
}

async function main(): Promise<void> {
  const [option, tag] = Deno.args;
  if (option === '--notes') return print(await notes(ROOT, tag ?? ''));
  if (option === '--contract') return await writeContract();
  const { version, silent } = await release(ROOT, new Date().toISOString().slice(0, 10));
  await writeContract();
  await new Deno.Command(Deno.execPath(), { args: ['fmt', '--quiet', join(ROOT, 'CHANGELOG.md')] }).output();
  for (const subject of silent) print(`says nothing to people: ${subject}`);
  print(`\nWritten: version ${version}. Read CHANGELOG.md, then:
  git commit -am 'Release: ${version}'
  git tag -a v${version} -m 'v${version}'
  git push --follow-tags`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof NoRelease)) throw error;
    warn(`Release: ${error.message}`);
    Deno.exit(1);
  }
}
