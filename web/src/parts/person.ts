/** How a practice tells its people apart at a glance: initials and a colour, the same everywhere. */

/** Colours that a member can have: those of `--person-*` in the style sheet, and of the table's check. */
export const PERSON_COLORS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;

/** As a person in the practice chose to be shown; null initials are made of the name. */
export interface PersonMark {
  readonly display_name: string;
  readonly initials: string | null;
  readonly color: number;
}

const TITLE = /^(?:dr|docteur|pr|prof|professeur|m|mr|mme|mlle|mrs|ms)\.?$/i;
const first = (word: string, count = 1) => [...word].slice(0, count).join('');

function namesOf(name: string): string[] {
  const words = name.trim().split(/\s+/);
  const names = words.filter((word) => !TITLE.test(word));
  return names.length > 0 ? names : words;
}

/** Of the first and the last name, without titles. */
export function initialsOf(name: string): string {
  const names = namesOf(name);
  const last = names.at(-1)!;
  return (names.length === 1 ? first(last, 2) : first(names[0]!) + first(last)).toUpperCase();
}

/** With a letter more of the last name: for two whose initials are the same. */
function longerInitialsOf(name: string): string {
  const names = namesOf(name);
  const [letter = '', next = ''] = names.at(-1)!;
  return names.length === 1 ? initialsOf(name) : (first(names[0]!) + letter).toUpperCase() + next;
}

/** The initials of each, in their order: those they chose, else those of their name, told apart where two would be the same. */
export function initialsOfAll(people: readonly PersonMark[]): string[] {
  const short = people.map(({ initials, display_name }) => initials ?? initialsOf(display_name));
  return people.map(({ initials, display_name }, at) =>
    initials === null && short.some((other, index) => index !== at && other === short[at])
      ? longerInitialsOf(display_name)
      : short[at]!
  );
}
