/** A value as a row of a composite type of the database: its keys under the names of the columns, what they hold as it is. */
export function columns(value: object): Record<string, unknown> {
  const named = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [named(key), held]));
}
