-- For the page with the audit log, which is filtered by what happened and by who did it.
create index audit_by_kind on audit (kind, id);
create index audit_by_account on audit (account_id, id);
create index audit_by_conference on audit (conference_id, id);
