/** Holds a JSON resource to a table of what its fields may be. Every finding is one sentence. */
import { isObject } from './answers.ts';

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
/** An event's own times may leave the offset to `timeZone`. */
const LOCAL_OR_RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INT64 = /^-?\d{1,19}$/;

/** What a field of a resource holds: a scalar, a list, an object with named fields or a free map, or another schema. */
export interface FieldFact {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any';
  readonly format?: string;
  /** The values that the documentation lists; a client must survive others. */
  readonly values?: readonly string[];
  readonly ref?: string;
  readonly items?: FieldFact;
  readonly fields?: Readonly<Record<string, FieldFact>>;
  readonly map?: FieldFact;
  /** Set by the server: a request that carries it is mistaken. */
  readonly readOnly?: true;
}

export interface ResourceCheck {
  readonly schemas: Readonly<Record<string, FieldFact>>;
  /** `request` accepts null as "not given", numbers for int64, and event times without offset. */
  readonly side: 'request' | 'response';
  /** Null means "none" in answers too. */
  readonly nullable?: boolean;
  /** Names that any object may have. */
  readonly annotation?: RegExp;
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
  if (value === null && (check.side === 'request' || check.nullable)) return;
  if (fact.ref !== undefined) {
    const schema = check.schemas[fact.ref];
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
    if (check.annotation?.test(name)) continue;
    const field = fact.fields?.[name] ?? fact.map;
    if (field?.readOnly && check.side === 'request') found.unknown.push(`${at}.${name} is read-only`);
    else if (field) walk(`${at}.${name}`, field, member, check, found);
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

/** Whether a text is an RFC 3339 time with offset. */
export function isInstant(value: string): boolean {
  return RFC3339.test(value) && !Number.isNaN(Date.parse(value));
}
