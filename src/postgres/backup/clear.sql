-- Begins the transaction that after.sql commits: until then the database stays as it was.
begin;
set local client_min_messages = warning;
-- Drops everything but the extensions, which may belong to another role. The statements are collected first, because
-- each also drops what depends on its object.
do $$
declare
    one text;
begin
    for one in
        select unnest(array_agg(statement)) from (
            select 'pg_class'::regclass, c.oid, format('drop %s if exists %s cascade', case c.relkind
                when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                when 'f' then 'foreign table' else 'table' end, c.oid::regclass)
            from pg_class c
            where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
            union all
            select 'pg_proc'::regclass, p.oid, format('drop routine if exists %s cascade', p.oid::regprocedure)
            from pg_proc p where p.pronamespace = current_schema()::regnamespace
            union all
            select 'pg_type'::regclass, t.oid, format('drop type if exists %s cascade', t.oid::regtype)
            from pg_type t left join pg_class c on c.oid = t.typrelid
            where t.typnamespace = current_schema()::regnamespace and t.typtype in ('c', 'e', 'd', 'r')
              and coalesce(c.relkind = 'c', true)
        ) as found (catalogue, object, statement)
        where not exists (select from pg_depend d
                          where d.classid = found.catalogue and d.objid = found.object and d.deptype = 'e')
    loop
        execute one;
    end loop;
end $$;
