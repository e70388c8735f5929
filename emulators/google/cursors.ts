/** Page tokens and sync tokens. Opaque to clients: base64 of what the emulator needs to go on. */
import { addAll, type Kept } from '../core/kept.ts';
import { invalid, isObject } from './answers.ts';
import type { StoredEvent } from './world.ts';

export interface SyncPoint {
  readonly calendarId: string;
  /** Everything from this position of the change log on is news. */
  readonly seq: number;
  readonly generation: number;
  /** The part of the query that must stay the same. */
  readonly query: string;
}

/** The state of a list that is being paged through. */
export interface Paging {
  readonly calendarId: string;
  /** What remains, in order. */
  readonly rest: StoredEvent[];
  readonly syncPoint: SyncPoint | null;
  readonly syncToken: string | null;
  /** The empty page, where switched on, has been given. */
  readonly gaveEmpty: boolean;
}

/** Old pages are forgotten: a list abandoned so long ago is not continued. */
const KEPT_PAGES = 5_000;

interface KeptCursors {
  readonly pages: Map<string, Paging>;
  readonly next: number;
}

export class Cursors implements Kept<KeptCursors> {
  readonly #pages = new Map<string, Paging>();
  #next = 0;

  kept(): KeptCursors {
    return { pages: this.#pages, next: this.#next };
  }

  recall({ pages, next }: KeptCursors): void {
    addAll(this.#pages, pages);
    this.#next = next;
  }

  pageToken(paging: Paging): string {
    const token = btoa(`page:${++this.#next}`).replaceAll('=', '');
    this.#pages.set(token, paging);
    if (this.#pages.size > KEPT_PAGES) this.#pages.delete(this.#pages.keys().next().value ?? '');
    return token;
  }

  page(token: string, calendarId: string, syncToken: string | null): Paging {
    const paging = this.#pages.get(token);
    if (!paging || paging.calendarId !== calendarId || paging.syncToken !== syncToken) {
      throw invalid('Invalid page token value.', 'pageToken');
    }
    return paging;
  }

  syncToken(point: SyncPoint): string {
    return btoa(JSON.stringify(point)).replaceAll('=', '');
  }

  /** Refuses what is malformed or belongs to another calendar with the API's own 400. */
  syncPoint(token: string, calendarId: string): SyncPoint {
    let point: unknown;
    try {
      point = JSON.parse(atob(token));
    } catch {
      point = null;
    }
    if (!isObject(point) || point.calendarId !== calendarId || typeof point.seq !== 'number') {
      throw invalid('Invalid sync token value.', 'syncToken');
    }
    return point as unknown as SyncPoint;
  }
}
