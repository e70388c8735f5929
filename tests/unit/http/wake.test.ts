import { expect, test } from 'vitest';
import { wakeCall } from '../../../supabase/functions/_shared/http/webhook.ts';
import { API, NOW, NUDGE_SECRET } from './test_world.ts';

async function waking(environment: Record<string, string>): Promise<Headers> {
  let headers = new Headers();
  const wake = wakeCall({
    environment: { NUDGE_SIGNING_SECRET: NUDGE_SECRET, ...environment },
    now: () => NOW,
    fetch: (input, init) => {
      headers = new Request(input, init).headers;
      return Promise.resolve(new Response('{}', { status: 202 }));
    },
  }, API);
  expect(await wake('acme-sync')).toBe(true);
  return headers;
}

test('a successor is asked to run in the region of the deployment, wherever its waker was called from', async () => {
  expect((await waking({ FUNCTIONS_REGION: 'eu-west-3' })).get('x-region')).toBe('eu-west-3');
  expect((await waking({})).has('x-region')).toBe(false);
});
