/** Reading what the caller sent: a bounded body, JSON, and a schema's verdict as an error that says which field is wrong. */
import { z } from 'zod';
import type { Refusal } from '../contract/refusal.ts';
import { SyncError } from '../errors.ts';
import { findUnstorable } from './storable.ts';

export const MAX_BODY_BYTES = 64 * 1024;

/** One thing wrong with a request. */
export type Issue = NonNullable<NonNullable<Refusal['details']>['issues']>[number];

/** `INVALID_REQUEST`, with the issues that the answer's `details` show. */
export class InvalidRequest extends SyncError {
  readonly issues: readonly Issue[];

  constructor(message: string, issues: readonly Issue[] = []) {
    super('INVALID_REQUEST', message);
    this.issues = issues;
  }
}

function tooLarge(): InvalidRequest {
  return new InvalidRequest('Read request: the body is too large', [{
    path: ['body'],
    message: `over ${MAX_BODY_BYTES} bytes`,
  }]);
}

/** The whole body as text. Read before anything goes on in the background: afterwards the runtime may close it. */
export async function readBody(request: Request): Promise<string> {
  if (request.body === null) return '';
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) {
    await request.body.cancel();
    throw tooLarge();
  }
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    chunks.push(read.value);
    size += read.value.byteLength;
    if (size <= MAX_BODY_BYTES) continue;
    await reader.cancel();
    throw tooLarge();
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidRequest('Read request: the body is not UTF-8', [{ path: ['body'], message: 'not UTF-8' }]);
  }
}

/** No body is `{}`, so that a route whose fields are all optional needs none. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidRequest('Read request: the body is not JSON', [{ path: ['body'], message: 'not JSON' }]);
  }
}

export function check<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: unknown,
  where: 'body' | 'query',
): z.output<Schema> {
  const unstorable = findUnstorable(value);
  if (unstorable !== null) {
    throw new InvalidRequest(`Read request: the ${where} holds text that cannot be stored`, [
      { path: [...unstorable], message: 'NUL or half a character' },
    ]);
  }
  const read = z.safeParse(schema, value);
  if (read.success) return read.data;
  const issues = read.error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.map((part) => typeof part === 'symbol' ? part.toString() : part),
    message: issue.message,
  }));
  throw new InvalidRequest(`Read request: the ${where} is not as expected`, issues);
}
