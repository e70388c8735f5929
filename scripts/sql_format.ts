/**
 * The layout of SQL, for `npm run check` and `npm run fix`: 120 columns, the blocks of PL/pgSQL indented by two, no tabs,
 * no blanks at the end of a line. What is laid out within a statement is its author's; only a line that is too long is
 * broken, at its outermost clause, `and` or comma. Strings and quoted texts stay as they are.
 */
import { join, relative } from 'node:path';

const COLUMNS = 120;
const FUNCTION_LINES = 120;

interface Token {
  readonly text: string;
  readonly kind: 'word' | 'comment' | 'quoted' | 'mark';
  readonly start: number;
}

const TOKEN = /--[^\n]*|'(?:[^']|'')*'|"[^"]*"|\$([a-z_]*)\$|[a-z_][a-z_0-9]*|\d[\d.]*|::|:=|\|\||[^\s]/giy;

/** The tokens of SQL, those of function bodies included: what quotes a body (`as $$`, `do $$`) is a mark like any other. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let bodyQuote: string | null = null;
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    TOKEN.lastIndex = at;
    const [found, tag] = TOKEN.exec(text)!;
    let token = found!;
    let kind: Token['kind'] = 'mark';
    if (token.startsWith('--')) kind = 'comment';
    else if (tag !== undefined) {
      if (bodyQuote === token) bodyQuote = null;
      else if (bodyQuote === null && /^(as|do)$/i.test(tokens.at(-1)?.text ?? '')) bodyQuote = token;
      else {
        const end = text.indexOf(token, at + token.length);
        token = text.slice(at, end < 0 ? text.length : end + token.length);
        kind = 'quoted';
      }
    } else if (/^['"]/.test(token)) kind = 'quoted';
    else if (/^[a-z_]/i.test(token)) kind = 'word';
    tokens.push({ text: token, kind, start: at });
    at += token.length;
  }
  return tokens;
}

/** Text whose lines can be looked up by position; lines that begin inside a string are not to be touched. */
function linesOf(text: string): { lines: string[]; lineAt: (position: number) => number; inString: Set<number> } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineAt = (position: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const inString = new Set<number>();
  for (const { kind, start, text: quoted } of tokensOf(text)) {
    if (kind !== 'quoted') continue;
    for (let line = lineAt(start) + 1; line <= lineAt(start + quoted.length - 1); line++) inString.add(line);
  }
  return { lines: text.split('\n'), lineAt, inString };
}

/** Blanks at the ends of lines, tabs, blank lines in a row, and one newline at the end. */
function tidied(text: string): string {
  const { lines, inString } = linesOf(text.replaceAll('\r\n', '\n'));
  const last = lines.length;
  return lines
    .map((line, index) => inString.has(index) || inString.has(index + 1) ? line : line.replaceAll('\t', '  ').trimEnd())
    .filter((line, index, all) => inString.has(index) || line !== '' || (index > 0 && all[index - 1] !== ''))
    .slice(0, last).join('\n').trimEnd() + '\n';
}

/** Bodies in PL/pgSQL: their tokens, between the quotes. */
function bodiesOf(tokens: readonly Token[]): Token[][] {
  const bodies: Token[][] = [];
  let opened = -1;
  let statement = 0;
  for (const [index, { text }] of tokens.entries()) {
    if (opened < 0 && text === ';') statement = index + 1;
    if (!/^\$[a-z_]*\$$/i.test(text)) continue;
    if (opened < 0) {
      opened = index + 1;
      continue;
    }
    const words = tokens.slice(statement, opened).map((token) => token.text.toLowerCase());
    if (words[0] === 'do' || words[words.indexOf('language') + 1] === 'plpgsql') {
      bodies.push(tokens.slice(opened, index));
    }
    opened = -1;
  }
  return bodies;
}

/** How deep in blocks each statement, declaration or comment between statements of a body is. */
function levelsOf(body: readonly Token[]): Array<{ token: Token; level: number }> {
  const levels: Array<{ token: Token; level: number }> = [];
  /** What an `end` closes; a handler is what comes after `exception`, within its block. */
  const open: Array<'begin' | 'handler' | 'if' | 'loop'> = [];
  let declaring = 0;
  let parentheses = 0;
  let cases = 0;
  let begins = true; // a statement
  for (const [index, token] of body.entries()) {
    const word = token.text.toLowerCase();
    if (begins) {
      if (word === 'begin') declaring = 0;
      if (word === 'end') {
        if (open.pop() === 'handler') open.pop();
      }
      const next = body.slice(index).find(({ kind }) => kind !== 'comment')?.text.toLowerCase();
      const outside = /^(elsif|else|exception)$/.test(word) || (open.at(-1) === 'handler' && next === 'when');
      levels.push({ token, level: open.length + declaring - (outside ? 1 : 0) });
      if (token.kind === 'comment') continue;
      if (word === 'declare') declaring = 1;
      if (word === 'begin' || word === 'if') open.push(word);
      if (word === 'exception') open.push('handler');
      begins = /^(declare|begin|else|exception)$/.test(word);
      if (begins || word === 'end') continue;
    }
    if (word === '(' || word === '[') parentheses++;
    else if (word === ')' || word === ']') parentheses--;
    else if (word === 'case') cases++;
    else if (word === 'end' && cases > 0) cases--;
    else if (parentheses === 0 && cases === 0 && token.kind !== 'quoted') {
      const closes = body[index - 1]?.text.toLowerCase() === 'end';
      if (word === 'loop' && !closes) open.push('loop');
      begins = word === ';' || word === 'then' || (word === 'loop' && !closes);
    }
  }
  return levels;
}

/** Blocks of PL/pgSQL indented by two; a statement of several lines moves as a whole. */
function indented(text: string): string {
  const { lines, lineAt, inString } = linesOf(text);
  const wanted = new Map<number, number>();
  const ends = new Set<number>();
  for (const body of bodiesOf(tokensOf(text))) {
    if (body.length === 0) continue;
    for (const { token, level } of levelsOf(body)) {
      const line = lineAt(token.start);
      if (!wanted.has(line) && lines[line]!.search(/\S/) === token.start - startOf(text, token.start)) {
        wanted.set(line, 2 * level);
      }
    }
    const last = body.at(-1)!;
    ends.add(lineAt(last.start + last.text.length) + 1);
  }
  let shift = 0;
  return lines.map((line, index) => {
    if (ends.has(index)) shift = 0;
    const indent = wanted.get(index);
    const present = line.search(/\S/);
    if (indent !== undefined) shift = indent - present;
    return inString.has(index) || present < 0 ? line : ' '.repeat(Math.max(0, present + shift)) + line.trimStart();
  }).join('\n');
}

const startOf = (text: string, position: number): number => text.lastIndexOf('\n', position - 1) + 1;

/** Prose that is too long, in comments of lines of their own, is filled again with the lines after it. */
function commentsWrapped(text: string): string {
  const { lines, inString } = linesOf(text);
  const result: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    const [, indent] = line.match(/^( *)-- \S/) ?? [];
    if (indent === undefined || inString.has(index) || line.length <= COLUMNS) {
      result.push(line);
      continue;
    }
    const prose = [line];
    while (lines[index + 1]?.startsWith(`${indent}-- `) && !inString.has(index + 1)) prose.push(lines[++index]!);
    const words = prose.map((part) => part.slice(indent.length + 3)).join(' ').split(/ +/);
    result.push(...filled(words, `${indent}-- `, `${indent}-- `, ''));
  }
  return result.join('\n');
}

/** Words in lines that are not too long; a word that is stays whole. */
function filled(words: readonly string[], first: string, before: string, after: string): string[] {
  const lines: string[] = [];
  let line = first;
  for (const [index, word] of words.entries()) {
    const space = line === first || line === before ? '' : ' ';
    const last = index === words.length - 1;
    if (space && line.length + 1 + word.length + (last ? Math.max(after.length, 1) : after.length) > COLUMNS) {
      lines.push(line + after);
      line = before + word;
    } else line += space + word;
  }
  return [...lines, line];
}

/** `comment on … is '…';` on one line, or its text in literals below: Postgres joins literals of consecutive lines. */
function objectCommentsWrapped(text: string): string {
  return text.replaceAll(
    /^(comment on [^;']+?)\s+is\s+'((?:[^']|''|'[ ]*\n\s*')*)';$/gm,
    (whole, object: string, literals: string) => {
      if (whole.split('\n').every((line) => line.length <= COLUMNS)) return whole;
      const prose = literals.replaceAll(/'[ ]*\n\s*'/g, '');
      if (prose.includes('\n')) return whole;
      const words = prose.split(/(?<= )/);
      const lines: string[] = [];
      let line = '';
      for (const word of words) {
        if (line && `  '${line}${word}';`.length > COLUMNS) {
          lines.push(line);
          line = '';
        }
        line += word;
      }
      return `${object} is\n${[...lines, line].map((part) => `  '${part}'`).join('\n')};`;
    },
  );
}

const CLAUSES =
  /^(select|from|where|left|right|full|inner|cross|join|on conflict|returning|group|order|union|values|set|limit|into|using|execute)$/;
/** Words that begin a statement or a clause: what is broken off after them goes one step in. */
const OPENERS =
  /^(select|insert|update|delete|with|from|where|on|values|set|returning|group|order|using|execute|perform|raise|return|if|elsif|for|when|then|else|declare|create|alter|grant|revoke)$/;

/** A line that is too long, broken once where that hurts least; null: there is no such place. */
function broken(line: string): [string, string] | null {
  const indent = line.search(/\S/);
  const tokens = tokensOf(line);
  if (tokens.length === 0 || tokens.some(({ kind }) => kind === 'comment')) return null;
  const [, head, parameters, rest] = line.match(/^(create or replace function [^(]+\()(.*)(\).*)$/) ?? [];
  if (head !== undefined) return [`${head}\n  ${parameters}`, rest!];
  const candidates: Array<{ at: number; depth: number; rank: number }> = [];
  let depth = 0;
  let cases = 0;
  let between = 0;
  for (const [index, token] of tokens.entries()) {
    const word = token.text.toLowerCase();
    const before = tokens[index - 1]?.text.toLowerCase() ?? '';
    if (word === ')' || word === ']') depth--;
    if (word === 'end' && cases > 0) cases--;
    const deep = depth + cases;
    const fits = index > 0 && line.slice(0, token.start).trimEnd().length <= COLUMNS;
    if (fits && token.kind === 'word') {
      const joined = /^(left|right|full|inner|cross|outer)$/.test(before) && /^(join|outer)$/.test(word);
      const called = tokens[index + 1]?.text === '(' && /^(left|right)$/.test(word);
      const compared = before === 'distinct' && word === 'from';
      const within = /^(for|do|delete|insert|grant|revoke)$/.test(before);
      if (CLAUSES.test(word) && !joined && !called && !compared && !within) {
        candidates.push({ at: token.start, depth: deep, rank: 0 });
      } else if (word === 'on' && tokens[index + 1]?.text.toLowerCase() === 'conflict') {
        candidates.push({ at: token.start, depth: deep, rank: 0 });
      } else if (/^(and|or)$/.test(word) && between === 0) candidates.push({ at: token.start, depth: deep, rank: 1 });
      else if (/^(when|else)$/.test(word) && before !== 'case') {
        candidates.push({ at: token.start, depth: deep, rank: 1 });
      }
    }
    if (fits && word === '||') candidates.push({ at: token.start, depth: deep, rank: 4 });
    if (fits && before === ',') {
      // A key of jsonb_build_object stays with its value, if there is any other place.
      const key = tokens[index - 2]?.kind === 'quoted' && token.kind !== 'quoted' &&
        (index === 2 || /^[(,]$/.test(tokens[index - 3]?.text ?? ''));
      candidates.push({ at: token.start, depth: key ? deep + 100 : deep, rank: token.kind === 'quoted' ? 2 : 3 });
    }
    if (word === 'between') between++;
    else if (word === 'and' && between > 0) between--;
    if (word === '(' || word === '[') depth++;
    if (word === 'case') cases++;
  }
  const outermost = Math.min(...candidates.map((candidate) => candidate.depth));
  const least = Math.min(...candidates.filter((c) => c.depth === outermost).map((candidate) => candidate.rank));
  const chosen = candidates.findLast((candidate) => candidate.depth === outermost && candidate.rank === least);
  if (!chosen) return null;
  const first = tokens[0]!.text.toLowerCase();
  const siblings = chosen.rank === 0 || (chosen.rank === 1 ? /^(and|or|when|else)$/.test(first) : !OPENERS.test(first));
  const step = siblings && outermost % 100 <= 0 ? 0 : 2;
  return [line.slice(0, chosen.at).trimEnd(), ' '.repeat(indent + step) + line.slice(chosen.at)];
}

function linesBroken(text: string): string {
  const { lines, inString } = linesOf(text);
  const result: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    let rest = lines[index]!;
    if (inString.has(index) || inString.has(index + 1)) {
      result.push(rest);
      continue;
    }
    for (let parts = broken(rest); rest.length > COLUMNS && parts; parts = broken(rest)) {
      result.push(parts[0]);
      rest = parts[1];
      // The end of a list goes before what follows in it, where that has room.
      const next = lines[index + 1] ?? '';
      const joined = `${rest} ${next.trimStart()}`;
      const sameList = rest.endsWith(',') && next.search(/\S/) === rest.search(/\S/) &&
        !next.trimStart().startsWith('--');
      if (sameList && joined.length <= COLUMNS && !inString.has(index + 2)) {
        rest = joined;
        index++;
      }
    }
    result.push(rest);
  }
  return result.join('\n');
}

/** The text as it should be laid out. */
export function formatSql(text: string): string {
  return linesBroken(linesBroken(objectCommentsWrapped(commentsWrapped(indented(tidied(text))))));
}

/** Every file of SQL that is written by hand, below `supabase` of this folder. */
export async function sqlWritten(root: string): Promise<string[]> {
  const found: string[] = [join(root, 'supabase', 'seed.sql')];
  const visit = async (folder: string): Promise<void> => {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory) await visit(path);
      else if (entry.name.endsWith('.sql') && !/migrations\/\d+_functions\.sql$/.test(path)) found.push(path);
    }
  };
  for (const folder of ['sql', 'migrations']) await visit(join(root, 'supabase', folder));
  return found.sort();
}

/** What is wrong with a text, each with its line; nothing when it is laid out as it should be. */
export function layoutProblems(text: string): string[] {
  const problems: string[] = [];
  const wanted = formatSql(text).split('\n');
  const lines = text.split('\n');
  const different = lines.findIndex((line, index) => line !== wanted[index]);
  if (different >= 0) problems.push(`${different + 1}: not laid out (\`npm run fix\`)`);
  for (const [index, line] of lines.entries()) {
    if (line.length > COLUMNS) problems.push(`${index + 1}: ${line.length} columns`);
  }
  for (const [, name, body] of text.matchAll(/^create or replace function [a-z]+\.(\w+)([^]*?)\n\$\$;$/gm)) {
    const length = body!.split('\n').length + 1;
    if (length > FUNCTION_LINES) {
      problems.push(`${text.slice(0, text.indexOf(`.${name}(`)).split('\n').length}: ${name} has ${length} lines`);
    }
  }
  return problems;
}

/** The problems of all files, with their paths. */
export async function allLayoutProblems(root: string): Promise<string[]> {
  const problems: string[] = [];
  for (const path of await sqlWritten(root)) {
    problems.push(
      ...layoutProblems(await Deno.readTextFile(path)).map((problem) => `${relative(root, path)}:${problem}`),
    );
  }
  return problems;
}

/** Lays out all files; what no rule can mend stays, and the check names it. */
export async function layOutAll(root: string): Promise<void> {
  for (const path of await sqlWritten(root)) {
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, formatSql(text));
  }
}
