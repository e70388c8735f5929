/** What a handler of an emulator hands back, and the HTTP response made of it. */

export type JsonObject = { [name: string]: unknown };

/** What a handler hands back before it becomes an HTTP response. `body` undefined means an empty one. */
export interface Answer {
  readonly status: number;
  /** A string is sent as it is, as HTML unless the headers say otherwise; anything else as JSON. */
  readonly body?: unknown;
  /** Spaces before each level of a JSON body; without it there are no line breaks either. */
  readonly indent?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The HTTP response for an answer. */
export function toResponse(answer: Answer): Response {
  if (answer.body === undefined) return new Response(null, { status: answer.status, headers: { ...answer.headers } });
  if (typeof answer.body === 'string') {
    const headers = { 'content-type': 'text/html; charset=utf-8', ...answer.headers };
    return new Response(answer.body, { status: answer.status, headers });
  }
  const headers = { 'content-type': 'application/json; charset=UTF-8', ...answer.headers };
  return new Response(JSON.stringify(answer.body, null, answer.indent), { status: answer.status, headers });
}
