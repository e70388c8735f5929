/** The `fields` parameter: `items(id,summary),nextPageToken`, `items/id`, `*`. */
import { Failure, isObject, type JsonObject } from './answers.ts';
import { FACTS, type FieldFact } from './facts.ts';

type Selector = Map<string, Selector | null>;

/** The parts of a resource that a selector names, which {@link checkFields} has seen. */
export function selectFields(value: unknown, fields: string): unknown {
  return pick(value, parsed(fields));
}

/** Refuses a malformed selector, and one that names what the schema does not have: its case counts too. */
export function checkFields(schema: string, fields: string): void {
  checkNames({ ref: schema }, parsed(fields), '');
}

function parsed(fields: string): Selector {
  const tokens = fields.match(/[^,()/\s]+|[,()/]/g) ?? [];
  const selector = parseList(tokens);
  if (tokens.length > 0) throw refused(fields);
  return selector;
}

function checkNames(fact: FieldFact, selector: Selector | null, path: string): void {
  if (selector === null) return;
  if (fact.ref !== undefined) return checkNames(FACTS.schemas[fact.ref] ?? {}, selector, path);
  if (fact.type === 'array') return checkNames(fact.items ?? {}, selector, path);
  for (const [name, inner] of selector) {
    const field = name === '*' ? {} : fact.fields?.[name] ?? fact.map;
    if (!field) throw refused(path + name);
    checkNames(field, inner, `${path}${name}/`);
  }
}

function refused(what: string): Failure {
  return new Failure(400, 'invalidParameter', { message: `Invalid field selection ${what}`, location: 'fields' });
}

function parseList(tokens: string[]): Selector {
  const selector: Selector = new Map();
  do {
    const name = tokens.shift();
    if (name === undefined || /[,()/]/.test(name)) throw refused(name ?? '');
    selector.set(name, parseRest(tokens));
  } while (tokens[0] === ',' && tokens.shift());
  return selector;
}

function parseRest(tokens: string[]): Selector | null {
  if (tokens[0] === '/') {
    tokens.shift();
    const name = tokens.shift();
    if (name === undefined) throw refused(name ?? '');
    return new Map([[name, parseRest(tokens)]]);
  }
  if (tokens[0] !== '(') return null;
  tokens.shift();
  const inner = parseList(tokens);
  if (tokens.shift() !== ')') throw refused('');
  return inner;
}

function pick(value: unknown, selector: Selector | null): unknown {
  if (selector === null || selector.has('*')) return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, selector));
  if (!isObject(value)) return value;
  const picked: JsonObject = {};
  for (const [name, inner] of selector) if (value[name] !== undefined) picked[name] = pick(value[name], inner);
  return picked;
}
