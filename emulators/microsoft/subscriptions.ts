/** Change notifications: subscriptions, their handshake and their life. */
import type { Answer, JsonObject } from '../core/answers.ts';
import { addAll, type Kept } from '../core/kept.ts';
import { GraphError } from './errors.ts';
import { idOf } from './event_view.ts';
import { BOUNDS } from './facts.ts';
import { etag } from './ids.ts';
import { type Delivery, Notifications } from './notifications.ts';
import type { Call } from './scene.ts';
import type { Settings } from './settings.ts';
import { allowedUrl, expiryOf, invalid, watchedCalendar } from './subscription_request.ts';
import type { Calendar, StoredEvent, World } from './world.ts';

const KINDS = ['created', 'updated', 'deleted'];
export const LIFECYCLE = ['reauthorizationRequired', 'subscriptionRemoved', 'missed'] as const;
export type LifecycleEvent = (typeof LIFECYCLE)[number];

export interface Subscription {
  readonly id: string;
  readonly account: string;
  readonly tenantId: string;
  readonly creatorId: string;
  /** As asked for. */
  readonly resource: string;
  /** Null for the whole mailbox. */
  readonly calendarId: string | null;
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly clientState: string | null;
  readonly immutableIds: boolean;
  expiresAt: number;
  /** Notifications so far. */
  told: number;
  /** Lives on, and says nothing any more. */
  silent: boolean;
}

export interface SubscriptionParts {
  readonly settings: Settings;
  readonly world: World;
  readonly deliver: typeof fetch;
  readonly now: () => number;
  readonly clientId: string;
  readonly newId: () => string;
}

type KeptSubscriptions = Map<string, Subscription>;

export class Subscriptions implements Kept<KeptSubscriptions> {
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #notifications: Notifications;
  readonly #parts: SubscriptionParts;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    this.#notifications = new Notifications(parts, ({ id }) => this.#isLive(id));
  }

  kept(): KeptSubscriptions {
    return this.#subscriptions;
  }

  recall(subscriptions: KeptSubscriptions): void {
    addAll(this.#subscriptions, subscriptions);
  }

  get deliveries(): readonly Delivery[] {
    return this.#notifications.deliveries;
  }

  /** Resolves when no delivery is under way. */
  settled(): Promise<void> {
    return this.#notifications.settled();
  }

  /** Delivers what is due. Called when the clock was moved. */
  wake(): void {
    this.#notifications.wake();
  }

  /** Nothing goes out any more. */
  close(): void {
    this.#subscriptions.clear();
    this.#notifications.close();
  }

  answer(call: Call): Answer | Promise<Answer> {
    switch (call.method.name) {
      case 'subscriptions.create':
        return this.#create(call);
      case 'subscriptions.list':
        return {
          status: 200,
          body: {
            value: this.#live().filter((own) => own.account === call.account.email).map((own) => this.#show(own)),
          },
        };
      case 'subscriptions.get':
        return { status: 200, body: this.#show(this.#own(call)) };
      case 'subscriptions.renew':
        return this.#renew(call);
      case 'subscriptions.reauthorize':
        this.#own(call);
        return { status: 204 };
      case 'subscriptions.delete':
        this.#subscriptions.delete(this.#own(call).id);
        return { status: 204 };
      default:
        throw new Error(`Could not answer ${call.method.name}: no handler`);
    }
  }

  async #create(call: Call): Promise<Answer> {
    const { body, account } = call;
    const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '');
    const changeType = text('changeType');
    const kinds = changeType.split(',').map((kind) => kind.trim());
    if (!kinds.every((kind) => KINDS.includes(kind))) throw invalid(`changeType is not valid: ${changeType}`);
    const notificationUrl = allowedUrl(text('notificationUrl'));
    const lifecycle = body.lifecycleNotificationUrl;
    const lifecycleNotificationUrl = typeof lifecycle === 'string' ? allowedUrl(lifecycle) : null;
    if (lifecycleNotificationUrl && new URL(lifecycleNotificationUrl).host !== new URL(notificationUrl).host) {
      throw invalid('Both notification addresses need the same host.');
    }
    const clientState = typeof body.clientState === 'string' ? body.clientState : null;
    if ((clientState?.length ?? 0) > BOUNDS.clientState) throw invalid('clientState is longer than 128 characters.');
    const calendarId = watchedCalendar(text('resource'), account, this.#parts.world, this.#parts.settings);
    const expiresAt = expiryOf(body.expirationDateTime, call.now, this.#parts.settings);
    const mine = this.#live().filter((other) => other.account === account.email);
    if (mine.some((other) => other.calendarId === calendarId && other.changeType === changeType)) {
      throw new GraphError(409, 'ExtensionError', { message: 'A subscription to this resource exists already.' });
    }
    if (mine.length >= this.#parts.settings.subscriptionsPerMailbox) {
      throw new GraphError(403, 'ExtensionError', { message: 'The mailbox has too many subscriptions.' });
    }
    for (const url of new Set([notificationUrl, lifecycleNotificationUrl])) {
      if (url !== null) await this.#notifications.handshake(url);
    }
    const subscription: Subscription = {
      id: this.#parts.newId(),
      account: account.email,
      tenantId: account.tenantId,
      creatorId: account.objectId,
      resource: text('resource'),
      calendarId,
      changeType,
      notificationUrl,
      lifecycleNotificationUrl,
      clientState,
      immutableIds: call.prefer.immutableIds,
      expiresAt,
      told: 0,
      silent: false,
    };
    this.#subscriptions.set(subscription.id, subscription);
    return { status: 201, body: this.#show(subscription) };
  }

  #renew(call: Call): Answer {
    const subscription = this.#own(call);
    subscription.expiresAt = expiryOf(call.body.expirationDateTime, call.now, this.#parts.settings);
    return { status: 200, body: this.#show(subscription) };
  }

  /** Tells every subscription that covers the calendar what happened to the event. */
  notify(calendar: Calendar, event: StoredEvent, kind: 'created' | 'updated' | 'deleted'): void {
    for (const subscription of this.#live()) {
      const covers = subscription.account === calendar.account &&
        (subscription.calendarId === null || subscription.calendarId === calendar.id);
      if (!covers || !subscription.changeType.split(',').some((wanted) => wanted.trim() === kind)) continue;
      const { pushDieAfter } = this.#parts.settings;
      if (pushDieAfter > 0 && subscription.told >= pushDieAfter) subscription.silent = true;
      subscription.told++;
      const id = idOf(event, subscription);
      const resource = `Users/${subscription.creatorId}/Events/${id}`;
      this.#notifications.send(subscription, subscription.notificationUrl, {
        ...envelope(subscription),
        changeType: kind,
        resource,
        resourceData: {
          '@odata.type': '#Microsoft.Graph.Event',
          '@odata.id': resource,
          '@odata.etag': etag(event.version),
          id,
        },
      });
    }
  }

  /** Sends a lifecycle notification; `subscriptionRemoved` also ends the subscription. False if there is none. */
  lifecycle(id: string, kind: LifecycleEvent): boolean {
    const subscription = this.#subscriptions.get(id);
    if (!subscription) return false;
    if (kind === 'subscriptionRemoved') this.#subscriptions.delete(id);
    if (subscription.lifecycleNotificationUrl !== null) {
      const body = { ...envelope(subscription), lifecycleEvent: kind };
      this.#notifications.send(subscription, subscription.lifecycleNotificationUrl, body);
    }
    return true;
  }

  /** Ends a subscription without a word. False if there is none. */
  remove(id: string): boolean {
    return this.#subscriptions.delete(id);
  }

  /** The subscription says nothing from now on, without a notice of that. False if there is none. */
  silence(id: string): boolean {
    const subscription = this.#subscriptions.get(id);
    if (subscription) subscription.silent = true;
    return subscription !== undefined;
  }

  ids(): string[] {
    return [...this.#subscriptions.keys()];
  }

  state(): JsonObject[] {
    return [...this.#subscriptions.values()].map((subscription) => ({ ...subscription }));
  }

  #live(): Subscription[] {
    return [...this.#subscriptions.values()].filter(({ expiresAt }) => expiresAt > this.#parts.now());
  }

  #isLive(id: string): boolean {
    return this.#live().some((live) => live.id === id);
  }

  #own(call: Call): Subscription {
    const id = call.method.path.subscriptionId;
    const subscription = this.#live().find((live) => live.id === id && live.account === call.account.email);
    if (!subscription) throw new GraphError(404, 'ResourceNotFound', { message: 'The subscription was not found.' });
    return subscription;
  }

  #show(subscription: Subscription): JsonObject {
    return {
      id: subscription.id,
      resource: subscription.resource,
      applicationId: this.#parts.clientId,
      changeType: subscription.changeType,
      // Never told again after the creation.
      clientState: null,
      notificationUrl: subscription.notificationUrl,
      lifecycleNotificationUrl: subscription.lifecycleNotificationUrl,
      expirationDateTime: new Date(subscription.expiresAt).toISOString(),
      creatorId: subscription.creatorId,
      latestSupportedTlsVersion: 'v1_2',
    };
  }
}

function envelope(subscription: Subscription): JsonObject {
  return {
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: new Date(subscription.expiresAt).toISOString(),
    clientState: subscription.clientState,
    tenantId: subscription.tenantId,
  };
}
