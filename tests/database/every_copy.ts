/** Looks for a text in every column of every table that the product has or fills, as the catalogue lists them. */
import type postgres from 'postgres';

/** Our own schemas, and those of the extensions that we hand something to. */
const SCHEMAS = ['public', 'private', 'net', 'cron'];

/** `schema.table.column` of every place that holds the text, whatever the column's type. */
export async function findEverywhere(sql: postgres.Sql, text: string): Promise<string[]> {
  const columns = await sql`
    select n.nspname as schema, c.relname as table, a.attname as column
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname = any (${SCHEMAS}) and c.relkind in ('r', 'p') order by 1, 2, 3`;
  if (columns.length === 0) throw new Error('Find everywhere: the catalogue lists no column');
  const found: string[] = [];
  for (const { schema, table, column } of columns) {
    const [hit] = await sql`select 1 from ${sql(schema)}.${sql(table)}
      where position(${text} in ${sql(column)}::text) > 0 limit 1`;
    if (hit) found.push(`${schema}.${table}.${column}`);
  }
  return found;
}
