/** What a request for a subscription may ask for. */
import { decoded } from './decoded.ts';
import { GraphError } from './errors.ts';
import type { Settings } from './settings.ts';
import type { Account, World } from './world.ts';

const MINUTE = 60_000;

/** The calendar that a resource is about; null for the whole mailbox. */
export function watchedCalendar(resource: string, account: Account, world: World, settings: Settings): string | null {
  const match = /^\/?(?:me|users\/([^/]+))\/(?:calendars\/([^/]+)\/)?events(?:\/(.+))?$/.exec(resource);
  if (!match) throw invalid(`The resource is not supported: ${resource}`);
  const [, user, encoded, event] = match;
  if (event !== undefined) throw invalid('A single event cannot be subscribed to.');
  if (user !== undefined && ![account.email, account.objectId].includes(decoded(user).toLowerCase())) {
    throw new GraphError(403, 'ExtensionError', { message: 'Access to the mailbox is denied.' });
  }
  if (encoded === undefined) {
    return settings.meEventsCoversAll ? null : world.defaultCalendar(account)?.id ?? null;
  }
  const isEncoded = encoded !== decoded(encoded);
  if (isEncoded && settings.encodedResource === 'refused') throw new GraphError(404, 'ErrorItemNotFound');
  const calendar = world.calendars.get(decoded(encoded));
  if (!calendar || calendar.deleted || calendar.account !== account.email) {
    throw new GraphError(404, 'ErrorItemNotFound');
  }
  if (calendar.owner.address !== account.email) {
    throw new GraphError(403, 'ExtensionError', { message: 'The calendar of another person cannot be watched.' });
  }
  return calendar.id;
}

/** Beyond the maximum is refused, below the minimum raised. */
export function expiryOf(value: unknown, now: number, settings: Settings): number {
  const asked = typeof value === 'string' ? Date.parse(/[Zz]|[+-]\d\d:\d\d$/.test(value) ? value : `${value}Z`) : NaN;
  const { maxSubscriptionMinutes, minSubscriptionMinutes } = settings;
  if (Number.isNaN(asked) || asked <= now) throw invalid('expirationDateTime is not in the future.');
  if (asked - now > maxSubscriptionMinutes * MINUTE) {
    throw invalid(`A subscription can only last ${maxSubscriptionMinutes} minutes.`);
  }
  return Math.max(asked, now + minSubscriptionMinutes * MINUTE);
}

/** Graph wants https; on this machine there is no certificate to have. */
export function allowedUrl(address: string): string {
  const url = URL.parse(address);
  const local = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (!url || (url.protocol !== 'https:' && !local)) throw invalid(`The notification address is not valid: ${address}`);
  return address;
}

export function invalid(message: string): GraphError {
  return new GraphError(400, 'InvalidRequest', { message });
}
