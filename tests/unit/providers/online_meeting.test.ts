import { describe, expect, test } from 'vitest';
import { joinAddress, withoutMeeting } from '../../../supabase/functions/_shared/providers/microsoft/online_meeting.ts';
import { batchAnswer, batchRequests, event, html, json, scripted, standing } from './scripted_microsoft.ts';

const LINE = '_'.repeat(80);
const meeting = {
  joinUrl: 'https://teams.microsoft.com/l/meetup-join/19%3ameeting_a%40thread.v2/0?context=%7b%7d&x=1',
};
const link =
  '<a href="https://teams.microsoft.com/l/meetup-join/19%3ameeting_a%40thread.v2/0?context=%7b%7d&amp;x=1">Join</a>';
const block =
  `<div style="white-space:nowrap">${LINE}</div><div><b>Microsoft Teams</b> ${link}</div><div>${LINE}</div>`;

describe('the block of a meeting', () => {
  test.each([
    [
      'text',
      `Notes\r\nDeux\r\n\r\n${LINE}\r\nMicrosoft Teams\r\nJoin<${meeting.joinUrl}>\r\n${LINE}\r\n`,
      'Notes\r\nDeux',
    ],
    ['text with a line of its own', `${LINE}\nNotes\n${LINE}\nJoin<${meeting.joinUrl}>\n${LINE}`, `${LINE}\nNotes`],
    ['text that goes on', `Notes\n${LINE}\nJoin<${meeting.joinUrl}>\n${LINE}\nAprès`, 'Notes\nAprès'],
    ['text without lines', `Notes\nJoin<${meeting.joinUrl}>\nMore`, 'Notes'],
    [
      'HTML',
      `<html><body><div>Notes</div><br>\r\n${block}</body></html>`,
      '<html><body><div>Notes</div>\n</body></html>',
    ],
    ['HTML without lines', `<body>Notes<div>${link}</div></body>`, '<body>Notes\n</body>'],
    ['nothing of it', `Notes\n${LINE}`, `Notes\n${LINE}`],
  ])('is told from the rest of %s', (_, body, rest) => {
    expect(withoutMeeting(body, meeting).trim()).toBe(rest);
  });

  test('is looked for only where there is a meeting', () => {
    for (const joinUrl of [null, undefined, '', 'teams', 'http://a.test/b', 'https://a.test']) {
      expect(joinAddress({ joinUrl })).toBe(null);
    }
    expect(withoutMeeting(`Notes\n${meeting.joinUrl}`, null)).toBe(`Notes\n${meeting.joinUrl}`);
  });
});

describe('a change of the description of a meeting', () => {
  const marker = { appointmentId: 'rdv', integrationId: 'integration', epoch: 0 };
  const patch = (key: string, changes: { title?: string; description?: string }) =>
    ({ kind: 'patch', key, ref: { calendarId: 'c', eventId: key }, marker, version: null, changes }) as const;
  const look = (key: string) => standing(key, { onlineMeeting: meeting });

  test('reads the body as HTML and writes it with the block as it is', async () => {
    const body = { contentType: 'html', content: `<html><head></head><body><p>Ancien</p>${block}</body></html>` };
    const { provider, handle, sent } = scripted(
      json(200, look('AAMka')),
      json(200, { id: 'AAMka', body, onlineMeeting: meeting }),
      json(200, event('AAMka')),
    );
    await provider.calendar.write(handle, [patch('AAMka', { description: 'Un <b>\nDeux' })]);
    expect(sent[1]?.headers.get('prefer')).toContain('outlook.body-content-type="html"');
    expect(JSON.parse(sent[2]?.body ?? '').body).toEqual({
      contentType: 'html',
      content: `<html><body>\r\n<div>Un &lt;b&gt;<br>\r\nDeux</div>\r\n${block}\r\n</body></html>`,
    });
  });

  test('writes what its owner put behind the block once: it is part of the description', async () => {
    const after = '<p>Code 12A</p>';
    const body = { contentType: 'html', content: `<html><body><p>Ancien</p>${block}${after}</body></html>` };
    const { provider, handle, sent } = scripted(
      json(200, look('AAMka')),
      json(200, { id: 'AAMka', body, onlineMeeting: meeting }),
      json(200, event('AAMka')),
    );
    await provider.calendar.write(handle, [patch('AAMka', { description: 'Neuf\n\nCode 12A' })]);
    expect(JSON.parse(sent[2]?.body ?? '').body.content)
      .toBe(`<html><body>\r\n<div>Neuf<br>\r\n<br>\r\nCode 12A</div>\r\n${block}\r\n</body></html>`);
  });

  test('keeps the way in where the block is another than we know', async () => {
    const body = { contentType: 'html', content: '<p>Ancien</p>' };
    const { provider, handle, sent } = scripted(
      json(200, look('AAMka')),
      json(200, { id: 'AAMka', body, onlineMeeting: meeting }),
      json(200, event('AAMka')),
    );
    await provider.calendar.write(handle, [patch('AAMka', { description: 'Neuf' })]);
    expect(JSON.parse(sent[2]?.body ?? '').body.content).toContain(
      '&amp;x=1">https://teams.microsoft.com/l/meetup-join/',
    );
  });

  test('takes no more looks where the description stays', async () => {
    const { provider, handle, sent } = scripted(json(200, look('AAMka')), json(200, event('AAMka')));
    await provider.calendar.write(handle, [patch('AAMka', { title: 'Neuf' })]);
    expect(sent).toHaveLength(2);
    expect(JSON.parse(sent[1]?.body ?? '')).not.toHaveProperty('body');
  });

  test('that cannot read the body writes nothing, and holds up no other change', async () => {
    const { provider, handle, sent } = scripted(
      batchAnswer([[200, look('AAMka')], [200, standing('AAMkb')]]),
      html(503),
      json(200, event('AAMkb')),
    );
    const outcomes = await provider.calendar.write(
      handle,
      ['AAMka', 'AAMkb'].map((key) => patch(key, { description: 'Neuf' })),
    );
    expect(outcomes.get('AAMka')).toMatchObject({ result: 'failed', error: { retryable: true } });
    expect(outcomes.get('AAMkb')?.result).toBe('patched');
    expect(batchRequests(sent[0]!)).toHaveLength(2);
    expect(JSON.parse(sent[2]?.body ?? '').body).toEqual({ contentType: 'text', content: 'Neuf' });
  });
});
