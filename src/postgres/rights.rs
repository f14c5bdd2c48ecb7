//! The rights of the role that serves. This role should not own the tables: then somebody who learns its password
//! cannot change or delete entries in the audit log.

use sqlx::PgConnection;

/// The statements that grant the serving role its rights.
const GRANTS: &str = include_str!("grants.sql");

/// The role that serves.
#[derive(Clone, Debug)]
pub struct ServingRole {
    /// Its name.
    pub name: String,
    /// Whether it could change or delete entries in the audit log, if necessary after removing the trigger that
    /// prevents this.
    pub may_change_audit_log: bool,
}

impl ServingRole {
    /// Returns the role of this connection.
    pub async fn of(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let name = sqlx::query_scalar::<_, String>("select current_user::text").fetch_one(&mut *connection).await?;
        let may_change_audit_log = may_change_audit_log(connection, &name).await?;
        Ok(Self { name, may_change_audit_log })
    }
}

/// Returns whether the role of this connection owns the tables and so can migrate. If there are no tables yet, it is
/// assumed that it can create them.
pub async fn owns_tables(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let owns = "select coalesce(bool_and(pg_has_role(relowner, 'usage')), true) from pg_class
                where oid = to_regclass('_sqlx_migrations')";
    sqlx::query_scalar(owns).fetch_one(connection).await
}

/// Returns whether the role of this connection, which does not own the tables, lacks rights on any of them. All rights
/// are granted at once, so one right on each table is enough to tell: `insert`, or `select` on views and on the table of migrations.
pub async fn are_missing(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let missing = "select exists (
        select from pg_class migrations
        join pg_class one on one.relnamespace = migrations.relnamespace and one.relowner = migrations.relowner
        where migrations.oid = to_regclass('_sqlx_migrations') and one.relkind in ('r', 'v')
            and not has_any_column_privilege(one.oid, case when one.oid = migrations.oid or one.relkind = 'v' then 'select' else 'insert' end))";
    sqlx::query_scalar(missing).fetch_one(connection).await
}

/// Returns the role that owns the tables.
pub async fn owner(connection: &mut PgConnection) -> Result<String, sqlx::Error> {
    let owner = "select pg_get_userbyid(relowner)::text from pg_class where oid = to_regclass('_sqlx_migrations')";
    sqlx::query_scalar(owner).fetch_one(connection).await
}

/// Grants the role what it needs to serve. The role of this connection must own the tables.
pub async fn grant(connection: &mut PgConnection, role: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select set_config('conference.serving_role', $1, false)").bind(role).execute(&mut *connection).await?;
    sqlx::raw_sql(GRANTS).execute(connection).await?;
    Ok(())
}

/// Lists the roles that may insert registrations but do not own the table: those that serve.
pub async fn serving(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let serving = "select pg_get_userbyid(granted.grantee)::text
                   from pg_class, aclexplode(relacl) granted
                   where oid = to_regclass('registration') and granted.privilege_type = 'INSERT'
                       and granted.grantee <> relowner and granted.grantee <> 0";
    sqlx::query_scalar(serving).fetch_all(connection).await
}

/// Returns whether a role with this name exists.
pub async fn exists(connection: &mut PgConnection, role: &str) -> Result<bool, sqlx::Error> {
    let exists = "select exists (select from pg_roles where rolname = $1)";
    sqlx::query_scalar(exists).bind(role).fetch_one(connection).await
}

/// Returns whether this role could change or delete entries in the audit log or their values. It could if it has the
/// right to; if it is a superuser; if it is a member of a role that owns the tables, their schema or the database
/// (whose owner may drop what others own in it); if it could make itself such a member, as `CREATEROLE` allowed before
/// PostgreSQL 16; or if it may run programs or write files as the server. Before the first migration, the answer is
/// yes, because the role will own the tables that it creates.
pub async fn may_change_audit_log(connection: &mut PgConnection, role: &str) -> Result<bool, sqlx::Error> {
    let may = "select coalesce(bool_or(
                   pg_has_role($1::name, log.relowner, 'member')
                   or pg_has_role($1::name, schema.nspowner, 'member')
                   or pg_has_role($1::name, db.datdba, 'member')
                   or has_table_privilege($1::name, log.oid, 'update, delete, truncate, trigger')
                   or role.rolcreaterole and current_setting('server_version_num')::integer < 160000
                   or pg_has_role($1::name, 'pg_execute_server_program', 'member')
                   or pg_has_role($1::name, 'pg_write_server_files', 'member')), true)
               from pg_class log
               join pg_namespace schema on schema.oid = log.relnamespace
               join pg_database db on db.datname = current_database()
               join pg_roles role on role.rolname = $1::name
               where log.oid in (to_regclass('audit'), to_regclass('audit_value'))";
    sqlx::query_scalar(may).bind(role).fetch_one(connection).await
}
