/** The built client in a browser, over a service that answers what a test says: for what needs no stack behind it. */
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { freePortBase } from '../../local/ports.ts';
import { PATIENCE_MS } from '../patience.ts';
import { launchChromium, type LaunchedBrowser } from './chromium.ts';
import { complaintsOf } from './product.ts';
import { serveClient, type ServedClient } from './served_client.ts';
import { StubService } from './stub_service.ts';

export interface StubbedVisit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly service: StubService;
  /** What the page should not have done: uncaught errors, refused resources. */
  readonly complaints: readonly string[];
}

export class StubbedClient {
  #last: BrowserContext | undefined;

  private constructor(readonly served: ServedClient, readonly chromium: LaunchedBrowser) {}

  /** @param env beside the address of the service, which is the page's own */
  static async start(
    { realtime = false, env = {} }: { realtime?: boolean; env?: Record<string, string> } = {},
  ): Promise<StubbedClient> {
    const port = freePortBase();
    const served = await serveClient({
      VITE_SUPABASE_URL: `http://127.0.0.1:${port}`,
      VITE_SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_test',
      ...realtime ? {} : { VITE_SUPABASE_REALTIME: 'off' },
      ...env,
    }, port);
    try {
      return new StubbedClient(served, await launchChromium());
    } catch (error) {
      await served.stop();
      throw error;
    }
  }

  get url(): string {
    return this.served.url;
  }

  /** A window of its own, in French, in Paris, signed in; the one before it closes. */
  async visit(
    { signedIn = true, realtime = false, ...options }: BrowserContextOptions & {
      signedIn?: boolean;
      realtime?: boolean;
    } = {},
  ): Promise<StubbedVisit> {
    await this.#last?.close();
    const context = this.#last = await this.chromium.browser.newContext({
      locale: 'fr-FR',
      timezoneId: 'Europe/Paris',
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const service = new StubService();
    await service.install(context, { signedIn, realtime });
    const page = await context.newPage();
    return { context, page, service, complaints: complaintsOf(page) };
  }

  async stop(): Promise<void> {
    await this.chromium.close();
    await this.served.stop();
  }
}
