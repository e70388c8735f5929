/** What a fault rule of this emulator may do. The README describes the format. */
import { type FaultRule as Rule, Faults } from '../core/faults.ts';
import { type Misbehaviour, MISBEHAVIOURS } from '../core/misbehave.ts';

export interface FaultAction extends Misbehaviour {
  readonly domain?: string;
  readonly form?: 'errors' | 'details' | 'both';
  /** Which quota the details name: `defaultPerMinutePerProject` is all accounts'. */
  readonly quotaLimit?: string;
}

export type FaultRule = Rule<FaultAction>;

export function newFaults(): Faults<FaultAction> {
  return new Faults<FaultAction>(new Set([...MISBEHAVIOURS, 'domain', 'form', 'quotaLimit']));
}
