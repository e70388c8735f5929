/** The shape of the facts table, and how a request finds its method in it. */
import { FACTS } from './facts.gen.ts';

/** What a query or path parameter accepts. */
export interface ParameterFact {
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'integer' | 'boolean';
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly default?: string;
  readonly repeated?: true;
  readonly required?: true;
}

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
  /** Methods whose request must carry the field. */
  readonly requiredIn?: readonly string[];
}

export interface MethodFact {
  readonly verb: string;
  /** Relative to the service, with `{name}` placeholders. */
  readonly path: string;
  readonly params: Readonly<Record<string, ParameterFact>>;
  readonly request?: string;
  readonly response?: string;
  /** Without the common prefix. */
  readonly scopes: readonly string[];
}

export interface Facts {
  readonly revision: string;
  readonly scopePrefix: string;
  readonly commonParams: Readonly<Record<string, ParameterFact>>;
  readonly methods: Readonly<Record<string, MethodFact>>;
  readonly schemas: Readonly<Record<string, FieldFact>>;
}

export interface MatchedMethod {
  /** `events.insert` and so on. */
  readonly name: string;
  readonly fact: MethodFact;
  readonly path: Readonly<Record<string, string>>;
}

interface Route {
  readonly name: string;
  readonly fact: MethodFact;
  readonly segments: readonly string[];
}

const ROUTES: readonly Route[] = Object.entries(FACTS.methods)
  .map(([name, fact]) => ({ name, fact, segments: fact.path.split('/') }))
  // A literal segment beats a placeholder: events/import is not an event called "import".
  .sort((a, b) => placeholders(a) - placeholders(b));

function placeholders(route: Route): number {
  return route.segments.filter((segment) => segment.startsWith('{')).length;
}

/**
 * Finds the method for a verb and a path below the service's root.
 * `'path'` means that nothing lives there, `'verb'` that something does but not for this verb.
 */
export function matchMethod(verb: string, path: string): MatchedMethod | 'path' | 'verb' {
  const given = path.replace(/^\/+/, '').split('/');
  let pathKnown = false;
  for (const route of ROUTES) {
    const values = matchSegments(route.segments, given);
    if (values === null) continue;
    if (route.fact.verb === verb) return { name: route.name, fact: route.fact, path: values };
    pathKnown = true;
  }
  return pathKnown ? 'verb' : 'path';
}

function matchSegments(pattern: readonly string[], given: readonly string[]): Record<string, string> | null {
  if (pattern.length !== given.length) return null;
  const values: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const actual = given[index] ?? '';
    if (!segment.startsWith('{')) {
      if (segment !== actual) return null;
    } else if (actual === '') {
      return null;
    } else {
      try {
        values[segment.slice(1, -1)] = decodeURIComponent(actual);
      } catch {
        return null;
      }
    }
  }
  return values;
}

export { FACTS };
