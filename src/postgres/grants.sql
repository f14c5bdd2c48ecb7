-- Grants a serving role everything that pages and jobs need, but no right to change or delete entries in the audit log.
-- Runs after migrations. The setting `conference.serving_role` names the role.
do $$
declare
    serving constant name := current_setting('conference.serving_role');
    one record;
begin
    execute format('grant usage on schema %I to %I', current_schema(), serving);
    for one in select tablename as name from pg_tables
               where schemaname = current_schema() and pg_has_role(tableowner, 'usage') loop
        execute format('grant select, insert, update, delete on %I to %I', one.name, serving);
    end loop;
    for one in select viewname as name from pg_views
               where schemaname = current_schema() and pg_has_role(viewowner, 'usage') loop
        execute format('grant select on %I to %I', one.name, serving);
    end loop;
    -- What was saved and what was published never changes.
    for one in select tablename as name from pg_tables
               where schemaname = current_schema() and pg_has_role(tableowner, 'usage')
                 and (tablename in ('edit', 'slug', 'revision', 'release', 'release_change')
                      or tablename ~ '_content$' or tablename in ('session_room', 'session_person', 'session_file')) loop
        execute format('revoke update, delete on %I from %I', one.name, serving);
    end loop;
    for one in select sequencename as name from pg_sequences
               where schemaname = current_schema() and pg_has_role(sequenceowner, 'usage') loop
        execute format('grant usage, select on sequence %I to %I', one.name, serving);
    end loop;
    execute format('revoke insert, update, delete, truncate, trigger on audit from %I', serving);
    -- The column `at` is left out: only the database sets the time of an entry.
    execute format('grant insert (id, conference_id, account_id, actor, kind, registration_id, attendee_id, subject_id, fields)
        on audit to %I', serving);
    execute format('revoke update, delete, truncate, trigger on audit_value from %I', serving);
    -- What is owed and what was paid is reversed, not changed.
    execute format('revoke update, delete, truncate, trigger on charge, payment from %I', serving);
    execute format('revoke insert, update, delete, truncate, trigger on _sqlx_migrations from %I', serving);
end $$;
