/** The secrets of one local stack: made on its first start, kept in its state directory, readable by their owner only. */
import { join } from 'node:path';

export interface StackSecrets {
  readonly adminPassword: string;
  readonly dbPassword: string;
  readonly restPassword: string;
  readonly authPassword: string;
  /** Hex of 32 bytes from which pgsodium's and Vault's keys derive. */
  readonly rootKey: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  /** What the Auth server signs with inside; such a token never leaves the stack. */
  readonly sharedJwtSecret: string;
  /** P-256 pair that signs the tokens users get. */
  readonly signingKey: JsonWebKey;
  readonly oauthStateSecret: string;
  readonly nudgeSigningSecret: string;
  readonly metricsToken: string;
  readonly googleClientId: string;
  readonly googleClientSecret: string;
  readonly microsoftClientId: string;
  readonly microsoftClientSecret: string;
}

export async function loadSecrets(stateDir: string): Promise<StackSecrets> {
  const path = join(stateDir, 'secrets.json');
  let kept: Partial<StackSecrets> = {};
  try {
    kept = JSON.parse(await Deno.readTextFile(path)) as Partial<StackSecrets>;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw new Error(`Cannot read ${path}: ${(error as Error).message}`);
  }
  // A stack that was made before a secret was needed gets that one now.
  const secrets = { ...await newSecrets(), ...kept };
  if (Object.keys(kept).length < Object.keys(secrets).length) await writePrivateJson(path, secrets);
  return secrets;
}

/** Written beside and renamed, so that a crash leaves the old file or the new one. */
export async function writePrivateJson(path: string, value: unknown): Promise<void> {
  const draft = `${path}.${Deno.pid}`;
  await Deno.writeTextFile(draft, JSON.stringify(value, null, 2) + '\n', { mode: 0o600 });
  await Deno.rename(draft, path);
}

async function newSecrets(): Promise<StackSecrets> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  return {
    adminPassword: hex(16),
    dbPassword: hex(16),
    restPassword: hex(16),
    authPassword: hex(16),
    rootKey: hex(32),
    publishableKey: `sb_publishable_${hex(16)}`,
    secretKey: `sb_secret_${hex(16)}`,
    sharedJwtSecret: hex(32),
    signingKey: { ...await crypto.subtle.exportKey('jwk', pair.privateKey), kid: crypto.randomUUID() } as JsonWebKey,
    oauthStateSecret: hex(32),
    nudgeSigningSecret: `whsec_${btoa(String.fromCharCode(...random(32)))}`,
    metricsToken: hex(32),
    googleClientId: `${hex(6)}.apps.googleusercontent.test`,
    googleClientSecret: `GOCSPX-${hex(12)}`,
    microsoftClientId: crypto.randomUUID(),
    microsoftClientSecret: hex(20),
  };
}

function random(bytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

function hex(bytes: number): string {
  return Array.from(random(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
