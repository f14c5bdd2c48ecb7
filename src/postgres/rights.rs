//! The rights of the role that serves. It need not own the tables, and should not: then nobody who gets hold of its
//! password can change or delete what the audit log says.

use sqlx::PgConnection;

/// What the serving role is granted.
const GRANTS: &str = include_str!("grants.sql");

/// The role that serves, as the server knows it.
#[derive(Clone, Debug)]
pub struct ServingRole {
    /// Its name.
    pub name: String,
    /// Whether it could change or delete entries of the audit log, if need be after removing the trigger that forbids it.
    pub may_change_audit_log: bool,
}

impl ServingRole {
    /// The role of this connection.
    pub async fn of(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let name = sqlx::query_scalar::<_, String>("select current_user::text").fetch_one(&mut *connection).await?;
        let may_change_audit_log = may_change_audit_log(connection, &name).await?;
        Ok(Self { name, may_change_audit_log })
    }
}

/// Whether the role of this connection may change the tables, so that it can migrate. Where there are none yet, it may be
/// able to make them.
pub async fn owns_tables(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let owns = "select coalesce(bool_and(pg_has_role(relowner, 'usage')), true) from pg_class
                where oid = to_regclass('_sqlx_migrations')";
    sqlx::query_scalar(owns).fetch_one(connection).await
}

/// Whether the role of this connection, which does not own the tables, lacks its rights on any of them. They are granted
/// all at once, so one right of each table tells; the table of the migrations is only read.
pub async fn are_missing(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let missing = "select exists (
        select from pg_class migrations
        join pg_class one on one.relnamespace = migrations.relnamespace and one.relowner = migrations.relowner
        where migrations.oid = to_regclass('_sqlx_migrations') and one.relkind = 'r'
            and not has_any_column_privilege(one.oid, case one.oid when migrations.oid then 'select' else 'insert' end))";
    sqlx::query_scalar(missing).fetch_one(connection).await
}

/// The role that owns the tables.
pub async fn owner(connection: &mut PgConnection) -> Result<String, sqlx::Error> {
    let owner = "select pg_get_userbyid(relowner)::text from pg_class where oid = to_regclass('_sqlx_migrations')";
    sqlx::query_scalar(owner).fetch_one(connection).await
}

/// Grants the role what serving needs. The role of this connection must own the tables.
pub async fn grant(connection: &mut PgConnection, role: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select set_config('conference.serving_role', $1, false)").bind(role).execute(&mut *connection).await?;
    sqlx::raw_sql(GRANTS).execute(connection).await?;
    Ok(())
}

/// The roles that can register somebody without owning the tables: those that serve.
pub async fn serving(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let serving = "select pg_get_userbyid(granted.grantee)::text
                   from pg_class, aclexplode(relacl) granted
                   where oid = to_regclass('registration') and granted.privilege_type = 'INSERT'
                       and granted.grantee <> relowner and granted.grantee <> 0";
    sqlx::query_scalar(serving).fetch_all(connection).await
}

/// Whether there is a role of this name.
pub async fn exists(connection: &mut PgConnection, role: &str) -> Result<bool, sqlx::Error> {
    let exists = "select exists (select from pg_roles where rolname = $1)";
    sqlx::query_scalar(exists).bind(role).fetch_one(connection).await
}

/// Whether this role could change or delete entries of the audit log or their values: because it has the right; because it
/// is a superuser, or a member of a role that owns the tables, their schema or the database, whose owner may drop what
/// others own in it; because it could make itself such a member, as `CREATEROLE` lets it before PostgreSQL 16; or because it
/// may run programs or write files as the server. Before the first migration, it will own what it makes.
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
