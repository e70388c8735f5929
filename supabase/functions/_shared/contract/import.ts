/** Answers of the import routes. Instants are ISO 8601 strings; `start` and `end` of a whole day are `YYYY-MM-DD`. */
import * as z from 'zod/mini';

const text = z.nullable(z.string());
const counts = {
  created: z.number(),
  updated: z.number(),
  skipped: z.number(),
  cancelled: z.number(),
  failed: z.number(),
};

export const importItem = z.object({
  eventId: z.string(),
  rdvId: text,
  action: z.string(),
  reason: text,
  summary: text,
  start: text,
  end: text,
  allDay: z.nullable(z.boolean()),
});
export type ImportItem = z.infer<typeof importItem>;

/** `POST import`, whether it wrote or only previewed. */
export const importSummary = z.object({
  ...counts,
  /** `id` is null in a preview: nothing was opened. */
  conflicts: z.array(z.object({ id: text, reason: z.string(), externalId: text, rdvId: text })),
  failures: z.array(z.object({ eventId: z.string(), code: z.string() })),
  /** Of a preview: what would happen, as far as it is shown. */
  items: z.optional(z.array(importItem)),
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

export const importStatus = z.object({
  enabled: z.boolean(),
  running: z.nullable(z.object({ runId: z.string(), pages: z.number(), events: z.number() })),
  lastImportAt: text,
  last: z.nullable(z.object({
    runId: z.string(),
    mode: z.string(),
    trigger: z.string(),
    startedAt: z.string(),
    finishedAt: text,
    window: z.nullable(z.object({ from: text, to: text })),
    summary: z.object({ ...counts, conflicts: z.number() }),
    /** Code of what ended it early. */
    error: text,
  })),
  /** Code of why the calendar cannot be read, since the last reading failed. */
  error: text,
  nextAt: text,
  /** Whether the calendar announces its changes, or is read regularly. */
  push: z.enum(['live', 'refused', 'none']),
});
export type ImportStatus = z.infer<typeof importStatus>;
