import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  apiWith,
  authorizationQuery,
  authorize,
  connect,
  control,
  EVENTS,
  exchange,
  newEmulator,
  REDIRECT_URI,
  refresh,
  SCOPES,
  send,
} from './visitor.ts';

const PREFIX = 'https://www.googleapis.com/auth/';

describe('consent', () => {
  test('comes back with code and state; the granted scopes are written out in full', async () => {
    const core = newEmulator();
    const back = await authorize(core);
    expect(back.origin + back.pathname).toBe(REDIRECT_URI);
    expect(back.searchParams.get('state')).toBe('state-1');
    const tokens = (await exchange(core, back.searchParams.get('code') ?? '')).body;
    expect(tokens.scope.split(' ').sort()).toEqual(
      [`${PREFIX}calendar.calendarlist.readonly`, `${PREFIX}calendar.events`, `${PREFIX}userinfo.email`, 'openid'],
    );
    expect(tokens).toMatchObject({
      token_type: 'Bearer',
      expires_in: expect.any(Number),
      refresh_token: expect.any(String),
    });
  });

  test('refused comes back as access_denied without a code', async () => {
    const back = await authorize(newEmulator(), { __deny: '1', __approve: null });
    expect(Object.fromEntries(back.searchParams)).toEqual({ error: 'access_denied', state: 'state-1' });
  });

  test('with a scope unticked succeeds, and only the shorter scope says so', async () => {
    const tokens = await connect(newEmulator(), { __scopes: 'calendar.events' });
    expect(tokens.scope).not.toContain('calendarlist');
    expect(tokens.scope).toContain('calendar.events');
  });

  test.each([
    ['client_id', 'other', 401, 'invalid_client'],
    ['redirect_uri', `${REDIRECT_URI}/`, 400, 'redirect_uri_mismatch'],
    ['redirect_uri', REDIRECT_URI.toUpperCase(), 400, 'redirect_uri_mismatch'],
    ['response_type', 'token', 400, 'invalid_request'],
    ['scope', 'calendar.nonsense', 400, 'invalid_scope'],
    ['prompt', 'none consent', 400, 'invalid_request'],
    ['access_type', 'always', 400, 'invalid_request'],
  ])(
    'with a wrong %s (%s) shows an error page and never sends the browser back',
    async (name, value, status, error) => {
      const reply = await send(newEmulator(), `/o/oauth2/v2/auth?${authorizationQuery({ [name]: value })}`);
      expect([reply.status, reply.headers.get('location')]).toEqual([status, null]);
      expect(reply.text).toContain(error);
    },
  );

  test('on the page a person picks the account, unticks a scope and allows', async () => {
    const core = newEmulator();
    const page = await send(core, `/o/oauth2/v2/auth?${authorizationQuery({ __approve: null })}`);
    for (const label of ['claire@gmail.test', 'marc@gmail.test', 'Autoriser', 'Refuser']) {
      expect(page.text).toContain(label);
    }
    expect(page.text.match(/type="checkbox"/g)).toHaveLength(2);
    const request = /name="request" value="([^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const decide = (changes: Record<string, string>) => {
      const form = {
        request,
        account: 'marc@gmail.test',
        scope: `${PREFIX}calendar.events`,
        decision: 'allow',
        ...changes,
      };
      return send(core, '/o/oauth2/v2/auth/decision', { method: 'POST', body: new URLSearchParams(form) });
    };
    const back = new URL((await decide({})).headers.get('location') ?? '');
    const tokens = (await exchange(core, back.searchParams.get('code') ?? '')).body;
    expect(tokens.scope).not.toContain('calendarlist');
    expect(core.state().accounts.map((account) => account.refreshTokens)).toEqual([0, 1]);
    const refused = new URL((await decide({ decision: 'deny' })).headers.get('location') ?? '');
    expect(refused.searchParams.get('error')).toBe('access_denied');
  });

  test('prompt=none never shows a page', async () => {
    const core = newEmulator();
    const silent = { __approve: null, prompt: 'none', login_hint: 'claire@gmail.test' };
    expect((await authorize(core, { ...silent, login_hint: null })).searchParams.get('error')).toBe('login_required');
    expect((await authorize(core, silent)).searchParams.get('error')).toBe('consent_required');
    await connect(core);
    expect((await authorize(core, silent)).searchParams.get('code')).toBeTypeOf('string');
  });

  test('include_granted_scopes widens the grant by what was agreed earlier', async () => {
    const core = newEmulator();
    await connect(core, { scope: `${PREFIX}calendar.calendarlist.readonly` });
    const tokens = await connect(core, { scope: `${PREFIX}calendar.events`, include_granted_scopes: 'true' });
    expect(tokens.scope).toContain('calendarlist');
  });
});

describe('codes', () => {
  test('work once', async () => {
    const core = newEmulator();
    const code = (await authorize(core)).searchParams.get('code') ?? '';
    expect((await exchange(core, code)).status).toBe(200);
    const again = await exchange(core, code);
    expect([again.status, again.body]).toEqual([400, {
      error: 'invalid_grant',
      error_description: 'Malformed auth code.',
    }]);
  });

  test('contain a slash and end after ten minutes', async () => {
    const core = newEmulator();
    const code = (await authorize(core)).searchParams.get('code') ?? '';
    expect(code).toContain('/');
    core.advance(10 * 60_000);
    expect((await exchange(core, code)).body.error).toBe('invalid_grant');
  });

  test('are bound to the redirect address', async () => {
    const core = newEmulator();
    const code = (await authorize(core)).searchParams.get('code') ?? '';
    const reply = await exchange(core, code, { redirect_uri: 'https://other.test/' });
    expect([reply.status, reply.body.error]).toEqual([400, 'redirect_uri_mismatch']);
  });

  test.each(['S256', 'plain', null])('are bound to the PKCE verifier (%s)', async (method) => {
    const core = newEmulator();
    const verifier = 'v'.repeat(43);
    const challenge = method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
    const code = async () =>
      (await authorize(core, { code_challenge: challenge, code_challenge_method: method })).searchParams.get('code') ??
        '';
    expect((await exchange(core, await code())).body.error_description).toBe('Missing code verifier.');
    expect((await exchange(core, await code(), { code_verifier: 'w'.repeat(43) })).body.error).toBe('invalid_grant');
    expect((await exchange(core, await code(), { code_verifier: verifier })).status).toBe(200);
  });
});

describe('revocation', () => {
  test.each(['access_token', 'refresh_token'] as const)(
    'by %s ends every grant of that account, whoever holds it',
    async (kind) => {
      const core = newEmulator();
      const tenantA = await connect(core);
      const tenantB = await connect(core);
      const other = await connect(core, { __approve: 'marc@gmail.test' });
      const reply = await send(core, '/revoke', {
        method: 'POST',
        body: new URLSearchParams({ token: tenantA[kind] ?? '' }),
      });
      expect(reply.status).toBe(200);
      expect((await refresh(core, tenantB.refresh_token ?? '')).body.error).toBe('invalid_grant');
      expect((await apiWith(core, tenantB.access_token)('GET', EVENTS)).status).toBe(401);
      expect((await refresh(core, other.refresh_token ?? '')).status).toBe(200);
    },
  );

  test('takes the token in the query too, and refuses one that is dead', async () => {
    const core = newEmulator();
    const { access_token } = await connect(core);
    expect((await send(core, `/revoke?token=${access_token}`, { method: 'POST' })).status).toBe(200);
    const again = await send(core, `/revoke?token=${access_token}`, { method: 'POST' });
    expect([again.status, again.body.error]).toEqual([400, 'invalid_token']);
  });

  test('by the user counts as the first time again: a new consent gives a refresh token', async () => {
    const core = newEmulator();
    await connect(core);
    await control(core, 'revoke', { email: 'claire@gmail.test' });
    expect(await connect(core, { prompt: null })).toHaveProperty('refresh_token');
  });
});

describe('identity', () => {
  test('the ID token is signed with the published key and carries a stable subject', async () => {
    const core = newEmulator();
    const { id_token = '' } = await connect(core, { nonce: 'n-1' });
    const [head = '', body = '', signature = ''] = id_token.split('.');
    const bytes = (text: string) =>
      Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
    const metadata = (await send(core, '/.well-known/openid-configuration')).body;
    const { keys: [jwk] } = (await send(core, new URL(metadata.jwks_uri).pathname)).body;
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']);
    const signed = new TextEncoder().encode(`${head}.${body}`);
    expect(await crypto.subtle.verify(algorithm.name, key, bytes(signature), signed)).toBe(true);
    const claims = JSON.parse(new TextDecoder().decode(bytes(body)));
    expect(claims).toMatchObject({
      iss: 'https://accounts.google.com',
      aud: 'client-1',
      email: 'claire@gmail.test',
      nonce: 'n-1',
    });
    expect(claims.sub).toBe(core.state().accounts[0]?.sub);
  });

  test('token info and user info tell whose token it is', async () => {
    const core = newEmulator();
    const { access_token } = await connect(core);
    const sub = core.state().accounts[0]?.sub;
    const info = (await send(core, `/tokeninfo?access_token=${access_token}`)).body;
    expect(info).toMatchObject({ aud: 'client-1', sub, email: 'claire@gmail.test', access_type: 'offline' });
    const user = await send(core, '/v1/userinfo', { headers: { authorization: `Bearer ${access_token}` } });
    expect(user.body).toEqual({ sub, email: 'claire@gmail.test', email_verified: true });
    expect((await send(core, '/tokeninfo?access_token=nobody')).status).toBe(400);
  });

  test('without openid there is no ID token', async () => {
    expect(await connect(newEmulator(), { scope: SCOPES.slice(2).join(' ') })).not.toHaveProperty('id_token');
  });
});
