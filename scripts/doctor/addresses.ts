/** Whether the addresses that were given to the functions lead where they should: asked as a browser or a provider would. */
import type { SelfReport } from '../../supabase/functions/_shared/http/self_report.ts';
import { noticesOf, providerOf } from '../project/functions.ts';
import { failing, type Finding, well } from './finding.ts';

const TIMEOUT_MS = 20_000;

interface Look {
  readonly status: number | null;
  readonly location: string | null;
  readonly ours: boolean;
}

/** A GET that follows nothing. `ours`: one of our functions answered, whose answers all carry their request's id. */
async function look(address: string): Promise<Look> {
  try {
    const answer = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await answer.body?.cancel();
    const { status, headers } = answer;
    return { status, location: headers.get('location'), ours: headers.has('x-request-id') };
  } catch {
    return { status: null, location: null, ours: false };
  }
}

const isLoopback = (address: string) => /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:|\/|$)/.test(address);
const isPublic = (address: string) => address.startsWith('https://') || isLoopback(address);
/** What is to be done about an address; a function of ours that answers 500 lacks something else. */
const mend = (seen: Look, todo: string) => seen.ours && seen.status === 500 ? 'put the line "variables" right' : todo;
const told = ({ status }: Look) => status === null ? 'gives no answer' : `answers ${status}`;

/** Where providers send browsers back: our callback, which leads to the page whatever it is asked. */
export async function redirects(reports: readonly SelfReport[]): Promise<Finding> {
  const check = 'redirect';
  const good: string[] = [];
  for (const { function: name, addresses } of reports.filter((one) => one.function.endsWith('-callback'))) {
    const variable = `${providerOf(name).toUpperCase()}_REDIRECT_URI`;
    const address = addresses[variable];
    if (address === undefined) continue; // the variables' own line says so
    const seen = await look(address);
    const back = seen.ours && seen.status === 303 && seen.location?.startsWith(addresses.APP_BASE_URL ?? '-');
    if (!back || !isPublic(address) || !new URL(address).pathname.endsWith(`/${name}`)) {
      const says = `${variable} is ${address}, which ${
        back ? `is not ${name} by https` : `${told(seen)} instead of leading back to the page`
      }`;
      return failing(
        check,
        says,
        mend(
          seen,
          `npx supabase secrets set ${variable}=<address of the project>/functions/v1/${name}, and the same in the provider’s console`,
        ),
      );
    }
    good.push(address);
  }
  return well(
    check,
    good.length === 0
      ? 'no callback to look at'
      : `${good.join(', ')}: to be in the provider’s console, letter by letter`,
  );
}

/** Where providers tell of changes: our import function, which takes nothing by GET. */
export async function watches(reports: readonly SelfReport[], channelsRefused: number): Promise<Finding> {
  const check = 'watch';
  const good: string[] = [];
  for (const { function: name, addresses } of reports.filter((one) => one.function.endsWith('-import'))) {
    const variable = `${providerOf(name).toUpperCase()}_WEBHOOK_URL`;
    const address = addresses[variable] ?? noticesOf(addresses.SUPABASE_URL ?? '', providerOf(name));
    const seen = await look(address);
    if (!seen.ours || seen.status !== 405 || !isPublic(address)) {
      const says = `changes are to be told at ${address}, which ${
        seen.ours && seen.status === 405 ? 'is not https' : told(seen)
      }`;
      return failing(
        check,
        says,
        mend(
          seen,
          `npx supabase secrets set ${variable}=<public address of the project>/functions/v1/${name}/notifications`,
        ),
      );
    }
    good.push(address);
  }
  const refused = channelsRefused === 0 ? '' : `; ${channelsRefused} calendars cannot be watched and are polled`;
  return well(check, `${good.join(', ')}${refused}`);
}
