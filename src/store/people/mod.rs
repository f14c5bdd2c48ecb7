//! People who sign in: accounts, roles, logins, and forms that are shown again after signing in.

pub mod accounts;
pub mod logins;
pub mod memberships;
pub mod resumed_forms;
