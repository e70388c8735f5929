/** Our own nudges, signed in the Standard Webhooks manner by the database, because whatever pg_net sends can be read there. */
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { SyncError } from '../errors.ts';

/** `NUDGE_SIGNING_SECRET`: `whsec_` and base64. */
export const signingSecretVariable = z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/);

/** @throws {SyncError} `UNAUTHENTICATED`: not signed by us, or not within five minutes of now. */
export type SignatureCheck = (headers: Headers, body: string) => void;

export function signatureCheck(secret: string): SignatureCheck {
  let webhook: Webhook;
  try {
    webhook = new Webhook(secret);
  } catch {
    throw new SyncError('CONFIGURATION_ERROR', 'Read environment: NUDGE_SIGNING_SECRET is invalid', {
      context: { variable: 'NUDGE_SIGNING_SECRET' },
    });
  }
  return (headers, body) => {
    try {
      webhook.verify(body, Object.fromEntries(headers), { jsonParse: false });
    } catch {
      throw new SyncError('UNAUTHENTICATED', 'Verify nudge: the signature is not accepted');
    }
  };
}
