/** Scope names: what clients may ask for, and what a person reads on the consent page. */
const GRAPH_PREFIX = 'https://graph.microsoft.com/';

/** No resource of its own: sign-in and refresh tokens. */
const SIGN_IN = ['openid', 'profile', 'email', 'offline_access'];

const TEXTS: Readonly<Record<string, string>> = {
  'User.Read': 'Vous connecter et lire votre profil',
  'Calendars.Read': 'Lire vos calendriers',
  'Calendars.ReadBasic': 'Lire les éléments de base de vos calendriers',
  'Calendars.ReadWrite': 'Avoir un accès complet à vos calendriers',
  'Calendars.Read.Shared': 'Lire les calendriers auxquels vous avez accès',
  'Calendars.ReadWrite.Shared': 'Lire et écrire les calendriers auxquels vous avez accès',
  'MailboxSettings.Read': 'Lire les paramètres de votre boîte aux lettres',
};

/** The scopes of a request in their canonical short form, without doubles; null if one does not exist. */
export function parseScopes(text: string): string[] | null {
  const asked = text.split(/\s+/).filter((scope) => scope !== '').map(canonical);
  return asked.includes(null) ? null : [...new Set(asked as string[])];
}

/** The short form in its usual spelling; null for a scope that does not exist. */
export function canonical(scope: string): string | null {
  const short = scope.toLowerCase().startsWith(GRAPH_PREFIX) ? scope.slice(GRAPH_PREFIX.length) : scope;
  const all = [...SIGN_IN, ...Object.keys(TEXTS)];
  return all.find((known) => known.toLowerCase() === short.toLowerCase()) ?? null;
}

export function isSignIn(scope: string): boolean {
  return SIGN_IN.includes(scope);
}

export function scopeText(scope: string): string {
  return TEXTS[scope] ?? scope;
}

/** `scope` of a token answer. The qualified form keeps silent about offline_access, as real answers often do. */
export function scopeAnswer(scopes: readonly string[], qualified: boolean): string {
  const named = qualified ? scopes.filter((scope) => scope !== 'offline_access') : scopes;
  return named.map((scope) => (qualified && !isSignIn(scope) ? GRAPH_PREFIX + scope : scope)).join(' ');
}
