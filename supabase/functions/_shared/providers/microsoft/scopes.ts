/**
 * What the consent page asks for. `profile` brings the claim that names the account, so nothing has to be asked of the
 * user's directory entry. Repeated at every token request: one without `offline_access` may end without a refresh token.
 */
export const REQUESTED_SCOPES: readonly string[] = [
  'openid',
  'profile',
  'email',
  'offline_access',
  'Calendars.ReadWrite',
];

/** What the sync cannot do without. */
const NEEDS = ['calendars.readwrite'];

const RESOURCE = 'https://graph.microsoft.com/';

/** The scopes of a token answer as a sorted set. They come with or without their resource, in any case. */
export function grantedScopes(scope: string): string[] {
  const names = scope.toLowerCase().split(/\s+/).filter((name) => name !== '');
  return [...new Set(names.map((name) => name.startsWith(RESOURCE) ? name.slice(RESOURCE.length) : name))].sort();
}

export function missingScopes(granted: readonly string[]): string[] {
  return NEEDS.filter((name) => !granted.includes(name));
}
