import type { Settings } from '../../emulators/microsoft/settings.ts';
import { microsoftCan, microsoftHarness } from './microsoft_harness.ts';
import { describeProvider } from './provider_contract.ts';
import { promisesOfConnecting } from './connecting.ts';
import { promisesOfFollowing } from './following.ts';
import { promisesOfMoving } from './moving.ts';
import { promisesOfReading } from './reading.ts';
import { promisesOfWatching } from './watching.ts';
import { promisesOfWriting } from './writing.ts';

/** Microsoft's ways that no document settles: the adapter keeps its promises under each. */
const WAYS: Readonly<Record<string, Partial<Settings>>> = {
  'as documented': {},
  'with unknown fields and values, and texts trimmed': { novelties: true, trimTexts: true },
  'with repeated creates refused without a name': {
    duplicateTransactionStatus: 409,
    duplicateTransactionNamesEvent: false,
    transactionScope: 'calendar',
  },
  'with keys freed by a deletion, and conditions ignored': {
    transactionFreedByDelete: true,
    ifMatchOnPatch: false,
    ifMatchOnDelete: false,
  },
  'with whole occurrences beside their series, searches over the mailbox, and dead cursors unknown': {
    sparseOccurrences: false,
    deltaShowsMaster: true,
    deltaShowsDeletedOccurrence: true,
    tombstonesOutsideWindow: false,
    tagFilterOnCalendar: 'mailbox',
    deadDelta: '404',
  },
  'with dead cursors sent to a new start, and permissions in full': {
    deadDelta: '410-location',
    scopeForm: 'qualified',
  },
};

for (const [way, settings] of Object.entries(WAYS)) {
  describeProvider(`Microsoft ${way}`, microsoftCan(settings), () => microsoftHarness(settings));
}

/** Ways that touch some promises only. */
const PARTS: ReadonlyArray<readonly [string, Partial<Settings>, Parameters<typeof describeProvider>[3]]> = [
  ['the calendar in the address of an event looked at', { calendarOfEventPath: 'checked' }, [
    promisesOfWriting,
    promisesOfReading,
    promisesOfMoving,
  ]],
  ['events that name a calendar that there is not', { calendarOfEvent: 'stranger' }, [
    promisesOfReading,
    promisesOfMoving,
  ]],
  ['deleted events readable by their immutable id', { deletedStayReadable: true }, [
    promisesOfWriting,
    promisesOfReading,
    promisesOfMoving,
    promisesOfFollowing,
  ]],
  ['encoded resources of subscriptions', { encodedResource: 'accepted' }, [promisesOfWatching]],
  ['searches by tag refused in a calendar', { tagFilterOnCalendar: 'refused' }, [promisesOfWriting]],
  ['new tags found late', { tagSearchDelaySeconds: 5 }, [promisesOfWriting]],
  ['dead cursors as bad requests', { deadDelta: '400' }, [promisesOfFollowing]],
  ['refresh tokens that nobody asked for, and no mail address', { refreshWithoutOffline: true, noMailAddress: true }, [
    promisesOfConnecting,
  ]],
];
for (const [way, settings, promises] of PARTS) {
  describeProvider(`Microsoft with ${way}`, microsoftCan(settings), () => microsoftHarness(settings), promises);
}
