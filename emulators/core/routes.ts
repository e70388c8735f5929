/** Finds which method of an API a verb and a path belong to, and reads its body. */
import { isObject, type JsonObject } from './answers.ts';

export interface RouteFact {
  readonly verb: string;
  /** Relative to the service, with `{name}` placeholders. */
  readonly path: string;
}

export interface Route<Fact extends RouteFact> {
  readonly name: string;
  readonly fact: Fact;
  readonly segments: readonly string[];
}

export interface MatchedRoute<Fact> {
  /** `events.insert` and so on. */
  readonly name: string;
  readonly fact: Fact;
  readonly path: Readonly<Record<string, string>>;
}

/** Routes in the order in which they are tried: a literal segment beats a placeholder. */
export function routesOf<Fact extends RouteFact>(facts: ReadonlyArray<readonly [string, Fact]>): Route<Fact>[] {
  return facts
    .map(([name, fact]) => ({ name, fact, segments: fact.path.split('/') }))
    .sort((a, b) => placeholders(a) - placeholders(b));
}

function placeholders(route: { readonly segments: readonly string[] }): number {
  return route.segments.filter((segment) => segment.startsWith('{')).length;
}

/** `'path'` means that nothing lives there, `'verb'` that something does but not for this verb. */
export function matchRoute<Fact extends RouteFact>(
  routes: readonly Route<Fact>[],
  verb: string,
  path: string,
): MatchedRoute<Fact> | 'path' | 'verb' {
  const given = path.replace(/^\/+/, '').split('/');
  let pathKnown = false;
  for (const route of routes) {
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

/** The JSON object that a method with a body was sent; null where it was none. */
export function parsedBody(fact: { readonly request?: unknown }, text: string): JsonObject | null {
  if (fact.request === undefined || text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
