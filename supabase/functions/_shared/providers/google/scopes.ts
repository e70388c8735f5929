const PREFIX = 'https://www.googleapis.com/auth/';

/** What the consent page asks for: the least that writes events and lists calendars, and who the account is. */
export const REQUESTED_SCOPES: readonly string[] = [
  'openid',
  'email',
  `${PREFIX}calendar.events`,
  `${PREFIX}calendar.calendarlist.readonly`,
];

/**
 * Each need with every scope that covers it. `calendar.events.owned` is no cover: calendars shared with the user stay
 * out.
 */
const NEEDS: ReadonlyArray<readonly string[]> = [
  ['calendar.events', 'calendar'],
  ['calendar.calendarlist.readonly', 'calendar.calendarlist', 'calendar.readonly', 'calendar'],
];

/** The scopes of a token answer as a sorted set. Google's scopes are case-sensitive. */
export function grantedScopes(scope: string): string[] {
  return [...new Set(scope.split(/\s+/).filter((name) => name !== ''))].sort();
}

/** The requested scopes whose need no granted scope covers: what the user unticked on the consent page. */
export function missingScopes(granted: readonly string[]): string[] {
  const has = new Set(granted);
  return NEEDS.filter((covers) => !covers.some((name) => has.has(PREFIX + name)))
    .map(([requested]) => `${PREFIX}${requested}`);
}
