/** A provider's emulator behind its socket: its controls, and people's own requests. */
import type { Stack } from '../../local/stack.ts';
import { google, microsoft, type ProviderName } from './person.ts';

// deno-lint-ignore no-explicit-any
export type Json = any;

export interface Emulator {
  readonly url: string;
  control(route: string, body?: unknown): Promise<Json>;
}

export function emulatorOf(stack: Stack, name: ProviderName): Emulator {
  const steer = name === 'google' ? google : microsoft;
  return { url: stack[name].url, control: (route, body) => steer(stack, route, body) };
}

/** A request that a person makes in the provider's own pages: no limits, no faults. */
export async function asPerson(
  emulator: Emulator,
  email: string,
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Json> {
  const { access_token } = await emulator.control('token', { email });
  const answer = await fetch(`${emulator.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json', ...options.headers },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}
