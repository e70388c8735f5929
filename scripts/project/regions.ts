/** Where the platform runs databases and functions. */

/** London and Zurich begin like the others, and are outside. */
const EUROPEAN_BUT_OUTSIDE: ReadonlySet<string> = new Set(['eu-west-2', 'eu-central-2']);

/** Whether a region is in the European Union: health data elsewhere is a question of law before it is one of speed. */
export const inTheUnion = (region: string) => region.startsWith('eu-') && !EUROPEAN_BUT_OUTSIDE.has(region);

/** Regions in which a function can be asked to run, as documented: databases can be in others. */
const OF_FUNCTIONS: ReadonlySet<string> = new Set([
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'us-east-1',
  'us-west-1',
  'us-west-2',
  'eu-central-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
]);

export const runsFunctions = (region: string) => OF_FUNCTIONS.has(region);

/** Where the functions of a database in `database` run best; null: a person has to say it. */
export function functionsRegion(database: string): string | null {
  if (runsFunctions(database)) return database;
  return inTheUnion(database) ? 'eu-central-1' : null;
}
