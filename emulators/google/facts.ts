/** The shape of the facts table, and how a request finds its method in it. */
import type { FieldFact as Field } from '../core/resource_check.ts';
import { type MatchedRoute, matchRoute, type RouteFact, routesOf } from '../core/routes.ts';
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

/** What a field of a resource holds, and where it is needed. */
export interface FieldFact extends Field {
  readonly items?: FieldFact;
  readonly fields?: Readonly<Record<string, FieldFact>>;
  readonly map?: FieldFact;
  /** Methods whose request must carry the field. */
  readonly requiredIn?: readonly string[];
}

export interface MethodFact extends RouteFact {
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

/** `events.insert` and so on, with the values of its path. */
export type MatchedMethod = MatchedRoute<MethodFact>;

const ROUTES = routesOf(Object.entries(FACTS.methods));

/**
 * Finds the method for a verb and a path below the service's root.
 * `'path'` means that nothing lives there, `'verb'` that something does but not for this verb.
 */
export function matchMethod(verb: string, path: string): MatchedMethod | 'path' | 'verb' {
  return matchRoute(ROUTES, verb, path);
}

export { FACTS };
