/** What holds of grants and tokens whichever the provider. */
import { expect, test } from 'vitest';
import { ProviderError } from '../../../supabase/functions/_shared/providers/port/failure.ts';
import type { OAuthProvider } from '../../../supabase/functions/_shared/providers/port/provider.ts';
import { html, json, type SentRequest, type Step } from './scripted.ts';

type Completion = Parameters<OAuthProvider['oauth']['completeAuthorization']>[0];

interface Scripting {
  scripted(...steps: Step[]): { readonly provider: OAuthProvider; readonly sent: readonly SentRequest[] };
  /** The answer of the token endpoint, with members changed. */
  token(more: Record<string, unknown>): unknown;
  readonly answer: Completion;
}

/** The provider error that a promise ends with. */
export async function failure(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.then(() => null, (fault) => fault);
  if (!(error instanceof ProviderError)) throw new Error('No provider error', { cause: error });
  return error;
}

export function promisesOfExchange(
  { scripted, token, answer }: Scripting,
  idToken: (claims: Record<string, unknown>) => string,
  unacceptable: ReadonlyArray<readonly [what: string, claims: Record<string, unknown>]>,
): void {
  const refusal = async (body: unknown) =>
    (await failure(scripted(json(200, body)).provider.oauth.completeAuthorization(answer))).code;

  test.each<readonly [what: string, claims: Record<string, unknown>]>([
    ['another client', { aud: 'somebody.else' }],
    ['a token of yesterday', { exp: Date.parse('2026-11-20T08:00:00Z') / 1000 }],
    ...unacceptable,
  ])('refuses an identity token with %s', async (_, claims) => {
    expect(await refusal(token({ id_token: idToken(claims) }))).toBe('UNEXPECTED_RESPONSE');
  });

  test.each([
    ['no identity token', { id_token: undefined }],
    ['an identity token that is none', { id_token: 'a.b.c' }],
    ['no scope', { scope: undefined }],
    ['no lifetime', { expires_in: undefined }],
    ['no access token', { access_token: '' }],
  ])('never takes an answer with %s for a success', async (_, more) => {
    expect(await refusal(token(more))).toBe('UNEXPECTED_RESPONSE');
  });
}

export function promisesOfRefresh({ scripted }: Pick<Scripting, 'scripted'>): void {
  test.each([
    ['a 503', json(503, { error: 'internal_failure' })],
    ['a page', html(502)],
    ['a page with 400', html(400)],
    ['a connection that fails', new TypeError('connection refused')],
  ])('asks once and proves nothing with %s', async (_, step) => {
    const { provider, sent } = scripted(step);
    expect((await failure(provider.oauth.refresh('r1'))).code).toBe('PROVIDER_UNAVAILABLE');
    expect(sent).toHaveLength(1);
  });
}

/** `refused` is an answer of the token endpoint, `secret` what no error may hold. */
export function keepsSecrets({ scripted, answer }: Omit<Scripting, 'token'>, refused: unknown, secret: string): void {
  test('no error carries the client secret, a code or a token', async () => {
    const secrets = [secret, 'r1-token', answer.code, answer.codeVerifier];
    const faults = [json(400, refused), json(200, {}), html(503), new TypeError(secrets.join(' '))];
    for (const fault of faults) {
      const copy = fault instanceof Response ? fault.clone() : fault;
      const errors = [
        await failure(scripted(fault).provider.oauth.refresh('r1-token')),
        await failure(scripted(copy).provider.oauth.completeAuthorization(answer)),
      ];
      for (const error of errors) {
        const told = JSON.stringify([error.message, error.context, String(error.cause), error.stack]);
        for (const word of secrets) expect(told).not.toContain(word);
        expect(error.cause).toBeUndefined();
      }
    }
  });
}
