/** The database wakes each function as it does after a booking, and tells how it was answered. */
import type { Deployment, Facts } from './deployment.ts';
import { failing, type Finding, well } from './finding.ts';

interface NudgeAnswer {
  readonly status: number | null;
  readonly timedOut: boolean;
  readonly failed: boolean;
}

const WAIT_MS = 30_000;
const POLL_MS = 300;

async function answerTo(deployment: Deployment, request: number): Promise<NudgeAnswer | null> {
  const until = Date.now() + WAIT_MS;
  while (Date.now() < until) {
    const answer = await deployment.call<NudgeAnswer | null>('nudge_answer', { p_request: request });
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return null;
}

const CONFIGURE = `select private.configure('<address of the project>/functions/v1');`;

const SHARE = `npm run deploy again gives the functions the database’s secret. By hand: ` +
  `delete from private.app_config where key = 'nudge_secret'; ${CONFIGURE} and its answer to the functions as NUDGE_SIGNING_SECRET`;

function verdict(name: string, at: string, answer: NudgeAnswer | null): Finding | null {
  const check = 'nudge';
  if (answer === null) {
    return failing(
      check,
      `${name}: pg_net sent nothing in ${WAIT_MS / 1000} s`,
      'restart the database: the worker of pg_net does not run',
    );
  }
  if (answer.status === 202) return null;
  if (answer.status === 401) {
    return failing(check, `${name} does not accept the database’s signature: another secret, or another clock`, SHARE);
  }
  const seen = answer.status === null ? 'gives no answer' : `answers ${answer.status}`;
  const todo = answer.status === 500 ? 'put the line "variables" right' : CONFIGURE;
  return failing(check, `the database looks for ${name} at ${at}, which ${seen}`, todo);
}

/** Sync and import functions among `names`. */
export async function nudges(
  deployment: Deployment,
  configured: boolean,
  facts: Facts,
  names: readonly string[],
): Promise<Finding> {
  const check = 'nudge';
  if (!configured || facts.functionsUrl === null) {
    const lacks = facts.functionsUrl === null ? 'does not know where the functions are' : 'has no nudge secret';
    return failing(check, `the database ${lacks}: nothing is woken`, SHARE);
  }
  const woken: string[] = [];
  for (const name of names.filter((one) => /-(sync|import)$/.test(one))) {
    const [, provider, part] = /^(.+)-(\w+)$/.exec(name)!;
    const sent = await deployment.call<number | null | { sqlState: string }>('nudge_trial', {
      p_provider: provider,
      p_function: part,
    });
    if (sent === null) continue; // paused, which has a line of its own
    if (typeof sent === 'object') {
      return failing(
        check,
        `the database cannot send (${sent.sqlState})`,
        'put the line "sealing" right; else see whether pg_net is there',
      );
    }
    const bad = verdict(name, facts.functionsUrl, await answerTo(deployment, sent));
    if (bad !== null) return bad;
    woken.push(name);
  }
  return well(check, woken.length === 0 ? 'not tried: all is stopped' : `there and back: ${woken.join(', ')}`);
}
