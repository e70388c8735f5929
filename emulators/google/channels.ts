/** Push channels: watch, stop, and the notifications that changes cause. */
import { addAll, type Kept } from '../core/kept.ts';
import { Schedule } from '../core/schedule.ts';
import { type Answer, Failure, invalid, isObject, type JsonObject } from './answers.ts';
import { calendarOf, type Call } from './scene.ts';
import type { Settings } from './settings.ts';
import type { Calendar } from './world.ts';

const WEEK = 7 * 86_400_000;
/** Milliseconds before the first repeat of a failed delivery, doubled each time. */
const FIRST_RETRY = 1000;
const MOST_ATTEMPTS = 6;
const RETRIED = new Set([500, 502, 503, 504]);

interface Channel {
  readonly id: string;
  readonly resourceId: string;
  readonly resourceUri: string;
  readonly calendarId: string;
  readonly account: string;
  readonly address: string;
  readonly token: string | null;
  readonly expiresAt: number;
  number: number;
  /** Notifications since the greeting. */
  told: number;
  /** Lives on, and says nothing any more. */
  silent: boolean;
}

interface Message {
  readonly channel: Channel;
  readonly state: 'sync' | 'exists';
  readonly number: number;
}

export interface Delivery {
  readonly channelId: string;
  readonly state: 'sync' | 'exists';
  readonly number: number;
  /** HTTP status of the receiver; 0 if it could not be reached; null if the notification was lost on purpose. */
  readonly status: number | null;
  /** From 1; repeats follow a 500, 502, 503 or 504. */
  readonly attempt: number;
}

interface KeptChannels {
  readonly channels: Map<string, Channel>;
  readonly usedIds: Set<string>;
}

export class Channels implements Kept<KeptChannels> {
  readonly #channels = new Map<string, Channel>();
  readonly #usedIds = new Set<string>();
  readonly deliveries: Delivery[] = [];
  readonly #pending = new Set<Promise<void>>();
  readonly #settings: Settings;
  readonly #deliver: typeof fetch;
  readonly #now: () => number;
  readonly #schedule: Schedule;
  #sent = 0;

  constructor(settings: Settings, deliver: typeof fetch, now: () => number) {
    this.#settings = settings;
    this.#deliver = deliver;
    this.#now = now;
    this.#schedule = new Schedule(now);
  }

  kept(): KeptChannels {
    return { channels: this.#channels, usedIds: this.#usedIds };
  }

  recall({ channels, usedIds }: KeptChannels): void {
    addAll(this.#channels, channels);
    for (const id of usedIds) this.#usedIds.add(id);
  }

  async watch(call: Call): Promise<Answer> {
    const { calendar } = calendarOf(call);
    const { id, type, address, token } = call.body;
    if (!calendar.pushSupported) throw new Failure(400, 'pushNotSupportedForRequestedResource');
    if (typeof id !== 'string' || id === '' || id.length > 64) throw invalid('Invalid channel id.', 'id');
    if (type !== 'web_hook' && type !== 'webhook') throw invalid('Unknown channel type.', 'type');
    if (typeof token === 'string' && token.length > 256) throw invalid('The channel token is too long.', 'token');
    if (typeof address !== 'string' || !isAllowedAddress(address)) {
      throw new Failure(401, 'push.webhookUrlUnauthorized', {
        message: `Unauthorized WebHook callback channel: ${String(address)}`,
      });
    }
    if (this.#usedIds.has(id)) throw new Failure(400, 'channelIdNotUnique', { message: 'Channel id not unique' });
    const channel: Channel = {
      id,
      resourceId: `r${btoa(calendar.id).replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 24)}`,
      resourceUri: `https://www.googleapis.com/calendar/v3/calendars/${call.method.path.calendarId}/events?alt=json`,
      calendarId: calendar.id,
      account: call.account.email,
      address,
      token: typeof token === 'string' ? token : null,
      expiresAt: expiryOf(call.body, call.now),
      number: 0,
      told: 0,
      silent: false,
    };
    this.#usedIds.add(id);
    this.#channels.set(id, channel);
    const greeting = this.#send(channel, 'sync');
    if (this.#settings.syncBeforeWatchAnswer) await greeting;
    return {
      status: 200,
      body: {
        kind: 'api#channel',
        id,
        resourceId: channel.resourceId,
        resourceUri: channel.resourceUri,
        ...(channel.token === null ? {} : { token: channel.token }),
        expiration: String(channel.expiresAt),
      },
    };
  }

  stop(call: Call): Answer {
    const channel = this.#channels.get(String(call.body.id));
    const known = channel && channel.resourceId === call.body.resourceId && channel.account === call.account.email;
    if (!known || channel.expiresAt <= call.now) {
      throw new Failure(404, 'notFound', { message: `Channel '${String(call.body.id)}' not found` });
    }
    this.#channels.delete(channel.id);
    return { status: 204 };
  }

  /** Tells every live channel of the calendar that something changed. */
  notify(calendar: Calendar): void {
    for (const channel of this.#channels.values()) {
      if (channel.calendarId === calendar.id && this.#isLive(channel)) void this.#send(channel, 'exists');
    }
  }

  /** The channel says nothing from now on, without a notice of that: as Google's do now and then. */
  silence(id: string): void {
    const channel = this.#channels.get(id);
    if (!channel) throw new TypeError(`Could not silence the channel ${id}: there is none`);
    channel.silent = true;
  }

  /** Delivers what is due. Called when the clock was moved. */
  wake(): void {
    this.#schedule.wake();
  }

  /** Nothing goes out any more. */
  close(): void {
    this.#channels.clear();
    this.#schedule.clear();
  }

  /** Resolves when no delivery is under way. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  state(): JsonObject[] {
    return [...this.#channels.values()].map((channel) => ({
      id: channel.id,
      calendarId: channel.calendarId,
      account: channel.account,
      address: channel.address,
      resourceId: channel.resourceId,
      expiresAt: channel.expiresAt,
      lastNumber: channel.number,
      silent: channel.silent,
    }));
  }

  #isLive(channel: Channel): boolean {
    return this.#channels.get(channel.id) === channel && channel.expiresAt > this.#now();
  }

  #send(channel: Channel, state: Message['state']): Promise<void> {
    const { pushLoseEvery, pushDoubleEvery, pushNumberGap, pushDelayMs, pushDieAfter } = this.#settings;
    const isGreeting = state === 'sync';
    channel.number += isGreeting ? 1 : 1 + pushNumberGap;
    const message: Message = { channel, state, number: channel.number };
    const turn = isGreeting ? 0 : ++this.#sent;
    if (!isGreeting && pushDieAfter > 0 && channel.told >= pushDieAfter) channel.silent = true;
    if (!isGreeting) channel.told++;
    if (channel.silent || hits(turn, pushLoseEvery)) {
      this.#note(message, null, 1);
      return Promise.resolve();
    }
    const copies = hits(turn, pushDoubleEvery) ? 2 : 1;
    const post = () => Promise.all(Array.from({ length: copies }, () => this.#post(message, 1))).then(() => {});
    if (isGreeting || pushDelayMs === 0) return this.#underWay(post());
    this.#later(message, pushDelayMs, post);
    return Promise.resolve();
  }

  /** What waits for a channel that was stopped or has ended is dropped. */
  #later({ channel }: Message, ms: number, post: () => Promise<void>): void {
    this.#schedule.at(this.#now() + ms, () => {
      if (this.#isLive(channel)) void this.#underWay(post());
    });
  }

  #underWay(sending: Promise<void>): Promise<void> {
    this.#pending.add(sending);
    return sending.finally(() => this.#pending.delete(sending));
  }

  #note({ channel, state, number }: Message, status: number | null, attempt: number): void {
    this.deliveries.push({ channelId: channel.id, state, number, status, attempt });
  }

  async #post(message: Message, attempt: number): Promise<void> {
    const { channel, state, number } = message;
    let status = 0;
    try {
      const response = await this.#deliver(channel.address, {
        method: 'POST',
        headers: {
          'user-agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)',
          'content-length': '0',
          'x-goog-channel-id': channel.id,
          'x-goog-message-number': String(number),
          'x-goog-resource-id': channel.resourceId,
          'x-goog-resource-state': state,
          'x-goog-resource-uri': channel.resourceUri,
          'x-goog-channel-expiration': new Date(channel.expiresAt).toUTCString(),
          ...(channel.token === null ? {} : { 'x-goog-channel-token': channel.token }),
        },
      });
      status = response.status;
      await response.body?.cancel();
    } catch {
      // A receiver that cannot be reached is a lost notification, no fault of the emulator.
    }
    this.#note(message, status, attempt);
    if (!RETRIED.has(status) || attempt >= MOST_ATTEMPTS) return;
    this.#later(message, FIRST_RETRY * 2 ** (attempt - 1), () => this.#post(message, attempt + 1));
  }
}

function hits(turn: number, every: number): boolean {
  return every > 0 && turn > 0 && turn % every === 0;
}

/** Google wants https; on this machine there is no certificate to have. */
function isAllowedAddress(address: string): boolean {
  const url = URL.parse(address);
  if (!url) return false;
  return url.protocol === 'https:' ||
    (url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname));
}

function expiryOf(body: JsonObject, now: number): number {
  const ttl = isObject(body.params) ? Number(body.params.ttl) * 1000 : NaN;
  const asked = Number(body.expiration ?? NaN);
  const wishes = [now + ttl, asked].filter((wish) => wish > now);
  return Math.min(now + WEEK, ...wishes);
}
