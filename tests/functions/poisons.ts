/**
 * What one row, text, person or calendar can do, for the matrix of `blast_radius.ts`: a new kind joins by its line here. Each
 * says at which steps it exists, how it gets there, what its person reads meanwhile, and what has to happen after it.
 */
import type { BlastWorld, Told } from './blast_world.ts';
import type { SyncStep } from './sync_steps.ts';

/** A poison at one step. */
export interface Dose {
  /** How many claims of its own it brings, beyond a few: one for each entry at most, since each is announced. */
  readonly brings?: number;
  /** Puts it in place and brings its practice's connection to the step. */
  readonly put: (world: BlastWorld) => Promise<unknown>;
  /** What its person sees. */
  readonly shows: (told: Told, world: BlastWorld) => boolean | Promise<boolean>;
  /** Takes it away; its person does what they are asked to. */
  readonly remove: (world: BlastWorld) => Promise<unknown>;
}

export interface Poison {
  readonly name: string;
  /** The steps at which `npm test` tries it. */
  readonly telling: readonly string[];
  /** Null where it does not exist. `scale`: 1 in full, less where there is little time. */
  readonly at: (step: SyncStep, scale: number) => Dose | null;
}

const isAt = (step: SyncStep, ...names: string[]) => names.includes(`${step.direction} ${step.name}`);
const isOut = ({ direction }: SyncStep) => direction === 'outbound';
/** Of what is only late: it waits, or it is being read. */
const isWaiting = (told: Told) => told.pending > 0 || told.importing || told.importError !== null;
const arrives = (told: Told) => told.failed === 0 && told.lastError === null && told.importError === null;

export const POISONS: readonly Poison[] = [
  { name: 'row', telling: ['outbound complete', 'inbound finish'], at: row },
  { name: 'text', telling: ['outbound write', 'inbound pull'], at: text },
  { name: 'size', telling: ['outbound claim'], at: size },
  { name: 'token that does not open', telling: ['outbound claim', 'inbound claim'], at: token },
  { name: 'grant that ended', telling: ['outbound write'], at: grant },
  { name: 'key', telling: ['outbound claim'], at: key },
  { name: 'calendar that is gone', telling: ['outbound write'], at: goneCalendar },
  { name: 'calendar that may only be read', telling: [], at: readOnlyCalendar },
  { name: 'calendar that fails', telling: ['inbound pull'], at: failingCalendar },
  { name: 'calendar that hangs', telling: [], at: hangingCalendar },
  { name: 'page with an entry without times', telling: ['inbound pull'], at: timelessEntry },
  { name: 'page of heavy events', telling: ['inbound pull', 'inbound finish'], at: heavyPage },
  { name: 'page that the database refuses', telling: ['inbound stage'], at: refusedEntry },
  { name: 'notices that are forged and repeated', telling: ['inbound notice'], at: forgedNotices },
  { name: 'storm', telling: ['outbound nudge', 'inbound notice'], at: storm },
  { name: 'kill', telling: ['outbound write', 'inbound finish'], at: kill },
  { name: 'two workers at once', telling: ['outbound complete', 'inbound finish'], at: twoWorkers },
];

/** The step raises, for this connection only. */
function row(step: SyncStep): Dose | null {
  if (step.calls) {
    const { name } = step.calls;
    return {
      async put(world) {
        await world.faults.fail(name, await world.poisoned());
        await step.reach(world);
      },
      // That a calendar could not be read once is no news yet.
      shows: async (told, world) => isWaiting(told) || told.lastError !== null || !await world.readsOnceMore(),
      remove: (world) => world.faults.clear(),
    };
  }
  if (isAt(step, 'outbound mark')) {
    let refusal: unknown = null;
    return {
      async put(world) {
        await world.refusesMarks();
        await step.reach(world).catch((error) => refusal = error);
      },
      // The booking itself says so.
      shows: () => refusal !== null,
      async remove(world) {
        await world.takesMarks();
        await step.reach(world);
      },
    };
  }
  if (isAt(step, 'outbound write')) {
    return {
      async put(world) {
        await world.faultForVictim(world.stage.steps.create, { status: 400 });
        await step.reach(world);
      },
      shows: ({ failed }) => failed === 1,
      async remove(world) {
        await world.calm();
        await world.marc.use('sync/retry', { body: {} });
      },
    };
  }
  return null;
}

/** What a host application may have written without our checks, and what a provider sends. */
function text(step: SyncStep): Dose | null {
  if (isAt(step, 'outbound write')) {
    return {
      put: (world) => world.withoutTextChecks(() => world.books({ type: `REDOS${'-'.repeat(100_000)}` })),
      shows: arrives,
      remove: (world) => world.sql`update public.rdv set type = 'Contrôle' where length(type) > 200`,
    };
  }
  if (isAt(step, 'inbound pull')) {
    return {
      async put(world) {
        const description = `a${' '.repeat(40_000)}b`;
        await world.adds({ title: `x\ud83d${'-'.repeat(50_000)}\u0000`, description });
        await world.adds({ title: ' '.repeat(20_000), location: `${'\n'.repeat(20_000)}x` });
      },
      shows: arrives,
      remove: () => Promise.resolve(),
    };
  }
  return null;
}

function size(step: SyncStep, scale: number): Dose | null {
  if (isAt(step, 'outbound claim')) {
    return {
      put: (world) => world.withoutTextChecks(() => world.booksHeavily(Math.ceil(60 * scale), 5_000_000)),
      shows: arrives,
      remove: (world) => world.sql`update public.rdv set notes = null where length(notes) > 10000`,
    };
  }
  if (isAt(step, 'inbound pull', 'inbound stage')) {
    const entries = Math.ceil(30 * scale);
    return {
      brings: entries,
      async put(world) {
        for (let n = 0; n < entries; n++) await world.adds({ description: 'x'.repeat(100_000) });
      },
      shows: arrives,
      remove: () => Promise.resolve(),
    };
  }
  return null;
}

function token(step: SyncStep): Dose | null {
  if (!isAt(step, 'outbound claim', 'inbound claim')) return null;
  return {
    async put(world) {
      await world.sql`update private.credentials set
        refresh_sealed = refresh_sealed || '{"ciphertext": "00", "secret_id": null}',
        access_sealed = access_sealed || '{"ciphertext": "00", "secret_id": null}'
        where integration_id = ${await world.poisoned()}`;
      await step.reach(world);
    },
    shows: ({ status, lastError }) => status === 'reconnect_required' && lastError === 'CREDENTIAL_UNREADABLE',
    remove: (world) => world.marc.connect(world.victim.email),
  };
}

function grant(step: SyncStep): Dose | null {
  if (!isAt(step, 'outbound write', 'inbound pull')) return null;
  return {
    async put(world) {
      await world.emulator.control('revoke', { email: world.victim.email });
      await step.reach(world);
    },
    shows: ({ status, lastError }) => status === 'reconnect_required' && lastError === 'NEED_RECONSENT',
    remove: (world) => world.marc.connect(world.victim.email),
  };
}

/** The key is another one: the tokens that it meets do not open, and no person can help that. */
function key(step: SyncStep): Dose | null {
  if (!isAt(step, 'outbound claim', 'inbound claim')) return null;
  return {
    async put(world) {
      await world.foreignKey();
      await step.reach(world);
    },
    shows: (told) => told.status === 'connected' && isWaiting(told),
    remove: (world) => world.rightKey(),
  };
}

/** Something happens to a second calendar that the person chose for this direction. */
function secondCalendar(
  step: SyncStep,
  spoil: (world: BlastWorld) => Promise<unknown>,
  shows: Dose['shows'],
  mend = (world: BlastWorld): Promise<string> => Promise.resolve(world.victim.calendar),
): Dose {
  const setting = isOut(step) ? 'calendar_target_id' : 'calendar_source_id';
  return {
    async put(world) {
      await world.settings(world.marc, { [setting]: world.victim.second });
      await world.quiet();
      await spoil(world);
      await (isOut(step) ? step.reach(world) : world.readsAgain());
    },
    shows,
    remove: async (world) => await world.settings(world.marc, { [setting]: await mend(world) }),
  };
}

function goneCalendar(step: SyncStep): Dose | null {
  if (!isAt(step, 'outbound write', 'inbound pull')) return null;
  return secondCalendar(
    step,
    ({ stage, emulator, victim }) => stage.deleteCalendar(emulator, victim.second),
    ({ lastError, importError }) => [lastError, importError].includes('CALENDAR_NOT_FOUND'),
  );
}

function readOnlyCalendar(step: SyncStep): Dose | null {
  if (!isAt(step, 'outbound write')) return null;
  return secondCalendar(
    step,
    ({ stage, emulator, victim }) => stage.makeReadOnly(emulator, victim, victim.second),
    ({ lastError }) => lastError === 'CALENDAR_READ_ONLY',
    // Elsewhere it would leave events behind that it may not remove.
    async ({ stage, emulator, victim }) => {
      await stage.makeWritable(emulator, victim, victim.second);
      return victim.second;
    },
  );
}

function failingCalendar(step: SyncStep): Dose | null {
  return step.asks ? troubled(step.asks, step, { html5xx: 500 }) : null;
}

function hangingCalendar(step: SyncStep): Dose | null {
  return step.asks ? troubled(step.asks, step, { timeout: true }) : null;
}

function troubled(asks: NonNullable<SyncStep['asks']>, step: SyncStep, action: object): Dose {
  return {
    async put(world) {
      await world.faultForVictim(world.stage.steps[asks], action);
      await step.reach(world);
    },
    // A calendar that cannot be watched is polled: nothing is amiss but the announcements.
    shows: (told) => isWaiting(told) || (asks === 'watch' && told.push !== 'live'),
    remove: (world) => world.calm(),
  };
}

function timelessEntry(step: SyncStep): Dose | null {
  if (!isAt(step, 'inbound pull')) return null;
  let id = '';
  return {
    async put(world) {
      await world.faultForVictim(world.stage.steps.list, { entriesLack: ['start', 'end'] });
      ({ id } = await world.adds());
    },
    shows: ({ entriesFailed }) => entriesFailed > 0,
    async remove(world) {
      await world.calm();
      await world.edits(id, { title: 'De nouveau' });
    },
  };
}

function heavyPage(step: SyncStep, scale: number): Dose | null {
  if (!isAt(step, 'inbound pull', 'inbound stage', 'inbound finish')) return null;
  const entries = Math.ceil(1700 * scale);
  return {
    brings: entries,
    async put(world) {
      await world.fills(entries);
      if (step.calls) await world.faults.hold(step.calls.name, await world.poisoned());
      await world.readsAgain();
      if (step.calls) await diesWhereItIsHeld(world, 'import');
    },
    shows: arrives,
    remove: () => Promise.resolve(),
  };
}

function refusedEntry(step: SyncStep): Dose | null {
  if (!isAt(step, 'inbound stage')) return null;
  let id = '';
  return {
    async put(world) {
      await world.sql`alter table private.import_staging drop constraint if exists refused,
        add constraint refused check (title is distinct from 'Irrecevable') not valid`;
      ({ id } = await world.adds({ title: 'Irrecevable' }));
      await world.adds();
    },
    shows: ({ entriesFailed }) => entriesFailed > 0,
    async remove(world) {
      await world.sql`alter table private.import_staging drop constraint refused`;
      await world.edits(id, { title: 'De nouveau' });
    },
  };
}

function forgedNotices(step: SyncStep): Dose | null {
  if (!isAt(step, 'inbound notice')) return null;
  return {
    async put(world) {
      await world.switch({ pushDoubleEvery: 1 });
      await step.reach(world);
      await world.forgesNotices(20);
    },
    shows: arrives,
    remove: (world) => world.switch({ pushDoubleEvery: 0 }),
  };
}

function storm(step: SyncStep, scale: number): Dose | null {
  if (isAt(step, 'outbound nudge')) {
    return {
      async put(world) {
        await world.hangsRequests(Math.ceil(450 * scale), Math.ceil(5000 * scale));
        await step.reach(world);
      },
      shows: (told) => isWaiting(told) || arrives(told),
      remove: () => Promise.resolve(),
    };
  }
  if (isAt(step, 'inbound notice')) {
    return {
      brings: Math.ceil(600 * scale),
      put: (world) => world.editsAtOnce(Math.ceil(600 * scale)),
      shows: arrives,
      remove: () => Promise.resolve(),
    };
  }
  return null;
}

/** The process ends without a word at the step that holds it, and its transaction with it. */
async function diesWhereItIsHeld(world: BlastWorld, name: 'sync' | 'import'): Promise<void> {
  await world.faults.isHeld();
  await world.killFunctions(name);
  await world.endsWhatIsHeld();
  await world.faults.clear();
}

/** A worker is held at the step until its lease is over and a second one has the work; then the first one's call fails. */
function twoWorkers(step: SyncStep): Dose | null {
  if (!step.calls || step.name === 'claim') return null;
  const { name } = step.calls;
  return {
    async put(world) {
      await world.faults.hold(name, await world.poisoned());
      await step.reach(world);
      await world.faults.isHeld();
      await world.faults.passOthers();
      await world.leaseEnds();
    },
    shows: (told) => isWaiting(told) || arrives(told),
    async remove(world) {
      await world.endsWhatIsHeld();
      await world.faults.clear();
    },
  };
}

/** The process ends without a word in the middle of the step, and its transaction with it; of a create only the answer is lost. */
function kill(step: SyncStep): Dose | null {
  const { calls, asks } = step;
  if (!calls && !asks) return null;
  return {
    async put(world) {
      if (calls) {
        await world.faults.hold(calls.name, await world.poisoned());
        await step.reach(world);
        await world.faults.isHeld();
      } else {
        const lost = asks === 'create' ? { loseAnswer: 'timeout' } : { timeout: true };
        await world.faultForVictim(world.stage.steps[asks!], lost, { times: 1 });
        await step.reach(world);
        await world.faultHit();
      }
      await world.killFunctions(isOut(step) ? 'sync' : 'import');
      // A claim is made all the same, and its lease is a dead worker's.
      if (step.name !== 'claim') await world.endsWhatIsHeld();
      await world.faults.clear();
      await world.calm();
    },
    // The database may have ended what the killed process had asked of it.
    shows: (told) => isWaiting(told) || arrives(told),
    remove: () => Promise.resolve(),
  };
}
