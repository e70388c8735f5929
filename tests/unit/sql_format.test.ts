/** The layout of SQL: what `npm run fix` makes of it, and what `npm run check` refuses. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allLayoutProblems, formatSql, layoutProblems, sqlWritten } from '../../scripts/sql_format.ts';

const ROOT = join(import.meta.dirname!, '..', '..');

/** A function of PL/pgSQL with this body. */
const plpgsql = (body: string) =>
  `create or replace function private.f() returns void\nlanguage plpgsql set search_path = ''\nas $$\n${body}\n$$;\n`;

describe('the formatter', () => {
  test('indents the blocks of PL/pgSQL, and moves a statement of several lines as a whole', () => {
    const untidy = plpgsql(`declare
v integer := case when true then 1 else 2 end;
begin
    for v in select 1
       where true loop
  begin
  if v = 1 then
  -- Why.
        perform 1
          from x;
  elsif v = 2 then
  return;
  else
  null;
  end if;
  exception
  when others then
  raise;
  end;
  end loop;
  return;
end`);
    expect(formatSql(untidy)).toBe(plpgsql(`declare
  v integer := case when true then 1 else 2 end;
begin
  for v in select 1
     where true loop
    begin
      if v = 1 then
        -- Why.
        perform 1
          from x;
      elsif v = 2 then
        return;
      else
        null;
      end if;
    exception
      when others then
        raise;
    end;
  end loop;
  return;
end`));
  });

  test('leaves strings as they are, however they are quoted', () => {
    const text = `select 'a\t  \n   b  -- no comment', $q$\tfor loop $q$ from x;\n`;
    expect(formatSql(text)).toBe(text);
  });

  test('takes away tabs, blanks at the ends of lines and blank lines in a row', () => {
    expect(formatSql('select 1  \n\t, 2;\n\n\n\nselect 3;\n\n')).toBe('select 1\n  , 2;\n\nselect 3;\n');
  });

  test('breaks a line that is too long at its outermost clause, then at `and`, then at a comma', () => {
    const condition = (name: string) => `t.${name.padEnd(24, 'x')} = (select max(o.id) from o where o.a and o.b)`;
    const long = `select a, b from t where ${['one', 'two'].map(condition).join(' and ')}`;
    expect(formatSql(`${long};\n`).split('\n')).toEqual([
      'select a, b from t',
      `where ${condition('one')}`,
      `  and ${condition('two')};`,
      '',
    ]);
    const list = Array.from({ length: 12 }, (_, index) => `'a_key_${index}', value_${index}`).join(', ');
    const lines = formatSql(`select jsonb_build_object(${list});\n`).trimEnd().split('\n');
    expect(lines.every((line) => line.length <= 120 && /^(select|\s+'a_key)/.test(line))).toBe(true);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(`select jsonb_build_object(${list});`);
  });

  test('fills long prose again, in comments of the text and of objects', () => {
    const prose = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');
    const text = formatSql(`-- ${prose}\nselect 1;\ncomment on table t is 'It''s ${prose}';\n`);
    expect(text.split('\n').every((line) => line.length <= 120)).toBe(true);
    expect(text.replaceAll(/'\n {2}'/g, '')).toContain(`'It''s ${prose}';`);
  });

  test('changes no word of our SQL, and nothing that it has laid out', async () => {
    const words = (text: string) => text.replaceAll(/'\n\s*'|--|\s/g, '');
    for (const path of await sqlWritten(ROOT)) {
      const text = await Deno.readTextFile(path);
      const formatted = formatSql(text);
      expect(words(formatted), path).toBe(words(text));
      expect(formatSql(formatted), path).toBe(formatted);
    }
  });
});

describe('the check', () => {
  test('names a line that is too long', () => {
    const line = `  perform '${'x'.repeat(120)}';`;
    expect(layoutProblems(plpgsql(`begin\n${line}\nend`))).toEqual([`5: ${line.length} columns`]);
  });

  test('names a function that is too long', () => {
    const body = `begin\n${'  perform 1;\n'.repeat(120)}end`;
    expect(layoutProblems(plpgsql(body))).toEqual(['1: f has 126 lines']);
  });

  test('finds nothing in this repository', async () => {
    expect(await allLayoutProblems(ROOT)).toEqual([]);
  });
});
