/** What each function tells of itself, and whether they, the database and people's addresses agree. */
import type { SelfReport } from '../../supabase/functions/_shared/http/self_report.ts';
import { providerOf } from '../project/functions.ts';
import { inTheUnion } from '../project/regions.ts';
import type { ClockReading, Facts, FunctionAnswer } from './deployment.ts';
import { failing, type Finding, warning, well } from './finding.ts';

export type Answers = ReadonlyMap<string, FunctionAnswer>;

const list = (names: readonly string[]) => names.join(', ');

export function reportsOf(answers: Answers): SelfReport[] {
  return [...answers.values()].flatMap((answer) => answer.kind === 'report' ? [answer.report] : []);
}

/** Those of a provider that was left out on purpose, or was never deployed, are no fault, unless people are connected. */
export function deployedOnes(answers: Answers, connections: Facts['connections']): string[] {
  const names = [...answers.keys()];
  const present = new Set(names.filter((name) => answers.get(name)!.kind !== 'absent').map(providerOf));
  const inUse = names.filter((name) => present.has(providerOf(name)) || connections[providerOf(name)] !== undefined);
  return inUse.length === 0 ? names : inUse;
}

export function deployed(answers: Answers, connections: Facts['connections']): Finding {
  const check = 'functions';
  const wanted = deployedOnes(answers, connections);
  const of = (kind: FunctionAnswer['kind']) => wanted.filter((name) => answers.get(name)!.kind === kind);
  if (of('absent').length > 0) {
    const names = of('absent');
    return failing(check, `not deployed: ${list(names)}`, `npx supabase functions deploy ${names.join(' ')}`);
  }
  if (of('broken').length > 0) {
    return failing(
      check,
      `give no answer: ${list(of('broken'))}`,
      'read their logs; they do not start, or fail before they answer',
    );
  }
  if (of('refused').length > 0) {
    const says = `hold another secret key than the one given: ${list(of('refused'))}`;
    return failing(
      check,
      says,
      'use a secret key of this project; if it was made after them, deploy the functions again',
    );
  }
  if (of('older').length > 0) {
    const names = of('older');
    return failing(
      check,
      `older than this repository: ${list(names)}`,
      `npx supabase functions deploy ${names.join(' ')}`,
    );
  }
  return well(check, `${wanted.length - of('keyless').length} answer`);
}

export function variables(answers: Answers): Finding {
  const missed = new Map<string, string[]>();
  for (const [name, answer] of answers) {
    const faults = answer.kind === 'report' ? answer.report.variables : [];
    for (const variable of answer.kind === 'keyless' ? ['SUPABASE_SECRET_KEYS'] : faults) {
      missed.set(variable, [...missed.get(variable) ?? [], name]);
    }
  }
  if (missed.size === 0) return well('variables', 'each function has what it reads');
  const told = [...missed].map(([variable, names]) => `${variable} (${list(names)})`);
  const todo = `npx supabase secrets set ${[...missed.keys()].map((variable) => `${variable}=…`).join(' ')}`;
  return failing('variables', `missing or wrong: ${list(told)}`, todo);
}

/** The signature of a wake-up bears five minutes, a person's token five seconds. */
const CLOCKS_APART_MS = 60_000;
const CLOCKS_APART_A_BIT_MS = 5_000;

export function clocks(database: ClockReading, answers: Answers): Finding {
  const apart = [...answers].flatMap(([name, answer]) => {
    if (answer.kind !== 'report') return [];
    const { ahead, doubt } = answer.clock;
    const difference = Math.abs(ahead - database.ahead);
    return [{ name, ms: Math.max(0, difference - doubt - database.doubt) }];
  });
  const worst = Math.max(0, ...apart.map(({ ms }) => ms));
  const seconds = `${Math.round(worst / 1000)} s`;
  if (worst <= CLOCKS_APART_A_BIT_MS) return well('clock', 'functions and database agree on the time');
  const names = list(apart.filter(({ ms }) => ms > CLOCKS_APART_A_BIT_MS).map(({ name }) => name));
  const [finding, what] = worst > CLOCKS_APART_MS
    ? [failing, 'wake-ups are refused'] as const
    : [warning, 'new tokens are refused'] as const;
  return finding(
    'clock',
    `${seconds} apart from the database, ${what}: ${names}`,
    'set the clock of the server that runs them (NTP); hosted: tell the platform',
  );
}

/** @param published ids of the project's keys, null where it publishes none that can be read */
export function tokenKeys(reports: readonly SelfReport[], published: readonly string[] | null): Finding {
  const check = 'token-keys';
  if (published === null || published.length === 0) {
    return well(check, 'the project publishes no key: tokens are asked about at its Auth server');
  }
  const behind = reports.filter((report) => !published.some((key) => report.tokenKeys.includes(key)));
  return behind.length === 0 ? well(check, `${published.length} published, known to the functions`) : warning(
    check,
    `do not know the project’s signing key, and ask its Auth server each time: ${
      list(behind.map((one) => one.function))
    }`,
    'deploy them again',
  );
}

export function region(reports: readonly SelfReport[], wanted: string | null): Finding {
  const found = [...new Set(reports.flatMap((one) => one.region ?? []))];
  if (found.length === 0) {
    return wanted === null
      ? well('region', 'the functions do not say (local, or self-hosted)')
      : warning('region', 'the functions do not say where they run', 'see where the server is');
  }
  const others = found.filter((one) => wanted === null ? !inTheUnion(one) : one !== wanted);
  return others.length === 0 ? well('region', `asked from here, the functions run in ${list(found)}`) : failing(
    'region',
    `asked from here, functions run in ${list(others)}, not in ${wanted ?? 'the European Union'}`,
    'docs/deploy.md, "Region"',
  );
}
