/** Scope names: what clients may ask for, their aliases, and what a person reads on the consent page. */
import { FACTS } from './facts.ts';

const ALIASES: Readonly<Record<string, string>> = {
  email: `${FACTS.scopePrefix}userinfo.email`,
  profile: `${FACTS.scopePrefix}userinfo.profile`,
};
const SIGN_IN: readonly string[] = ['openid', ...Object.values(ALIASES)];
const CALENDAR: ReadonlySet<string> = new Set(Object.values(FACTS.methods).flatMap((method) => method.scopes));

const TEXTS: Readonly<Record<string, string>> = {
  'calendar': 'Voir, modifier, partager et supprimer définitivement tous vos agendas',
  'calendar.events': 'Voir et modifier les événements de tous vos agendas',
  'calendar.events.owned': 'Voir et modifier les événements des agendas dont vous êtes propriétaire',
  'calendar.events.readonly': 'Voir les événements de tous vos agendas',
  'calendar.calendarlist.readonly': 'Voir la liste des agendas auxquels vous êtes abonné',
  'calendar.readonly': 'Voir tous vos agendas',
  'calendar.app.created': 'Créer des agendas secondaires et y gérer des événements',
};

/** The scopes of a request, aliases resolved, without doubles; null if one does not exist. */
export function parseScopes(text: string): string[] | null {
  const asked = text.split(/\s+/).filter((scope) => scope !== '').map((scope) => ALIASES[scope] ?? scope);
  const known = asked.every((scope) => SIGN_IN.includes(scope) || CALENDAR.has(scope.replace(FACTS.scopePrefix, '')));
  return known ? [...new Set(asked)] : null;
}

export function isSignIn(scope: string): boolean {
  return SIGN_IN.includes(scope);
}

/** The full name for a full or short one. */
export function fullName(scope: string): string {
  if (ALIASES[scope]) return ALIASES[scope];
  return scope === 'openid' || scope.startsWith(FACTS.scopePrefix) ? scope : FACTS.scopePrefix + scope;
}

export function scopeText(scope: string): string {
  const short = scope.replace(FACTS.scopePrefix, '');
  return TEXTS[short] ?? short;
}

/** Whether granted scopes cover a method that accepts any of `accepted` (short names). */
export function covers(granted: readonly string[], accepted: readonly string[]): boolean {
  return granted.some((scope) => accepted.includes(scope.replace(FACTS.scopePrefix, '')));
}
