-- Attendees of a demonstration. They are invented: nobody writes to them, and they are removed with the demonstration.

alter table registration add column is_invented boolean not null default false;
create function check_invented() returns trigger language plpgsql as $$
begin
    perform from conference where id = new.conference_id and is_demonstration;
    if not found then
        raise exception 'only a demonstration has invented registrations'
            using errcode = 'check_violation', constraint = 'registration_invented_in_demonstration';
    end if;
    return new;
end $$;
create trigger check_invented before insert or update of is_invented, conference_id on registration for each row
    when (new.is_invented) execute function check_invented();

-- A mail about an invented registration is discarded before anybody can send it, whatever caused it.
create function discard_invented() returns trigger language plpgsql as $$
begin
    if exists (select from registration where id = new.registration_id and is_invented) then
        new.state := 'discarded';
    end if;
    return new;
end $$;
create trigger discard_invented before insert or update of state on message for each row
    when (new.registration_id is not null and new.state in ('waiting', 'held')) execute function discard_invented();

-- Amounts are reversed and not deleted, unless they are invented.
create function check_amount_invented() returns trigger language plpgsql as $$
begin
    if not exists (select from registration where id = old.registration_id and is_invented) then
        raise exception 'amounts are reversed, not deleted' using errcode = 'insufficient_privilege';
    end if;
    return old;
end $$;
drop trigger charge_only_grows on charge;
drop trigger payment_only_grows on payment;
create trigger charge_only_grows before update or truncate on charge for each statement execute function amounts_only_grow();
create trigger payment_only_grows before update or truncate on payment for each statement execute function amounts_only_grow();
create trigger charge_stays before delete on charge for each row execute function check_amount_invented();
create trigger payment_stays before delete on payment for each row execute function check_amount_invented();

-- The keys of attendees, by which PostgreSQL looks for rows that name an attendee who is deleted.
create index place_by_attendee on place (attendee_id);
create index offer_by_attendee on offer (attendee_id);
create index offer_by_place on offer (place_id);
create index message_by_attendee on message (attendee_id) where attendee_id is not null;
create index link_by_attendee on link (attendee_id) where attendee_id is not null;
