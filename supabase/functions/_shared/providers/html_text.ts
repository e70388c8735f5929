/** Descriptions as HTML, which both sides of a calendar may hold, and as the plain text that everything here works with. */
import { cutEscaped } from '../text.ts';
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

/** `kept`: line ends in the source are line ends of the text. `collapsed`: as a browser shows it. */
export type WhiteSpace = 'kept' | 'collapsed';

/**
 * The text of HTML: lines for blocks, links as their address, nothing of what no reader sees. Text without mark-up is left as it
 * is (`kept`). The tokenizer alone is used, because the library's parser, which searches its stack of open tags at each closing
 * one, takes quadratic time for tags that do not match.
 */
export function plainText(html: string, whiteSpace: WhiteSpace): string {
  const reader = new TextReader(html, whiteSpace);
  const tokenizer = new Tokenizer({ decodeEntities: true }, reader);
  tokenizer.write(html);
  tokenizer.end();
  return reader.text();
}

/** HTML that reads as this text (`kept`): the text itself, unless something in it would be taken for mark-up. */
export function htmlOf(text: string): string {
  if (plainText(text, 'kept') === text) return text;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The longest beginning of a text whose HTML is at most `length` UTF-16 code units long. */
export function cutForHtml(text: string, length: number): string {
  return htmlOf(text).length <= length ? text : cutEscaped(text, length);
}

/** They begin and end a line. */
const BLOCKS = new Set(['p', 'div', 'li', 'ul', 'ol', 'tr', 'table', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
const HIDDEN = new Set(['head', 'style', 'script', 'title']);
const ADDRESS = /^(?:https?:|mailto:|tel:)/i;
const NO_BREAK_SPACE = 0xa0;

/** Takes the tokens of `html` in order; positions are indices into it. */
class TextReader implements TokenizerCallbacks {
  #text = '';
  /** Nothing yet, or a line end, came last. */
  #atLineStart = true;
  /** White space that is one space, if text follows on the line. */
  #gap = false;
  /** The element whose content is not shown. */
  #hidden: string | null = null;
  #tag = '';
  #attribute = '';
  #address: string | null = null;
  /** The open link: its address, and its label so far. */
  #link: { readonly address: string; label: string } | null = null;
  /** Where the first token begins that has not ended. */
  #from = 0;

  constructor(private readonly html: string, private readonly whiteSpace: WhiteSpace) {}

  text(): string {
    return this.#text;
  }

  ontext(start: number, end: number): void {
    this.#from = end;
    const text = this.html.slice(start, end);
    if (this.whiteSpace === 'kept') return this.#put(text);
    const words = text.replace(/\s+/g, ' ');
    const inner = words.trim();
    this.#gap ||= words.startsWith(' ');
    if (inner === '') return;
    if (this.#gap && !this.#atLineStart) this.#put(' ');
    this.#put(inner);
    this.#gap = words.endsWith(' ');
  }

  ontextentity(codePoint: number, end: number): void {
    this.#from = end;
    if (this.#gap && !this.#atLineStart) this.#put(' ');
    this.#gap = false;
    this.#put(codePoint === NO_BREAK_SPACE ? ' ' : String.fromCodePoint(codePoint));
  }

  onopentagname(start: number, end: number): void {
    this.#tag = this.html.slice(start, end).toLowerCase();
    this.#address = null;
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#tag === 'a' ? this.html.slice(start, end).toLowerCase() : '';
    if (this.#attribute === 'href') this.#address = '';
  }

  onattribdata(start: number, end: number): void {
    if (this.#attribute === 'href') this.#address += this.html.slice(start, end);
  }

  onattribentity(codePoint: number): void {
    if (this.#attribute === 'href') this.#address += String.fromCodePoint(codePoint);
  }

  onopentagend(end: number): void {
    this.#from = end + 1;
    if (this.#hidden !== null) return;
    if (HIDDEN.has(this.#tag)) this.#hidden = this.#tag;
    else if (this.#tag === 'br') this.#newLine();
    else if (BLOCKS.has(this.#tag)) this.#ownLine();
    else if (this.#tag === 'a') this.#openLink();
  }

  onselfclosingtag(end: number): void {
    this.onopentagend(end);
  }

  onclosetag(start: number, end: number): void {
    this.#from = this.html.indexOf('>', end) + 1 || this.html.length;
    const tag = this.html.slice(start, end).toLowerCase();
    if (this.#hidden !== null) {
      if (tag === this.#hidden) this.#hidden = null;
    } else if (BLOCKS.has(tag)) this.#ownLine();
    else if (tag === 'a') this.#closeLink();
  }

  oncomment(_start: number, end: number, offset: number): void {
    this.#from = end + offset;
  }

  oncdata(_start: number, end: number, offset: number): void {
    this.#from = end + offset;
  }

  ondeclaration(_start: number, end: number): void {
    this.#from = end + 1;
  }

  onprocessinginstruction(_start: number, end: number): void {
    this.#from = end + 1;
  }

  onattribend(): void {}

  onend(): void {
    // What looked like a tag and never ended is text.
    if (this.#from < this.html.length) this.ontext(this.#from, this.html.length);
    this.#closeLink();
  }

  #put(text: string): void {
    if (this.#hidden !== null || text === '') return;
    this.#text += text;
    if (this.#link !== null) this.#link.label += text;
    this.#atLineStart = text.endsWith('\n');
  }

  #newLine(): void {
    this.#gap = false;
    this.#put('\n');
  }

  #ownLine(): void {
    if (!this.#atLineStart) this.#newLine();
  }

  #openLink(): void {
    this.#closeLink();
    const address = this.#address?.trim() ?? '';
    if (ADDRESS.test(address)) {
      this.#link = { address: address.replace(/^(?:mailto|tel):/i, ''), label: '' };
    }
  }

  /** After its label, unless that is the address. */
  #closeLink(): void {
    if (this.#link === null) return;
    const { address } = this.#link;
    const label = this.#link.label.trim();
    this.#link = null;
    if (bare(label) === bare(address)) return;
    this.#put(label === '' ? address : ` (${address})`);
  }
}

/** An address as people write it. */
function bare(address: string): string {
  const short = address.replace(/^https?:\/\//i, '');
  return short.endsWith('/') ? short.slice(0, -1) : short;
}
