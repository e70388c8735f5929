/**
 * No text costs more than its length: 100,000 dashes in one appointment once held up every practice for
 * five minutes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';
import { frames, safeSentence } from '../../supabase/functions/_shared/http/logging.ts';
import { languageOf } from '../../supabase/functions/_shared/http/language.ts';
import { matchPath, pathWithin } from '../../supabase/functions/_shared/http/route.ts';
import { decodeBase64url } from '../../supabase/functions/_shared/oauth/base64url.ts';
import { checkRedirectTo } from '../../supabase/functions/_shared/oauth/redirect.ts';
import {
  foreignDay,
  foreignInstant,
  foreignLink,
  foreignName,
} from '../../supabase/functions/_shared/providers/boundary.ts';
import { decodeBatch } from '../../supabase/functions/_shared/providers/google/batch.ts';
import { calendarEvent as googleEvent } from '../../supabase/functions/_shared/providers/google/calendar_event.ts';
import { calendarFailure } from '../../supabase/functions/_shared/providers/google/failure.ts';
import { GoogleEvent } from '../../supabase/functions/_shared/providers/google/event_mapping.ts';
import { normalContent as googleContent } from '../../supabase/functions/_shared/providers/google/normal_content.ts';
import { retryAfterSeconds } from '../../supabase/functions/_shared/providers/http/retry_after.ts';
import {
  calendarEvent as graphEvent,
  GraphEvent,
} from '../../supabase/functions/_shared/providers/microsoft/event_mapping.ts';
import { markerOf } from '../../supabase/functions/_shared/providers/microsoft/extended_properties.ts';
import { graphFailure } from '../../supabase/functions/_shared/providers/microsoft/failure.ts';
import { normalContent as graphContent } from '../../supabase/functions/_shared/providers/microsoft/normal_content.ts';
import { parseNotification } from '../../supabase/functions/_shared/providers/microsoft/notification.ts';
import { cutForHtml, htmlOf, plainText } from '../../supabase/functions/_shared/providers/html_text.ts';
import { joinAddress, withoutMeeting } from '../../supabase/functions/_shared/providers/microsoft/online_meeting.ts';
import { isRequested } from '../../supabase/functions/_shared/providers/microsoft/requested_id.ts';
import { eventContent } from '../../supabase/functions/_shared/sync/shared/event_content.ts';
import { ownTextIn, withOwnText } from '../../supabase/functions/_shared/sync/shared/own_text.ts';
import { cutEscaped, escapedLength, oneLine, storable } from '../../supabase/functions/_shared/text.ts';
import { growsFaster, ofEachSize, WORST_CASES } from './growth.ts';
import { anAppointment, RDV } from './sync/outbound/lane_world.ts';

const time = { kind: 'all_day', startDay: '2026-11-21', endDay: '2026-11-22' } as const;
const contentOf = (text: string) => ({
  title: text,
  description: text,
  location: text,
  time,
  availability: 'busy' as const,
  visibility: 'normal' as const,
});
const answer = (text: string, contentType = 'application/json') => ({
  status: 400,
  headers: new Headers({ 'content-type': contentType }),
  text,
});
const asked = { operation: 'Read', missing: 'EVENT_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' } as const;
const refused = (make: () => unknown) => {
  try {
    make();
  } catch {
    // A refusal is an answer too.
  }
};
const shown = (rdv: Parameters<typeof anAppointment>[0], titleTemplate = '[Cassius] {type} — {patient} ({act})') =>
  eventContent(anAppointment(rdv), {
    rdvId: RDV,
    detail: 'full',
    organisation: { timezone: 'Europe/Paris', titleTemplate, language: 'fr', defaultDurationMinutes: 30 },
    appBaseUrl: 'https://app.test',
  });

const described = (shown: string, before: string | null) =>
  withOwnText(shown.slice(0, 8_000), {
    before,
    now: `${shown}\n\nlink`,
    ...(before === null ? { sent: [] } : {}),
  });

const MEETING = { joinUrl: 'https://meet.test/a' };

/** Every function that looks at text of others, of people or of providers. A new one joins here. */
const TEXT_FUNCTIONS: ReadonlyArray<readonly [string, (text: string) => unknown]> = [
  ['a storable text', (text) => storable(text, 50_000)],
  ['one line', oneLine],
  ['a foreign name', foreignName],
  ['a foreign link', (text) => foreignLink(`https://${text}`)],
  ['a foreign instant', foreignInstant],
  ['a foreign day', foreignDay],
  ['an event of an appointment’s words', (text) =>
    shown({
      type: text,
      act: text,
      notes: text,
      location: text,
      practitionerName: text,
      patient: { firstName: text, lastName: text },
    })],
  ['our part of a description', (text) => ownTextIn(text, text.slice(0, text.length / 2) + text)],
  ['a description with the lines of its owner', (text) => described(text, text.slice(1))],
  ['a description of a lost write', (text) => described(`${text.slice(0, 5_000)}\nlink`, null)],
  ['the length of a text as HTML', escapedLength],
  ['a text cut to a length as HTML', (text) => cutEscaped(text, 50_000)],
  ['an event of a template’s words', (text) => shown({ act: null }, text)],
  ['Google’s normal form', (text) => googleContent(contentOf(text))],
  ['Microsoft’s normal form', (text) => graphContent(contentOf(text))],
  ['an event of Google', (text) =>
    googleEvent(
      'Read',
      'c',
      GoogleEvent.parse({
        id: 'a',
        etag: '"1"',
        summary: text,
        description: text,
        location: text,
        htmlLink: text,
        start: { date: time.startDay, timeZone: text },
        end: { date: time.endDay },
        attendees: [{ email: text, displayName: text, responseStatus: text }],
        extendedProperties: { private: { cassiusAppointmentId: text, cassiusIntegrationId: text, cassiusEpoch: text } },
      }),
    )],
  ['an event of Microsoft', (text) =>
    graphEvent(
      'Read',
      'c',
      GraphEvent.parse({
        id: 'a',
        '@odata.etag': '"1"',
        subject: text,
        body: { contentType: 'html', content: text },
        location: { displayName: text },
        webLink: text,
        isAllDay: true,
        start: { dateTime: `${time.startDay}T00:00:00`, timeZone: text },
        end: { dateTime: `${time.endDay}T00:00:00`, timeZone: text },
        attendees: [{ emailAddress: { address: text, name: text }, status: { response: text } }],
        organizer: { emailAddress: { address: text, name: text } },
      }),
    )],
  ['a moment of Google', (text) => GoogleEvent.safeParse({ id: text, start: { date: text, dateTime: text } })],
  ['a moment of Microsoft', (text) => GraphEvent.safeParse({ id: text, start: { dateTime: text } })],
  ['the text of HTML, as a browser shows it', (text) => plainText(text, 'collapsed')],
  ['the text of HTML, line ends kept', (text) => plainText(text, 'kept')],
  ['the HTML of a text', htmlOf],
  ['a text whose HTML is bounded', (text) => cutForHtml(text, 8192)],
  ['a body before the block of a meeting', (text) => withoutMeeting(`${text}${MEETING.joinUrl}`, MEETING)],
  ['a body behind the block of a meeting', (text) => withoutMeeting(`${MEETING.joinUrl}${text}`, MEETING)],
  ['the address of a meeting', (text) => joinAddress({ joinUrl: text })],
  ['the parts of a batch', (text) => refused(() => decodeBatch('Batch', answer(text, 'multipart/mixed; boundary=b')))],
  ['a part of a batch', (text) => decodeBatch('Batch', answer(`--b\n\n${text}\n--b--`, 'multipart/mixed; boundary=b'))],
  ['a failure of Google', (text) => calendarFailure(asked, answer(JSON.stringify({ error: { message: text } })), 0)],
  [
    'a failure of Microsoft',
    (text) =>
      graphFailure({ ...asked, denied: 'PERMISSION_DENIED' }, answer(JSON.stringify({ error: { code: text } })), 0),
  ],
  ['a mark of Microsoft', (text) => markerOf([{ id: text, value: text }])],
  ['a requested id', isRequested],
  ['a notification', (text) =>
    parseNotification({
      method: 'POST',
      url: new URL('https://app.test'),
      headers: new Headers(),
      body: JSON.stringify({ value: [{ subscriptionId: 'a', changeType: 'b', clientState: text }] }),
    })],
  ['a time to wait', (text) => retryAfterSeconds(text, 0)],
  ['a sentence of a log', safeSentence],
  ['the frames of a fault', (text) => frames(Object.assign(new Error('x'), { stack: `Error: ${text}\n at ${text}` }))],
  ['a preferred language', languageOf],
  [
    'a path of ours',
    (text) => matchPath('/conflicts/:id/resolve', pathWithin('google-import', `/google-import/${text}`)),
  ],
  ['a way back', (text) => refused(() => checkRedirectTo('https://app.test/base', `/${text}`))],
  ['base64url', decodeBase64url],
];

describe('time grows with a text and no faster', () => {
  test.each(TEXT_FUNCTIONS)('in %s', (_, run) => {
    expect(growsFaster(run)).toBeNull();
  }, 120_000);

  test('and the test would see what does, whether or not it is cut long before', () => {
    const OLD = [
      (text: string) => text.replace(/\s*[-–—|·•:,;/]+\s*\0/g, ''),
      (text: string) => text.replace(/\s*\n\s*/g, ' '),
      (text: string) => text.replace(/[^\S\n]+$/gm, ''),
      (text: string) => text.replace(/-::~:~::[-:~]*[\s\S]*?-::~:~::[-:~]*/g, ''),
      (text: string) => text.replace(/<!--[\s\S]*?-->|<(head|style|script)\b[\s\S]*?<\/\1\s*>/gi, ''),
      (text: string) => text.replace(/<[^>]*>/g, ''),
      (text: string) => text.replace(/\S*@\S*/g, ''),
      (text: string) => text.slice(0, 32_768).replace(/\s*\n\s*/g, ' '),
    ];
    expect(OLD.map((run) => growsFaster(run)).filter((found) => found === null)).toEqual([]);
  }, 120_000);
});

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['supabase/functions', 'web/src'];

interface Expression {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

function sourceFiles(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
      .map((name) => join(folder, name))
  );
}

function expressionsIn(file: string): Expression[] {
  const found: Expression[] = [];
  const { program } = parseSync(file, readFileSync(join(ROOT, file), 'utf8'));
  JSON.stringify(program, (_, node) => {
    if (node?.type === 'Literal' && node.regex) {
      found.push({ file, source: node.regex.pattern, flags: node.regex.flags });
    }
    return node?.type === 'Literal' ? null : node;
  });
  return found;
}

/** What an expression itself speaks of, in its order: what it would take longest to see that it does not match. */
function spokenOf({ source }: Expression): string[] {
  const meanings: Readonly<Record<string, string>> = {
    d: '1',
    D: 'a',
    w: 'a',
    W: '-',
    s: ' ',
    S: 'a',
    b: '',
    B: '',
    n: '\n',
    r: '\r',
    t: '\t',
  };
  const text = source
    .replace(/\\[pP]\{[^}]*\}|\[\^[^\]]*\]|\{\d+,?\d*\}/g, '')
    .replace(/\\([dDwWsSbBnrt])/g, (_, letter: string) => meanings[letter] ?? '')
    .replace(/\(\?[:=!<]*|[\^$*+?|()[\]]/g, '')
    .replaceAll('\\', '');
  const begins = Array.from({ length: Math.min(text.length, 12) }, (_, length) => text.slice(0, length + 1));
  return [...new Set([...text, ...begins, text])].filter((run) => run !== '');
}

/** Slow over long texts, and never given any. */
const BOUNDED: ReadonlyMap<string, string> = new Map([
  ['([\\w.-]+:\\d+):\\d+\\)?$', 'the last 200 characters of a line'],
  ['\\/+$', 'an address in the configuration, or that the browser is at'],
  ['=+$', 'base64 that was made a moment before'],
]);

describe('each regular expression in what we ship', () => {
  const expressions = sourceFiles().flatMap(expressionsIn);
  const unique = [...new Map(expressions.map((one) => [`${one.source}/${one.flags}`, one])).values()];

  test('takes time in proportion to its text', () => {
    expect(unique.length).toBeGreaterThan(40);
    const slow = unique.filter(({ source }) => !BOUNDED.has(source)).flatMap((one) => {
      const flags = one.flags.replace(/[gy]/g, '');
      const texts = [
        ...WORST_CASES,
        ...spokenOf(one).flatMap((run) => [
          ofEachSize(run),
          ofEachSize(run, '', '\u0001'),
          ofEachSize(run.slice(-1), run.slice(0, -1), '\u0001'),
        ]),
      ];
      const found = growsFaster((text) => text.replace(new RegExp(one.source, `${flags}g`), ''), texts);
      return found === null ? [] : [`${one.file}: /${one.source}/ over ${found}`];
    });
    expect(slow).toEqual([]);
  }, 300_000);

  test('is a literal, so that this test sees it; the three that are none look at a short template', () => {
    const made = sourceFiles().filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('new RegExp('));
    expect(made).toEqual([join('supabase', 'functions', '_shared', 'sync', 'shared', 'event_content.ts')]);
  });

  test('has a reason where it is excepted', () => {
    const known = new Set(expressions.map(({ source }) => source));
    expect([...BOUNDED.keys()].filter((source) => !known.has(source))).toEqual([]);
  });
});
