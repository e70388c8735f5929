/**
 * What a migration must not do to a table that people work with (docs/upgrades.md): hold it locked for as long as its rows
 * take, wait for its lock without end while everything else waits behind, or take away what the release before still
 * calls. Judged are the migrations after `supabase/released.txt`, about the tables of those up to it: a table that is made
 * in them is empty.
 *
 * A comment `-- knowingly: why` right above a statement lets it pass.
 */
import { migrationFiles } from '../local/database.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly problem: string;
}

/** Of a statement about an old table. */
const RULES: readonly Rule[] = [
  {
    pattern: /^create (unique )?index (?!if not exists)/,
    problem:
      'builds an index while no row can be written: build it by hand, concurrently, and say `if not exists` here',
  },
  {
    pattern: /\badd (constraint \w+ )?(check|foreign key)\b(?!.*\bnot valid\b)/,
    problem: 'reads every row under its lock: add it `not valid`, and validate it in the next migration',
  },
  {
    pattern: /\badd (constraint \w+ )?(unique|primary key|exclude)\b(?!.*\busing index\b)/,
    problem: 'builds an index under its lock: build it by hand, concurrently, and add the constraint `using index`',
  },
  {
    pattern:
      /\badd (column )?(if not exists )?(?!constraint\b|foreign\b|unique\b|primary\b)\w+ [^,]*\b(references|generated|serial|bigserial|unique|primary key)\b/,
    problem: 'reads or writes every row under its lock: add a plain column, then what it is to be',
  },
  {
    pattern:
      /\badd (column )?(if not exists )?\w+ [^,]*\bdefault\b[^,]*\b(gen_random_uuid|random|clock_timestamp|nextval|uuid_generate_v4|timeofday)\b/,
    problem: 'writes every row under its lock, for its default is another for each: set the default afterwards',
  },
  {
    pattern: /\balter (column )?(?!column\b)\w+ (set data )?type\b/,
    problem: 'writes the table anew: add a column instead',
  },
  {
    pattern: /\balter (column )?\w+ set not null\b/,
    problem: 'reads every row under its lock: validate a check that says so first',
  },
  {
    pattern:
      /^alter table .*\bdrop (column\b|(?!constraint\b|not\b|default\b|expression\b|identity\b)\w)|^drop (table|view)\b/,
    problem: 'takes away what the release before may use: a release later, and knowingly',
  },
  { pattern: /\brename\b/, problem: 'takes away a name that the release before uses: add the new one beside it' },
  {
    pattern: /^(update|delete from|insert into .* select)\b/,
    problem: 'keeps every row that it writes locked until the migration ends: let housekeeping do it in parts',
  },
  { pattern: /^(lock|truncate|cluster|vacuum full|reindex)\b/, problem: 'locks the whole table' },
];

/** Statements that wait for a lock under which nothing else goes on. */
const WAITS = /^(alter table|create trigger|drop trigger|create policy|alter policy|drop policy|drop table)\b/;
const LOCK_TIMEOUT = /^set (local )?lock_timeout\b/;

interface Statement {
  /** On one line, without comments, strings and bodies. */
  readonly text: string;
  readonly knowingly: boolean;
}

function statementsOf(text: string): Statement[] {
  const found: Statement[] = [];
  let current = '';
  let knowingly = false;
  const end = () => {
    const plain = current.replace(/\s+/g, ' ').trim().toLowerCase();
    if (plain !== '') found.push({ text: plain, knowingly });
    current = '';
    knowingly = false;
  };
  const piece = /--([^\n]*)|'(?:[^']|'')*'|(\$\w*\$)[\s\S]*?\2|;|[^;$'-]+|[$-]/g;
  for (const [part, comment] of text.matchAll(piece)) {
    if (comment !== undefined) knowingly ||= current.trim() === '' && /^ knowingly: \S/.test(comment);
    else if (part === ';') end();
    else if (part.startsWith("'") || /^\$\w*\$/.test(part)) current += "''";
    else current += part;
  }
  end();
  return found;
}

/** `old`: names of tables that hold rows. The problems of one migration, each with its statement. */
export function lockProblems(migration: string, old: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  let bounded = false;
  for (const { text, knowingly } of statementsOf(migration)) {
    if (LOCK_TIMEOUT.test(text)) bounded = true;
    const shown = text.length > 90 ? `${text.slice(0, 89)}…` : text;
    if (/^drop function public\./.test(text) && !knowingly) {
      problems.push(`${shown}: the release before may call it: a release later, and knowingly`);
    }
    const named = text.match(/\b(?:public|private)\.\w+/g) ?? [];
    // A trigger, an index or a policy says `on`; what it calls is no table.
    if (!named.some((name) => old.has(name)) || /^(create (or replace )?function|comment|grant|revoke)\b/.test(text)) {
      continue;
    }
    if (WAITS.test(text) && !bounded) {
      problems.push(`${shown}: waits for its lock, and all others wait behind: set lock_timeout first`);
    }
    if (knowingly) continue;
    for (const { pattern, problem } of RULES) if (pattern.test(text)) problems.push(`${shown}: ${problem}`);
  }
  return problems;
}

/** Of all migrations after the released one; each with the file. */
export async function allLockProblems(directory: string, released: string): Promise<string[]> {
  const old = new Set<string>();
  const problems: string[] = [];
  for (const { version, name, path } of await migrationFiles(directory)) {
    const text = await Deno.readTextFile(path);
    if (released !== '' && version <= released) {
      for (const [, table] of text.matchAll(/^create (?:unlogged )?table ([\w.]+)/gm)) old.add(table!);
    } else problems.push(...lockProblems(text, old).map((problem) => `${version}_${name}.sql: ${problem}`));
  }
  return problems;
}
