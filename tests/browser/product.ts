/** The whole product for a browser test: the real stack, the built client, a browser, and people who are signed in. */
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { freePortBase, portsFrom } from '../../local/ports.ts';
import { type Stack, type StackOptions, startStack } from '../../local/stack.ts';
import { launchChromium, type LaunchedBrowser } from './chromium.ts';
import { PATIENCE_MS, REQUEST_PAUSE_MS } from '../patience.ts';
import { serveClient } from './served_client.ts';

export const CLAIRE = 'claire@cabinet-lumiere.test';
export const MARC = 'marc@cabinet-rivoli.test';
export const PASSWORD = 'demo-password';
/** Claire's and Marc's calendar accounts at the emulator. */
export const CLAIRES_ACCOUNT = 'claire@gmail.test';
export const MARCS_ACCOUNT = 'marc@gmail.test';

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page should not have done: uncaught errors, refused resources. Answers of 4xx and 5xx do not count. */
  readonly complaints: readonly string[];
}

export class Product {
  private constructor(
    readonly stack: Stack,
    /** Where the built client is served, and where the functions send people back to. */
    readonly url: string,
    readonly chromium: LaunchedBrowser,
    private readonly undo: Array<() => Promise<unknown>>,
  ) {}

  /** `options`: of the stack. */
  static async start(options: Pick<StackOptions, 'demonstration'> = {}): Promise<Product> {
    const undo: Array<() => Promise<unknown>> = [];
    try {
      const portBase = freePortBase();
      const stack = await startStack({
        portBase,
        fresh: true,
        web: false,
        quiet: true,
        requestPauseMs: REQUEST_PAUSE_MS,
        ...options,
      });
      undo.push(() => stack.stop());
      const client = await serveClient({
        VITE_SUPABASE_URL: stack.apiUrl,
        VITE_SUPABASE_PUBLISHABLE_KEY: stack.publishableKey,
        VITE_SUPABASE_REALTIME: 'off',
      }, portsFrom(portBase).web);
      undo.push(() => client.stop());
      const chromium = await launchChromium();
      undo.push(() => chromium.close());
      return new Product(stack, client.url, chromium, undo);
    } catch (error) {
      for (const step of undo.reverse()) await step();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (let step = this.undo.pop(); step; step = this.undo.pop()) await step();
  }

  /** A window of its own, in French, in Paris. With an address, a person who signed in before. */
  async visit(email: string | null, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await this.chromium.browser.newContext({
      locale: 'fr-FR',
      timezoneId: 'Europe/Paris',
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    this.undo.push(() => context.close());
    context.setDefaultTimeout(PATIENCE_MS);
    if (email !== null) {
      // Refresh tokens rotate: two windows must not share a session.
      const session = await this.#signIn(email);
      await context.addInitScript((text) => {
        if (sessionStorage.getItem('test.signed-in') !== null) return;
        sessionStorage.setItem('test.signed-in', 'once');
        localStorage.setItem('cassius.session', text);
      }, JSON.stringify(session));
    }
    const page = await context.newPage();
    return { context, page, complaints: complaintsOf(page) };
  }

  async #signIn(email: string): Promise<unknown> {
    const answer = await fetch(`${this.stack.apiUrl}/auth/v1/token?grant_type=password`, {
      method: 'POST',
      headers: { apikey: this.stack.publishableKey, 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD }),
    });
    if (!answer.ok) throw new Error(`Sign in as ${email}: ${answer.status} ${await answer.text()}`);
    const session = await answer.json();
    return { ...session, expires_at: session.expires_at ?? Math.floor(Date.now() / 1000) + session.expires_in };
  }
}

export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  return complaints;
}

export interface RemoteEvent {
  readonly id: string;
  readonly status: string;
  readonly summary?: string;
  readonly description?: string;
  readonly location?: string;
  readonly start?: { readonly dateTime?: string };
}

/** The events that live in the emulator's calendars. */
export async function liveEvents(stack: Stack): Promise<RemoteEvent[]> {
  const response = await fetch(`${stack.google.url}/__emulator/state?only=events`);
  const { events } = await response.json() as { events: RemoteEvent[] };
  return events.filter(({ status }) => status !== 'cancelled');
}
