/** What the runs did with an appointment, latest first. */
import type { ItemAction, RunDirection } from '../../../supabase/functions/_shared/vocabulary.ts';
import { ask } from '../backend/ask.ts';
import { useLive } from '../backend/live.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { providerOf } from '../providers.ts';
import { formatMoment, language } from '../words/i18n.ts';
import { reasonText } from '../words/reasons/words.ts';
import type { Agenda } from './agenda.ts';
import { words } from './words.ts';

interface Item {
  readonly id: number;
  readonly action: ItemAction;
  readonly reason: string | null;
  readonly created_at: string;
  readonly run_id: string;
}

interface Run {
  readonly id: string;
  readonly direction: RunDirection;
  readonly integration_id: string;
}

const SHOWN = 20;

export function History({ rdvId, agenda }: { rdvId: string; agenda: Agenda }) {
  const { backend: { db }, member } = useWorkspace();
  const items = useLive(`history ${rdvId}`, async (signal) => {
    const found = await ask<Item[]>(
      'history.read',
      db.from('sync_run_items').select('id, action, reason, created_at, run_id').eq('rdv_id', rdvId)
        .order('id', { ascending: false }).limit(SHOWN + 1).abortSignal(signal),
    );
    const ids = [...new Set(found.map(({ run_id }) => run_id))];
    const runs = ids.length === 0 ? [] : await ask<Run[]>(
      'runs.read',
      db.from('sync_runs').select('id, direction, integration_id').in('id', ids).abortSignal(signal),
    );
    return found.map((item) => ({ ...item, run: runs.find(({ id }) => id === item.run_id) ?? null }));
  }, { tables: ['sync_runs', 'appointment_external_links'] });
  if (items.data === null) return items.failure === null ? null : <p class='hint'>{items.failure.message}</p>;
  return (
    <details class='drawer-section'>
      <summary>{words.drawer.history}</summary>
      {items.data.length === 0 && <p class='hint'>{words.drawer.noHistory}</p>}
      <ol class='history'>
        {items.data.slice(0, SHOWN).map(({ id, action, reason, created_at, run }) => {
          const integration = agenda.integrations.find((one) => one.id === run?.integration_id);
          const calendar = providerOf(integration?.provider ?? '')?.calendar[language];
          const where = run !== null && calendar !== undefined ? words.direction[run.direction](calendar) : '';
          return (
            <li key={id}>
              <time dateTime={created_at}>{formatMoment(created_at, member.organisation.timezone)}</time>
              <span>
                {words.history[action]} {where}
                <span class='hint'>{reasonText(reason)}</span>
              </span>
            </li>
          );
        })}
      </ol>
      {items.data.length > SHOWN && <p class='hint'>{words.drawer.latestSteps(SHOWN)}</p>}
    </details>
  );
}
