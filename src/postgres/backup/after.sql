-- The last statements of a restore, in the transaction that clear.sql began.
set local search_path = public;
-- Waiting mails may have been sent since the backup was made, so they are held.
update message set state = 'held' where state = 'waiting';
-- Scheduled publications may have taken place or been cancelled since the backup was made.
update scheduled_release set cancelled_at = now() where done_at is null and cancelled_at is null;
-- Logins and links that ended or were used since the backup was made must not work again.
update login set revoked_at = now() where revoked_at is null;
update account_link set used_at = now() where used_at is null;
update preview_link set revoked_at = now() where revoked_at is null;
insert into audit (id, actor, kind) values (:'audit_id', 'program', :'audit_kind');
commit;
