-- What a restored database needs before anybody works with it; the end of the transaction that clear.sql began.
set local search_path = public;
-- They may have been sent since the backup was made.
update message set state = 'held' where state = 'waiting';
-- What was ended or used since the backup was made must not work again.
update login set revoked_at = now() where revoked_at is null;
update account_link set used_at = now() where used_at is null;
insert into audit (id, actor, kind) values (:'audit_id', 'program', :'audit_kind');
commit;
