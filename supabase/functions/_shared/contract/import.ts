/** Answers of the import routes. Instants are ISO 8601 strings; `start` and `end` of a whole day are `YYYY-MM-DD`. */
import * as z from 'zod/mini';
import { CONFLICT_REASONS, ITEM_ACTIONS, ITEM_REASONS, PUSH_STATES, RUN_MODES, RUN_TRIGGERS } from '../vocabulary.ts';
import { errorCode } from './refusal.ts';

const text = z.nullable(z.string());
const counts = {
  created: z.int(),
  updated: z.int(),
  skipped: z.int(),
  cancelled: z.int(),
  failed: z.int(),
};

export const importItem = z.object({
  eventId: z.string(),
  rdvId: text,
  action: z.enum(ITEM_ACTIONS),
  /** A word of the journal, or the code of an error. */
  reason: z.nullable(z.union([z.enum(ITEM_REASONS), errorCode])),
  summary: text,
  start: text,
  end: text,
  allDay: z.nullable(z.boolean()),
});
export type ImportItem = z.infer<typeof importItem>;

/** `id` is null in a preview: nothing was opened. */
export const importConflict = z.object({ id: text, reason: z.enum(CONFLICT_REASONS), externalId: text, rdvId: text });
export type ImportConflict = z.infer<typeof importConflict>;
/** An entry that could not be taken over. Its id begins with `?` where the calendar gave none. */
export const importFailure = z.object({ eventId: z.string(), code: errorCode });
export type ImportFailure = z.infer<typeof importFailure>;

/** Answer of `POST import`, whether it wrote or only previewed. */
export const importSummary = z.object({
  ...counts,
  conflicts: z.readonly(z.array(importConflict)),
  failures: z.readonly(z.array(importFailure)),
  /** Of a preview: what would happen, as far as it is shown. */
  items: z.optional(z.readonly(z.array(importItem))),
  runId: z.string(),
  /** Names these very decisions: an import that carries it is refused if the calendar moved meanwhile. */
  fingerprint: text,
  /**
   * Not over yet: it waits its turn, or goes on by itself. An import's outcome shows in the status; the same preview, asked for
   * again, joins the one under way.
   */
  remaining: z.boolean(),
});
export type ImportSummary = z.infer<typeof importSummary>;

/** Answer of `runs/:id/undo`: how much of what the import did here was put back, and what was not. */
export const importUndone = z.object({
  created: z.int(),
  updated: z.int(),
  cancelled: z.int(),
  /** `changed`: it is no longer as the import left it. `gone`: it is not here any more. */
  kept: z.array(z.object({
    eventId: text,
    rdvId: text,
    action: z.enum(ITEM_ACTIONS),
    reason: z.enum(['changed', 'gone']),
  })),
  /** The calendar is no longer imported by itself: the next reading would have brought it all again. */
  importEnded: z.boolean(),
});
export type ImportUndone = z.infer<typeof importUndone>;

export const runCounts = z.object({ ...counts, conflicts: z.int() });
export type RunCounts = z.infer<typeof runCounts>;

export const importStatus = z.object({
  enabled: z.boolean(),
  running: z.nullable(z.object({ runId: z.string(), pages: z.int(), events: z.int() })),
  lastImportAt: text,
  last: z.nullable(z.object({
    runId: z.string(),
    mode: z.enum(RUN_MODES),
    trigger: z.enum(RUN_TRIGGERS),
    startedAt: z.string(),
    finishedAt: text,
    window: z.nullable(z.object({ from: text, to: text })),
    summary: runCounts,
    /** Code of what ended it early. */
    error: z.nullable(errorCode),
  })),
  /** Code of why the calendar cannot be read, since the last reading failed. */
  error: z.nullable(errorCode),
  nextAt: text,
  /** Whether the calendar announces its changes, or is read regularly. */
  push: z.enum(PUSH_STATES),
});
export type ImportStatus = z.infer<typeof importStatus>;
