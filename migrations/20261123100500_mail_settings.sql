-- Which mails a conference sends.

-- The kinds of mail that are switched off. Only some kinds can be: the program knows which.
create table mail_off (
    conference_id uuid not null references conference,
    kind          text not null,
    primary key (conference_id, kind)
);

-- A mail that is switched off is not put into the outbox, whatever causes it.
create function mail_off() returns trigger language plpgsql as $$
begin
    if exists (select from mail_off where conference_id = new.conference_id and kind = new.kind) then
        return null;
    end if;
    return new;
end $$;
create trigger mail_off before insert on message for each row when (new.conference_id is not null) execute function mail_off();

-- The conferences for which the reminder before the first day was put into the outbox.
create table reminder (
    conference_id uuid primary key references conference,
    queued_at     timestamptz not null
);
