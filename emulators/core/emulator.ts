/** What every emulator is: a session that a reset throws away, a clock that tests move, and faults. */
import type { JsonObject } from './answers.ts';
import type { CallLog, LoggedCall } from './call_log.ts';
import { changeSettings } from './change_settings.ts';
import type { Faults } from './faults.ts';
import type { Kept } from './kept.ts';
import type { GiveUp, Misbehaviour, Sleep } from './misbehave.ts';
import type { OAuthClient } from './oauth_client.ts';
import type { Parallel } from './parallel.ts';
import { encode, IdTokens } from './signing.ts';
import { Timing } from './timing.ts';

export interface EmulatorOptions extends OAuthClient {
  /** Milliseconds since the epoch; the clock control moves on top of it. */
  readonly now?: () => number;
  /** Delivers push notifications and handshakes. */
  readonly deliver?: typeof fetch;
  /** Origin of the links in answers. */
  readonly publicUrl?: string;
}

/** One finding of strict mode. `side` says whose fault it is: the client's or the emulator's. */
export interface Violation {
  readonly side: 'request' | 'response';
  readonly method: string;
  readonly what: string;
}

/** Everything that a reset throws away and that every emulator has. */
export interface SharedSession<Action extends Misbehaviour, Call extends LoggedCall> {
  readonly faults: Faults<Action>;
  readonly log: CallLog<Call>;
  readonly violations: Violation[];
  readonly now: () => number;
  readonly timing: Timing;
  readonly parallel: Parallel;
  readonly sleep: Sleep;
}

interface Session<Settings> {
  readonly scene: { readonly settings: Settings; readonly world: { readonly accounts: ReadonlyMap<string, unknown> } };
  // deno-lint-ignore no-explicit-any
  readonly faults: Faults<any>;
}

/** Notifications on their way: they look at the clock again when it moved, and end with the session. */
interface Notices {
  wake(): void;
  close(): void;
}

export abstract class Emulator<Settings extends object, Own extends Session<Settings>> {
  protected readonly client: EmulatorOptions;
  protected readonly deliver: typeof fetch;
  protected readonly idTokens = new IdTokens();
  readonly #baseNow: () => number;
  readonly #stop = new AbortController();
  #clockOffset = 0;
  #session: Own;

  constructor(options: EmulatorOptions) {
    this.client = options;
    this.deliver = options.deliver ?? fetch;
    this.#baseNow = options.now ?? Date.now;
    this.#session = this.newSession();
  }

  /** Called by the constructor too: it may use nothing that a subclass adds to the object. */
  protected abstract newSession(): Own;
  protected abstract noticesOf(session: Own): Notices;
  /** The parts of a session that outlive a restart, by name. */
  // deno-lint-ignore no-explicit-any
  protected abstract lasting(session: Own): Readonly<Record<string, Kept<any>>>;

  /**
   * Accounts, calendars, events, grants, sync tokens and subscriptions, for `recall`; a value that `structuredClone` takes. What
   * tests arm is not in it: faults, settings, the clock.
   */
  kept(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(this.lasting(this.#session)).map(([name, part]) => [name, part.kept()]));
  }

  /** Goes on from what another emulator kept. */
  recall(kept: Readonly<Record<string, unknown>>): void {
    for (const [name, part] of Object.entries(this.lasting(this.#session))) part.recall(kept[name]);
  }

  get session(): Own {
    return this.#session;
  }

  get settings(): Settings {
    return this.#session.scene.settings;
  }

  /** Milliseconds since the epoch, by the emulator's clock. */
  now(): number {
    return Math.floor(this.#baseNow() + this.#clockOffset);
  }

  advance(ms: number): void {
    this.#clockOffset += ms;
    this.noticesOf(this.#session).wake();
  }

  setNow(at: number): void {
    this.#clockOffset = at - this.#baseNow();
    this.noticesOf(this.#session).wake();
  }

  /** Forgets everything: data, tokens, faults, settings, logs, and the clock's offset. */
  reset(): void {
    this.#clockOffset = 0;
    this.noticesOf(this.#session).close();
    this.#session = this.newSession();
  }

  configure(changes: Partial<Settings> | JsonObject): void {
    changeSettings(this.settings, changes as JsonObject);
  }

  /** Arms a fault and gives its id. */
  addFault(rule: Parameters<Own['faults']['add']>[0]): string {
    return this.#session.faults.add(rule);
  }

  clearFaults(id?: string): void {
    this.#session.faults.clear(id);
  }

  faults(): ReturnType<Own['faults']['list']> {
    return this.#session.faults.list() as ReturnType<Own['faults']['list']>;
  }

  /** Ends every request that hangs on purpose, and all notifications. */
  stop(): void {
    this.noticesOf(this.#session).close();
    this.#stop.abort();
  }

  /** Throws where there is no such account. */
  protected knownAccount(email: string): string {
    if (!this.#session.scene.world.accounts.has(email)) {
      throw new TypeError(`Could not mint a token: no account ${email}`);
    }
    return email;
  }

  protected giveUp(request: Request): GiveUp {
    return () => AbortSignal.any([request.signal, this.#stop.signal]);
  }

  /** The clock and the waiting of a new session. */
  protected newClock(): { now: () => number; timing: Timing; sleep: Sleep } {
    const timing = new Timing();
    return { now: () => this.now(), timing, sleep: (ms) => timing.sleep(ms, this.#stop.signal) };
  }

  protected random(bytes: number): string {
    return encode(crypto.getRandomValues(new Uint8Array(bytes)));
  }
}
