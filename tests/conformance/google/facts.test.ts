import { describe, expect, test } from 'vitest';
import { FACTS, matchMethod } from '../../../emulators/google/facts.ts';
import type { FieldFact } from '../../../emulators/google/facts.ts';
import { renderFacts } from '../../../scripts/google_facts.ts';

const DOCUMENT = new URL('../../../../shared/google/calendar-v3.discovery.json', import.meta.url);
const TABLE = new URL('../../../emulators/google/facts.gen.ts', import.meta.url);

function readIfPresent(address: URL): string | null {
  try {
    return Deno.readTextFileSync(address);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function references(fact: FieldFact): string[] {
  const inner = [fact.items, fact.map, ...Object.values(fact.fields ?? {})].filter((part) => part !== undefined);
  return [...(fact.ref ? [fact.ref] : []), ...inner.flatMap(references)];
}

describe('the facts table', () => {
  test('says exactly what the discovery document says', ({ annotate }) => {
    const document = readIfPresent(DOCUMENT);
    if (document === null) {
      return annotate('There is no discovery document beside this checkout: the table is checked against itself only');
    }
    expect(renderFacts(JSON.parse(document))).toBe(Deno.readTextFileSync(TABLE));
  });

  test('refers only to schemas, parameters and verbs that it has', () => {
    for (const [name, method] of Object.entries(FACTS.methods)) {
      const placeholders = [...method.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
      const inPath = Object.entries(method.params).filter(([, fact]) => fact.in === 'path').map(([parameter]) =>
        parameter
      );
      expect(inPath.sort(), name).toEqual(placeholders.sort());
      for (const schema of [method.request, method.response]) {
        if (schema !== undefined) expect(FACTS.schemas, name).toHaveProperty(schema);
      }
      expect(method.scopes, name).toContain('calendar');
      const sample = method.path.replaceAll(/\{\w+\}/g, 'x');
      const matched = matchMethod(method.verb, sample);
      expect(typeof matched === 'string' ? matched : matched.name).toBe(name);
    }
    for (const [name, schema] of Object.entries(FACTS.schemas)) {
      for (const reference of references(schema)) expect(FACTS.schemas, name).toHaveProperty(reference);
    }
  });

  test('carries every method that the product and its tests call', () => {
    const needed = ['events.insert', 'events.get', 'events.patch', 'events.update', 'events.delete', 'events.list']
      .concat(['events.watch', 'events.instances', 'channels.stop', 'calendarList.list', 'calendarList.get']);
    for (const name of needed) expect(FACTS.methods).toHaveProperty([name]);
  });
});
