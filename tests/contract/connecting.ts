import { describe, expect, test } from 'vitest';
import { openHandle, refusalOf, type Stage } from './stage.ts';

export function promisesOfConnecting(on: Stage): void {
  describe('connecting', () => {
    test('gives an account, a refresh token and the permissions that the sync needs', async () => {
      const { credential, account } = await on.oauth.completeAuthorization(await on.harness.consent());
      expect(account).toEqual(on.harness.account);
      expect(credential.refreshToken).toBeTruthy();
      expect(credential.expiresInSeconds).toBeGreaterThan(60);
      expect([...credential.scopes]).toEqual([...new Set(credential.scopes)].sort());
    });

    test('gives a refresh token again on a second consent', async () => {
      await on.oauth.completeAuthorization(await on.harness.consent());
      const { credential } = await on.oauth.completeAuthorization(await on.harness.consent());
      expect((await on.oauth.refresh(credential.refreshToken ?? '')).accessToken).toBeTruthy();
    });

    test('with a permission unticked is refused by name', async () => {
      const answer = await on.harness.consent({ untick: true });
      expect((await refusalOf(on.oauth.completeAuthorization(answer))).code).toBe('INSUFFICIENT_SCOPE');
    });

    test('works once for one code', async () => {
      const answer = await on.harness.consent();
      await on.oauth.completeAuthorization(answer);
      expect((await refusalOf(on.oauth.completeAuthorization(answer))).code).toBe('OAUTH_STATE_INVALID');
    });

    test('works only for who began it', async () => {
      const answer = await on.harness.consent();
      const stolen = { ...answer, codeVerifier: `${answer.codeVerifier}x` };
      expect((await refusalOf(on.oauth.completeAuthorization(stolen))).code).toBe('OAUTH_STATE_INVALID');
    });

    test('leaves no trace of a breakdown but a retryable error', async () => {
      const answer = await on.harness.consent();
      on.harness.breakDown();
      expect(await refusalOf(on.oauth.completeAuthorization(answer))).toMatchObject({
        code: 'PROVIDER_UNAVAILABLE',
        retryable: true,
      });
    });
  });

  describe('access', () => {
    test('that has expired is renewed once, without anybody noticing', async () => {
      on.harness.expireAccessTokens();
      expect((await on.calendar.listCalendars(on.handle)).length).toBeGreaterThan(0);
      expect(on.handle.renewals()).toBe(1);
    });

    test('that has expired in front of many writes costs one renewal', async () => {
      on.harness.expireAccessTokens();
      const outcomes = await on.calendar.write(on.handle, ['a', 'b', 'c'].map((seed) => on.creation(seed)));
      expect([...outcomes.values()].map(({ result }) => result)).toEqual(['created', 'created', 'created']);
      expect(on.handle.renewals()).toBe(1);
    });

    test('refreshed by two workers at once is good for both', async () => {
      const refreshToken = on.credential.refreshToken ?? '';
      const both = await Promise.all([on.oauth.refresh(refreshToken), on.oauth.refresh(refreshToken)]);
      for (const fresh of both) {
        await on.calendar.listCalendars(openHandle(on.provider, { ...fresh, refreshToken }));
      }
    });

    test('that was withdrawn needs a new consent, and asks for a token once, not in a storm', async () => {
      on.harness.revokeGrant();
      const before = on.harness.requests();
      expect((await refusalOf(on.calendar.write(on.handle, [on.creation('a')]))).code).toBe('NEED_RECONSENT');
      const after = on.harness.requests();
      expect(after.token - before.token).toBe(1);
      expect(after.api - before.api).toBe(1);
    });

    test('is not thought dead when the token endpoint breaks down', async () => {
      on.harness.breakDown();
      expect(await refusalOf(on.oauth.refresh(on.credential.refreshToken ?? ''))).toMatchObject({
        code: 'PROVIDER_UNAVAILABLE',
        retryable: true,
      });
      await on.oauth.refresh(on.credential.refreshToken ?? '');
    });

    test('is given back on request, as often as one likes', async () => {
      const token = on.credential.refreshToken ?? '';
      const expected = on.can.revoke ? 'revoked' : 'unsupported';
      expect([await on.oauth.revoke(token), await on.oauth.revoke(token)]).toEqual([expected, expected]);
      if (expected === 'revoked') expect((await refusalOf(on.oauth.refresh(token))).code).toBe('NEED_RECONSENT');
    });
  });
}
