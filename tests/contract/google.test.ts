import type { Settings } from '../../emulators/google/settings.ts';
import { googleCan, googleHarness } from './google_harness.ts';
import { describeProvider } from './provider_contract.ts';

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
