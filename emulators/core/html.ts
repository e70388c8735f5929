/** The frame of every page that the emulator shows. */
import type { Answer } from './answers.ts';

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
  fieldset { border: 1px solid GrayText; border-radius: .5rem; margin: 1rem 0; padding: .75rem 1rem; }
  label { display: block; padding: .25rem 0; }
  input:not([type=checkbox], [type=radio]), select, textarea { font: inherit; display: block; width: 100%; box-sizing: border-box; }
  button { font: inherit; padding: .5rem 1.25rem; margin-right: .5rem; border-radius: .5rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid GrayText; }
  .note { color: GrayText; }
`;

/** `body` is HTML already. */
export function page(status: number, title: string, body: string): Answer {
  return {
    status,
    body: `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${body}
</main>
</body>
</html>
`,
    headers: { 'cache-control': 'no-store' },
  };
}

const DAY = 86_400_000;
const SHOWN_DAYS = 31;

/** The month from `?from=YYYY-MM-DD` (today if absent): `sections` is the HTML of every account. */
export function monthPage(
  title: string,
  now: number,
  query: URLSearchParams,
  sections: (from: number, until: number) => readonly string[],
): Answer {
  const asked = Date.parse(`${query.get('from')}T00:00:00Z`);
  const from = Number.isNaN(asked) ? Math.floor(now / DAY) * DAY : asked;
  const until = from + SHOWN_DAYS * DAY;
  const step = (label: string, at: number) =>
    `<a href="/?from=${new Date(at).toISOString().slice(0, 10)}">${label}</a>`;
  const links = `${step('Mois précédent', from - SHOWN_DAYS * DAY)} · ${step('Mois suivant', until)}`;
  const navigation = `<nav aria-label="Période">${links}</nav>`;
  return page(200, title, `${navigation}\n${sections(from, until).join('\n')}`);
}

/** A titled part of a page: of an account (`h2`) or of a calendar (`h3`). `body` is HTML already. */
export function section(level: 'h2' | 'h3', title: string, note: string, body: string): string {
  return `<section aria-label="${escape(title)}"><${level}>${escape(title)} <span class="note">${
    escape(note)
  }</span></${level}>\n${body}</section>`;
}

export function agendaTable(events: ReadonlyArray<{ when: string; title: string; address: string }>): string {
  if (events.length === 0) return '<p class="note">Aucun événement sur cette période.</p>';
  const rows = events.map(({ when, title, address }) =>
    `<tr><td>${escape(when)}</td><td><a href="${address}">${escape(title)}</a></td></tr>`
  );
  return `<table><thead><tr><th scope="col">Quand</th><th scope="col">Quoi</th></tr></thead><tbody>${
    rows.join('\n')
  }</tbody></table>`;
}

/** Deleted events, out of the way: each can be brought back on its page. */
export function deletedTable(events: ReadonlyArray<{ when: string; title: string; address: string }>): string {
  return events.length === 0
    ? ''
    : `<details><summary>Supprimés : ${events.length}</summary>${agendaTable(events)}</details>`;
}

export function factsTable(facts: ReadonlyArray<readonly [string, string]>): string {
  const rows = facts.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escape(value)}</td></tr>`);
  return `<table>${rows.join('\n')}</table>`;
}

/** When an event is, in French, by the clock of `timeZone`. */
export function whenText(
  { startAt, endAt }: { readonly startAt: number; readonly endAt: number },
  timeZone: string,
  allDay: boolean,
): string {
  const day = { timeZone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const;
  const date = new Intl.DateTimeFormat('fr-FR', day).format(startAt);
  if (allDay) {
    const days = Math.round((endAt - startAt) / DAY);
    return days > 1 ? `${date}, ${days} jours` : `${date}, toute la journée`;
  }
  const time = new Intl.DateTimeFormat('fr-FR', { timeZone, hour: '2-digit', minute: '2-digit' });
  return `${date}, ${time.format(startAt)} – ${time.format(endAt)}`;
}
