/** Our own nudges, signed in the Standard Webhooks manner by the database, because whatever pg_net sends can be read there. */
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { SyncError } from '../errors.ts';
import type { Environment } from './environment.ts';

/** `NUDGE_SIGNING_SECRET`: `whsec_` and base64. */
export const signingSecretVariable = z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/);

/** @throws {SyncError} `UNAUTHENTICATED`: not signed by us, or not within five minutes of now. */
export type SignatureCheck = (headers: Headers, body: string) => void;

/** Checks a wake-up's signature (Standard Webhooks). `secret`: `whsec_…`, the database's. */
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

/** A function answers a wake-up at once, before it works; one that does not is not there. */
const WAKE_TIMEOUT_MS = 5000;

/** Signs what the database's nudge signs, and sends it itself: nothing of ours then waits behind anything else's. */
export function wakeCall(
  world: { readonly environment: Environment; readonly fetch: typeof fetch; readonly now: () => number },
  functionsUrl: string,
): (functionName: string) => Promise<boolean> {
  return async (functionName) => {
    const secret = signingSecretVariable.safeParse(world.environment.NUDGE_SIGNING_SECRET?.trim());
    if (!secret.success) return false;
    const id = `msg_${crypto.randomUUID().replaceAll('-', '')}`;
    const at = new Date(world.now());
    const body = '{}';
    // Else it runs near whom calls it: a function that a provider's notice woke elsewhere would keep all after it there.
    const region = world.environment.FUNCTIONS_REGION?.trim();
    try {
      const answer = await world.fetch(`${functionsUrl}/${functionName}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(region ? { 'x-region': region } : {}),
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': new Webhook(secret.data).sign(id, at, body),
        },
        body,
        signal: AbortSignal.timeout(WAKE_TIMEOUT_MS),
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  };
}
