/** A page of events as `import_stage` takes it: a list for each column, all of the same length. Half the bytes of rows, and read faster. */
import type { StagedEvent } from '../sync/inbound/port.ts';

type Cell = string | boolean | null;

const json = (value: unknown): string | null => value === null ? null : JSON.stringify(value);

const COLUMNS: Readonly<Record<string, (event: StagedEvent) => Cell>> = {
  eventId: ({ eventId }) => eventId,
  etag: ({ etag }) => etag,
  status: ({ status }) => status,
  kind: ({ kind }) => kind,
  title: ({ content }) => content?.title ?? null,
  description: ({ content }) => content?.description ?? null,
  location: ({ content }) => content?.location ?? null,
  allDay: ({ content }) => content === null ? null : content.time.kind === 'all_day',
  startsAt: ({ content }) => content?.time.kind === 'timed' ? content.time.startsAt : null,
  endsAt: ({ content }) => content?.time.kind === 'timed' ? content.time.endsAt : null,
  startDay: ({ content }) => content?.time.kind === 'all_day' ? content.time.startDay : null,
  endDay: ({ content }) => content?.time.kind === 'all_day' ? content.time.endDay : null,
  timeZone: ({ content }) => content?.time.kind === 'timed' ? content.time.timeZone : null,
  availability: ({ content }) => content?.availability ?? null,
  visibility: ({ content }) => content?.visibility ?? null,
  marker: ({ marker }) => json(marker),
  updatedAt: ({ updatedAt }) => updatedAt,
  url: ({ url }) => url,
  attendees: ({ attendees }) => attendees.length === 0 ? null : json(attendees),
  ownResponse: ({ ownResponse }) => ownResponse,
  seriesId: ({ seriesId }) => seriesId,
  requestedId: ({ requestedId }) => requestedId ?? null,
};

/** A column without any value is left out. */
export function stagedColumns(events: readonly StagedEvent[]): Readonly<Record<string, readonly Cell[]>> {
  const columns = Object.entries(COLUMNS).map(([name, cell]) => [name, events.map(cell)] as const);
  return Object.fromEntries(columns.filter(([, cells]) => cells.some((cell) => cell !== null)));
}
