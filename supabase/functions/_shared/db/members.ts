/** In which practices a person is, and as what. */
import { z } from 'zod';
import type { Rpc } from './rpc.ts';

const contexts = z.array(z.object({
  organisationId: z.guid(),
  organisationName: z.string(),
  memberId: z.guid(),
  role: z.enum(['admin', 'practitioner', 'secretary']),
  timezone: z.string(),
  displayName: z.string().nullable(),
}));
export type MemberContext = z.infer<typeof contexts>[number];

export function memberContexts(rpc: Rpc, userId: string): Promise<MemberContext[]> {
  return rpc('member_contexts', { p_user: userId }, contexts);
}
