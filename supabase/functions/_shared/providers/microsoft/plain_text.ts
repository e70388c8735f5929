const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** The text of a body that came as HTML although text was asked for. Not a renderer: enough to compare and to read. */
export function plainText(html: string): string {
  return withoutTags(withoutHidden(html).replace(/\s+/g, ' '))
    .replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{1,8});/gi, (whole, name: string) => entity(name) ?? whole)
    .trim();
}

const HIDDEN = /<!--|<(head|style|script)\b/gi;
const ENDS = { '': /-->/g, head: /<\/head\s*>/gi, style: /<\/style\s*>/gi, script: /<\/script\s*>/gi };

/** Without what no reader sees. A part that has no end is none, and that is looked for once only. */
function withoutHidden(html: string): string {
  const endless = new Set<string>();
  let text = '';
  let from = 0;
  for (const { 0: opening, 1: name = '', index } of html.matchAll(HIDDEN)) {
    const kind = name.toLowerCase() as keyof typeof ENDS;
    if (index < from || endless.has(kind)) continue;
    const end = ENDS[kind];
    end.lastIndex = index + opening.length;
    if (end.test(html)) {
      text += html.slice(from, index);
      from = end.lastIndex;
    } else endless.add(kind);
  }
  return text + html.slice(from);
}

/** The beginning of a tag that begins a new line, and how much of a tag tells. */
const LINE = /^<(br|\/p|\/div|\/li|\/tr|\/h[1-6])\b/i;
const TELLING = '</div>'.length;

function withoutTags(html: string): string {
  let text = '';
  let from = 0;
  while (true) {
    const opening = html.indexOf('<', from);
    const closing = opening < 0 ? -1 : html.indexOf('>', opening);
    if (closing < 0) return text + html.slice(from);
    const before = html.slice(from, opening);
    const isLine = LINE.test(html.slice(opening, opening + TELLING));
    text += isLine ? `${before.endsWith(' ') ? before.slice(0, -1) : before}\n` : before;
    from = closing + (isLine && html[closing + 1] === ' ' ? 2 : 1);
  }
}

function entity(name: string): string | undefined {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()];
  const point = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1));
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
}
