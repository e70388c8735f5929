import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../../supabase/functions/_shared/providers/port/failure.ts';
import {
  type BatchPart,
  decodeBatch,
  encodeBatch,
} from '../../../supabase/functions/_shared/providers/google/batch.ts';
import type { HttpAnswer } from '../../../supabase/functions/_shared/providers/http/exchange.ts';

const insert: BatchPart = {
  id: 'operation-0',
  method: 'POST',
  target: '/calendar/v3/calendars/claire%40gmail.test/events?sendUpdates=none',
  headers: {},
  body: '{"summary":"é"}',
};
const remove: BatchPart = {
  id: 'operation-1',
  method: 'DELETE',
  target: '/calendar/v3/calendars/c/events/x?sendUpdates=none',
  headers: { 'If-Match': '"123"' },
  body: null,
};

test('a batch is written as parts with path-only requests, ids and lengths in bytes', () => {
  expect(encodeBatch([insert, remove])).toEqual({
    contentType: 'multipart/mixed; boundary=cassius_batch',
    body: [
      '--cassius_batch',
      'Content-Type: application/http',
      'Content-ID: <operation-0>',
      '',
      'POST /calendar/v3/calendars/claire%40gmail.test/events?sendUpdates=none HTTP/1.1',
      'Content-Type: application/json; charset=UTF-8',
      'Content-Length: 16',
      '',
      '{"summary":"é"}',
      '--cassius_batch',
      'Content-Type: application/http',
      'Content-ID: <operation-1>',
      '',
      'DELETE /calendar/v3/calendars/c/events/x?sendUpdates=none HTTP/1.1',
      'If-Match: "123"',
      '',
      '',
      '--cassius_batch--',
      '',
    ].join('\r\n'),
  });
});

test('no text of a patient can end a part', () => {
  const body = JSON.stringify({ summary: 'x\r\n--cassius_batch--\r\ncassius_batch_' });
  const batch = encodeBatch([{ ...insert, body }]);
  const boundary = batch.contentType.split('boundary=')[1] ?? '';
  expect(body).not.toContain(boundary);
});

test('a version with a line break cannot smuggle in a header', () => {
  expect(() => encodeBatch([{ ...remove, headers: { 'If-Match': '"1"\r\nX-Evil: 1' } }])).toThrow('holds a line break');
});

function envelope(text: string, contentType = 'multipart/mixed; boundary=batch_abc'): HttpAnswer {
  return { status: 200, headers: new Headers({ 'content-type': contentType }), text };
}

/** An answer as Google writes it, with a choice of line ends. */
function answered(
  parts: ReadonlyArray<readonly [id: string, status: number, body: string]>,
  eol = '\r\n',
  boundary = 'batch_abc',
): string {
  return parts.map(([id, status, body]) =>
    [
      `--${boundary}`,
      'Content-Type: application/http',
      `Content-ID: <response-${id}>`,
      '',
      `HTTP/1.1 ${status} Whatever`,
      'Content-Type: application/json; charset=UTF-8',
      'ETag: "7"',
      '',
      body,
    ].join(eol) + eol
  ).join('') + `--${boundary}--${eol}`;
}

describe('an answer', () => {
  const parts = [['operation-1', 204, ''], ['operation-0', 200, '{\n "id": "a"\n}']] as const;

  test.each([['CRLF', '\r\n'], ['LF', '\n']])('is matched by id, not by position (%s)', (_, eol) => {
    const read = decodeBatch('Send', envelope(answered(parts, eol)));
    expect(read.get('operation-0')).toMatchObject({ status: 200 });
    expect(JSON.parse(read.get('operation-0')?.text ?? '')).toEqual({ id: 'a' });
    expect(read.get('operation-0')?.headers.get('etag')).toBe('"7"');
    expect(read.get('operation-1')).toMatchObject({ status: 204, text: '' });
  });

  test.each([
    'multipart/mixed; boundary="batch_abc"',
    'Multipart/Mixed;charset=utf-8; Boundary=batch_abc',
    'multipart/mixed; boundary=batch_abc; charset=UTF-8',
  ])('is read under the content type %s', (type) => {
    expect(decodeBatch('Send', envelope(answered(parts), type)).size).toBe(2);
  });

  test('may have text before and after it', () => {
    expect(decodeBatch('Send', envelope(`preamble\r\n\r\n${answered(parts)}epilogue\r\n--batch_abc\r\n`)).size).toBe(2);
  });

  test('may have a part of head lines only', () => {
    const text =
      '--batch_abc\r\nContent-Type: application/http\r\ncontent-id: response-operation-0\r\n\r\nHTTP/1.1 204 No Content\r\n--batch_abc--';
    expect(decodeBatch('Send', envelope(text)).get('operation-0')).toMatchObject({ status: 204, text: '' });
  });

  test('that was cut off loses its last part, and no more', () => {
    const whole = answered([['operation-0', 200, '{"id":"a"}'], ['operation-1', 200, '{"id":"b"}']]);
    const read = decodeBatch('Send', envelope(whole.slice(0, whole.indexOf('"b"'))));
    expect([...read.keys()]).toEqual(['operation-0']);
  });

  test('keeps the first of two parts with one id', () => {
    const read = decodeBatch('Send', envelope(answered([['operation-0', 200, '1'], ['operation-0', 500, '2']])));
    expect(read.get('operation-0')?.status).toBe(200);
  });

  test('leaves out parts without an id, without a status, or with bad headers', () => {
    const text = [
      '--batch_abc\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}',
      '--batch_abc\r\nContent-ID: <response-a>\r\n\r\nhello\r\n\r\n{}',
      '--batch_abc\r\nContent-ID: <response-b>\r\n\r\nHTTP/1.1 200 OK\r\nbad header: x\r\n\r\n{}',
      '--batch_abc\r\nContent-ID: <response-c>',
      '--batch_abc--',
    ].join('\r\n');
    expect(decodeBatch('Send', envelope(text)).size).toBe(0);
  });

  test.each(['application/json', 'text/html', 'multipart/mixed', ''])('of type %j is no batch', (type) => {
    expect(() => decodeBatch('Send', envelope(answered(parts), type))).toThrow(ProviderError);
  });

  test('survives any bodies, in any order', () => {
    const body = fc.jsonValue().map((value) => JSON.stringify(value, null, 1));
    const part = fc.tuple(fc.constantFrom(200, 403, 404, 409, 503), body);
    fc.assert(fc.property(fc.array(part, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), (list, eol) => {
      const sent = list.map(([status, text], at) => [`operation-${at}`, status, text] as const).reverse();
      const read = decodeBatch('Send', envelope(answered(sent, eol)));
      expect(read.size).toBe(sent.length);
      for (const [id, status, text] of sent) {
        expect(read.get(id)?.status).toBe(status);
        expect(JSON.parse(read.get(id)?.text ?? '')).toEqual(JSON.parse(text));
      }
    }));
  });

  test('that is garbage gives no answers, and never a crash', () => {
    const piece = fc.constantFrom(
      '--batch_abc',
      '--batch_abc--',
      '\r\n',
      '\n',
      'Content-ID: <response-x>',
      'HTTP/1.1 200 OK',
      ':',
      ' ',
      '{}',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary' })), { maxLength: 30 }), (pieces) => {
        for (const [id, answer] of decodeBatch('Send', envelope(pieces.join('')))) {
          expect(id).not.toBe('');
          expect(answer.status).toBeGreaterThanOrEqual(100);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
