-- What the serving role may do, said again after each migration: everything that pages and jobs need, and no changing or
-- deleting in the audit log. Where one role owns and serves (a DATABASE_URL), there is nothing to give.
do $$
declare
    one record;
begin
    if current_user = 'conference' or not exists (select from pg_roles where rolname = 'conference') then
        return;
    end if;
    grant usage on schema public to conference;
    for one in select tablename as name from pg_tables where schemaname = 'public' and tableowner = current_user loop
        execute format('grant select, insert, update, delete on public.%I to conference', one.name);
    end loop;
    for one in select sequencename as name from pg_sequences where schemaname = 'public' and sequenceowner = current_user loop
        execute format('grant usage, select on sequence public.%I to conference', one.name);
    end loop;
    revoke update, delete on public.audit from conference;
    revoke insert, update, delete on public._sqlx_migrations from conference;
end $$;
