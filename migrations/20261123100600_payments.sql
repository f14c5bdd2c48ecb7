-- Fees and payments: what is set for them, what is owed, and what was paid.

alter table registration_settings
    -- ISO 4217, with cents.
    add column currency     text not null default 'EUR' constraint registration_settings_currency_shape check (currency ~ '^[A-Z]{3}$'),
    -- In hundredths of a per cent.
    add column vat_rate     integer not null default 0 constraint registration_settings_vat_rate_range check (vat_rate between 0 and 10000),
    -- What delegates read about VAT.
    add column vat_wording  text not null default '' constraint registration_settings_vat_wording_length check (char_length(vat_wording) <= 200),
    -- The account that fees are paid to.
    add column account_holder text not null default '' constraint registration_settings_account_holder_length check (char_length(account_holder) <= 100),
    add column iban         text constraint registration_settings_iban_shape check (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
    add column bic          text constraint registration_settings_bic_shape check (bic ~ '^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
    add column bank         text not null default '' constraint registration_settings_bank_length check (char_length(bank) <= 100),
    add column days_to_pay  integer not null default 30 constraint registration_settings_days_to_pay_range check (days_to_pay between 1 and 365),
    add constraint registration_settings_currency unique (conference_id, currency);

-- Delegates who owe a fee must be able to read where to pay it. Both functions lock the row of the settings, so that nobody
-- can add a fee while somebody else removes the account.
create function check_fee_has_account() returns trigger language plpgsql as $$
begin
    perform from registration_settings
        where conference_id = new.conference_id and account_holder <> '' and iban is not null for share;
    if not found then
        raise exception 'delegates could not pay this fee'
            using errcode = 'check_violation', constraint = 'fee_needs_account';
    end if;
    return new;
end $$;
create trigger check_fee_has_account before insert or update on category for each row
    when (new.fee_cents > 0 and new.access <> 'staff') execute function check_fee_has_account();
create function check_account_of_fees() returns trigger language plpgsql as $$
begin
    if exists (select from category where conference_id = new.conference_id and fee_cents > 0 and access <> 'staff') then
        raise exception 'delegates could not pay the fees'
            using errcode = 'check_violation', constraint = 'fee_needs_account';
    end if;
    return new;
end $$;
create trigger check_account_of_fees before update on registration_settings for each row
    when (new.account_holder = '' or new.iban is null) execute function check_account_of_fees();

-- What is owed: lines on a registration. A line is never changed: a reversal is another line, with the opposite amount, that
-- names the one it reverses.
create table charge (
    id            uuid primary key,
    conference_id uuid not null,
    registration_id uuid not null,
    attendee_id   uuid not null,
    -- fee: for a place. remaining: what remains owed after a cancellation. reversal: the end of another line.
    kind          text not null constraint charge_kind_known check (kind in ('fee', 'remaining', 'reversal')),
    category_id   uuid not null,
    -- As the delegate reads it, without the attendee's name, which can be corrected and erased.
    description   text not null constraint charge_description_length check (char_length(description) between 1 and 200),
    amount_cents  bigint not null constraint charge_amount_sign check (amount_cents <> 0 and (amount_cents < 0) = (kind = 'reversal')),
    currency      text not null,
    vat_rate      integer not null constraint charge_vat_rate_range check (vat_rate between 0 and 10000),
    reverses_id   uuid constraint charge_reversed_once unique,
    reversed_cents bigint not null generated always as (-amount_cents) stored,
    created_at    timestamptz not null,
    constraint charge_of_attendee unique (conference_id, attendee_id, id, amount_cents),
    constraint charge_reversal_names_line check ((kind = 'reversal') = (reverses_id is not null)),
    constraint charge_registration foreign key (conference_id, registration_id) references registration (conference_id, id),
    constraint charge_attendee foreign key (conference_id, attendee_id) references attendee (conference_id, id),
    constraint charge_category foreign key (conference_id, category_id) references category (conference_id, id),
    -- All amounts of a conference are in one currency.
    constraint charge_currency foreign key (conference_id, currency) references registration_settings (conference_id, currency),
    -- A reversal ends the whole of a line of the same attendee.
    constraint charge_reverses foreign key (conference_id, attendee_id, reverses_id, reversed_cents)
        references charge (conference_id, attendee_id, id, amount_cents)
);
create index charge_by_registration on charge (registration_id);

-- What was paid. A mistaken payment is reversed by another row.
create table payment (
    id            uuid primary key,
    conference_id uuid not null,
    registration_id uuid not null,
    -- Below zero: paid back, or the reversal of a payment.
    amount_cents  bigint not null constraint payment_amount_not_zero check (amount_cents <> 0),
    -- The day on which it arrived.
    paid_on       date not null,
    note          text not null default '' constraint payment_note_length check (char_length(note) <= 300),
    account_id    uuid not null references account,
    reverses_id   uuid constraint payment_reversed_once unique,
    reversed_cents bigint not null generated always as (-amount_cents) stored,
    created_at    timestamptz not null,
    constraint payment_of_registration unique (conference_id, registration_id, id, amount_cents),
    constraint payment_registration foreign key (conference_id, registration_id) references registration (conference_id, id),
    constraint payment_reverses foreign key (conference_id, registration_id, reverses_id, reversed_cents)
        references payment (conference_id, registration_id, id, amount_cents)
);
create index payment_by_registration on payment (registration_id);

create function amounts_only_grow() returns trigger language plpgsql as $$
begin
    raise exception 'amounts are reversed, not changed' using errcode = 'insufficient_privilege';
end $$;
create trigger charge_only_grows before update or delete or truncate on charge for each statement execute function amounts_only_grow();
create trigger payment_only_grows before update or delete or truncate on payment for each statement execute function amounts_only_grow();

-- What each registration owes and has paid.
create view balance as
    select registration.id as registration_id, registration.conference_id,
        coalesce(charged.cents, 0)::bigint as owed_cents, coalesce(received.cents, 0)::bigint as paid_cents,
        charged.last_at
    from registration
    left join lateral (
        select sum(amount_cents) as cents,
            -- When the last line was added that is still owed.
            max(created_at) filter (where kind <> 'reversal'
                and not exists (select from charge reversal where reversal.reverses_id = charge.id)) as last_at
        from charge where charge.registration_id = registration.id
    ) charged on true
    left join lateral (
        select sum(amount_cents) as cents from payment where payment.registration_id = registration.id
    ) received on true
    where charged.cents is not null or received.cents is not null;
