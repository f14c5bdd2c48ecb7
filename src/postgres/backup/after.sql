-- The last statements of a restore, in the transaction that clear.sql began.
set local search_path = public;
-- Waiting mails may have been sent since the backup was made, so they are held.
update message set state = 'held' where state = 'waiting';
-- Scheduled publications may have taken place or been cancelled since the backup was made.
update scheduled_release set cancelled_at = now() where done_at is null and cancelled_at is null;
-- Mailings that waited for their time may have been sent or cancelled since. A backup of an older release has none.
do $$
begin
    if to_regclass('mailing') is not null then
        update mailing set stopped_at = now() where queued_at is null and stopped_at is null;
    end if;
end $$;
-- Offers of places were open when the backup was made, and their time may have passed while it was kept: they are open for as
-- long as new ones. A backup of an older release has none.
do $$
begin
    if to_regclass('offer') is not null then
        update offer set lapses_at = greatest(lapses_at, now() + make_interval(hours => offer_hours)), claimed_until = null
        from registration_settings settings where settings.conference_id = offer.conference_id and ended_at is null;
    end if;
end $$;
-- Logins and links that ended or were used since the backup was made must not work again.
update login set revoked_at = now() where revoked_at is null;
update account_link set used_at = now() where used_at is null;
update preview_link set revoked_at = now() where revoked_at is null;
insert into audit (id, actor, kind) values (:'audit_id', 'program', :'audit_kind');
commit;
