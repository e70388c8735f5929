/** The requests that go out to the app: handshakes, and notifications with their retries. */
import type { JsonObject } from '../core/answers.ts';
import { Schedule } from '../core/schedule.ts';
import { GraphError } from './errors.ts';
import type { Subscription, SubscriptionParts } from './subscriptions.ts';

/** Milliseconds before the first repeat of a failed delivery, doubled each time, and when deliveries end. */
const FIRST_RETRY = 10_000;
const RETRY_FOR = 4 * 3_600_000;

export interface Delivery {
  readonly subscriptionId: string;
  /** `created`, `updated`, `deleted`, or the lifecycle event. */
  readonly kind: string;
  /** HTTP status of the receiver; 0 if it could not be reached in time; null if it was lost on purpose. */
  readonly status: number | null;
  /** From 1. */
  readonly attempt: number;
}

interface Outgoing {
  readonly subscription: Subscription;
  readonly url: string;
  readonly item: JsonObject;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export class Notifications {
  readonly deliveries: Delivery[] = [];
  readonly #pending = new Set<Promise<void>>();
  readonly #schedule: Schedule;
  readonly #parts: SubscriptionParts;
  readonly #isLive: (subscription: Subscription) => boolean;
  #sent = 0;

  /** What waits for a subscription that is no longer live is dropped. */
  constructor(parts: SubscriptionParts, isLive: (subscription: Subscription) => boolean) {
    this.#parts = parts;
    this.#isLive = isLive;
    this.#schedule = new Schedule(parts.now);
  }

  /** Asks the receiver to give back a token; refuses the subscription where it does not. */
  async handshake(address: string): Promise<void> {
    const url = new URL(address);
    // Blanks, a colon and a plus: only the decoded form is right.
    const token =
      `Validation: Testing client application reachability for subscription Request-Id: ${this.#parts.newId()} +1`;
    url.searchParams.set('validationToken', token);
    const answer = await this.#post(url.href, '', 'text/plain; charset=utf-8', this.#parts.settings.handshakeMs);
    if (answer === null) {
      throw new GraphError(400, 'InvalidRequest', { message: 'Subscription validation request timed out.' });
    }
    const isText = answer.headers.get('content-type')?.startsWith('text/plain') ?? false;
    if (answer.status !== 200 || !isText || answer.text !== token) {
      throw new GraphError(400, 'ValidationError', {
        message: `Subscription validation request failed. The response was HTTP ${answer.status}.`,
      });
    }
  }

  send(subscription: Subscription, url: string, item: JsonObject): void {
    const { pushLoseEvery, pushDoubleEvery, pushDelayMs } = this.#parts.settings;
    const turn = ++this.#sent;
    const outgoing = { subscription, url, item, at: this.#parts.now() };
    if (subscription.silent || hits(turn, pushLoseEvery)) return this.#note(outgoing, null, 1);
    const copies = hits(turn, pushDoubleEvery) ? 2 : 1;
    const post = () => {
      for (let copy = 0; copy < copies; copy++) this.#track(this.#deliver(outgoing, 1));
    };
    if (pushDelayMs > 0) this.#schedule.at(outgoing.at + pushDelayMs, () => this.#isLive(subscription) && post());
    else post();
  }

  /** Delivers what is due. Called when the clock was moved. */
  wake(): void {
    this.#schedule.wake();
  }

  /** Nothing goes out any more. */
  close(): void {
    this.#schedule.clear();
  }

  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #track(sending: Promise<void>): void {
    this.#pending.add(sending);
    void sending.finally(() => this.#pending.delete(sending));
  }

  async #deliver(outgoing: Outgoing, attempt: number): Promise<void> {
    const body = JSON.stringify({ value: [outgoing.item] });
    const answer = await this.#post(outgoing.url, body, 'application/json', this.#parts.settings.notificationMs);
    this.#note(outgoing, answer?.status ?? 0, attempt);
    const again = this.#parts.now() + FIRST_RETRY * 2 ** (attempt - 1);
    if ((answer !== null && answer.status < 300) || again - outgoing.at > RETRY_FOR) return;
    this.#schedule.at(again, () => {
      if (this.#isLive(outgoing.subscription)) this.#track(this.#deliver(outgoing, attempt + 1));
    });
  }

  #note({ subscription, item }: Outgoing, status: number | null, attempt: number): void {
    const kind = String(item.changeType ?? item.lifecycleEvent);
    this.deliveries.push({ subscriptionId: subscription.id, kind, status, attempt });
  }

  /** Null for a receiver that cannot be reached, or not in time. */
  async #post(
    url: string,
    body: string,
    type: string,
    limitMs: number,
  ): Promise<{ status: number; headers: Headers; text: string } | null> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), limitMs);
    try {
      const headers = { 'content-type': type };
      const response = await this.#parts.deliver(url, { method: 'POST', headers, body, signal: limit.signal });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}

function hits(turn: number, every: number): boolean {
  return every > 0 && turn % every === 0;
}
