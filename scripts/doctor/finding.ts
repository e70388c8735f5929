/** One line of the doctor's report. */
export interface Finding {
  /** The name of what was looked at: monitors may go by it. */
  readonly check: string;
  /** `warn`: it works, and will not for ever, or not as well as it could. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** The one thing to do; null where nothing is. */
  readonly todo: string | null;
}

/** All is well, as `says` tells. */
export const well = (check: string, says: string): Finding => ({ check, state: 'ok', says, todo: null });
export const warning = (check: string, says: string, todo: string): Finding => ({ check, state: 'warn', says, todo });
export const failing = (check: string, says: string, todo: string): Finding => ({ check, state: 'fail', says, todo });
