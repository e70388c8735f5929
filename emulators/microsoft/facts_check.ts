/** Holds requests, and the emulator's own answers, to the facts. */
import { type Answer, isObject } from '../core/answers.ts';
import { checkResource } from '../core/resource_check.ts';
import type { MatchedRoute } from '../core/routes.ts';
import { GraphError } from './errors.ts';
import { type GraphRoute, SCHEMAS } from './facts.ts';
import type { GraphRequest, Subject } from './graph.ts';
import type { Session } from './session.ts';

/** Refuses what the facts do not know, in strict mode also what Graph would merely ignore. */
export function checkRequest(
  request: Pick<GraphRequest, 'headers' | 'body'>,
  { method, url, body }: Pick<Subject, 'method' | 'url' | 'body'>,
  session: Session,
): void {
  const { strict } = session.scene.settings;
  const invalid: string[] = [];
  const unknown: string[] = [];
  for (const name of new Set(url.searchParams.keys())) {
    if (method.fact.options.includes(name)) continue;
    // What starts with a dollar is OData's own: Graph refuses what it does not support.
    (name.startsWith('$') ? invalid : unknown).push(`${method.name} has no query option ${name}`);
  }
  const selected = unselectable(method.fact.response, url.searchParams.get('$select'));
  if (selected !== null) throw violated(session, method.name, [selected], 'BadRequest');
  if (method.fact.request !== undefined) {
    if (body === null) throw violated(session, method.name, ['The request has no JSON body']);
    if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
      invalid.push('The body is not declared as JSON');
    }
    const found = checkResource(method.fact.request, body, { schemas: SCHEMAS, side: 'request', annotation: /@/ });
    invalid.push(...found.invalid);
    unknown.push(...found.unknown);
  } else if (request.body !== '') unknown.push(`${method.name} takes no body`);
  if (strict) invalid.push(...unknown);
  if (invalid.length > 0) throw violated(session, method.name, invalid);
}

/** What is wrong with a `$select`, in Graph's own words (msgraph-sdk-java, issue 958). */
function unselectable(schema: string | undefined, select: string | null): string | null {
  const known = schema === undefined ? undefined : SCHEMAS[schema]?.fields;
  if (known === undefined || select === null) return null;
  const stranger = select.split(',').map((name) => name.trim()).find((name) => !(name in known));
  return stranger === undefined
    ? null
    : `Parsing OData Select and Expand failed: Could not find a property named '${stranger}' on type 'microsoft.graph.${schema}'.`;
}

function violated(session: Session, method: string, what: readonly string[], code = 'RequestBodyRead'): GraphError {
  for (const sentence of what) session.violations.push({ side: 'request', method, what: sentence });
  return new GraphError(400, code, { message: what.join('; ') });
}

/** The emulator's own answers are held to the facts too. */
export function checkAnswer(method: MatchedRoute<GraphRoute>, answer: Answer, session: Session): Answer {
  const { response, list } = method.fact;
  if (answer.status >= 300 || response === undefined || !isObject(answer.body)) return answer;
  const resources = list ? (Array.isArray(answer.body.value) ? answer.body.value : []) : [answer.body];
  const check = { schemas: SCHEMAS, side: 'response', nullable: true, annotation: /@/ } as const;
  const found = resources.map((resource) => checkResource(response, resource, check))
    .flatMap(({ invalid, unknown }) => [...invalid, ...unknown]);
  for (const what of found) session.violations.push({ side: 'response', method: method.name, what });
  if (found.length > 0) throw new Error(`Could not answer ${method.name}: ${found.join('; ')}`);
  return answer;
}
