/** A log of steps: ids, counts and codes only. */
export type SyncLog = (entry: {
  readonly step: string;
  readonly outcome: 'ok' | 'error';
  readonly level?: 'info' | 'warn' | 'error';
  readonly durationMs?: number;
  readonly fields?: Readonly<Record<string, string | number | boolean | null>>;
  readonly error?: unknown;
}) => void;
