/**
 * Plays many more schedules of the convergence simulation than a test run does:
 * `npm run simulate -- [schedules] [seed] [--provider google|microsoft]`. Each core has a database of its own. Says of each
 * schedule that ends badly how to play it again, goes on with others, and ends with 1.
 */
import { parseArgs } from 'node:util';
import { print, warn } from '../local/terminal.ts';
import { isProviderName, type ProviderName, simulate, startSimulation } from '../tests/simulation/simulate.ts';
import { undrawnTransitions } from '../tests/simulation/transitions.ts';

const PART = 250;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { provider: { type: 'string', default: 'google' } },
});
const [schedules = '50000', seed = String(Date.now() % 1_000_000_000), share] = positionals;
const { provider } = values;
if (!isProviderName(provider)) throw new TypeError(`No provider ${provider}`);

if (share === undefined) await oversee(Number(schedules), Number(seed), provider);
else await play(Number(schedules), Number(seed), provider);

/** One process a core. */
async function oversee(total: number, first: number, provider: ProviderName): Promise<void> {
  const cores = Math.max(1, navigator.hardwareConcurrency);
  const each = Math.ceil(total / cores / PART) * PART;
  print(`${each * cores} schedules at ${provider} on ${cores} cores, seeds from ${first}`);
  const children = Array.from({ length: cores }, (_, at) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...['run', '-A', import.meta.filename!, '--provider', provider],
        ...[each, first + at * 10_000, at].map(String),
      ],
    }).spawn());
  const statuses = await Promise.all(children.map(({ status }) => status));
  Deno.exit(statuses.every(({ success }) => success) ? 0 : 1);
}

async function play(total: number, first: number, provider: ProviderName): Promise<void> {
  const simulation = await startSimulation(provider);
  const startedAt = performance.now();
  let violations = 0;
  for (let played = 0; played < total; played += PART) {
    try {
      await simulate(simulation, { schedules: PART, seed: first + played / PART });
    } catch (error) {
      violations += 1;
      warn(error instanceof Error ? error.message : String(error));
    }
    const perSecond = (played + PART) / ((performance.now() - startedAt) / 1000);
    print(`${played + PART} of ${total} schedules, ${violations} violations (${perSecond.toFixed(1)} a second)`);
  }
  const undrawn = await undrawnTransitions(simulation.parts.database.sql);
  for (const transition of undrawn) warn(`docs/states.md does not draw ${transition}`);
  await simulation.stop();
  Deno.exit(violations + undrawn.length > 0 ? 1 : 0);
}
