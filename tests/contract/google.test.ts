import type { Settings } from '../../emulators/google/settings.ts';
import { googleCan, googleHarness } from './google_harness.ts';
import { describeProvider } from './provider_contract.ts';
import { promisesOfSeries } from './series.ts';

/** Google's ways that no document settles: the adapter keeps its promises under each. */
const WAYS: Readonly<Record<string, Partial<Settings>>> = {
  'as documented': {},
  'with unknown fields and values': { novelties: true },
  'with texts trimmed': { trimTexts: true },
  'with deleted events forbidden': { writeToDeleted: 'forbid', undelete: 'forbid' },
  'with deleted events gone, and shown in full': { writeToDeleted: 'gone', cancelledInLists: 'full' },
  'with short and empty pages, and batches out of order': { pageSizeCap: 2, emptyMiddlePage: true, shuffleBatch: true },
  'with cursors ended as unknown, entries repeated, and cancelled ones among the living': {
    expiredSyncToken: 'invalid',
    repeatEntries: true,
    strayCancelled: true,
  },
};

for (const [way, settings] of Object.entries(WAYS)) {
  describeProvider(`Google ${way}`, googleCan(settings), () => googleHarness(settings));
}

/** Ways that touch some promises only. */
const PARTS: ReadonlyArray<readonly [string, Partial<Settings>, Parameters<typeof describeProvider>[3]]> = [
  ['deleted series told in part', { seriesDeletion: 'part' }, [promisesOfSeries]],
];
for (const [way, settings, promises] of PARTS) {
  describeProvider(`Google with ${way}`, googleCan(settings), () => googleHarness(settings), promises);
}
