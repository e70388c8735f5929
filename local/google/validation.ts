/** Holds requests and answers to the facts table. Every finding is one sentence; an empty list means valid. */
import { isObject } from './answers.ts';
import { FACTS, type FieldFact, type MatchedMethod, type ParameterFact } from './facts.ts';

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
/** An event's own times may leave the offset to `timeZone`. */
const LOCAL_OR_RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INT64 = /^-?\d{1,19}$/;

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

function isInstant(value: string): boolean {
  return RFC3339.test(value) && !Number.isNaN(Date.parse(value));
}

export interface ResourceCheck {
  /** `request` accepts null as "not given" and numbers for int64, and event times without offset. */
  readonly side: 'request' | 'response';
}

export interface ResourceFindings {
  readonly unknown: string[];
  readonly invalid: string[];
}

/** What is wrong with a resource of the named schema. */
export function checkResource(schema: string, value: unknown, check: ResourceCheck): ResourceFindings {
  const findings: ResourceFindings = { unknown: [], invalid: [] };
  walk(schema, { ref: schema }, value, check, findings);
  return findings;
}

function walk(at: string, fact: FieldFact, value: unknown, check: ResourceCheck, found: ResourceFindings): void {
  if (value === null && check.side === 'request') return;
  if (fact.ref !== undefined) {
    const schema = FACTS.schemas[fact.ref];
    if (!schema) throw new Error(`Could not check ${at}: the facts have no schema ${fact.ref}`);
    return walk(at, schema, value, check, found);
  }
  switch (fact.type) {
    case 'object':
      return walkObject(at, fact, value, check, found);
    case 'array':
      if (!Array.isArray(value)) return void found.invalid.push(`${at} is no list`);
      for (const [index, item] of value.entries()) walk(`${at}[${index}]`, fact.items ?? {}, item, check, found);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') found.invalid.push(`${at} is no boolean`);
      return;
    case 'integer':
      if (!Number.isInteger(value)) found.invalid.push(`${at} is no integer`);
      return;
    case 'number':
      if (typeof value !== 'number') found.invalid.push(`${at} is no number`);
      return;
    default:
      return walkString(at, fact, value, check, found);
  }
}

function walkObject(at: string, fact: FieldFact, value: unknown, check: ResourceCheck, found: ResourceFindings): void {
  if (!isObject(value)) return void found.invalid.push(`${at} is no object`);
  for (const [name, member] of Object.entries(value)) {
    const field = fact.fields?.[name] ?? fact.map;
    if (field) walk(`${at}.${name}`, field, member, check, found);
    // A schema that declares nothing inside (`homeOffice: any`) takes anything.
    else if (fact.fields) found.unknown.push(`${at} has no field ${name}`);
  }
}

function walkString(at: string, fact: FieldFact, value: unknown, check: ResourceCheck, found: ResourceFindings): void {
  if (fact.type === undefined || fact.type === 'any') return;
  if (fact.format === 'int64' && typeof value === 'number' && check.side === 'request') return;
  if (typeof value !== 'string') return void found.invalid.push(`${at} is no string`);
  if (fact.values && !fact.values.includes(value)) found.invalid.push(`${at} does not know the value ${value}`);
  const bad = (fact.format === 'date' && !DATE.test(value)) || (fact.format === 'int64' && !INT64.test(value)) ||
    (fact.format === 'date-time' && !(check.side === 'request' ? LOCAL_OR_RFC3339.test(value) : isInstant(value)));
  if (bad) found.invalid.push(`${at} is no ${fact.format}: ${value}`);
}
