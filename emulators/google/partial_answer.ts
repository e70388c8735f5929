/** The `fields` parameter: `items(id,summary),nextPageToken`, `items/id`, `*`. */
import { invalid, isObject, type JsonObject } from './answers.ts';

type Selector = Map<string, Selector | null>;

/** The parts of a resource that a selector names; 400 for a malformed selector. */
export function selectFields(value: unknown, fields: string): unknown {
  const tokens = fields.match(/[^,()/\s]+|[,()/]/g) ?? [];
  const selector = parseList(tokens);
  if (tokens.length > 0) throw invalid('Invalid field selection.', 'fields');
  return pick(value, selector);
}

function parseList(tokens: string[]): Selector {
  const selector: Selector = new Map();
  do {
    const name = tokens.shift();
    if (name === undefined || /[,()/]/.test(name)) throw invalid('Invalid field selection.', 'fields');
    selector.set(name, parseRest(tokens));
  } while (tokens[0] === ',' && tokens.shift());
  return selector;
}

function parseRest(tokens: string[]): Selector | null {
  if (tokens[0] === '/') {
    tokens.shift();
    const name = tokens.shift();
    if (name === undefined) throw invalid('Invalid field selection.', 'fields');
    return new Map([[name, parseRest(tokens)]]);
  }
  if (tokens[0] !== '(') return null;
  tokens.shift();
  const inner = parseList(tokens);
  if (tokens.shift() !== ')') throw invalid('Invalid field selection.', 'fields');
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
