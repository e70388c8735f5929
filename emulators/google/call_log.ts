/** What a call of this emulator notes beside what every emulator notes. */
import type { LoggedCall as Noted } from '../core/call_log.ts';

export interface LoggedCall extends Noted {
  /** As sent by the caller; null when absent. */
  readonly sendUpdates: string | null;
  readonly units: number;
}
