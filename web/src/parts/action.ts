import { useState } from 'preact/hooks';
import { tellFailure } from './notices.tsx';

/**
 * Something that takes a while when a person asks for it: tells failures in a notice, and says whether it went well.
 * @param step names the action in the technical details
 */
export function useAction(
  step: string,
): readonly [busy: boolean, run: (action: () => Promise<unknown>) => Promise<boolean>] {
  const [busy, setBusy] = useState(false);
  const run = async (action: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await action();
      return true;
    } catch (error) {
      tellFailure(error, step);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return [busy, run];
}
