/** Whose appointments and events the calendar shows, in the one order that holds everywhere. */
import { initialsOfAll } from '../parts/person.ts';
import type { Member } from './rows.ts';

/** In an address and among columns: what belongs to no member. */
export const UNASSIGNED = 'none';

export interface Person {
  /** A member's id, or `UNASSIGNED`. */
  readonly id: string;
  readonly userId: string | null;
  readonly name: string;
  readonly initials: string;
  readonly color: number;
  readonly practises: boolean;
  /** Place in the order of all. */
  readonly rank: number;
}

/** All people of the practice, by name. */
export function peopleOf(members: readonly Member[], locale: string): Person[] {
  const { compare } = new Intl.Collator(locale);
  const sorted = [...members].sort((a, b) => compare(a.display_name, b.display_name) || (a.id < b.id ? -1 : 1));
  const initials = initialsOfAll(sorted);
  return sorted.map(({ id, user_id, display_name, color, role }, rank) => ({
    id,
    userId: user_id,
    name: display_name,
    initials: initials[rank]!,
    color,
    practises: role !== 'secretary',
    rank,
  }));
}

/** Who can be chosen: those who practise, and others who have something in the period. */
export function listedPeople(
  people: readonly Person[],
  counts: ReadonlyMap<string, number>,
  unassigned: string,
): Person[] {
  const listed = people.filter(({ id, practises }) => practises || counts.has(id));
  if (!counts.has(UNASSIGNED)) return listed;
  const nobody = { id: UNASSIGNED, userId: null, name: unassigned, initials: '—', color: 0, practises: false };
  return [...listed, { ...nobody, rank: people.length }];
}

/** What a click on a person's chip leaves chosen; null is all. */
export function toggled(chosen: readonly string[] | null, id: string, listed: readonly Person[]): string[] | null {
  const before = chosen ?? [];
  const after = listed.map((one) => one.id).filter((one) => one === id ? !before.includes(id) : before.includes(one));
  return after.length === 0 || after.length === listed.length ? null : after;
}
