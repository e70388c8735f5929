/**
 * What a database has, as text that can be compared: tables with columns, constraints, indexes, policies, triggers and
 * grants, views, types, functions without their bodies, default privileges. `npm run check` compares that of the migrations
 * with `supabase/schema.snapshot.txt`, so that a review sees what a migration does to the schema.
 */
import type postgres from 'postgres';

/** Of these schemas; without what extensions brought. */
export async function schemaSnapshot(sql: postgres.Sql, schemas: readonly string[]): Promise<string> {
  return await sql.begin(async (transaction) => {
    await transaction`set local search_path = ''`;
    const rows = await transaction<{ line: string }[]>`
      with schema as (
        select n.oid, n.nspname as name from pg_catalog.pg_namespace n where n.nspname = any (${[...schemas]})
      ), relation as (
        select c.oid, format('%s %I.%I', case c.relkind
          when 'v' then 'view' when 'S' then 'sequence' when 'm' then 'materialized view' else 'table' end, s.name, c.relname) as name,
          c.relkind, c.relrowsecurity, c.relacl, c.relowner
        from pg_catalog.pg_class c join schema s on s.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'S')
          and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype in ('e', 'i'))
      ), part as (
        select r.name as owner, 0 as kind, '' as line from relation r
        union all
        select r.name, 1, format('column %02s %I %s%s%s', lpad(row_number() over (partition by r.oid order by a.attnum)::text, 2, '0'),
          a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' else '' end,
          case when a.attidentity <> '' then ' identity' when a.attgenerated <> '' then ' generated' else '' end
            || coalesce(' default ' || pg_catalog.pg_get_expr(x.adbin, x.adrelid), ''))
        from relation r join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
        left join pg_catalog.pg_attrdef x on x.adrelid = a.attrelid and x.adnum = a.attnum
        where r.relkind <> 'S'
        union all
        select r.name, 2, format('constraint %I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid))
        from relation r join pg_catalog.pg_constraint k on k.conrelid = r.oid and k.contype <> 'n'
        union all
        select r.name, 3, pg_catalog.pg_get_indexdef(i.indexrelid)
        from relation r join pg_catalog.pg_index i on i.indrelid = r.oid
        union all
        select r.name, 4, case when r.relrowsecurity then 'row level security' else 'no row level security' end
        from relation r where r.relkind in ('r', 'p')
        union all
        select r.name, 5, format('policy %I for %s to %s using %s check %s', p.polname, p.polcmd,
          array_to_string(array(select pg_catalog.pg_get_userbyid(o) from unnest(p.polroles) o order by 1), ', '),
          coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), '-'),
          coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '-'))
        from relation r join pg_catalog.pg_policy p on p.polrelid = r.oid
        union all
        select r.name, 6, pg_catalog.pg_get_triggerdef(t.oid)
        from relation r join pg_catalog.pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
        union all
        select r.name, 7, format('grant %s to %s', string_agg(a.privilege_type, ', ' order by a.privilege_type),
          case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end)
        from relation r cross join pg_catalog.aclexplode(r.relacl) a where a.grantee <> r.relowner
        group by r.name, a.grantee
        union all
        select r.name, 7, format('grant %s (%s) to %s', a.privilege_type, string_agg(c.attname, ', ' order by c.attname),
          case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end)
        from relation r join pg_catalog.pg_attribute c on c.attrelid = r.oid and c.attacl is not null
        cross join pg_catalog.aclexplode(c.attacl) a
        group by r.name, a.privilege_type, a.grantee
        union all
        select r.name, 8, regexp_replace(pg_catalog.pg_get_viewdef(r.oid), '\s+', ' ', 'g')
        from relation r where r.relkind in ('v', 'm')
        union all
        select format('function %s', p.oid::regprocedure), 0, '' from pg_catalog.pg_proc p join schema s on s.oid = p.pronamespace
        where not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')
        union all
        select format('function %s', p.oid::regprocedure), 1, format('%s, %s%s', pg_catalog.pg_get_function_result(p.oid),
          case p.provolatile when 'v' then 'volatile' when 's' then 'stable' else 'immutable' end,
          case when p.prosecdef then ', security definer' else '' end)
        from pg_catalog.pg_proc p join schema s on s.oid = p.pronamespace
        where not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')
        union all
        select format('function %s', p.oid::regprocedure), 2, format('grant execute to %s',
          case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end)
        from pg_catalog.pg_proc p join schema s on s.oid = p.pronamespace
        cross join pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
        where a.grantee <> p.proowner
          and not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')
        union all
        select format('type %s', t.oid::regtype), 0, '' from pg_catalog.pg_type t join schema s on s.oid = t.typnamespace
        left join pg_catalog.pg_class c on c.oid = t.typrelid
        where t.typtype in ('e', 'd') or c.relkind = 'c'
        union all
        select format('type %s', e.enumtypid::regtype), 1,
          'enum ' || string_agg(e.enumlabel, ', ' order by e.enumsortorder)
        from pg_catalog.pg_enum e join pg_catalog.pg_type t on t.oid = e.enumtypid join schema s on s.oid = t.typnamespace
        group by e.enumtypid
        union all
        select format('type %s', t.oid::regtype), 1, string_agg(format('%I %s', a.attname,
          pg_catalog.format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum)
        from pg_catalog.pg_type t join schema s on s.oid = t.typnamespace
        join pg_catalog.pg_class c on c.oid = t.typrelid and c.relkind = 'c'
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        group by t.oid
        union all
        select format('schema %I', s.name), 0, '' from schema s
        union all
        select format('schema %I', n.nspname), 1, format('grant %s to %s', a.privilege_type,
          case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end)
        from pg_catalog.pg_namespace n join schema s on s.oid = n.oid
        cross join pg_catalog.aclexplode(n.nspacl) a where a.grantee <> n.nspowner
        union all
        select 'default privileges', 0, ''
        union all
        select 'default privileges', 1,
          format('%s%s: %s to %s', case d.defaclobjtype when 'f' then 'functions' when 'r' then 'tables' when 'S' then 'sequences'
              else d.defaclobjtype::text end,
            coalesce(' in ' || s.name, ''), string_agg(a.privilege_type, ', ' order by a.privilege_type),
            case when a.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end)
        from pg_catalog.pg_default_acl d left join schema s on s.oid = d.defaclnamespace
        cross join pg_catalog.aclexplode(d.defaclacl) a
        where d.defaclrole = current_user::regrole and (d.defaclnamespace = 0 or s.oid is not null)
        group by d.defaclrole, d.defaclobjtype, s.name, a.grantee
      )
      select case when p.kind = 0 then p.owner else '  ' || p.line end as line
      from part p order by p.owner collate "C", p.kind, p.line collate "C"`;
    return rows.map(({ line }) => `${line}\n`).join('');
  }) as string;
}
