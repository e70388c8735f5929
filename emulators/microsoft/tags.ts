/** Single-value extended properties: hidden values on an event that only their name leads to. */
import { isObject } from '../core/answers.ts';
import { badRequest, GraphError } from './errors.ts';
import type { StoredEvent, TagValue } from './world.ts';

const TAG =
  /^(String|Integer|Boolean|Double|SystemTime|CLSID)\s+(?:\{([0-9a-f-]{36})\}\s+(Name\s+(.+)|Id\s+0x[0-9a-f]+)|0x[0-9a-f]+)$/i;

/** The form in which names are compared: the guid ignores case, the name does not. Null for no tag name. */
export function tagKey(id: string): string | null {
  const match = TAG.exec(id.trim());
  if (!match) return null;
  const [whole, type = '', guid, , name] = match;
  return name === undefined ? whole.toLowerCase() : `${type.toLowerCase()} {${guid?.toLowerCase()}} ${name.trim()}`;
}

/** Reads `singleValueExtendedProperties` of a body. A value of null takes the tag away. */
export function writtenTags(value: unknown): Map<string, { id: string; value: string | null }> {
  const tags = new Map<string, { id: string; value: string | null }>();
  if (value === undefined || value === null) return tags;
  for (const entry of Array.isArray(value) ? value : []) {
    const key = isObject(entry) && typeof entry.id === 'string' ? tagKey(entry.id) : null;
    if (key === null || !isObject(entry)) throw badRequest('An extended property has no valid id.');
    if (entry.value !== null && typeof entry.value !== 'string') {
      throw badRequest('The value of an extended property is no text.');
    }
    tags.set(key, { id: String(entry.id), value: entry.value });
  }
  return tags;
}

export function applyTags(
  tags: Map<string, TagValue>,
  written: ReadonlyMap<string, { id: string; value: string | null }>,
  at: number,
): void {
  for (const [key, { id, value }] of written) {
    if (value === null) tags.delete(key);
    else tags.set(key, { id: tags.get(key)?.id ?? id, value, at });
  }
}

const EXPAND = /^singleValueExtendedProperties\s*\(\s*\$filter\s*=\s*(.+)\)$/i;

/** The tag names that `$expand` asks for; empty where there is none. Nothing else can be expanded. */
export function expandedTags(expand: string | null): string[] {
  if (expand === null) return [];
  const filter = EXPAND.exec(expand.trim())?.[1]?.trim();
  const keys = filter?.split(/\s+or\s+/i).map((part) => {
    const id = /^id\s+eq\s+'((?:[^']|'')*)'$/i.exec(part.trim())?.[1];
    return id === undefined ? null : tagKey(id.replaceAll("''", "'"));
  });
  if (!keys || keys.includes(null)) {
    throw new GraphError(400, 'ErrorInvalidUrlQuery', { message: `$expand is not supported: ${expand}` });
  }
  return keys as string[];
}

/** The wanted tags of an event as answers show them; none leaves the member out. */
export function shownTags(event: StoredEvent, keys: readonly string[]): { singleValueExtendedProperties?: unknown } {
  const found = keys.map((key) => event.tags.get(key)).filter((tag) => tag !== undefined);
  if (found.length === 0) return {};
  return { singleValueExtendedProperties: found.map(({ id, value }) => ({ id, value })) };
}
