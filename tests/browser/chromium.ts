/**
 * A headless Chromium that comes from npm alone: unpacked into a temporary directory of its own for each launch, so that root and
 * ordinary users never meet in one cache, and an interrupted run never leaves half a browser for the next one.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { type Browser, chromium as playwright } from 'playwright-core';

const FLAGS = [
  // The sandbox needs rights that root in a container and many CI users lack; the browser only visits loopback pages.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-pings',
];

export interface LaunchedBrowser {
  readonly browser: Browser;
  /** Ends the browser and removes what was unpacked. */
  close(): Promise<void>;
}

export async function launchChromium(): Promise<LaunchedBrowser> {
  const home = await mkdtemp(join(tmpdir(), 'cassius-chromium-'));
  const remove = () => rm(home, { recursive: true, force: true, maxRetries: 3 });
  try {
    const executablePath = await unpack(home);
    await writeFile(join(home, 'fonts', 'fonts.conf'), fontConfiguration(home));
    const browser = await playwright.launch({
      executablePath,
      headless: true,
      args: FLAGS,
      env: { ...currentEnvironment(), HOME: home, TMPDIR: home, FONTCONFIG_PATH: join(home, 'fonts') },
    });
    return {
      browser,
      async close() {
        await browser.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The package unpacks to the directory that TMPDIR names when it is called. */
async function unpack(home: string): Promise<string> {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = home;
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    return await packaged.executablePath();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

/** The package's own configuration looks for its fonts in fixed places; without a font, the browser dies at the first input. */
function fontConfiguration(home: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(home, 'fonts')}</dir>
  <cachedir>${join(home, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}

function currentEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
