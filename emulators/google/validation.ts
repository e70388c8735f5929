/** Holds requests and answers to the facts table. Every finding is one sentence; an empty list means valid. */
import { checkResource as checkFields, isInstant, type ResourceFindings } from '../core/resource_check.ts';
import { FACTS, type MatchedMethod, type ParameterFact } from './facts.ts';

/** What is wrong with the query of a call. `unknown` is kept apart: Google itself ignores unknown parameters. */
export function checkQuery(method: MatchedMethod, query: URLSearchParams): { unknown: string[]; invalid: string[] } {
  const unknown: string[] = [];
  const invalid: string[] = [];
  for (const name of new Set(query.keys())) {
    const own = method.fact.params[name];
    const fact = own?.in === 'query' ? own : FACTS.commonParams[name];
    if (!fact) {
      unknown.push(`${method.name} has no query parameter ${name}`);
      continue;
    }
    const values = query.getAll(name);
    if (values.length > 1 && !fact.repeated) invalid.push(`${name} is given ${values.length} times`);
    for (const value of values) invalid.push(...checkParameter(name, value, fact));
  }
  for (const [name, fact] of Object.entries(method.fact.params)) {
    if (fact.required && fact.in === 'query' && !query.has(name)) invalid.push(`Required parameter ${name} is missing`);
  }
  return { unknown, invalid };
}

function checkParameter(name: string, value: string, fact: ParameterFact): string[] {
  if (fact.type === 'boolean') return value === 'true' || value === 'false' ? [] : [`${name} is no boolean: ${value}`];
  if (fact.type === 'integer') {
    if (!/^-?\d{1,10}$/.test(value)) return [`${name} is no integer: ${value}`];
    const number = Number(value);
    if (fact.min !== undefined && number < fact.min) return [`${name} is below ${fact.min}: ${value}`];
    if (fact.max !== undefined && number > fact.max) return [`${name} is above ${fact.max}: ${value}`];
    return [];
  }
  if (fact.enum && !fact.enum.includes(value)) return [`${name} does not know the value ${value}`];
  if (fact.format === 'date-time' && !isInstant(value)) return [`${name} is no RFC 3339 time with offset: ${value}`];
  return [];
}

/** What is wrong with a resource of the named schema. */
export function checkResource(
  schema: string,
  value: unknown,
  { side }: { readonly side: 'request' | 'response' },
): ResourceFindings {
  return checkFields(schema, value, { schemas: FACTS.schemas, side });
}
