/** Lists that come in pages, each with the whole address of the next one. */
import type { Answer, JsonObject } from '../core/answers.ts';
import { badRequest } from './errors.ts';
import { BOUNDS } from './facts.ts';
import type { Call } from './scene.ts';

/** One page of `items`, rendered; `$select` leaves ids and etags in place. */
export function paged<T>(
  call: Call,
  all: readonly T[],
  usualSize: number,
  render: (item: T) => JsonObject,
): Answer {
  const { query, scene: { settings } } = call;
  const items = all.slice(0, call.cutList);
  const asked = numberOf(query, '$top');
  if (asked !== null && (asked < 1 || asked > BOUNDS.maxTop)) throw badRequest(`$top is out of range: ${asked}`);
  const size = cappedSize(asked ?? call.prefer.maxPageSize ?? usualSize, settings.pageSizeCap);
  const skip = numberOf(query, '$skip') ?? 0;
  const skipToken = query.get('$skiptoken');
  const empty = call.emptyPage || (settings.emptyMiddlePage && skip > 0 && skipToken !== 'past-empty');
  const page = empty ? [] : items.slice(skip, skip + size);
  const next = skip + page.length;
  const goesOn = next < items.length || (empty && skip <= items.length);
  return {
    status: 200,
    body: {
      '@odata.context': contextOf(call),
      ...(query.get('$count') === 'true' ? { '@odata.count': items.length } : {}),
      value: page.map((item) => selected(render(item), query.get('$select'))),
      ...(goesOn ? { '@odata.nextLink': nextLink(call, next, empty ? 'past-empty' : null) } : {}),
    },
  };
}

export function cappedSize(size: number, cap: number): number {
  return cap > 0 ? Math.min(size, cap) : Math.min(size, BOUNDS.maxTop);
}

function contextOf(call: Call): string {
  return `${call.url.origin}/v1.0/$metadata#users('${call.account.objectId}')/${call.method.name.replace('.', '/')}`;
}

function nextLink(call: Call, skip: number, token: string | null): string {
  const next = new URL(call.url);
  next.searchParams.set('$skip', String(skip));
  if (token === null) next.searchParams.delete('$skiptoken');
  else next.searchParams.set('$skiptoken', token);
  return next.href;
}

function numberOf(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`${name} is no number: ${text}`);
  return Number(text);
}

/** The members that `$select` names. */
export function selected(resource: JsonObject, select: string | null): JsonObject {
  if (select === null) return resource;
  const names = select.split(',').map((name) => name.trim());
  return Object.fromEntries(
    Object.entries(resource).filter(([name]) =>
      name === 'id' || name.startsWith('@') || name === 'singleValueExtendedProperties' || names.includes(name)
    ),
  );
}
