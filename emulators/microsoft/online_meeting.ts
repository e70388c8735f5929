/**
 * Online meetings of events. "After you set isOnlineMeeting to true, Graph initializes onlineMeeting. Subsequently, Outlook
 * ignores any further changes to isOnlineMeeting" (event resource type). "Inadvertently removing the meeting blob from the
 * body would disable meeting online" (event: update, "body property and online meetings").
 */
import { isObject, type JsonObject } from '../core/answers.ts';
import { asHtml } from './html_text.ts';
import type { Account } from './world.ts';

const NONE = { isOnlineMeeting: false, onlineMeetingProvider: 'unknown', onlineMeeting: null };
const RULE = '_'.repeat(80);

/** The members of an event after a write of `sent` that brought them from `before` (null for a new event) to `after`. */
export function withMeeting(
  account: Pick<Account, 'kind'>,
  eventId: string,
  before: JsonObject | null,
  after: JsonObject,
  sent: JsonObject,
): JsonObject {
  const had = isObject(before?.onlineMeeting) ? before.onlineMeeting : null;
  if (had) {
    const { isOnlineMeeting, onlineMeetingProvider, onlineMeeting } = before ?? {};
    const kept = sent.body === undefined || contentOf(after).includes(`href="${String(had.joinUrl)}"`);
    return { ...after, ...(kept ? { isOnlineMeeting, onlineMeetingProvider, onlineMeeting } : NONE) };
  }
  // Personal accounts have no provider of meetings that Graph could ask.
  if (sent.isOnlineMeeting !== true || account.kind !== 'work') return { ...after, ...NONE };
  const thread = [...eventId].filter((letter) => /[a-z\d]/i.test(letter)).slice(-20).join('');
  const joinUrl = `https://teams.microsoft.com/l/meetup-join/19%3ameeting_${thread}%40thread.v2/0?context=%7b%7d`;
  const text = isObject(after.body) ? after.body : {};
  const html = asHtml({ contentType: String(text.contentType ?? 'html'), content: contentOf(after) });
  const block = blockOf(joinUrl);
  const content = html.includes('</body>') ? html.replace('</body>', () => `${block}</body>`) : block;
  return {
    ...after,
    isOnlineMeeting: true,
    onlineMeetingProvider: 'teamsForBusiness',
    onlineMeeting: { joinUrl },
    body: { contentType: 'html', content },
  };
}

function contentOf({ body }: JsonObject): string {
  return isObject(body) ? String(body.content ?? '') : '';
}

function blockOf(joinUrl: string): string {
  const rule = `<div style="overflow:hidden; white-space:nowrap">${RULE}</div>`;
  return `<br>\r\n${rule}\r\n<div class="me-email-text" lang="fr-FR">\r\n<div>Réunion Microsoft Teams</div>\r\n` +
    `<div><a class="me-email-headline" href="${joinUrl}">Rejoindre la réunion</a></div>\r\n` +
    `<div>Code secret&nbsp;: 7vK2mQ</div>\r\n</div>\r\n${rule}\r\n`;
}
