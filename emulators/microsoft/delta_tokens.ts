/** What the server remembers behind skip and delta tokens. It may forget them at any time. */
import { addAll, type Kept } from '../core/kept.ts';
import type { Window } from './occurrences.ts';
import type { Calendar, StoredEvent } from './world.ts';

/** One entry of a round: an event, or the removal of one that this calendar knew by that id. */
export interface DeltaItem {
  readonly event: StoredEvent;
  /** The default id at the time; null where the event is to be shown. */
  readonly removedId: string | null;
}

export interface DeltaState {
  readonly kind: 'skip' | 'delta';
  readonly calendarId: string;
  readonly generation: number;
  /** Frozen: nothing but a new round can change it. */
  readonly window: Window;
  /** Everything from this position of the change log on is news for the next round. */
  readonly seq: number;
  /** What remains of this round. */
  readonly rest: readonly DeltaItem[];
  /** The last item given, for replays. */
  readonly last: DeltaItem | null;
  /** The empty page, where switched on, has been given. */
  readonly gaveEmpty: boolean;
}

interface KeptTokens {
  readonly states: Map<string, DeltaState>;
  readonly byMailbox: Map<string, string[]>;
}

export class DeltaTokens implements Kept<KeptTokens> {
  readonly #states = new Map<string, DeltaState>();
  readonly #byMailbox = new Map<string, string[]>();
  readonly #random: () => string;

  /** `random` gives unguessable text. */
  constructor(random: () => string) {
    this.#random = random;
  }

  kept(): KeptTokens {
    return { states: this.#states, byMailbox: this.#byMailbox };
  }

  recall({ states, byMailbox }: KeptTokens): void {
    addAll(this.#states, states);
    addAll(this.#byMailbox, byMailbox);
  }

  /** Keeps a state and gives its token; beyond `most` of a mailbox, the oldest die. */
  keep(state: DeltaState, calendar: Calendar, most: number): string {
    const token = `R0usmc${this.#random()}`;
    this.#states.set(token, state);
    const own = this.#byMailbox.get(calendar.account) ?? [];
    own.push(token);
    while (own.length > most) this.#states.delete(own.shift() ?? '');
    this.#byMailbox.set(calendar.account, own);
    return token;
  }

  /** Null for a token that is dead or never lived. */
  find(token: string, kind: DeltaState['kind'], calendar: Calendar): DeltaState | null {
    const state = this.#states.get(token);
    const alive = state?.kind === kind && state.calendarId === calendar.id && state.generation === calendar.generation;
    return alive ? state : null;
  }
}
