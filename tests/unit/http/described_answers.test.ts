import { describe, expect, test } from 'vitest';
import { expectDescribed, faultOf } from '../../functions/described_answers.ts';

const STATUS = '/microsoft-import/status';
const status = {
  enabled: true,
  running: null,
  lastImportAt: null,
  last: null,
  error: null,
  nextAt: null,
  push: 'none',
};
const refused = (error: string) => ({ error, step: 'status', message: 'Non', details: null, requestId: 'r' });

describe('an answer that the tests of the functions see', () => {
  test.each(
    [
      ['GET', STATUS, 200, status],
      ['GET', `${STATUS}/`, 400, refused('NOT_CONNECTED')],
      ['GET', STATUS, 400, { ...refused('NOT_CONNECTED'), microsoftCode: 'ErrorItemNotFound' }],
      ['POST', STATUS, 405, refused('METHOD_NOT_ALLOWED')],
      ['GET', '/google-import/unheard-of', 404, refused('NOT_FOUND')],
      ['POST', '/google-import/conflicts/4f7c/resolve', 200, { status: 'resolved', resolution: 'keep_cassius' }],
      ['GET', '/google-callback', 303, null],
    ] as const,
  )('passes where it is as the description says: %s %s %d', (method, path, code, body) => {
    expect(faultOf(method, path, code, body)).toBeNull();
  });

  test.each(
    [
      ['a field that is not declared', 200, { ...status, secret: 'x' }],
      ['a field that is missing', 200, { ...status, push: undefined }],
      ['a value of another type', 200, { ...status, enabled: 'yes' }],
      ['a word that is not among the declared', 200, { ...status, push: 'perhaps' }],
      ['a status that is not declared', 204, null],
      ['a code that this route does not declare', 400, refused('NO_EVENT_DETAIL')],
      ['a code under another status', 403, refused('NOT_CONNECTED')],
      ['a refusal without its step', 400, { ...refused('NOT_CONNECTED'), step: undefined }],
    ] as const,
  )('fails with %s', (_what, code, body) => {
    expect(faultOf('GET', STATUS, code, body)).not.toBeNull();
  });

  test('fails the test that saw it, unless it is a gateway’s', () => {
    const answer = (headers: Record<string, string>) => ({ status: 200, headers: new Headers(headers) });
    const wrong = { ...status, push: 'perhaps' };
    expect(() => expectDescribed('GET', `${STATUS}?x=1`, answer({ 'x-request-id': 'r' }), wrong)).toThrow(
      /openapi\.json/,
    );
    expect(() => expectDescribed('GET', STATUS, answer({}), wrong)).not.toThrow();
  });
});
