/** In which practices a person is. */
import { z } from 'zod';
import type { Rpc } from './rpc.ts';

const ids = z.array(z.guid());

/** Ids, in the order of the practices' names. */
export function practicesOf(rpc: Rpc, userId: string): Promise<string[]> {
  return rpc('practices_of', { p_user: userId }, ids);
}
