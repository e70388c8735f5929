/** What a person changes on the calendar page, and how each of it is taken back: to what it was, if nothing moved since. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { asFailure, Failure } from '../backend/failure.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { tellDone, tellFailure } from '../parts/notices.tsx';
import { forgetSteps } from '../parts/undo.ts';
import { discardAppointment, removeAppointment, restoreAppointment, saveAppointment } from './agenda.ts';
import { type BookingGuard, NotBooked } from './booking_guard.tsx';
import type { Change, PendingChanges } from './pending_change.ts';
import type { Appointment, AppointmentRow } from './rows.ts';
import { words } from './words.ts';

interface Parts {
  readonly pending: PendingChanges;
  readonly guard: BookingGuard;
  readonly refresh: () => Promise<void>;
}

export interface Changes {
  /** Shows it at once, asks where it books a practitioner twice, and says how it went. */
  change(appointment: Appointment, fields: Change, done: string, failed: string): Promise<void>;
  /** Says that a form has written these fields. */
  changed(appointment: Appointment, fields: Change, version: string, done: string): void;
  created(appointment: Appointment, done: string): void;
  /** Whether it was deleted. */
  remove(appointment: Appointment): Promise<boolean>;
}

export function useChanges(parts: Parts): Changes {
  const { backend: { db } } = useWorkspace();
  // What is taken back later is so with what is shown then.
  const latest = useRef(parts);
  latest.current = parts;
  useEffect(() => forgetSteps, []);

  return useMemo(() => {
    const versions = versionsOf();

    /** @param failed what a failure to write it begins with */
    const write = async (appointment: Appointment, fields: Change): Promise<{ fields: Change; version: string }> => {
      const { pending, guard } = latest.current;
      try {
        let version = '';
        await pending.apply(appointment.id, fields, async () => {
          await guard.admit(appointment, fields);
          return version = await saveAppointment(db, appointment, fields);
        });
        return { fields, version };
      } catch (error) {
        if (error instanceof NotBooked && error.instead !== null) return await write(appointment, error.instead);
        throw error;
      }
    };

    const takingBack = (take: () => Promise<void>) => async () => {
      try {
        await take();
        tellDone(words.undo.done);
      } catch (error) {
        if (!(error instanceof NotBooked)) tellFailure(undoFailure(error), 'appointments.undo');
      }
      await latest.current.refresh();
    };

    const changed = (before: Appointment, fields: Change, version: string, done: string) =>
      tellDone(
        done,
        takingBack(async () => {
          const now = { ...before, ...fields, updated_at: versions.now(before.id, version) };
          const written = await write(now, pick(before, Object.keys(fields) as Array<keyof Change>));
          versions.renew(before.id, before.updated_at, written.version);
        }),
      );

    return {
      changed,
      async change(appointment, fields, done, failed) {
        try {
          const written = await write(appointment, fields);
          changed(appointment, written.fields, written.version, done);
        } catch (error) {
          if (error instanceof NotBooked) return;
          tellFailure(withSentence(asFailure(error, 'appointments.update'), failed), 'appointments.update');
        }
        await latest.current.refresh();
      },
      created: ({ id, updated_at }, done) =>
        tellDone(
          done,
          takingBack(() => discardAppointment(db, { id, updated_at: versions.now(id, updated_at) })),
        ),
      async remove(appointment) {
        let removed: { row: AppointmentRow; version: string };
        try {
          removed = await removeAppointment(db, appointment);
        } catch (error) {
          tellFailure(error, 'appointments.delete');
          return false;
        }
        tellDone(
          words.change.deleted,
          takingBack(async () => {
            const { row, version } = removed;
            versions.renew(row.id, version, await restore(row));
          }),
        );
        return true;
      },
    };

    async function restore(row: AppointmentRow): Promise<string> {
      try {
        await latest.current.guard.admit(row, { status: row.status });
      } catch (error) {
        if (error instanceof NotBooked && error.instead !== null) return await restore({ ...row, ...error.instead });
        throw error;
      }
      return await restoreAppointment(db, row);
    }
  }, [db]);
}

/** Taking one thing back makes a new version of what was before it: what was done before that can then be taken back too. */
function versionsOf() {
  const renewed = new Map<string, string>();
  const now = (id: string, version: string): string => {
    const next = renewed.get(`${id} ${version}`);
    return next === undefined ? version : now(id, next);
  };
  return { now, renew: (id: string, version: string, by: string) => void renewed.set(`${id} ${version}`, by) };
}

function pick(appointment: Appointment, keys: ReadonlyArray<keyof Change>): Change {
  return Object.fromEntries(keys.map((key) => [key, appointment[key]]));
}

const REFUSALS: Readonly<Record<string, string>> = {
  CHANGED_MEANWHILE: words.undo.meanwhile,
  '23505': words.undo.back,
  '23503': words.undo.gone,
};

function undoFailure(error: unknown): Failure {
  const failure = asFailure(error, 'appointments.undo');
  const sentence = REFUSALS[failure.code];
  return sentence === undefined ? withSentence(failure, words.undo.failed) : saying(failure, sentence);
}

function withSentence(failure: Failure, sentence: string): Failure {
  return saying(failure, `${sentence} ${failure.message}`);
}

function saying(failure: Failure, message: string): Failure {
  const { code, step, requestId, providerCode, details } = failure;
  return new Failure(message, { code, step, requestId, providerCode, details, cause: failure });
}
