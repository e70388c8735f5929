/**
 * What a person is typing, kept in this tab until it is saved or given up: neither a reload nor a session that ends loses it.
 * It goes with the tab, and when its person signs out. A browser that forbids storage keeps nothing.
 */
import type { Membership } from '../backend/members.ts';

/** A person in a practice: to another one a draft is nothing. */
type Owner = Pick<Membership, 'memberId'>;

const PREFIX = 'cassius.draft.';

/** Storage may be forbidden or full. */
function tried<T>(act: () => T, otherwise: T): T {
  try {
    return act();
  } catch {
    return otherwise;
  }
}

export function keepDraft(name: string, { memberId }: Owner, draft: unknown): void {
  tried(() => sessionStorage.setItem(PREFIX + name, JSON.stringify({ memberId, draft })), undefined);
}

export function dropDraft(name: string): void {
  tried(() => sessionStorage.removeItem(PREFIX + name), undefined);
}

/** Null where there is none; one of another person is forgotten. */
export function readDraft<T>(name: string, { memberId }: Owner): T | null {
  const kept = tried(() => JSON.parse(sessionStorage.getItem(PREFIX + name) ?? 'null'), null);
  if (kept?.memberId === memberId) return kept.draft;
  dropDraft(name);
  return null;
}

/** Their person leaves. */
export function dropDrafts(): void {
  const names = tried(() => Object.keys(sessionStorage), []);
  for (const name of names) if (name.startsWith(PREFIX)) dropDraft(name.slice(PREFIX.length));
}
