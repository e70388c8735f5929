/** The shape of every refusal of the API. The provider's own code comes under its own name (`googleCode`, …). */
import * as z from 'zod/mini';

export const refusal = z.looseObject({
  error: z.string(),
  step: z.string(),
  message: z.string(),
  requestId: z.string(),
});
export type Refusal = z.infer<typeof refusal>;
