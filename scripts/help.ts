/** `npm run help`: what can be run here. A test compares the list with `package.json`. */
import { print } from '../local/terminal.ts';

/** What is written after `npm run`, and what it does. In the order in which a newcomer meets them. */
export const COMMANDS: Readonly<Record<string, string>> = {
  start: 'The whole product on this machine, with an emulated Google and Microsoft. Options: npm start -- --help.',
  help: 'This list.',
  sql: 'Writes the migration that brings the database’s functions to what supabase/sql says.',
  check: 'Format, lint, types, API description, docs and schema. Parts: npm run check -- types lint.',
  fix: 'Formats the sources and writes every generated file again. Parts: npm run fix -- format.',
  test: 'Every test, as CI runs them. One file: npm test -- tests/database/queue.test.ts; one test: -t "its name".',
  'test:unit': 'The tests that need neither a server nor a browser, in seconds.',
  'test:database': 'Tables, policies and SQL functions, on a real Postgres.',
  'test:functions': 'The Edge Functions over HTTP, on Postgres and the emulators.',
  'test:contract': 'The promises of the port, held by each adapter against its emulator.',
  'test:emulators': 'The emulators, against what is documented of Google Calendar and Microsoft Graph.',
  'test:local': 'The stand-in for Supabase: pg_net, pg_cron, pgsodium, the processes.',
  'test:browser': 'The page in Chromium, on the whole product. Leaves pictures in tests/browser/screenshots.',
  'test:simulation': 'Both sides change against each other at random, and must come to agree.',
  coverage: 'Which lines of the functions the unit and contract tests reach: a table, and pages in coverage/.',
  build: 'The page, to web/dist.',
  openapi: 'Writes docs/openapi.json from the routes.',
  bench:
    'What the product costs, as ratios. Options: -- --quick, --only a,b, --provider google, --calendars n, --json f.',
  capacity: 'How many practices that carries, and what they cost a month: docs/capacity.md. With -- --write, there.',
  simulate: 'The simulation for long: npm run simulate -- 15000.',
  uninstall: 'Takes the sync out of a practice app that adopted it, events first: docs/adopt.md.',
  chaos: 'Functions killed at their CPU limit, until everything is in step.',
  blast: 'Every kind of poison at every step of the sync, in about five minutes.',
  release: 'Makes the next version from what the commits tell people: CHANGELOG.md, package.json. Commits nothing.',
  pictures: 'Takes the pictures of the README anew, from the running product.',
  deploy: 'Brings this repository to a hosted project; --dry-run only looks: docs/deploy.md.',
  doctor: 'Whether a deployment is as it has to be, and the one thing to do where not: docs/doctor.md.',
};

if (import.meta.main) {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  for (const [name, sentence] of Object.entries(COMMANDS)) print(`npm run ${name.padEnd(width)}  ${sentence}`);
}
