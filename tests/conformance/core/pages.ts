/** A person at an emulator's pages: follows links, fills in a form, presses its button. */
import { type Core, type Reply, send } from './visitor.ts';

/** Where the first link of that text leads. */
export function linkOn(page: Reply, text: string): string {
  const [, address] = new RegExp(`<a href="([^"]+)">${text}</a>`).exec(page.text) ?? [];
  if (address === undefined) throw new Error(`There is no link ${text} on ${page.text}`);
  return address.replaceAll('&amp;', '&');
}

/** What the inputs of a page's first form have. */
export function formOn(page: Reply): Record<string, string> {
  const inputs = page.text.matchAll(/<input type="(?:text|date|datetime-local)" name="(\w+)" value="([^"]*)">/g);
  const texts = page.text.matchAll(/<textarea name="(\w+)"[^>]*>([^<]*)<\/textarea>/g);
  return Object.fromEntries([...inputs, ...texts].map(([, name, value]) => [name, value]));
}

/** Sends the form of an address, and follows where it leads. */
export async function press(core: Core, address: string, what: string, fields: Record<string, string> = {}) {
  const body = new URLSearchParams({ ...fields, do: what });
  const answer = await send(core, address, { method: 'POST', body });
  if (answer.status !== 303) throw new Error(`Could not ${what}: HTTP ${answer.status} ${answer.text}`);
  return await send(core, answer.headers.get('location') ?? '');
}
