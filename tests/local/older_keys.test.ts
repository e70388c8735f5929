import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { Person } from '../functions/person.ts';

describe('functions of a project with an empty key set and no secret key called default', () => {
  let stack: Stack;
  let claire: Person;
  beforeAll(async () => {
    stack = await startStack({ portBase: freePortBase(), web: false, quiet: true, olderKeys: true });
    claire = await Person.signIn(stack, stack.users[0]!.email);
  });
  afterAll(() => stack?.stop());

  const status = async (token: string) =>
    (await claire.use('connect/status', { headers: { authorization: `Bearer ${token}` } })).status;

  test('know a person by the Auth server, and reach the database', async () => {
    expect(await claire.use('connect/status')).toMatchObject({ status: 200, body: { connected: false } });
  });

  test('refuse what the Auth server did not sign', async () => {
    const [head, body, signature] = claire.token.split('.') as [string, string, string];
    const flipped = (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1);
    const claims = JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/')));
    const another = btoa(JSON.stringify({ ...claims, exp: claims.exp + 1 })).replaceAll('=', '');
    expect(await status(`${head}.${body}.${flipped}`)).toBe(401);
    expect(await status(`${head}.${another}.${signature}`)).toBe(401);
    expect(await status(claire.token)).toBe(200);
  });

  test('refuse the project’s own API keys as persons', async () => {
    expect(await status(stack.publishableKey)).toBe(401);
    expect(await status(stack.secretKey)).toBe(401);
  });
});
