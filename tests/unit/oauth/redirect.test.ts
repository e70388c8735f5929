import { describe, expect, test } from 'vitest';
import { checkRedirectTo, resultUrl, settingsPath } from '../../../supabase/functions/_shared/oauth/redirect.ts';

const BASE = 'https://cabinet.test/cassius';

describe('a product that lives under a path', () => {
  test('is returned to under that path', () => {
    expect(resultUrl(BASE, settingsPath('demo'), { result: 'connected' }))
      .toBe('https://cabinet.test/cassius/settings/integrations/demo-calendar?result=connected');
    expect(checkRedirectTo(BASE, '/calendar#today')).toBe('/calendar#today');
  });

  test.each(['/../admin', '/x/../../admin', '/%2e%2e/admin'])('is not left by %s', (path) => {
    expect(() => checkRedirectTo(BASE, path)).toThrow('leads away');
  });
});

test('the result is added to what the page’s address already says', () => {
  expect(resultUrl('https://app.test', '/calendar?view=week#now', { result: 'error', code: 'SYNC_FAILED' }))
    .toBe('https://app.test/calendar?view=week&result=error&code=SYNC_FAILED#now');
});
