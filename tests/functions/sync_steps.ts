/** The steps of the sync, both directions, for the matrix of `blast_radius.ts`: a new one joins by its line here. */
import type { BlastWorld } from './blast_world.ts';
import { timed } from './moments.ts';
import type { Step } from './provider_stage.ts';
import type { WatchedFunction } from './step_faults.ts';

export interface SyncStep {
  readonly name: string;
  readonly direction: 'outbound' | 'inbound';
  /** The function of the database that the step is. */
  readonly calls?: WatchedFunction;
  /** What the step asks of the provider. */
  readonly asks?: Step;
  /** What brings the first practice's connection to this step. */
  readonly reach: (world: BlastWorld) => Promise<unknown>;
}

const OF_RUN = '(select r.integration_id from private.import_runs r where r.id = $2)';
const called = (name: string, connection: string): WatchedFunction => ({ name, connection });
const books = (world: BlastWorld) => world.books();
const adds = (world: BlastWorld) => world.adds();

export const STEPS: readonly SyncStep[] = [
  { name: 'mark', direction: 'outbound', reach: books },
  { name: 'nudge', direction: 'outbound', reach: books },
  { name: 'claim', direction: 'outbound', calls: called('private.lease_lane', '$1'), reach: books },
  { name: 'reserve', direction: 'outbound', calls: called('public.sync_reserve', '$2'), reach: books },
  { name: 'write', direction: 'outbound', asks: 'create', reach: books },
  { name: 'complete', direction: 'outbound', calls: called('public.sync_complete', '$2'), reach: books },
  { name: 'notice', direction: 'inbound', reach: adds },
  { name: 'claim', direction: 'inbound', calls: called('private.start_import', '($1).id'), reach: adds },
  { name: 'pull', direction: 'inbound', asks: 'list', reach: adds },
  { name: 'stage', direction: 'inbound', calls: called('public.import_stage', OF_RUN), reach: adds },
  { name: 'look', direction: 'inbound', asks: 'look', reach: (world) => world.losesItsCursor() },
  {
    name: 'missing',
    direction: 'inbound',
    calls: called('public.import_missing', OF_RUN),
    reach: (world) => world.losesItsCursor(),
  },
  {
    name: 'decide',
    direction: 'inbound',
    calls: called('public.import_ours', OF_RUN),
    reach: (world) => world.moves(timed(20, 17, 18)),
  },
  { name: 'finish', direction: 'inbound', calls: called('public.import_finish', OF_RUN), reach: adds },
  { name: 'watch', direction: 'inbound', asks: 'watch', reach: (world) => world.losesItsChannel() },
];
