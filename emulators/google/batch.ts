/** `multipart/mixed` batches: reading the parts, writing the answers. */
import type { Answer } from './answers.ts';

/** One call inside a batch. */
export interface BatchPart {
  readonly contentId: string | null;
  readonly verb: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: string;
}

export const MAX_PARTS = 1000;

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The parts of a batch body; throws a sentence about what is malformed. */
export function parseBatch(contentType: string, text: string): BatchPart[] {
  const boundary = /^multipart\/mixed\s*;.*?boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  if (!boundary) throw new TypeError('The batch has no multipart/mixed boundary');
  const normal = `\n${text.replaceAll('\r\n', '\n')}`;
  const [, ...sections] = normal.split(`\n--${boundary[1] ?? boundary[2]}`);
  const last = sections.pop();
  if (last === undefined || !last.startsWith('--')) throw new TypeError('The batch has no closing boundary');
  return sections.map(parsePart);
}

function parsePart(section: string): BatchPart {
  const [envelope, rest] = cut(section.replace(/^[ \t]*\n/, ''), '\n\n');
  const outer = parseHeaders(envelope);
  if (!outer.get('content-type')?.startsWith('application/http')) throw new TypeError('A part is no application/http');
  const [head, body] = cut(rest.replace(/^\n+/, ''), '\n\n');
  const [requestLine, headerLines] = cut(head, '\n');
  const match = /^([A-Z]+) (\S+)(?: HTTP\/1\.[01])?\s*$/.exec(requestLine);
  if (!match) throw new TypeError(`A part has no request line: ${requestLine.slice(0, 80)}`);
  if (!match[2]?.startsWith('/')) throw new TypeError('A part must name a path without host');
  return {
    contentId: outer.get('content-id'),
    verb: match[1] ?? '',
    target: match[2],
    headers: parseHeaders(headerLines),
    body: body.trim(),
  };
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function parseHeaders(text: string): Headers {
  const headers = new Headers();
  for (const line of text.split('\n')) {
    const at = line.indexOf(':');
    if (at > 0) headers.append(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return headers;
}

/** The headers of a part: the outer ones, except about content, unless it has its own. */
export function effectiveHeaders(outer: Headers, part: Headers): Headers {
  const headers = new Headers();
  for (const [name, value] of outer) if (!name.startsWith('content-')) headers.set(name, value);
  for (const [name, value] of part) headers.set(name, value);
  return headers;
}

/** The answer to a batch, parts in the order of the requests. */
export function renderBatch(parts: readonly BatchPart[], answers: readonly Answer[], boundary: string): Answer {
  const sections = answers.map((answer, index) => {
    const contentId = parts[index]?.contentId;
    const content = answer.body === undefined
      ? ''
      : typeof answer.body === 'string'
      ? answer.body
      : JSON.stringify(answer.body, null, answer.indent);
    const type = typeof answer.body === 'string' ? 'text/html; charset=utf-8' : 'application/json; charset=UTF-8';
    const headers: Record<string, string> = { ...(content === '' ? {} : { 'content-type': type }), ...answer.headers };
    return [
      `--${boundary}`,
      'Content-Type: application/http',
      ...(contentId ? [`Content-ID: ${responseId(contentId)}`] : []),
      '',
      `HTTP/1.1 ${answer.status} ${STATUS_TEXTS[answer.status] ?? 'Error'}`,
      ...Object.entries(headers).map(([name, value]) => `${capitals(name)}: ${value}`),
      `Content-Length: ${new TextEncoder().encode(content).length}`,
      '',
      content,
    ].join('\r\n');
  });
  const body = `${sections.join('\r\n')}\r\n--${boundary}--\r\n`;
  return { status: 200, body, headers: { 'content-type': `multipart/mixed; boundary=${boundary}` } };
}

function responseId(contentId: string): string {
  return contentId.startsWith('<') ? `<response-${contentId.slice(1)}` : `response-${contentId}`;
}

function capitals(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}
