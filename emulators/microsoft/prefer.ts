/** The `Prefer` header: which form of ids, zone, body and page size the caller wants. */
import { GraphError } from './errors.ts';
import { ianaZone } from './zones.ts';

export interface Preferences {
  readonly immutableIds: boolean;
  /** As the client named it, and as IANA does. */
  readonly zone: { readonly name: string; readonly iana: string };
  readonly bodyType: 'text' | 'html';
  readonly maxPageSize: number | null;
  /** Echoed in `Preference-Applied`; null for none. */
  readonly applied: string | null;
}

/** Refuses a zone that the mailbox does not know, with no fallback. */
export function preferencesOf(headers: Headers): Preferences {
  const wanted = new Map<string, string>();
  for (const part of (headers.get('prefer') ?? '').split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
    const [name = '', ...value] = part.split('=');
    if (name.trim() !== '') wanted.set(name.trim().toLowerCase(), value.join('=').trim().replaceAll('"', ''));
  }
  const zoneName = wanted.get('outlook.timezone');
  const zone = zoneName === undefined ? 'UTC' : ianaZone(zoneName);
  if (zone === null) throw unknownZone(zoneName ?? '');
  const bodyType = wanted.get('outlook.body-content-type')?.toLowerCase() === 'text' ? 'text' : 'html';
  const pageSize = Number(wanted.get('odata.maxpagesize') ?? NaN);
  const immutableIds = wanted.get('idtype') === 'ImmutableId';
  const applied = [
    ...(immutableIds ? ['IdType="ImmutableId"'] : []),
    ...(zoneName === undefined ? [] : [`outlook.timezone="${zoneName}"`]),
    ...(wanted.has('outlook.body-content-type') ? [`outlook.body-content-type="${bodyType}"`] : []),
    ...(pageSize > 0 ? [`odata.maxpagesize=${pageSize}`] : []),
  ];
  return {
    immutableIds,
    zone: { name: zoneName ?? 'UTC', iana: zone },
    bodyType,
    maxPageSize: pageSize > 0 ? Math.floor(pageSize) : null,
    applied: applied.length > 0 ? applied.join(', ') : null,
  };
}

export function unknownZone(name: string): GraphError {
  return new GraphError(400, 'TimeZoneNotSupportedException', {
    message: `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${name}'.`,
  });
}
