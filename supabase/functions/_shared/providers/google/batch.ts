import { ProviderError } from '../port/failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';

/** One call inside a batch. `target` is path and query only: the host is the envelope's. */
export interface BatchPart {
  readonly id: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** A `multipart/mixed` body of `application/http` parts, each with a `Content-ID`. */
export function encodeBatch(parts: readonly BatchPart[]): { contentType: string; body: string } {
  const blocks = parts.map(encodePart);
  // A delimiter counts only at the start of a line, which our one-line bodies cannot forge; this also suits cruder
  // readers.
  let boundary = 'cassius_batch';
  while (blocks.some((block) => block.includes(boundary))) boundary += '_';
  return {
    contentType: `multipart/mixed; boundary=${boundary}`,
    body: `${blocks.map((block) => `--${boundary}\r\n${block}\r\n`).join('')}--${boundary}--\r\n`,
  };
}

function encodePart(part: BatchPart): string {
  const headers: Record<string, string> = { ...part.headers };
  if (part.body !== null) {
    headers['Content-Type'] = 'application/json; charset=UTF-8';
    headers['Content-Length'] = String(new TextEncoder().encode(part.body).length);
  }
  const lines = Object.entries(headers).map(([name, value]) => {
    if (/[\r\n]/.test(value)) throw new TypeError(`Encode batch: the header ${name} holds a line break`);
    return `${name}: ${value}`;
  });
  return [
    'Content-Type: application/http',
    `Content-ID: <${part.id}>`,
    '',
    `${part.method} ${part.target} HTTP/1.1`,
    ...lines,
    '',
    part.body ?? '',
  ].join('\r\n');
}

/**
 * The answers by the id of their request. Parts that are cut off, unreadable or unknown are left out: who waits for
 * them sees that they are missing. Throws `UNEXPECTED_RESPONSE` when the envelope is no multipart answer at all.
 */
export function decodeBatch(operation: string, envelope: HttpAnswer): Map<string, HttpAnswer> {
  const type = envelope.headers.get('content-type') ?? '';
  const boundary = /^multipart\/mixed\s*;.*?\bboundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(type);
  const name = boundary?.[1] ?? boundary?.[2];
  if (!name) {
    throw new ProviderError('UNEXPECTED_RESPONSE', `${operation}: the answer is not a batch`, {
      operation,
      status: envelope.status,
    });
  }
  const answers = new Map<string, HttpAnswer>();
  for (const block of blocksOf(envelope.text, name)) {
    const [outer, http] = headAndBody(block);
    const id = readHeaders(outer)?.get('content-id')?.replace(/[<>\s]/g, '').replace(/^response-/i, '');
    const answer = http === null ? null : readAnswer(http);
    if (id && answer && !answers.has(id)) answers.set(id, answer);
  }
  return answers;
}

/**
 * The text between two delimiter lines; what follows the last one without another was cut off and does not count.
 */
function blocksOf(text: string, boundary: string): string[] {
  const blocks: string[] = [];
  let open: string[] | null = null;
  for (const line of text.split('\n')) {
    const bare = line.trimEnd();
    if (bare !== `--${boundary}` && bare !== `--${boundary}--`) {
      open?.push(line);
      continue;
    }
    if (open) blocks.push(open.join('\n'));
    if (bare.endsWith(`${boundary}--`)) break;
    open = [];
  }
  return blocks;
}

/** Splits at the first empty line, whichever line ends are used; null where there is none. */
function headAndBody(block: string): [head: string, body: string | null] {
  const text = block.replace(/^(?:[ \t]*\r?\n)+/, '');
  const gap = /\r?\n[ \t]*(?:\r?\n|$)/.exec(text);
  if (!gap) return [text, null];
  return [text.slice(0, gap.index), text.slice(gap.index + gap[0].length)];
}

function readAnswer(http: string): HttpAnswer | null {
  const [head, body] = headAndBody(http.endsWith('\n') ? http : `${http}\n`);
  const [first = '', ...lines] = head.split('\n');
  const status = /^HTTP\/\d(?:\.\d)?[ \t]+(\d{3})\b/.exec(first);
  const headers = readHeaders(lines.join('\n'));
  if (!status || !headers) return null;
  return { status: Number(status[1]), headers, text: (body ?? '').trim() };
}

function readHeaders(text: string): Headers | null {
  const headers = new Headers();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    try {
      headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    } catch {
      return null;
    }
  }
  return headers;
}
