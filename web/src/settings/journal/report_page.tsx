/** What one run of the sync did, item by item. */
import { useMemo, useState } from 'preact/hooks';
import { useLive } from '../../backend/live.ts';
import { useWorkspace } from '../../backend/workspace.ts';
import { Link, navigate, usePlace } from '../../parts/navigation.tsx';
import { FailureNote } from '../../parts/notices.tsx';
import { downloadCsv } from '../../parts/csv.ts';
import { usePageTitle } from '../../parts/page_title.ts';
import { type Provider, settingsPath } from '../../providers.ts';
import { errorMessage, formatMoment, formatTime, language, locale, t } from '../../words/i18n.ts';
import { reasonText } from '../../words/reasons/words.ts';
import { dayOf, instantToWall } from '../../../../supabase/functions/_shared/zoned_time.ts';
import { whoOf } from '../failed_appointments.ts';
import { COUNTS, kindOf, nameOf, readReport, type ReportItem, type Run } from './runs.ts';
import { words as settings } from '../words.ts';
import { words } from './words.ts';

const SHOWN = 100;
const ACTIONS = ['create', 'update', 'cancel', 'delete', 'conflict', 'hold', 'fail', 'skip'] as const;

export function ReportPage({ provider, runId }: { provider: Provider; runId: string }) {
  const { backend, member } = useWorkspace();
  const name = provider.calendar[language];
  usePageTitle(`${words.report.title} — ${name}`);
  const live = useLive(runId, (signal) => readReport(backend, member, runId, signal), { tables: ['sync_runs'] });
  return (
    <>
      <header class='page-header'>
        <Link to={settingsPath(provider)} class='back'>{name}</Link>
        <h1>{words.report.title}</h1>
      </header>
      {live.data === null && live.failure === null && <p class='loading' role='status'>{t.app.loading}</p>}
      {live.data === null && live.failure !== null && <FailureNote failure={live.failure} />}
      {live.data?.run === null && <p class='card'>{words.report.gone}</p>}
      {live.data !== null && live.data.run !== null && (
        <>
          <RunCard run={live.data.run} />
          <Items run={live.data.run} items={live.data.items} />
          {live.data.cut && <p class='hint'>{words.report.cut(live.data.items.length)}</p>}
        </>
      )}
    </>
  );
}

function RunCard({ run }: { run: Run }) {
  const { member } = useWorkspace();
  const zone = member.organisation.timezone;
  const counts = Object.fromEntries(
    COUNTS.filter((key) => run[key] > 0 || key === 'created' || key === 'updated' || key === 'failed')
      .map((key) => [key, words.report.counts[key]]),
  );
  return (
    <section class='card' aria-labelledby='run-title'>
      <h2 id='run-title'>{kindOf(run)}</h2>
      <dl class='facts'>
        <dt>{words.report.started}</dt>
        <dd>{formatMoment(run.started_at, zone)}</dd>
        <dt>{words.report.duration}</dt>
        <dd>{run.finished_at === null ? words.report.running : lasted(run.started_at, run.finished_at)}</dd>
        <dt>{words.report.trigger}</dt>
        <dd>{words.report.triggers[run.trigger]}</dd>
        {run.window_from !== null && run.window_to !== null && (
          <>
            <dt>{words.report.window}</dt>
            <dd>{settings.import.window(formatMoment(run.window_from, zone), formatMoment(run.window_to, zone))}</dd>
          </>
        )}
        {run.error !== null && (
          <>
            <dt>{words.report.error}</dt>
            <dd>{errorMessage(run.error, settings.failures.unknown)}</dd>
          </>
        )}
      </dl>
      <dl class='counts'>
        {Object.entries(counts).map(([key, label]) => (
          <div key={key} data-count={key}>
            <dt>{label}</dt>
            <dd>{run[key as typeof COUNTS[number]]}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** « 1,4 s ». */
function lasted(from: string, to: string): string {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', maximumFractionDigits: 1 }).format(seconds);
}

function Items({ run, items }: { run: Run; items: readonly ReportItem[] }) {
  const { member } = useWorkspace();
  const zone = member.organisation.timezone;
  const { path, query } = usePlace();
  const [search, setSearch] = useState('');
  const [most, setMost] = useState(SHOWN);
  const action = query.get('action') ?? '';
  const present = ACTIONS.filter((one) => items.some((item) => item.action === one));
  const matching = useMemo(() => {
    const wanted = search.trim().toLocaleLowerCase(locale);
    return items.filter((item) =>
      (action === '' || item.action === action) &&
      (wanted === '' || `${nameOf(item)} ${reasonText(item.reason)}`.toLocaleLowerCase(locale).includes(wanted))
    );
  }, [items, action, search]);
  const shown = matching.slice(0, most);

  const save = () => {
    const rows = matching.map((item) => [
      ...dateAndTime(item, zone),
      patientOf(item),
      item.appointment?.practitioner?.display_name ?? '',
      nameOf(item),
      words.done[item.action],
      reasonText(item.reason),
      instantToWall(item.at, zone).replace('T', ' '),
      item.rdvId ?? '',
      item.eventId ?? '',
      item.calendarId ?? '',
    ]);
    const day = dayOf(run.started_at, zone);
    downloadCsv(`cassius-${run.direction}-${day}.csv`, [words.report.csvColumns, ...rows], language);
  };

  return (
    <section class='card' aria-labelledby='items-title'>
      <div class='card-title'>
        <h2 id='items-title'>{words.report.items}</h2>
        <button type='button' disabled={matching.length === 0} onClick={save}>{words.report.csv}</button>
      </div>
      {items.length === 0 ? <p class='hint'>{words.report.noItems}</p> : (
        <>
          <div class='filters'>
            <label>
              {words.report.filter}
              <select
                name='action'
                value={action}
                onChange={({ currentTarget: { value } }) =>
                  navigate(value === '' ? path : `${path}?action=${value}`, { replace: true })}
              >
                <option value=''>{words.report.all}</option>
                {present.map((one) => <option key={one} value={one}>{words.done[one]}</option>)}
              </select>
            </label>
            <label>
              {words.report.search}
              <input
                type='search'
                name='search'
                value={search}
                onInput={({ currentTarget: { value } }) => setSearch(value)}
              />
            </label>
            <p class='hint' role='status'>{words.report.shown(matching.length, items.length)}</p>
          </div>
          {shown.length === 0 ? <p class='empty'>{words.report.nothingFound}</p> : (
            <table class='report'>
              <thead>
                <tr>
                  <th scope='col'>{words.report.action}</th>
                  <th scope='col'>{words.report.what}</th>
                  <th scope='col'>{words.report.reason}</th>
                  <th scope='col'>{words.report.when}</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((item) => (
                  <tr key={item.key} data-action={item.action}>
                    <td>
                      <span class='badge' data-action={item.action}>{words.done[item.action]}</span>
                    </td>
                    <td>
                      <ItemName item={item} zone={zone} />
                    </td>
                    <td class='hint'>{reasonText(item.reason)}</td>
                    <td class='hint'>
                      <time dateTime={item.at}>{formatTime(item.at, zone)}</time>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {matching.length > shown.length && (
            <button type='button' onClick={() => setMost(most + SHOWN)}>{words.report.more}</button>
          )}
        </>
      )}
    </section>
  );
}

/** When the appointment or event itself takes place, on the practice's clock. */
function dateAndTime({ appointment, event }: ReportItem, zone: string): [date: string, time: string] {
  if (appointment === null && event?.allDay === true) return [event.startDay ?? '', ''];
  const start = appointment?.starts_at ?? event?.startsAt ?? null;
  if (start === null) return ['', ''];
  const wall = instantToWall(start, zone);
  return [wall.slice(0, 10), wall.slice(11)];
}

function patientOf({ appointment }: ReportItem): string {
  return appointment === null || appointment.patient === null ? '' : whoOf(appointment);
}

function ItemName({ item, zone }: { item: ReportItem; zone: string }) {
  const { appointment, event, rdvId } = item;
  const name = nameOf(item);
  const start = appointment?.starts_at ?? event?.startsAt ?? null;
  return (
    <>
      {appointment === null ? name : <Link to={`/calendar?rdv=${rdvId}`}>{name}</Link>}
      {start !== null && <span class='hint'>{formatMoment(start, zone)}</span>}
    </>
  );
}
