/** Both sides and what they last agreed on, next to each other, as far as known; what differs is marked for eye and ear. */
import type { Content, Versions } from './conflict.ts';
import { type FieldRow, fieldRows } from './differences.ts';
import { valueText } from './say.ts';
import { words } from './words.ts';

interface TableProps {
  readonly versions: Versions;
  readonly account: string;
  readonly zone: string;
}

export function VersionsTable({ versions, account, zone }: TableProps) {
  const rows = fieldRows(versions);
  if (rows.length === 0) return null;
  const sides = ([
    ['cassius', words.columns.cassius, versions.cassius],
    ['calendar', account, versions.calendar],
    ['base', words.columns.base, versions.base ?? undefined],
  ] as const).flatMap(([key, name, content]) => content === undefined ? [] : [{ key, name, content }]);
  return (
    <table class='versions' role='table'>
      <thead role='rowgroup'>
        <tr role='row'>
          <th role='columnheader' scope='col'>
            <span class='unseen'>{words.columns.field}</span>
          </th>
          {sides.map(({ key, name }) => <th key={key} role='columnheader' scope='col'>{name}</th>)}
        </tr>
      </thead>
      <tbody role='rowgroup'>
        {rows.map((row) => (
          <tr key={row.field} role='row' class={row.differs ? 'differs' : undefined} data-field={row.field}>
            <th role='rowheader' scope='row'>{words.fields[row.field]}</th>
            {sides.map(({ key, name, content }) => (
              <td key={key} role='cell' data-side={name} class={`side-${key}`}>
                <Value row={row} side={key} content={content} zone={zone} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ValueProps {
  readonly row: FieldRow;
  readonly side: 'cassius' | 'calendar' | 'base';
  readonly content: Content | null;
  readonly zone: string;
}

function Value({ row, side, content, zone }: ValueProps) {
  if (content === null) return <em class='hint'>{words.value.absent}</em>;
  const text = valueText(row.field, row[side], zone);
  if (!row.differs || side === 'base') return <span>{text}</span>;
  return (
    <mark>
      {text}
      <span class='unseen'>({words.differs})</span>
    </mark>
  );
}
