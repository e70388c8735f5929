/** Where one is in the calendar, what of it is shown, and whether it is being synchronised. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useWorkspace } from '../backend/workspace.ts';
import { lazy } from '../parts/lazy.tsx';
import { useMedia } from '../parts/media.ts';
import { Modal } from '../parts/modal.tsx';
import { PersonBadge } from '../parts/person_badge.tsx';
import { Link } from '../parts/navigation.tsx';
import { providerOf, PROVIDERS, settingsPath } from '../providers.ts';
import { locale, sayDate, t } from '../words/i18n.ts';
import { type Shown, type View, VIEWS } from './calendar_address.ts';
import type { LegendProps } from './legend.tsx';
import { MonthPicker } from './month_picker.tsx';
import { periodTitle, stepped } from './period.ts';
import { type Person, toggled } from './people.ts';
import type { Integration } from './rows.ts';
import { words } from './words.ts';

/** No room for what is chosen seldom: it is in a sheet. */
export const PHONE = '(max-width: 46rem)';

const Legend = lazy<LegendProps>(async () => (await import('./legend.tsx')).Legend);

/** What can be shown alone: everything, ours, each connected provider's, what waits for a decision. */
export function sourcesOf(integrations: readonly Integration[]): string[] {
  const connected = PROVIDERS.map(({ id }) => id).filter((id) => integrations.some(({ provider }) => provider === id));
  return ['all', 'cassius', ...connected.length > 0 ? connected : [PROVIDERS[0].id], 'conflicts'];
}

export function sourceName(source: string): string {
  if (source === 'all' || source === 'cassius' || source === 'conflicts') return words.toolbar[source];
  return providerOf(source)?.badge ?? source;
}

interface ToolbarProps {
  readonly shown: Shown;
  readonly today: string;
  readonly zone: string;
  readonly sources: readonly string[];
  readonly conflicts: number;
  readonly undated: number;
  /** Who can be chosen, and who is; null is all. */
  readonly listed: readonly Person[];
  readonly chosen: readonly string[] | null;
  /** How many entries each of them has in the period; null until that is known. */
  readonly counts: ReadonlyMap<string, number> | null;
  /** The reader's own. */
  readonly integrations: readonly Integration[] | null;
  /** What is shown of them may no longer be so. */
  readonly stale: boolean;
  readonly onShow: (change: Partial<Shown>) => void;
  readonly onCreate: () => void;
  readonly onSearch: () => void;
  readonly onSave: () => void;
}

export function Toolbar(
  { shown, today, zone, sources, conflicts, undated, listed, chosen, counts, integrations, stale, ...on }: ToolbarProps,
) {
  const { view, day } = shown;
  const phone = useMedia(PHONE);
  const [asked, setAsked] = useState<'date' | 'filters' | 'legend' | null>(null);
  const close = () => setAsked(null);
  const step = (by: 1 | -1) => on.onShow({ day: stepped(view, day, by) });
  const title = sayDate(periodTitle(view, day, locale, phone));
  const filters = [shown.source !== 'all', chosen !== null, !shown.cancelled].filter(Boolean).length;
  const choice = (
    <>
      <div class='calendar-choice'>
        <Choice
          label={words.toolbar.views}
          options={VIEWS.map((one) => [one, words.toolbar.view[one]])}
          value={view}
          onChange={(value) => on.onShow({ view: value as View })}
        />
        <Choice
          label={words.toolbar.show}
          options={sources.map((one) => [one, sourceName(one), one === 'conflicts' ? conflicts : 0])}
          value={shown.source}
          onChange={(source) => on.onShow({ source })}
        />
        <label class='check'>
          <input
            type='checkbox'
            checked={shown.cancelled}
            onChange={({ currentTarget: { checked } }) => on.onShow({ cancelled: checked })}
          />
          {words.toolbar.cancelled}
        </label>
        <button type='button' class='quiet' onClick={() => setAsked('legend')}>{words.legend.open}</button>
        {undated > 0 && view !== 'agenda' && (
          <button
            type='button'
            class='quiet'
            onClick={() => on.onShow({ view: 'agenda' })}
          >
            {words.toolbar.undated(undated)}
          </button>
        )}
        <div class='calendar-paper'>
          <button type='button' class='quiet' onClick={() => print()}>{words.print.print}</button>
          <button type='button' class='quiet' disabled={counts === null} onClick={on.onSave}>{words.csv.save}</button>
        </div>
      </div>
      <People {...{ listed, chosen, counts }} onChange={(people) => on.onShow({ people })} />
    </>
  );
  return (
    <div class='calendar-bar'>
      <div class='calendar-place'>
        <h1 class='unseen'>{words.title}</h1>
        <div class='group'>
          <button type='button' aria-label={words.toolbar.previous[view]} onClick={() => step(-1)}>‹</button>
          {!phone && <button type='button' onClick={() => on.onShow({ day: today })}>{words.toolbar.today}</button>}
          <button type='button' aria-label={words.toolbar.next[view]} onClick={() => step(1)}>›</button>
        </div>
        <h2 aria-live='polite'>
          <button type='button' class='calendar-title' aria-haspopup='dialog' onClick={() => setAsked('date')}>
            {title}
            <span class='unseen'>, {words.picker.title}</span>
          </button>
        </h2>
        <ConnectionState integrations={integrations} stale={stale} />
        <button type='button' aria-label={words.search.title} aria-keyshortcuts='/' onClick={on.onSearch}>
          <span class='wide-only'>
            {words.search.title} <kbd>/</kbd>
          </span>
          <span class='narrow-only' aria-hidden='true'>
            <svg class='icon' viewBox='0 0 24 24'>
              <path d='M15.5 15.5 21 21M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z' />
            </svg>
          </span>
        </button>
        {phone && (
          <button
            type='button'
            aria-haspopup='dialog'
            aria-label={words.toolbar.filters(filters)}
            onClick={() => setAsked('filters')}
          >
            <span class='filters-icon' aria-hidden='true'>
              <svg class='icon' viewBox='0 0 24 24'>
                <path d='M4 6h16M7 12h10M10 18h4' />
              </svg>
              {filters > 0 && <span class='choice-count'>{filters}</span>}
            </span>
          </button>
        )}
        <button type='button' class='primary calendar-create' aria-label={words.toolbar.create} onClick={on.onCreate}>
          <span class='wide-only'>{words.toolbar.create}</span>
          <span class='narrow-only' aria-hidden='true'>+</span>
        </button>
      </div>
      {!phone && choice}
      {asked === 'filters' && <Sheet title={words.toolbar.filters(filters)} onClose={close}>{choice}</Sheet>}
      {asked === 'date' && (
        <Sheet title={words.picker.title} onClose={close}>
          <MonthPicker
            {...{ shown, today, zone }}
            roomy
            onDay={(day) => {
              on.onShow({ day });
              close();
            }}
          />
        </Sheet>
      )}
      {asked === 'legend' && <Legend person={listed[0]} onClose={close} />}
    </div>
  );
}

interface SheetProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** On a phone it comes from below; elsewhere it is a dialog like others. */
function Sheet({ title, onClose, children }: SheetProps) {
  return (
    <Modal title={title} busy={false} onClose={onClose} onSubmit={onClose}>
      <div class='sheet'>{children}</div>
      <div class='buttons'>
        <button type='submit'>{t.app.close}</button>
      </div>
    </Modal>
  );
}

type PeopleProps = Pick<ToolbarProps, 'listed' | 'chosen' | 'counts'> & {
  readonly onChange: (people: readonly string[] | null) => void;
};

/** Who is shown: all, or those whose chip is pressed. */
function People({ listed, chosen, counts, onChange }: PeopleProps) {
  const chip = (person: Person) => {
    const count = counts === null ? null : counts.get(person.id) ?? 0;
    return (
      <button
        key={person.id}
        type='button'
        class='who'
        title={person.name}
        aria-pressed={chosen?.includes(person.id) ?? false}
        onClick={() => onChange(toggled(chosen, person.id, listed))}
      >
        <PersonBadge {...person} />
        <span class='who-name'>{person.name}</span> <span class='who-count'>{count ?? '…'}</span>{' '}
        <span class='unseen'>{count !== null && words.toolbar.entries(count)}</span>
      </button>
    );
  };
  return (
    <div class='calendar-people' role='group' aria-label={words.toolbar.people}>
      <button type='button' class='who' aria-pressed={chosen === null} onClick={() => onChange(null)}>
        {words.toolbar.everybody}
      </button>
      {listed.map(chip)}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly options: ReadonlyArray<readonly [value: string, name: string, count?: number]>;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Choice({ label, options, value, onChange }: ChoiceProps) {
  return (
    <div class='choice' role='group' aria-label={label}>
      {options.map(([option, name, count = 0]) => (
        <button
          key={option}
          type='button'
          aria-pressed={option === value}
          onClick={() => onChange(option)}
        >
          {name}
          {count > 0 && <span class='choice-count'>{count}</span>}
        </button>
      ))}
    </div>
  );
}

type ConnectionProps = Pick<ToolbarProps, 'integrations' | 'stale'>;

/** What went wrong before what goes well; and nothing goes well of which nothing is known. */
function ConnectionState({ integrations, stale }: ConnectionProps) {
  const { failed } = useWorkspace();
  if (integrations === null) return <p class='connection' />;
  if (integrations.length === 0) {
    return (
      <p class='connection'>
        <Link to='/settings/integrations'>{words.connection.none}</Link>
      </p>
    );
  }
  return (
    <p class='connection'>
      {integrations.map(({ id, provider, status, export_enabled, import_enabled }) => {
        const known = providerOf(provider);
        if (known === undefined) return null;
        const failures = failed?.[provider] ?? 0;
        const idle = !export_enabled && !import_enabled;
        const state = stale
          ? 'unknown'
          : status !== 'connected'
          ? status
          : failures > 0
          ? 'failed'
          : idle
          ? 'off'
          : status;
        return (
          <Link key={id} to={settingsPath(known)} class={`connection-${state}`}>
            {words.connection[state](known.badge, failures)}
          </Link>
        );
      })}
    </p>
  );
}
