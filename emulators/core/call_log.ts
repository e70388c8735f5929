/** What an emulator was asked and what it answered. */

/** One API or OAuth request, or one part of a batch. */
export interface LoggedCall {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly status: number;
  /** First reason or code of an error answer. */
  readonly reason: string | null;
  readonly account: string | null;
  readonly calendarId: string | null;
  readonly eventId: string | null;
  readonly ifMatch: boolean;
  readonly inBatch: boolean;
}

const KEPT = 100_000;

/** `Call` is what one provider notes beside that. */
export class CallLog<Call extends LoggedCall> {
  #calls: Call[] = [];
  readonly #counts = new Map<string, Map<number, number>>();
  readonly #inserts = new Map<string, { asked: number; created: number }>();
  total = 0;

  add(call: Call): void {
    this.total++;
    this.#calls.push(call);
    // Cut in halves, so that the cost of forgetting stays constant per call.
    if (this.#calls.length > KEPT) this.#calls = this.#calls.slice(KEPT / 2);
    const counts = this.#counts.get(call.method) ?? new Map<number, number>();
    this.#counts.set(call.method, counts.set(call.status, (counts.get(call.status) ?? 0) + 1));
    if (call.method !== 'events.insert' || call.eventId === null) return;
    this.#insertsOf(call.calendarId, call.eventId).asked++;
  }

  /** An insert really made an event, whatever the caller heard of it. */
  created(calendarId: string, eventId: string): void {
    this.#insertsOf(calendarId, eventId).created++;
  }

  #insertsOf(calendarId: string | null, eventId: string): { asked: number; created: number } {
    const key = `${calendarId}/${eventId}`;
    const inserts = this.#inserts.get(key) ?? { asked: 0, created: 0 };
    this.#inserts.set(key, inserts);
    return inserts;
  }

  calls(): readonly Call[] {
    return this.#calls;
  }

  /** Method → status → how often. */
  counts(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#counts].map(([method, counts]) => [method, Object.fromEntries(counts)]));
  }

  /** `calendar/event` → inserts asked for, and events made by them. */
  inserts(): Record<string, { asked: number; created: number }> {
    return Object.fromEntries(this.#inserts);
  }
}
