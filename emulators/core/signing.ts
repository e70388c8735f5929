/** ID tokens signed with RS256, and the key set to check them with. */
import type { JsonObject } from './answers.ts';

const KEY_ID = 'emulator-1';

let pair: Promise<CryptoKeyPair> | null = null;

/** One signing key for the process, made when first needed: making one takes longer than a test should. */
function keys(): Promise<CryptoKeyPair> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  };
  return pair ??= crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;
}

export class IdTokens {
  async sign(claims: JsonObject): Promise<string> {
    const { privateKey } = await keys();
    const head = encode(new TextEncoder().encode(JSON.stringify({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' })));
    const body = encode(new TextEncoder().encode(JSON.stringify(claims)));
    const signed = new TextEncoder().encode(`${head}.${body}`);
    return `${head}.${body}.${
      encode(new Uint8Array(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, signed)))
    }`;
  }

  /** The claims of a token that this key signed; null for any other. */
  async verify(token: string): Promise<JsonObject | null> {
    const [head, body, signature] = token.split('.');
    if (!head || !body || !signature) return null;
    const { publicKey } = await keys();
    try {
      const signed = new TextEncoder().encode(`${head}.${body}`);
      const good = await crypto.subtle.verify('RSASSA-PKCS1-v1_5', publicKey, decode(signature), signed);
      return good ? JSON.parse(new TextDecoder().decode(decode(body))) : null;
    } catch {
      return null;
    }
  }

  async keySet(): Promise<JsonObject> {
    const { publicKey } = await keys();
    const { kty, n, e } = await crypto.subtle.exportKey('jwk', publicKey);
    return { keys: [{ kty, n, e, alg: 'RS256', use: 'sig', kid: KEY_ID }] };
  }
}

/** base64url without padding. */
export function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}
