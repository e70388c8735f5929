/** What Exchange makes of bodies: text shown as an HTML document, HTML shown as text. */
import { escape } from '../core/html.ts';

const HEAD = '<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n</head>\r\n';

/** A whole HTML document, whatever was sent; nothing stays nothing. */
export function asHtml(body: { contentType: string; content: string }): string {
  if (body.content === '') return '';
  if (body.contentType === 'html') {
    return /<html[\s>]/i.test(body.content)
      ? body.content
      : `${HEAD}<body>\r\n${body.content}\r\n</body>\r\n</html>\r\n`;
  }
  const lines = escape(normal(body.content)).replaceAll('\n', '<br>\r\n');
  return `${HEAD}<body>\r\n<div class="PlainText">${lines}</div>\r\n</body>\r\n</html>\r\n`;
}

/** Text with Windows line ends and one more at the end: clients must normalise before they compare. */
export function asText(body: { contentType: string; content: string }): string {
  if (body.content === '') return '';
  const text = body.contentType === 'text' ? body.content : stripped(body.content);
  return `${normal(text).replaceAll('\n', '\r\n')}\r\n`;
}

/** The first 255 characters as text on one line. */
export function preview(body: { contentType: string; content: string }): string {
  return asText(body).trim().slice(0, 255);
}

function normal(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').trimEnd();
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function stripped(html: string): string {
  return html
    .replace(/<head[\s\S]*?<\/head>/gi, '')
    .replace(/\s*\r?\n\s*/g, ' ')
    .replace(/<br\s*\/?>\s*/gi, '\n')
    .replace(/<\/(p|div|li|tr|h[1-6])>\s*/gi, '\n')
    .replace(/<a\s[^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/gi, '$2&lt;$1&gt;')
    .replace(/<[^>]*>/g, '')
    .replace(/&(#\d+|#x[0-9a-f]+|[a-z]+);/gi, (whole, name: string) => entity(whole, name))
    .trim();
}

function entity(whole: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
