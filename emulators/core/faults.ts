/** Rules that make an emulator misbehave on purpose. The README of each emulator lists its actions. */

export interface FaultMatch {
  /** `events.insert`, `events.*`, `oauth.token`, `oauth.auth`, `batch`, or an HTTP verb. */
  readonly method?: string;
  /** Regular expression on path and query, as sent. */
  readonly pathRegex?: string;
  readonly account?: string;
  readonly calendar?: string;
  readonly event?: string;
  readonly inBatch?: boolean;
  /** Whose requests: the app's (default), the person's own (tokens of the control API), or both. */
  readonly actor?: 'app' | 'user' | 'any';
}

export interface FaultRule<Action> {
  readonly id?: string;
  readonly match?: FaultMatch;
  /** First matching request that is hit, from 1. Alone it hits only that one. */
  readonly nth?: number;
  /** How many are hit at most. */
  readonly times?: number;
  /** From the first on, only every so many. */
  readonly every?: number;
  /** 0 to 1, drawn from a generator started with `seed`. */
  readonly probability?: number;
  readonly seed?: number;
  readonly action: Action;
}

export interface FaultSubject {
  readonly method: string;
  readonly verb: string;
  readonly path: string;
  readonly account: string | null;
  readonly actor: 'app' | 'user';
  readonly calendar: string | null;
  /** Every id that the event goes by. */
  readonly event: string | readonly string[] | null;
  readonly inBatch: boolean;
}

interface ArmedRule<Action> {
  readonly id: string;
  readonly rule: FaultRule<Action>;
  readonly path: RegExp | null;
  readonly draw: () => number;
  matched: number;
  fired: number;
}

const MATCHES = new Set(['method', 'pathRegex', 'account', 'calendar', 'event', 'inBatch', 'actor']);
const RULES = new Set(['id', 'match', 'nth', 'times', 'every', 'probability', 'seed', 'action']);

export class Faults<Action extends object> {
  readonly #actions: ReadonlySet<string>;
  #rules: ArmedRule<Action>[] = [];
  #next = 0;

  /** `actions` are the names that an action may have. */
  constructor(actions: ReadonlySet<string>) {
    this.#actions = actions;
  }

  /** Arms a rule and gives its id. A misspelt rule is an error, not a rule that never fires. */
  add(rule: FaultRule<Action>): string {
    refuseUnknown(rule, RULES, 'rule');
    refuseUnknown(rule.match ?? {}, MATCHES, 'match');
    refuseUnknown(rule.action, this.#actions, 'action');
    const id = rule.id ?? `fault-${++this.#next}`;
    const path = rule.match?.pathRegex === undefined ? null : new RegExp(rule.match.pathRegex);
    this.#rules.push({ id, rule, path, draw: seededRandom(rule.seed ?? 1), matched: 0, fired: 0 });
    return id;
  }

  /** Disarms one rule, or all. */
  clear(id?: string): void {
    this.#rules = id === undefined ? [] : this.#rules.filter((armed) => armed.id !== id);
  }

  list(): ReadonlyArray<{ id: string; rule: FaultRule<Action>; matched: number; fired: number }> {
    return this.#rules.map(({ id, rule, matched, fired }) => ({ id, rule, matched, fired }));
  }

  /** What to do to a request: the actions of all rules that fire, earlier rules first. Empty for nothing. */
  pick(subject: FaultSubject): Partial<Action> {
    let action: Partial<Action> = {};
    for (const armed of this.#rules) {
      if (fires(armed, subject)) action = { ...armed.rule.action, ...action };
    }
    return action;
  }
}

function refuseUnknown(given: object, known: ReadonlySet<string>, what: string): void {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`Could not arm the fault: the ${what} is missing`);
  }
  const unknown = Object.keys(given).find((name) => !known.has(name));
  if (unknown !== undefined) throw new TypeError(`Could not arm the fault: the ${what} has no ${unknown}`);
}

function fires<Action>(armed: ArmedRule<Action>, subject: FaultSubject): boolean {
  const { rule } = armed;
  if (!isMatch(rule.match ?? {}, armed.path, subject)) return false;
  const first = rule.nth ?? 1;
  const most = rule.times ?? (rule.nth !== undefined && rule.every === undefined ? 1 : Infinity);
  const turn = ++armed.matched - first;
  if (turn < 0 || turn % (rule.every ?? 1) !== 0 || armed.fired >= most) return false;
  if (rule.probability !== undefined && armed.draw() >= rule.probability) return false;
  armed.fired++;
  return true;
}

function isMatch(match: FaultMatch, path: RegExp | null, subject: FaultSubject): boolean {
  const actor = match.actor ?? 'app';
  if (actor !== 'any' && actor !== subject.actor) return false;
  if (match.method !== undefined && !isMethod(match.method, subject)) return false;
  if (path && !path.test(subject.path)) return false;
  if (match.account !== undefined && match.account !== subject.account) return false;
  if (match.calendar !== undefined && match.calendar !== subject.calendar) return false;
  if (match.event !== undefined && ![subject.event].flat().includes(match.event)) return false;
  return match.inBatch === undefined || match.inBatch === subject.inBatch;
}

function isMethod(wanted: string, subject: FaultSubject): boolean {
  if (wanted.endsWith('.*')) return subject.method.startsWith(wanted.slice(0, -1));
  return wanted === subject.method || wanted === subject.verb;
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
