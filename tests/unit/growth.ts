/** Whether a function of a text takes time in proportion to it: compared with itself in one run, never with a clock. */

import process from 'node:process';

/** Each is repeated to any length. */
const RUNS = [
  ...['a', '1', '-', '—', '.', ':', ';', ',', '=', '/', '\\', '"', '@', 'a@', '1.', '/a', '; '],
  ...[' ', '\t', '\n', '\r', '\r\n', ' \n', '\n ', 'a ', '\u2028', '\u00a0', ' \u2028'],
  ...[
    '<',
    '>',
    '</',
    '<!--',
    '<!-- ',
    '<br',
    '<br>',
    '<br <',
    '<head>',
    '<style ',
    '</script ',
    '&',
    '&#',
    '&a',
    '&amp;',
    '<x>',
    '</y>',
    '<a href="',
    '<a href=b>',
    '<li> ',
  ],
  ...['(', '[ ', '{ ', ') ', '{type}', '{act} - ', '- {act}', '($'],
  ...['-::~:~::', '-::~:~::x', '~:', 'boundary=', '--b\n', 'HTTP/1.1 ', '\n at a', 'at a:1:1', 'fr;q=1,', 'q='],
  ...['é', 'e\u0300', '\u0300', '\ud800', '\udc00', '\ud800a', '🩺', '\0', '\u0001'],
];

const SIZES = [1_000, 10_000, 100_000] as const;

/** Texts of the three sizes that have cost others dear, and some of everything. */
export const WORST_CASES: ReadonlyArray<readonly string[]> = [
  ...RUNS.flatMap((run) => [ofEachSize(run), ofEachSize(run, 'a', 'b')]),
  ofEachSize('~', '-::~:~::'),
  // what searches the open tags at each one that closes
  SIZES.map((size) => '<x>'.repeat(size / 7) + '</y>'.repeat(size / 7)),
  ...[3, 7, 11].map((step) => ofEachSize(RUNS.map((_, at) => RUNS[(at * step) % RUNS.length]).join(''))),
];

export function ofEachSize(run: string, before = '', after = ''): string[] {
  return SIZES.map((size) => before + run.repeat(Math.ceil(size / run.length)).slice(0, size) + after);
}

/** Ten times the text costs a linear function ten times as much, a quadratic one a hundred times. */
const MOST_GROWTH = 45;
/** Below it, what else the machine does counts for more. A quadratic function is far above at the second size. */
const TELLING_MS = 4;

/** The beginning of the first text at which `run` costs more than its length accounts for; null where there is none. */
export function growsFaster(
  run: (text: string) => unknown,
  texts: ReadonlyArray<readonly string[]> = WORST_CASES,
): string | null {
  const cost = (text: string, times: number) => Math.min(...Array.from({ length: times }, () => once(run, text)));
  for (const sizes of texts) {
    for (const [at, text] of sizes.entries()) {
      const shorter = sizes[at - 1];
      const tooMuch = (times: number) => {
        const spent = cost(text, times);
        return shorter !== undefined && spent > TELLING_MS && spent > MOST_GROWTH * cost(shorter, 2 * times);
      };
      // Once may be the machine's doing.
      if (tooMuch(1) && tooMuch(3) && tooMuch(9)) return JSON.stringify(text.slice(0, 20));
    }
  }
  return null;
}

/** In milliseconds of this process's CPU: waiting for a core that others have is no cost of the function. */
function once(run: (text: string) => unknown, text: string): number {
  const before = process.cpuUsage();
  run(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
