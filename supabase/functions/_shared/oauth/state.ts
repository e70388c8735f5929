/**
 * The `state` of a consent: `id.expiry.signature`. The signature refuses forgeries without asking the database; the row kept
 * under the state's hash makes it single-use and holds what belongs to it.
 *
 * Its companion, the flow token, is made from the state with the same secret. It is worth something in one place alone, the
 * cookie of the browser that began the consent: that person can read it, so it proves nothing about the one who consents.
 */
import { decodeBase64url, encodeBase64url, randomToken } from './base64url.ts';

/** A consent page is answered in minutes; some of its errors never come back. */
export const STATE_TTL_SECONDS = 600;

/** How long a held code waits for its person: providers' codes live about as long. */
export const CONFIRM_TTL_SECONDS = 300;

export interface StateSigner {
  issue(): Promise<{ state: string; flow: string }>;
  /** False for a state that was not signed here for this provider, or that has expired. */
  isValid(state: string): Promise<boolean>;
  /** Compares in constant time. */
  isFlowOf(flow: string, state: string): Promise<boolean>;
}

export interface StateSignerOptions {
  /** `OAUTH_STATE_SECRET`. */
  readonly secret: string;
  /** A state of one provider is worth nothing to another. */
  readonly provider: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function stateSigner({ secret, provider, now }: StateSignerOptions): StateSigner {
  const encode = (text: string) => new TextEncoder().encode(text);
  const key = crypto.subtle.importKey('raw', encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);
  const sign = async (purpose: 'state' | 'flow', text: string) =>
    encodeBase64url(
      new Uint8Array(await crypto.subtle.sign('HMAC', await key, encode(`${purpose}|${provider}|${text}`))),
    );
  const verify = async (purpose: 'state' | 'flow', text: string, signature: string) => {
    const bytes = decodeBase64url(signature);
    return bytes !== null &&
      await crypto.subtle.verify('HMAC', await key, bytes, encode(`${purpose}|${provider}|${text}`));
  };
  return {
    async issue() {
      const unsigned = `${randomToken()}.${Math.floor(now() / 1000) + STATE_TTL_SECONDS}`;
      const state = `${unsigned}.${await sign('state', unsigned)}`;
      return { state, flow: await sign('flow', state) };
    },
    async isValid(state) {
      const [, unsigned = '', expiry = '', signature = ''] = /^([\w-]{43}\.(\d{1,12}))\.([\w-]{43})$/.exec(state) ?? [];
      return await verify('state', unsigned, signature) && Number(expiry) * 1000 > now();
    },
    isFlowOf: (flow, state) => verify('flow', state, flow),
  };
}

/** Hex SHA-256: what the database keeps of a state, and of the secret that confirms. */
export async function hashOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
