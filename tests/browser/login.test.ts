/** The door: where typing begins, the way back in without a password, and the language. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refusal, SESSION, type StubService } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';

const RECOVER = 'POST auth/v1/recover';
const CHANGE = 'PUT auth/v1/user';

let client: StubbedClient;
let service: StubService;
let page: Page;

beforeAll(async () => {
  client = await StubbedClient.start();
});
afterAll(() => client?.stop());
beforeEach(async () => {
  ({ page, service } = await client.visit({ signedIn: false }));
});

const button = (name: string) => page.getByRole('button', { name, exact: true });

test('typing begins at the address, and the language is one choice away without losing the way', async () => {
  await page.goto(`${client.url}/login?next=%2Fconflicts`);
  await button('Se connecter').waitFor();
  await page.keyboard.type('claire@cabinet-lumiere.test');
  expect(await page.getByLabel('Adresse e-mail').inputValue()).toBe('claire@cabinet-lumiere.test');
  await page.getByRole('link', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(new URL(page.url()).searchParams.get('next')).toBe('/conflicts');
});

describe('a forgotten password', () => {
  test('is asked for with the address, and nothing tells whether that has an account', async () => {
    await page.goto(`${client.url}/login`);
    await button('Mot de passe oublié ?').click();
    expect(service.count(RECOVER)).toBe(0);
    await page.getByLabel('Adresse e-mail').fill('claire@cabinet-lumiere.test');
    service.answer(RECOVER, { body: {} });
    await button('Mot de passe oublié ?').click();
    await page.getByText('Si cette adresse a un compte').waitFor();
    expect(service.bodies(RECOVER)).toMatchObject([{ email: 'claire@cabinet-lumiere.test' }]);
    service.answer(RECOVER, refusal(500, 'unexpected_failure', 'no'));
    await button('Mot de passe oublié ?').click();
    await page.getByRole('alert').getByText('Le lien n’a pas pu être envoyé').waitFor();
  });

  test('is replaced where its link leads; the tokens leave the address at once', async () => {
    const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll('=', '');
    const token = [part({ alg: 'HS256' }), part({ exp: SESSION.expires_at, sub: SESSION.user.id }), part('x')].join(
      '.',
    );
    service.answer('GET auth/v1/user', { body: SESSION.user });
    service.answer(CHANGE, refusal(422, 'weak_password', 'no'));
    await page.goto(`${client.url}/login#access_token=${token}&refresh_token=r&type=recovery&expires_in=3600`);
    await page.getByRole('heading', { name: 'Nouveau mot de passe' }).waitFor();
    expect(page.url()).toBe(`${client.url}/login`);
    await page.getByLabel('Mot de passe').fill('a long enough one');
    await button('Enregistrer').click();
    await page.getByRole('alert').getByText('Le mot de passe n’a pas été changé').waitFor();
    service.answer(CHANGE, { body: SESSION.user });
    await button('Enregistrer').click();
    await page.getByRole('heading', { name: 'Agenda', level: 1 }).waitFor({ state: 'attached' });
    expect(service.bodies(CHANGE)).toMatchObject([{ password: 'a long enough one' }, {
      password: 'a long enough one',
    }]);
  });

  test('is asked for again where the link is over', async () => {
    await page.goto(`${client.url}/login#error=access_denied&error_code=otp_expired&error_description=x`);
    await page.getByRole('alert').getByText('Ce lien a expiré').waitFor();
    await button('Annuler').click();
    await button('Mot de passe oublié ?').waitFor();
  });
});
