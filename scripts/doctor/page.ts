/** The page as its host serves it: every path answered, every header sent, made for this project. */
import { gzipSync } from 'node:zlib';
import { fixedHeaders, pagePolicy } from '../../web/hosting.ts';
import { failing, type Finding, warning, well } from './finding.ts';

const TIMEOUT_MS = 20_000;
/** What the page's address leads to after a consent. */
const DEEP = '/settings/integrations';
/** Script of a first visit, gzip, in kilobytes of 1000 bytes; the build's own budgets are smaller (docs/performance.md). */
const SCRIPT_KB = 150;

async function scriptsOf(page: string, html: string): Promise<number> {
  const files = [...html.matchAll(/<(?:script[^>]*\ssrc|link[^>]*\srel="modulepreload"[^>]*\shref)="([^"]+)"/g)];
  let bytes = 0;
  for (const [, file] of files) {
    const answer = await fetch(new URL(file!, `${page}${DEEP}`), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    bytes += gzipSync(new Uint8Array(await answer.arrayBuffer())).length;
  }
  return bytes / 1000;
}

/** @param project address that the page's own policy must let it call */
export async function pageFindings(page: string, project: string): Promise<Finding[]> {
  const answer = await fetch(page + DEEP, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() =>
    null
  );
  if (answer === null) {
    return [failing('page', `${page} gives no answer`, 'serve web/dist there, or correct APP_BASE_URL')];
  }
  const html = await answer.text();
  if (answer.status !== 200 || !/<script[^>]*type="module"/.test(html)) {
    return [
      failing(
        'page',
        `${page}${DEEP} answers ${answer.status} and is not the page`,
        'let the host answer unknown paths with index.html: docs/hosting.md',
      ),
    ];
  }
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]?.replaceAll('&#39;', `'`);
  if (policy !== pagePolicy(project)) {
    return [
      failing(
        'page',
        'it was built for another project, or by another version: what it may call is not this project',
        `VITE_SUPABASE_URL=${project} npm run build, and deploy web/dist`,
      ),
    ];
  }
  // A host that knows the project's address sends the whole policy; what the page says itself may be left out.
  const wrong = fixedHeaders().filter(([name, value]) => {
    const sent = answer.headers.get(name);
    return sent !== value && sent !== `${policy}; ${value}`;
  }).map(([name]) => name);
  if (wrong.length > 0) {
    return [
      failing(
        'page',
        `headers missing or other than the build’s: ${wrong.join(', ')}`,
        'give the host its file: docs/hosting.md',
      ),
    ];
  }
  const kilobytes = await scriptsOf(page, html);
  const told = `${Math.round(kilobytes)} kB of script before the first page`;
  return [
    well('page', `${page}: every path, every header, this project`),
    kilobytes <= SCRIPT_KB
      ? well('bundle', told)
      : warning('bundle', told, 'build with npm run build of this repository, and see that the host compresses'),
  ];
}
