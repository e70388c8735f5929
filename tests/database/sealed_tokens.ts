/** A database with everything sealed that it can hold, for the tests of sealing. */
import { expect } from 'vitest';
import { newPerson, type TestDatabase } from './database.ts';

export interface Filled {
  readonly integration: string;
  readonly stateHash: string;
  readonly person: { readonly organisation: string; readonly user: string };
  /** Begins every token. */
  readonly marker: string;
}

export const NUDGE_SECRET = `whsec_${btoa('s'.repeat(32))}`;

/** A connection, a grant of another account beside it, a consent under way with its code, a setting, a grant to be revoked. */
export async function fill(db: TestDatabase, marker = ''): Promise<Filled> {
  const person = await newPerson(db);
  const stateHash = crypto.randomUUID();
  const provider = { p_provider: 'google' };
  const { integrationId } = await db.call<{ integrationId: string }>('connect_store', {
    p_organisation: person.organisation,
    p_user: person.user,
    ...provider,
    p_account_id: crypto.randomUUID(),
    p_account_email: 'a@example.test',
    p_scopes: ['calendar'],
    p_access_token: `${marker}access-1`,
    p_expires_in: 3600,
    p_refresh_token: `${marker}refresh-1`,
  });
  const other = await db.call<{ outcome: string }>('connect_store', {
    p_organisation: person.organisation,
    p_user: person.user,
    ...provider,
    p_account_id: crypto.randomUUID(),
    p_account_email: 'b@example.test',
    p_scopes: ['calendar'],
    p_access_token: `${marker}pending-access-1`,
    p_expires_in: 3600,
    p_refresh_token: `${marker}pending-refresh-1`,
  });
  expect(other.outcome).toBe('pending');
  await db.call('connect_begin', {
    p_organisation: person.organisation,
    p_user: person.user,
    ...provider,
    p_state_hash: stateHash,
    p_browser: true,
    p_code_verifier: `${marker}verifier-1`,
    p_redirect_to: null,
    p_ttl_seconds: 600,
  });
  await db.call('connect_redeem', { ...provider, p_state_hash: stateHash });
  await db.call('connect_hold', {
    ...provider,
    p_state_hash: stateHash,
    p_code: `${marker}code-1`,
    p_confirm_hash: `confirm-${stateHash}`,
    p_ttl_seconds: 300,
  });
  await db.owner`select private.configure('http://127.0.0.1:1/functions/v1', ${NUDGE_SECRET})`;
  await db.owner`select private.queue_revocation('google', ${stateHash}, ${`${marker}revoked-1`})`;
  return { integration: integrationId, stateHash, person, marker };
}

/** Every token of `fill` comes back as it went in. */
export async function everythingOpens(db: TestDatabase, filled: Filled): Promise<void> {
  expect(await db.call('integration_credential', { p_integration: filled.integration }))
    .toMatchObject({ accessToken: `${filled.marker}access-1`, refreshToken: `${filled.marker}refresh-1`, version: 1 });
  const [waiting] = await db.owner`
    select private.open_token(s.code_sealed, s.organisation_id, null, 'code:' || s.state_hash) as code,
      private.open_token(s.code_verifier_sealed, s.organisation_id, null, 'code_verifier:' || s.state_hash) as verifier
    from private.oauth_states s where s.state_hash = ${filled.stateHash}`;
  expect(waiting).toEqual({ code: `${filled.marker}code-1`, verifier: `${filled.marker}verifier-1` });
  const [ended] = await db.owner`
    select private.open_token(g.token_sealed, null, g.id, 'revocation') as token
    from private.grant_revocations g where g.account_id = ${filled.stateHash}`;
  expect(ended!.token).toBe(`${filled.marker}revoked-1`);
  const [sent] = await db.owner`select private.nudge('google') as sent`;
  expect(sent!.sent, 'the signing secret opens').toBe(true);
}
