/**
 * Holds every answer of the functions to `docs/openapi.json`: an undeclared route, status, code or field fails the test that
 * saw it. The drivers of people and browsers call it, so that no test has to think of it.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isStorable } from '../../supabase/functions/_shared/http/storable.ts';

// deno-lint-ignore no-explicit-any
type Json = any;

const description: Json = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'));
const { responses, schemas } = description.components;

const templates = Object.entries<Json>(description.paths).map(([template, operations]) => ({
  template,
  operations,
  pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
}));

const known = new Map<string, z.ZodType>();

/** References are to components; zod follows those to `$defs`. */
function validatorOf(schema: Json): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: schemas }).replaceAll('#/components/schemas/', '#/$defs/');
  let found = known.get(text);
  if (found === undefined) known.set(text, found = z.fromJSONSchema(JSON.parse(text)));
  return found;
}

/** An address whose parts cannot be decoded, or not be stored, leads nowhere. */
function isRouted(path: string): boolean {
  try {
    return isStorable(decodeURIComponent(path));
  } catch {
    return false;
  }
}

/** What is wrong with an answer; null if it is as described. */
export function faultOf(method: string, path: string, status: number, body: unknown): string | null {
  const found = isRouted(path) ? templates.find(({ pattern }) => pattern.test(path)) : undefined;
  const operation = found?.operations[method.toLowerCase()];
  if (operation === undefined) {
    // What no route has is refused before any route is asked.
    const code = found === undefined ? 'NOT_FOUND' : 'METHOD_NOT_ALLOWED';
    return (body as Json)?.error === code ? null : `no route, and yet not ${code}`;
  }
  const declared = operation.responses[status];
  if (declared === undefined) return `status ${status} (${(body as Json)?.error ?? 'no code'}) is not declared`;
  const response = declared.$ref === undefined ? declared : responses[declared.$ref.split('/').at(-1)];
  const schema = response.content?.['application/json']?.schema;
  if (schema === undefined) return null;
  const read = validatorOf(schema).safeParse(body);
  return read.success ? null : z.prettifyError(read.error);
}

/** @throws where the answer is a function's own (a gateway's has no request id) and not as described */
export function expectDescribed(
  method: string,
  path: string,
  { status, headers }: { readonly status: number; readonly headers: Headers },
  body: unknown,
): void {
  if (!headers.has('x-request-id')) return;
  const fault = faultOf(method, path.split('?')[0]!, status, body);
  if (fault !== null) throw new Error(`${method} ${path} → ${status}: not as in docs/openapi.json: ${fault}`);
}
